"""The desk's search: a page, and the same results as JSON for the dialog that opens with Ctrl+K.

Actions come first, since they are found without a query: pages of the navigation, and what can be begun.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tasks.actor import actor
from tasks.finders import MAX_QUERY, Found, finders_for, words_of
from tasks.navigation import items_for

IN_DIALOG, ON_PAGE = 6, 30
"""Results of each kind."""


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    query = request.GET.get("q", "").replace("\0", " ")[:MAX_QUERY]
    is_for_dialog = request.GET.get("format") == "json"
    groups = _found(user, words_of(query), IN_DIALOG if is_for_dialog else ON_PAGE)
    if is_for_dialog:
        return JsonResponse({"query": query, "groups": groups})
    context = {
        **admin.site.each_context(request),
        "title": "Search",
        "query": query.strip(),
        "groups": groups,
        "max_query": MAX_QUERY,
        "most": ON_PAGE,
    }
    return TemplateResponse(request, "desk/search.html", context)


def _found(user: User, words: list[str], limit: int) -> list[dict[str, Any]]:
    groups = [("actions", "Go to", "action", _actions(user, words))]
    if words:
        groups += [
            (finder.name, finder.title, finder.icon, finder.find(user, words, limit))
            for finder in finders_for(user)
        ]
    return [
        {"name": name, "title": title, "icon": icon, "results": [asdict(one) for one in results]}
        for name, title, icon, results in groups
        if results
    ]


def _actions(user: User, words: list[str]) -> list[Found]:
    """Pages and things to begin whose names or keywords have a word that begins with each word given."""
    offered = [(item.title, item.url, item.keywords) for item in items_for(user)]
    if user.has_perm("tasks.add_contenttask"):
        offered.insert(0, ("File a brief", reverse("admin:tasks_contenttask_add"), ("new", "add", "write")))
    offered += [
        ("Notifications", reverse("admin:notification_settings"), ("mail", "settings", "profile")),
        ("Change password", reverse("admin:password_change"), ("account", "profile")),
        ("View the site", "/", ("public", "home page")),
    ]
    return [
        Found(title, url)
        for title, url, keywords in offered
        if all(
            any(name.startswith(word.casefold()) for name in " ".join((title, *keywords)).casefold().split())
            for word in words
        )
    ]


urlpatterns = [path("search/", admin.site.admin_view(never_cache(search)), name="search")]
