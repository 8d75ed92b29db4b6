"""The first page of the desk, and the part of it that changes by itself while it is open."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from approvals.audit.cached import since_last_entry
from tasks.actor import actor
from tasks.home import sections_for


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    sections = sections_for(actor(request), since_last_entry)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "Home",
        "now": timezone.now(),
        "main": [shown for shown in sections if not shown.section.is_aside],
        "aside": [shown for shown in sections if shown.section.is_aside],
    }
    return TemplateResponse(request, "admin/index.html", context)


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The sections that home.js asks for again: a stream for each task would use up the connections."""
    sections = sections_for(actor(request), since_last_entry, only_live=True)
    return TemplateResponse(request, "desk/home/live.html", {"sections": sections, "now": timezone.now()})


urlpatterns = [
    path("", admin.site.admin_view(never_cache(home)), name="index"),  # in place of the admin's own
    path("home/live/", admin.site.admin_view(never_cache(live)), name="home_live"),
]
