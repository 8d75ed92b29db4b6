"""Filters of lists that refuse values they cannot parse, by the name of the parameter."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django_filters.fields import IsoDateTimeField
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

MAX_ID = 2**63 - 1
NO_VALUE = "Give a value, or leave the parameter out."


class InstantField(IsoDateTimeField):  # type: ignore[misc]  # the library has no types
    """A time that the database can hold: in UTC, too, it lies within the years 1 to 9999."""

    def clean(self, value: Any) -> datetime | None:
        found: datetime | None = super().clean(value)
        try:
            return found and found.astimezone(UTC)
        except OverflowError:
            raise ValidationError("Give a time within the years 1 to 9999, in UTC too.") from None


class YesNoField(forms.Field):
    default_error_messages = {"invalid": "Give true or false."}
    words = {"true": True, "1": True, "false": False, "0": False}

    def to_python(self, value: Any) -> bool | None:
        if value in self.empty_values:
            return None
        found = self.words.get(str(value).lower())
        if found is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return found


class InstantFilter(django_filters.IsoDateTimeFilter):  # type: ignore[misc]  # the library has no types
    field_class = InstantField


@extend_schema_field(OpenApiTypes.BOOL)
class YesNoFilter(django_filters.BooleanFilter):  # type: ignore[misc]  # the library has no types
    field_class = YesNoField


@extend_schema_field({"type": "integer", "format": "int64", "minimum": 0, "maximum": MAX_ID})
class IdFilter(django_filters.Filter):  # type: ignore[misc]  # the library has no types
    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"min_value": 0, "max_value": MAX_ID} | kwargs))


class DeskFilterSet(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """Only text filters may be empty: a script whose variable is unset would get all rows."""

    def is_valid(self) -> bool:
        for name in self.form.fields:
            if self.data.get(name) == "" and not self._is_text(name):
                self.form.add_error(name, NO_VALUE)
        return bool(super().is_valid())

    def _is_text(self, name: str) -> bool:
        return isinstance(self.filters[name], django_filters.CharFilter)
