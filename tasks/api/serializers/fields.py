"""Fields that several serializers share."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tasks.models import NO_ZONE
from tasks.naming import validate_slug

MAX_SOURCES = 50
MAX_LIST_ITEMS = 50
"""Tags, and keywords, of one text."""


@extend_schema_field(OpenApiTypes.DOUBLE)
class UsdField(serializers.DecimalField):
    """US dollars: exact inside, a JSON number outside; null where a price is not known."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**({"max_digits": 12, "decimal_places": 6, "read_only": True} | options))

    def to_representation(self, value: Any) -> Any:
        return float(value)


MOST_DIGITS, HUNDREDTH_OF_A_CENT = 10, Decimal("0.0001")


@extend_schema_field({"type": "number", "format": "double", "minimum": 0, "maximum": 999_999.9999})
class BudgetField(UsdField):
    """A limit that a caller sets, to a hundredth of a cent: more decimals are rounded."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **({"max_digits": MOST_DIGITS, "decimal_places": 4, "min_value": 0, "read_only": False} | options)
        )

    def validate_precision(self, value: Decimal) -> Decimal:
        is_huge = value.adjusted() > MOST_DIGITS  # more than can be rounded; it is refused next
        return super().validate_precision(value if is_huge else value.quantize(HUNDREDTH_OF_A_CENT))


class WebAddressField(serializers.CharField):
    """Empty, or an http(s) address."""

    def __init__(self, **options: Any) -> None:
        defaults: dict[str, Any] = {"default": "", "allow_blank": True, "max_length": 2000}
        super().__init__(**(defaults | options))
        self.validators.append(URLValidator(schemes=["http", "https"]))


class SlugTextField(serializers.CharField):
    """A slug in letters of any script."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.validators.append(validate_slug)

    def to_internal_value(self, data: Any) -> str:
        return unicodedata.normalize("NFC", super().to_internal_value(data))


class AccountNameField(serializers.SlugRelatedField[Any]):
    """An account by its name, which is text that the database can look for."""

    default_error_messages = {"does_not_exist": "There is no account of this name."}

    def __init__(self, **options: Any) -> None:
        super().__init__(**({"slug_field": "username", "queryset": User.objects.all()} | options))

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(serializers.CharField().run_validation(data))


class ZonedTimeField(serializers.DateTimeField):
    """A time in ISO 8601 with its zone: without one it would be ambiguous."""

    default_error_messages = {"no_zone": NO_ZONE}

    def to_internal_value(self, value: Any) -> datetime:
        time = super().to_internal_value(value)
        if isinstance(value, str) and timezone.is_naive(parse_datetime(value) or time):
            self.fail("no_zone")
        return time
