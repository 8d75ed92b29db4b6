"""What all pages of the review desk share: permission, template context, and the draft."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from approvals.errors import FourEyes, ReasonMissing
from tasks.models import Draft

STATUS_OF_REFUSAL: dict[type[Exception], int] = {ReasonMissing: 400, FourEyes: 403}
"""The HTTP status of a refusal; any other refusal is a conflict (409)."""

DRAFT_RELATIONS = ("task", "task__created_by", "task__assignee", "task__reviewer")

may_view = permission_required("tasks.view_draft", raise_exception=True)


def status_of(problem: Exception | None, status: int = 200) -> int:
    return STATUS_OF_REFUSAL.get(type(problem), 409) if problem else status


def page(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    return render(request, template, admin.site.each_context(request) | context, status=status)


def draft_or_404(draft_id: int) -> Draft:
    return get_object_or_404(Draft.objects.select_related(*DRAFT_RELATIONS), pk=draft_id)


def number(text: str | None) -> int | None:
    """A number from an address or a form, or None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
