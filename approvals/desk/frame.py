"""What every page of the review desk has in common: who may see it, its frame, the draft it is about."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from approvals.errors import FourEyes, ReasonMissing
from tasks.models import Draft

STATUS_OF_REFUSAL: dict[type[Exception], int] = {ReasonMissing: 400, FourEyes: 403}
"""How a page answers that says why nothing was done; any other refusal is a conflict with what is there."""

may_view = permission_required("tasks.view_draft", raise_exception=True)


def status_of(problem: Exception | None, status: int = 200) -> int:
    return STATUS_OF_REFUSAL.get(type(problem), 409) if problem else status


def page(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    everywhere = admin.site.each_context(request) | {"is_nav_sidebar_enabled": False}
    return render(request, template, everywhere | context, status=status)


def draft_or_404(draft_id: int) -> Draft:
    return get_object_or_404(Draft.objects.select_related("task", "task__created_by"), pk=draft_id)


def number(text: str | None) -> int | None:
    """The number that an address or a form has, or None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
