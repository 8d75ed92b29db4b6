"""Posts are looked at here, and changed only by publishing."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html

from approvals import audit
from publishing.models import Category, Post, Tag
from tasks.readonly_admin import ReadOnlyHistoryAdmin


@admin.register(Post)
class PostAdmin(ReadOnlyHistoryAdmin):
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
