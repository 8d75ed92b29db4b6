"""The page System: every record of every app that one may see, and what one last did there."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

TITLES = {
    "auth": "People",
    "tasks": "Briefs and drafts",
    "approvals": "Reviews and records",
    "publishing": "The site",
    "django_q": "Jobs",
}
"""Of apps whose own names say little to those who run the desk."""


@require_safe
def system(request: HttpRequest) -> HttpResponse:
    apps = admin.site.get_app_list(request)
    if not apps:
        raise PermissionDenied
    order = list(TITLES)
    for app in apps:
        app["title"] = TITLES.get(app["app_label"], app["name"])
    apps.sort(key=lambda app: order.index(app["app_label"]) if app["app_label"] in order else len(order))
    context = {**admin.site.each_context(request), "title": "System", "apps": apps}
    return TemplateResponse(request, "desk/system.html", context)


urlpatterns = [path("system/", admin.site.admin_view(never_cache(system)), name="system")]
