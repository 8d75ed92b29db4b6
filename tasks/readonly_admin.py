"""Admin pages for rows that people read and only the product writes."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from tasks.generic_admin import AnyHistoryAdmin, AnyModelAdmin, AnyTabularInline


class ReadOnly:
    """Mixin for a ModelAdmin or an inline that nobody may change, superusers included."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnly, AnyModelAdmin):
    pass


class ReadOnlyInline(ReadOnly, AnyTabularInline):
    extra = 0


class ReadOnlyHistoryAdmin(ReadOnly, AnyHistoryAdmin):
    """Shows the history of a row as well."""

    history_list_per_page = 20

    def history_form_view(
        self,
        request: HttpRequest,
        object_id: str,
        version_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        # The library's page saves whatever is posted to it, even for people who may only view.
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied("History is read-only: restore a version on the review desk.")
        return super().history_form_view(request, object_id, version_id, extra_context)
