"""How the API describes itself: what holds for every operation, and what drf-spectacular cannot see."""

# The methods of drf-spectacular have no types.
# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import re
from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import force_instance
from rest_framework import serializers

from contentpipeline.webserver.error_responses import PROBLEM_JSON
from tasks.api import idempotency
from tasks.api.base import StrictSerializer
from tasks.site_name import site_name

Direction = Literal["request", "response"]

NUMBERS = re.compile(r"^\^?\[0-9\](\+|\{\d+,\d+\})\$?$")
"""Patterns of path parameters that are whole numbers."""


def name_the_site(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of drf-spectacular, whose own title is read from the settings once."""
    result["info"]["title"] = api_title()
    return result


def api_title() -> str:
    return f"{site_name()} API"


class ProblemSerializer(serializers.Serializer[Any]):
    """Why a request was refused (RFC 9457)."""

    type = serializers.CharField(
        help_text="`about:blank`, or the name of this kind of refusal, as `urn:problem:stale-review`."
    )
    title = serializers.CharField(help_text="The HTTP status phrase.")
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What is wrong, in one sentence.")
    errors = serializers.DictField(  # type: ignore[assignment]  # a field in place of the property
        required=False, help_text="By the name of the field, parameter or header: what is wrong with it."
    )


class DeskSchema(AutoSchema):
    """Overrides methods of drf-spectacular that have no public hook: see docs/library-internals.md."""

    def get_override_parameters(self) -> list[Any]:
        own = [idempotency.PARAMETER] if self.method in idempotency.METHODS else []
        return [*super().get_override_parameters(), *own]

    def _map_serializer_field(self, field: Any, direction: Direction, bypass_extensions: bool = False) -> Any:
        # DRF takes `allow_blank` away from what is only read, and with it what the answer may hold.
        if isinstance(field, serializers.ChoiceField) and field.read_only and _may_be_blank(field):
            field.allow_blank = True
        return super()._map_serializer_field(field, direction, bypass_extensions)

    def _map_basic_serializer(self, serializer: Any, direction: Direction) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)
        if isinstance(force_instance(serializer), StrictSerializer):
            schema["additionalProperties"] = False
        return schema

    def _get_serializer_field_meta(self, field: Any, direction: Direction) -> dict[str, Any]:
        meta: dict[str, Any] = super()._get_serializer_field_meta(field, direction)
        # Of generators of clients, some have a caller give whatever has a default.
        meta.pop("default", None)
        return meta

    def _insert_field_validators(self, field: Any, schema: dict[str, Any]) -> None:
        super()._insert_field_validators(field, schema)
        if isinstance(field, serializers.SlugField):
            # Letters of every script are allowed, for which ECMA's regular expressions have no short name.
            schema.pop("pattern", None)

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super()._resolve_path_parameters(variables)
        for parameter in parameters:
            if NUMBERS.match(parameter["schema"].get("pattern", "")):
                parameter["schema"] = {"type": "integer", "minimum": 0}
            elif "\\w" in parameter["schema"].get("pattern", ""):
                del parameter["schema"]["pattern"]  # as above
        return parameters

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        problem = self.resolve_serializer(ProblemSerializer, direction).ref
        content = {PROBLEM_JSON: {"schema": problem}}
        responses = super()._get_response_bodies(direction)
        for status, response in responses.items():
            if status >= "400":
                response["content"] = content
        return {**responses, "default": {"description": "The request was refused.", "content": content}}


def _may_be_blank(field: serializers.ChoiceField) -> bool:
    """Whether the column behind a field of a model's serializer may hold an empty text."""
    model = getattr(getattr(field.parent, "Meta", None), "model", None)
    columns = {column.name: column for column in model._meta.get_fields()} if model else {}
    return bool(getattr(columns.get(field.source), "blank", False))
