"""Admin pages of what the engine, writers and reviewers recorded: to be read only."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tasks.models import Draft, Guidance, Incident, ModelCall, QualityReport, StageRun
from tasks.readonly_admin import ReadOnlyAdmin, ReadOnlyHistoryAdmin


@admin.register(StageRun)
class StageRunAdmin(ReadOnlyAdmin):
    list_display = ("id", "task", "run", "attempt", "key", "error", "started_at", "finished_at")
    list_filter = ("key", "started_at")
    list_select_related = ("task",)
    search_fields = ("task__topic", "error")


@admin.register(ModelCall)
class ModelCallAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "task", "stage", "prompt_version", "model", "input_tokens", "output_tokens", "cost_usd",
        "duration_ms", "outcome", "created_at",
    )  # fmt: skip
    list_filter = ("outcome", "model", "stage", "prompt_version", "created_at")
    list_select_related = ("task",)
    search_fields = ("task__topic", "model", "error")


@admin.register(QualityReport)
class QualityReportAdmin(ReadOnlyAdmin):
    list_display = ("draft", "version", "score", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("draft",)
    search_fields = ("draft__title",)


@admin.register(Guidance)
class GuidanceAdmin(ReadOnlyHistoryAdmin):
    list_display = ("text", "reason_code", "task", "created_at")
    list_filter = ("reason_code", "created_at")
    list_select_related = ("task",)
    search_fields = ("text", "task__topic")


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    """What operators were notified of. It opens and closes automatically."""

    list_display = ("kind", "opened_at", "closed_at", "count", "delivered_at", "last_error")
    list_filter = ("kind", "opened_at")

    @admin.display(description="how many")
    def count(self, incident: Incident) -> int:
        return int(incident.details.get("count", 0))


@admin.register(Draft)
class DraftAdmin(ReadOnlyHistoryAdmin):
    """Drafts are edited, decided and restored on the review desk."""

    list_display = ("title", "version", "score", "written_by", "task_status", "updated_at", "review")
    list_filter = ("task__status", "category", "updated_at")
    list_select_related = ("task",)
    search_fields = ("title", "summary", "body", "task__topic")
    fields = (
        "review", "task", "version", "content_sha256", "written_by", "author", "score", "updated_at", "title",
        "slug", "summary", "body", "seo_title", "seo_description", "category", "tags", "cover_image",
        "cover_alt", "cover_credit", "citations",
    )  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Draft]:
        drafts: QuerySet[Draft] = super().get_queryset(request)
        return drafts.select_related("task")

    @admin.display(description="state", ordering="task__status")
    def task_status(self, draft: Draft) -> str:
        return draft.task.get_status_display()

    @admin.display(description="review")
    def review(self, draft: Draft) -> SafeString:
        return review_link(draft.pk)


def review_link(draft_id: int) -> SafeString:
    """To its page on the review desk."""
    # By name: the desk belongs to an app that this one does not know.
    return format_html('<a href="{}">Review</a>', reverse("desk:review", args=[draft_id]))
