"""Subscriptions and their log for administrators, who can pause one."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from approvals.webhooks import subscriptions
from approvals.webhooks.models import Webhook, WebhookDelivery
from tasks.actor import actor
from tasks.readonly_admin import ReadOnlyAdmin


class _OwnAdmin(ReadOnlyAdmin):
    """Rows of one's own subscriptions, as over the API; superusers see all."""

    owner = "owner"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows if request.user.is_superuser else rows.filter(**{self.owner: request.user})

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("approvals.view_webhook")


@admin.register(Webhook)
class WebhookAdmin(_OwnAdmin):
    list_display = ("id", "host", "owner", "is_active", "failures", "failing_since", "deactivated_because")
    list_filter = ("is_active",)
    list_select_related = ("owner",)
    fields = (
        "owner", "url", "events", "description", "is_active", "deactivated_because", "failures",
        "failing_since", "try_at", "created_at", "changed_at",
    )  # fmt: skip
    actions = ("pause",)

    @admin.action(description="Pause", permissions=["pause"])
    def pause(self, request: HttpRequest, hooks: QuerySet[Webhook]) -> None:
        for hook in hooks:
            subscriptions.change(hook, by=actor(request), is_active=False)
        messages.success(request, "Paused: nothing is sent until `active` is set over the API.")

    def has_pause_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(_OwnAdmin):
    owner = "webhook__owner"
    list_display = ("created_at", "event", "webhook", "status", "attempts", "response_code", "last_error")
    list_filter = ("status",)
    list_select_related = ("webhook",)
    search_fields = ("=uid",)
    fields = (
        "uid", "webhook", "event", "data", "status", "attempts", "response_code", "last_error", "created_at",
        "due_at", "delivered_at",
    )  # fmt: skip
    show_full_result_count = False
