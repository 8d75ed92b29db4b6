"""How the API describes itself: what holds for every operation, and what drf-spectacular cannot see."""

# The methods of drf-spectacular have no types.
# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import force_instance
from rest_framework import serializers

from contentpipeline.api_refusals import (
    ALWAYS_POSSIBLE,
    FOR_BODIES,
    FOR_CONDITIONS,
    PROBLEM_CONTENT,
    REFUSALS,
    headers_of,
    name_of,
)
from tasks.api import idempotency
from tasks.api.base import StrictSerializer
from tasks.site_name import site_name

Direction = Literal["request", "response"]

NUMBERS = re.compile(r"^\^?\[0-9\](\+|\{\d+,\d+\})\$?$")
"""Patterns of path parameters that are whole numbers."""


TAGS = {
    "tasks": "Briefs, and the work on them.",
    "drafts": "Texts: versions, review, comments, publication.",
    "claims": "What the sources say of each sentence.",
    "sources": "What texts are written from.",
    "decisions": "Who approved or rejected which text, and why.",
    "posts": "What readers see. Needs no account.",
    "images": "The media library.",
    "categories": "What posts are grouped by.",
    "tags": "What posts are about.",
    "redirects": "Addresses that posts had.",
    "guidelines": "What every text of a category is to keep to.",
    "suggestions": "Completions for a search box. Needs no account.",
    "me": "The account and the token in use.",
    "audit": "The chain of everything that happened.",
    "webhooks": "Subscriptions to events.",
    "tokens": "API tokens of one's own account, and of others for those who may.",
}


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: what belongs to the document and to no operation."""
    result["info"]["title"] = api_title()  # its own is read from the settings once
    result["servers"] = [{"url": "/", "description": "Where this document is from."}]
    result["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    # A comparison without any text fits both of its forms.
    compared = result["components"]["schemas"]["AnyComparison"]
    compared["anyOf"] = compared.pop("oneOf")
    result["components"]["responses"] = {
        name_of(status): {"description": sentence, "content": PROBLEM_CONTENT, **headers_of(status)}
        for status, sentence in REFUSALS.items()
    }
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
        schema = super()._map_serializer_field(field, direction, bypass_extensions)
        return _with_lengths(field, schema) if "$ref" not in schema else schema

    def _map_serializer(self, serializer: Any, direction: Direction, bypass_extensions: bool = False) -> Any:
        schema = super()._map_serializer(serializer, direction, bypass_extensions)
        if extra := getattr(force_instance(serializer), "schema_extra", None):
            schema.update(extra)
        return schema

    def _map_basic_serializer(self, serializer: Any, direction: Direction) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)
        described = force_instance(serializer)
        if isinstance(described, StrictSerializer):
            schema["additionalProperties"] = False
        if not type(described).__doc__:
            schema.pop("description", None)  # that of its base
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
        self.resolve_serializer(ProblemSerializer, direction)  # registers the component
        responses = super()._get_response_bodies(direction)
        for status, response in responses.items():
            if status >= "400":
                response["content"] = PROBLEM_CONTENT
        possible = {
            str(status.value): {"$ref": f"#/components/responses/{name_of(status)}"}
            for status in _possible_refusals(self)
        }
        other = {"description": "The request was refused.", "content": PROBLEM_CONTENT}
        return {**dict(sorted({**possible, **responses}.items())), "default": other}


def _may_be_blank(field: serializers.ChoiceField) -> bool:
    """Whether the column behind a field of a model's serializer may hold an empty text."""
    model = getattr(getattr(field.parent, "Meta", None), "model", None)
    columns = {column.name: column for column in model._meta.get_fields()} if model else {}
    return bool(getattr(columns.get(field.source), "blank", False))


def _with_lengths(field: Any, schema: dict[str, Any]) -> dict[str, Any]:
    """With the bounds that the library leaves out: of texts and lists that a body must not leave empty."""
    parent = field.parent
    while parent is not None and not isinstance(parent, StrictSerializer):
        parent = parent.parent
    if parent is None or field.read_only:
        return schema  # an answer, which has what the database has
    if isinstance(field, serializers.CharField) and not field.allow_blank:
        schema.setdefault("minLength", 1)
    if isinstance(field, serializers.ListField | serializers.ListSerializer):
        if not field.allow_empty:
            schema.setdefault("minItems", 1)
        if (longest := getattr(field, "max_length", None)) is not None:
            schema.setdefault("maxItems", longest)
    return schema


def _possible_refusals(operation: DeskSchema) -> set[HTTPStatus]:
    found = set(ALWAYS_POSSIBLE)
    if "{" in operation.path:
        found.add(HTTPStatus.NOT_FOUND)
    if getattr(operation.view, "permissions", {}).get(getattr(operation.view, "action", "")):
        found.add(HTTPStatus.FORBIDDEN)
    if operation.method != "GET":
        found.add(HTTPStatus.CONFLICT)
    if operation.method in idempotency.METHODS:
        found |= FOR_BODIES
    if any(parameter["name"] == "If-Match" for parameter in operation._get_parameters()):
        found |= FOR_CONDITIONS
    return found
