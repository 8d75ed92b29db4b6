from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as StockGroupAdmin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from knox import admin as _knox  # noqa: F401  (registers its page, so that ours can take its place)
from knox.models import AuthToken

import approvals.webhooks.admin  # noqa: F401  (registers its pages)
from approvals.access import people, sessions
from approvals.models import AuditEntry, Decision, ReviewRule
from tasks.actor import actor
from tasks.readonly_admin import ReadOnlyAdmin, ReadOnlyHistoryAdmin


@admin.register(Decision)
class DecisionAdmin(ReadOnlyHistoryAdmin):
    list_display = (
        "decided_at",
        "decision",
        "draft",
        "version",
        "actor_name",
        "reason_code",
        "via",
        "review",
    )
    list_filter = ("decision", "reason_code", "via", "decided_at")
    list_select_related = ("draft",)
    search_fields = ("draft__title", "actor_name", "reason", "content_sha256")
    date_hierarchy = "decided_at"
    fields = (
        "draft", "review", "decision", "version", "content_sha256", "reason_code", "reason", "actor_name",
        "via", "decided_at",
    )  # fmt: skip
    readonly_fields = ("review",)

    @admin.display(description="review")
    def review(self, decision: Decision) -> SafeString:
        return format_html('<a href="{}">Review</a>', reverse("desk:review", args=[decision.draft_id]))


@admin.register(ReviewRule)
class ReviewRuleAdmin(ReadOnlyHistoryAdmin):
    """Its changes are recorded like those of a text. An obsolete rule is set to the defaults."""

    list_display = ("__str__", "four_eyes", "approvals_needed")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_change_permission(self, request, obj)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = (
        "seq", "at", "actor_name", "action", "text", "object_type", "object_id", "task_id", "short_hash",
    )  # fmt: skip
    list_filter = ("action", "object_type", "at")
    search_fields = ("actor_name", "action", "hash", "=task_id", "=object_id")
    ordering = ("-seq",)
    show_full_result_count = False  # counting a table that only grows makes every page slower

    @admin.display(description="text")
    def text(self, entry: AuditEntry) -> str:
        """Which text the entry is about, if it is about one."""
        version, sha256 = entry.data.get("version"), entry.data.get("content_sha256", "")
        return f"version {version}, {sha256[:12]}" if version else ""

    @admin.display(description="hash")
    def short_hash(self, entry: AuditEntry) -> str:
        return entry.hash[:12]


admin.site.unregister([User, Group, AuthToken])
# The page of a person has what of these is in use, with nothing secret; providers are settings.
for _app in ("account", "mfa", "socialaccount", "usersessions"):
    import_module(f"allauth.{_app}.admin")  # registers its pages
    admin.site.unregister([m for m in apps.get_app_config(_app).get_models() if admin.site.is_registered(m)])


class _NoDelete:
    """Mixin for a ModelAdmin. Permission changes are recorded wherever made: see `audit.rights`."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


POWERS = ("is_superuser", "is_staff", "groups", "user_permissions")
"""Fields of an account by which anybody could give themselves more rights."""


def is_superuser(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_superuser


@admin.register(User)
class UserAdmin(_NoDelete, StockUserAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """Accounts are deactivated, never deleted: their names are evidence.

    Most of this is easier on the page *People*. Only superusers change superusers, or give rights directly:
    Django lets everybody who may change accounts make themselves one.
    """

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if isinstance(obj, User) and not people.may_manage(actor(request), obj):
            return False
        return super().has_change_permission(request, obj)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Ends the sessions of that account, or all but this one of one's own."""
        response = super().user_change_password(request, id, form_url)
        person = User.objects.filter(pk=id).first() if response.status_code == 302 else None
        if person == request.user:
            sessions.end_others(request, person)
        elif person:
            sessions.end_all(person)
        return response

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        names = (*super().get_readonly_fields(request, obj), "last_login", "date_joined")
        return names if is_superuser(request) else (*names, *POWERS)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name == "is_staff":
            field.help_text = "Only needed to log in here without a role: a group is enough."
        return field


@admin.register(Group)
class GroupAdmin(_NoDelete, StockGroupAdmin):
    """A role that is no longer used is emptied, not deleted."""
