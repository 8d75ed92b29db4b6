"""Posts are looked at here, and changed only by publishing."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from simple_history.admin import SimpleHistoryAdmin

from approvals import audit
from publishing.models import Category, Post, Tag


@admin.register(Post)
class PostAdmin(SimpleHistoryAdmin):
    list_display = ("title", "is_live", "category", "version", "published_at", "address")
    list_filter = ("is_live", "category", "language", "published_at")
    list_select_related = ("category",)
    search_fields = ("title", "slug")
    date_hierarchy = "published_at"
    show_full_result_count = False

    @admin.display(description="on the site")
    def address(self, post: Post) -> str:
        if not post.is_live:
            return "–"
        return format_html('<a href="{}">{}</a>', post.get_absolute_url(), post.get_absolute_url())

    def has_add_permission(self, request: HttpRequest, obj: Post | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Post | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Post | None = None) -> bool:
        return False

    def history_form_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # The library writes the old text back on POST, even for those who may only look.
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied("History is read here; a text is restored at the review desk.")
        return super().history_form_view(request, *args, **kwargs)


class _NamedAdmin(admin.ModelAdmin):
    list_display = ("name", "slug")
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}

    def save_model(self, request: HttpRequest, obj: Category | Tag, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        # Readers see the name on every post that has it, so a new one is on record like a new text.
        name = obj._meta.model_name
        audit.record(
            f"{name}.{'changed' if change else 'created'}",
            object_type=name,
            object_id=obj.pk,
            by=request.user,
            data={"name": obj.name, "slug": obj.slug},
        )


admin.site.register(Category, _NamedAdmin)
admin.site.register(Tag, _NamedAdmin)
