"""Query parameters: unknown ones are refused, not ignored."""

from __future__ import annotations

from typing import Any

from django_filters import MultipleChoiceFilter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from tasks.api import selection

PAGE = frozenset({"cursor", "page_size", "count"})
FORMAT = "format"
MOST_VERSIONS = 999_999_999
VERSION = {"type": "integer", "minimum": 1, "maximum": MOST_VERSIONS}
"""The schema of a parameter that names a version."""
REPEATABLE = frozenset({"head", "verdict"})
"""Parameters other than filters that may be given more than once."""


def filter_names(filterset: Any) -> frozenset[str]:
    return frozenset(filterset.base_filters) if filterset else frozenset()


def allowed(view: Any) -> frozenset[str]:
    """The parameters of the operation that a view was called for."""
    selecting = frozenset({selection.NAME}) if view.action in selection.ACTIONS else frozenset()
    if view.action in view.parameters:
        return selecting | frozenset(view.parameters[view.action])
    return selecting | PAGE | filter_names(view.filterset_class) if view.action == "list" else selecting


def require_known(view: Any, request: Request) -> None:
    """Raises ValidationError naming each parameter that is unknown, or given too often."""
    names = allowed(view)
    errors = {}
    for name, values in request.query_params.lists():
        if name != FORMAT and name not in names:
            known = (
                f"Known parameters: {', '.join(sorted(names))}." if names else "This operation takes none."
            )
            errors[name] = [f"Unknown parameter. {known}"]
        elif len(values) > 1 and name not in REPEATABLE and not _is_multiple(view, name):
            errors[name] = ["Give it only once."]
    if errors:
        raise ValidationError(errors)


def _is_multiple(view: Any, name: str) -> bool:
    filters = getattr(view.filterset_class, "base_filters", {})
    return isinstance(filters.get(name), MultipleChoiceFilter)
