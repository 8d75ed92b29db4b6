"""`fields`: of what a list or an object has, only what its reader asks for.

It is not in the OpenAPI schema, by which a client expects every field: a generated client has no use for it.
"""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

NAME = "fields"
ACTIONS = frozenset({"list", "retrieve"})


def wanted_fields(view: Any, request: Request) -> frozenset[str]:
    """The fields that were asked for; none for all. Raises ValidationError naming those that do not exist."""
    given = request.query_params.get(NAME)
    if given is None or view.action not in ACTIONS:
        return frozenset()
    wanted = frozenset(name.strip() for name in given.split(","))
    known = frozenset(view.get_serializer_class()().fields)
    if unknown := sorted(wanted - known):
        some = ", ".join(repr(name) for name in unknown[:5])
        raise ValidationError({NAME: [f"There is no field {some}. Fields: {', '.join(sorted(known))}."]})
    return wanted


def select(response: Response, wanted: frozenset[str]) -> None:
    """Leave the other fields out of a response that succeeded."""
    data = response.data
    if not wanted or response.status_code != 200 or not isinstance(data, dict):
        return
    if isinstance(rows := data.get("results"), list):
        response.data = {**data, "results": [_only(row, wanted) for row in rows]}
    else:
        response.data = _only(data, wanted)


def _only(row: Any, wanted: frozenset[str]) -> Any:
    return {name: value for name, value in row.items() if name in wanted}
