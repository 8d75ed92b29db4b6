"""What every page of the review desk has in common: who may see it, its frame, the draft it is about."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from approvals.errors import ClaimedByOther, FourEyes, ReasonMissing, StaleReview
from tasks.errors import DraftChanged, TransitionRefused
from tasks.models import Draft

STATUS_OF_REFUSAL: dict[type[Exception], int] = {
    ReasonMissing: 400, FourEyes: 403, StaleReview: 409, TransitionRefused: 409, DraftChanged: 409,
    ClaimedByOther: 409,
}  # fmt: skip

may_view = permission_required("tasks.view_draft", raise_exception=True)


def page(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    everywhere = admin.site.each_context(request) | {"is_nav_sidebar_enabled": False}
    return render(request, template, everywhere | context, status=status)


def draft_or_404(draft_id: int) -> Draft:
    return get_object_or_404(Draft.objects.select_related("task", "task__created_by"), pk=draft_id)


def number(text: str | None) -> int | None:
    """The number that an address or a form has, or None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
