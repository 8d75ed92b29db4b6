"""What all endpoints of the API share: permissions, parsing of bodies, and pagination."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import IO, Any, ClassVar

from django.core.exceptions import ValidationError as InvalidPosition
from django.db.models import Field, QuerySet
from rest_framework import serializers
from rest_framework.exceptions import (
    AuthenticationFailed,
    NotFound,
    ParseError,
    PermissionDenied,
    ValidationError,
)
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.viewsets import GenericViewSet

from tasks.api import idempotency, selection
from tasks.api.parameters import require_known

MAX_DEPTH = 20
TOO_DEEP = f"The JSON is nested too deeply: at most {MAX_DEPTH} levels."
MAX_PAGE_SIZE = 200
COUNT = "count"
COUNT_PARAMETER = {
    "name": COUNT,
    "in": "query",
    "required": False,
    "schema": {"type": "boolean"},
    "description": "Count all rows, too, as `count` of the answer. It costs more in long lists.",
}


class ScopeMissing(PermissionDenied):
    """The account may do it, but not with this token."""

    problem = "scope-missing"


class ActionPermissions(BasePermission):
    """Asks for the permissions that the view names for its action. An action it does not name is refused.

    This is also the one place where a token's scopes count: `request.auth` says which it lacks.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if view.action in {None, "metadata"}:
            return True  # a method that the address does not have, which is answered by 405, or OPTIONS
        wanted = view.permissions.get(view.action)
        if wanted is None or not request.user.has_perms(wanted):
            return False
        token: Any = request.auth  # None for a session, which has no scopes
        missing = token.missing_scopes(wanted) if token is not None else []
        if missing:
            scopes = " and ".join(missing) or "any"
            raise ScopeMissing(f"This token lacks the scope {scopes}: use a token that was created with it.")
        return True


class Cursor(CursorPagination):
    """Pages in the order that the queryset states; its first column must tell rows apart, or nearly so."""

    _count: int | None = None
    page_size = 50
    max_page_size = MAX_PAGE_SIZE
    page_size_query_description = f"Rows per page, from 1; larger values mean {MAX_PAGE_SIZE}."
    page_size_query_param = "page_size"

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"] = {"type": "integer", "minimum": 1}
        return [*parameters, COUNT_PARAMETER]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page = super().get_paginated_response_schema(schema)
        number = {"type": "integer", "minimum": 0, "description": "Of all rows, if asked for."}
        return {**page, "properties": {**page["properties"], COUNT: number}}

    def get_paginated_response(self, data: Any) -> Response:
        response = super().get_paginated_response(data)
        if self._count is not None:
            response.data[COUNT] = self._count
        return response

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str, ...]:
        # As all our lists state it: by names, not by expressions.
        ordering = queryset.query.order_by or queryset.model._meta.ordering or ()
        return tuple(map(str, ordering))

    def get_page_size(self, request: Request) -> int | None:
        given = request.query_params.get(self.page_size_query_param)
        if given is None:
            return self.page_size
        digits = re.fullmatch(r"0*([1-9][0-9]*)", given, re.ASCII)
        if digits is None:
            raise ValidationError(
                {self.page_size_query_param: [f"Give a whole number from 1 to {MAX_PAGE_SIZE}."]}
            )
        # Python refuses to read thousands of digits.
        return min(int(digits[1][: len(str(MAX_PAGE_SIZE)) + 1]), MAX_PAGE_SIZE)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        counting = request.query_params.get(COUNT, "false")
        if counting not in {"true", "false"}:
            raise ValidationError({COUNT: ["Give true or false."]})
        self._count = queryset.count() if counting == "true" else None
        self._column = _column(queryset, self.get_ordering(request, queryset, view)[0].lstrip("-"))
        return super().paginate_queryset(queryset, request, view=view)

    def decode_cursor(self, request: Request) -> Any:
        try:
            cursor = super().decode_cursor(request)
            if cursor is not None and cursor.position is not None:
                position = self._column.to_python(cursor.position)
                if isinstance(position, datetime) and position.tzinfo != UTC:
                    raise ValueError("A cursor's position is in UTC.")
        except (ValueError, OverflowError, InvalidPosition) as error:
            # The position inside a cursor comes from the client: it may be no number or no time at all.
            raise NotFound(self.invalid_cursor_message) from error
        return cursor


def _column(rows: QuerySet[Any], name: str) -> Field[Any, Any]:
    """The field of the model, or of an annotation, by which rows are ordered."""
    added = rows.query.annotations.get(name)
    return added.output_field if added is not None else rows.model._meta.get_field(name)


class ShallowJSONParser(JSONParser):
    """JSON with a limited depth, which the interpreter can compare and quote."""

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            found = super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError(TOO_DEEP) from error
        if _depth(found) > MAX_DEPTH:
            raise ParseError(TOO_DEEP)
        return found


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level := [
        item
        for inner in level
        if isinstance(inner, dict | list)
        for item in (inner.values() if isinstance(inner, dict) else inner)
    ]:
        depth += 1
        if depth > MAX_DEPTH:
            break
    return depth


class DeskViewSet(GenericViewSet[Any]):
    """Base of the endpoints that need an account."""

    permissions: ClassVar[dict[str, tuple[str, ...]]] = {}
    """For each action, the permissions that its caller must have."""
    parameters: ClassVar[dict[str, Collection[str]]] = {}
    """For each action but `list`, the query parameters it knows."""
    filterset_class: ClassVar[Any] = None

    _wanted: frozenset[str] = frozenset()
    permission_classes = [IsAuthenticated, ActionPermissions]
    pagination_class = Cursor
    parser_classes = [ShallowJSONParser]
    lookup_value_regex = "[0-9]+"

    def perform_authentication(self, request: Request) -> None:
        if "\0" in request.META.get("HTTP_AUTHORIZATION", ""):
            raise AuthenticationFailed("Invalid token.")  # PostgreSQL would fail to look it up
        try:
            super().perform_authentication(request)
        except UnicodeDecodeError as error:
            # Knox expects every token to be UTF-8.
            raise AuthenticationFailed("Invalid token.") from error

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.action not in {None, "metadata"}:
            require_known(self, request)
            self._wanted = selection.wanted_fields(self, request)
        if self.action is not None and request.method in idempotency.METHODS:
            self._repeatable(request)

    def _repeatable(self, request: Request) -> None:
        """Do the action once, however often it is sent under the same Idempotency-Key."""
        name = str(request.method).lower()
        setattr(self, name, partial(idempotency.once, self, getattr(self, name)))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(response, Response):
            selection.select(response, self._wanted)
        return super().finalize_response(request, response, *args, **kwargs)

    def without_secrets(self, data: Any) -> Any:
        """The response data as it may be stored for a request that is sent again."""
        return data

    def with_secrets(self, data: Any) -> Any:
        """What `without_secrets` was given."""
        return data

    def listing(
        self, rows: QuerySet[Any], serializer: type[serializers.BaseSerializer[Any]], **more: Any
    ) -> Response:
        """Return one page of `rows`, in their order; `more` is for the serializer's context."""
        page = self.paginate_queryset(rows)
        context = {**self.get_serializer_context(), **more}
        return self.get_paginated_response(serializer(page, many=True, context=context).data)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know: a misspelled one would be silently ignored."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - self._writable if isinstance(data, Mapping) else set()
        errors = {name: self.unknown_field_errors(name) for name in sorted(unknown)}
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({**_by_field(error), **errors}) from error
        if errors:
            raise serializers.ValidationError(errors)
        return value

    @property
    def _writable(self) -> set[str]:
        return {name for name, field in self.fields.items() if not field.read_only}

    def unknown_field_errors(self, name: str) -> list[str]:
        return [f"Unknown field. Fields that can be set: {', '.join(sorted(self._writable)) or 'none'}."]


def _by_field(error: serializers.ValidationError) -> dict[str, Any]:
    return (
        error.detail if isinstance(error.detail, dict) else {api_settings.NON_FIELD_ERRORS_KEY: error.detail}
    )


class ReasonSerializer(StrictSerializer):
    reason = serializers.CharField(default="", allow_blank=True, max_length=5000)


def checked(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The request's body as `serializer` understands it. Raises ValidationError naming each wrong field."""
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)
