from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypedDict

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet, Sum, TextField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tasks import actions, bulk, record_admins, recordings
from tasks.actor import actor
from tasks.admin_filters import BreachedFilter, ErrorKindFilter, WorkerFilter
from tasks.admin_forms import (
    BriefForm,
    FiledSourceInline,
    MoveForm,
    ReasonForm,
    SourceForm,
    SourceInline,
    is_open,
)
from tasks.alerts.breaches import QUEUE, in_words
from tasks.bulk import VERBS
from tasks.events.log import ENDED
from tasks.forecast_pages import forecast_in_words
from tasks.form_fields import Textarea, delete_staged_files, show_staged_files, stage_files
from tasks.generic_admin import AnyModelForm
from tasks.lifecycle import Status
from tasks.models import (
    ContentTask,
    Draft,
    Stage,
    StageRun,
    TaskEvent,
)
from tasks.pipeline.errors import KINDS
from tasks.readonly_admin import ReadOnlyHistoryAdmin, ReadOnlyInline
from tasks.task_pages import TaskPages

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

BRIEF_FIELDSETS = (
    (None, {"fields": ("topic", "brief", "audience", "tone", "style", ("target_words", "language"))}),
    ("Research", {"fields": ("web_pages",)}),
    ("Placement and due date", {"fields": ("category", "tags", "keywords", "due_at")}),
    (
        "Limits",
        {
            "classes": ("collapse",),
            "fields": (
                ("priority", "run_after"),
                ("timeout_seconds", "stage_timeout_seconds", "max_attempts"),
                ("budget_usd", "quality_threshold", "max_refinements"),
            ),
        },
    ),
)
STATE_FIELDS = (
    "status", "status_changed_at", "update_state", "work", "late", "cause", "error", "review", "cost",
    "expected",
    "prompts", "attempts", "run", "created_by", "created_at", "started_at", "finished_at",
)  # fmt: skip

__all__ = ["record_admins"]  # which registers more of them

MAX_MESSAGES = 5
"""For more tasks than this, one message sums up what was done."""
MAX_WARNINGS = 10


class Spending(TypedDict):
    """What the list's query adds to a task."""

    spent: Decimal | None
    unpriced: int


class StageRunInline(ReadOnlyInline):
    model = StageRun
    fields = ("run", "attempt", "key", "error", "started_at", "finished_at")


@admin.register(ContentTask)
class ContentTaskAdmin(TaskPages):
    """Filing a brief, following it, and stopping or repeating the work. Tasks are never deleted."""

    list_display = ("topic", "review", "status", "stage", "percent", "cost", "created_at")
    list_filter = (
        "status", "stage", ErrorKindFilter, BreachedFilter, WorkerFilter, "category", "created_at",
    )  # fmt: skip
    list_select_related = ("draft",)
    search_fields = ("topic", "brief", "category", "error")
    date_hierarchy = "created_at"
    form = BriefForm
    action_form = ReasonForm
    actions = ("cancel", "hold", "resume", "retry")
    readonly_fields = STATE_FIELDS
    formfield_overrides = {TextField: {"widget": Textarea(attrs={"rows": 10, "class": "vLargeTextField"})}}

    def get_queryset(self, request: HttpRequest) -> QuerySet[ContentTask]:
        tasks: QuerySet[ContentTask] = super().get_queryset(request).defer("draft__body")
        return tasks.annotate(
            spent=Sum("calls__cost_usd"), unpriced=Count("calls", filter=Q(calls__cost_usd=None))
        )

    def get_fieldsets(self, request: HttpRequest, obj: ContentTask | None = None) -> Any:
        return BRIEF_FIELDSETS if obj is None else (("State", {"fields": STATE_FIELDS}), *BRIEF_FIELDSETS)

    def get_inlines(self, request: HttpRequest, obj: ContentTask | None) -> Any:
        return (SourceInline,) if obj is None else (FiledSourceInline, StageRunInline)

    def has_change_permission(self, request: HttpRequest, obj: ContentTask | None = None) -> bool:
        return is_open(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: ContentTask | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ContentTask, form: AnyModelForm, change: bool) -> None:
        if not change:
            return  # it is filed together with its sources, in save_related
        if not is_open(ContentTask.objects.select_for_update().get(pk=obj.pk)):
            raise PermissionDenied("A worker has started the task: its brief can no longer be changed.")
        if form.changed_data:
            # A whole save would put the status back to what it was when this page was loaded.
            obj.save(update_fields=form.changed_data)

    def save_related(self, request: HttpRequest, form: AnyModelForm, formsets: Any, change: bool) -> None:
        if change:
            super().save_related(request, form, formsets, change)
        else:
            sources = [source for formset in formsets for source in formset.save(commit=False)]
            actions.file_task(form.instance, sources, by=actor(request))
        warnings = list[str]()
        for source in [row for formset in formsets for row in formset.forms]:
            delete_staged_files(source, by=actor(request))
            warnings += source.warnings() if isinstance(source, SourceForm) else ()
        for warning in warnings[:MAX_WARNINGS]:
            self.message_user(request, warning, messages.WARNING)
        if len(warnings) > MAX_WARNINGS:
            more = len(warnings) - MAX_WARNINGS
            text = f"{more} more warnings are next to the sources on the task's page."
            self.message_user(request, text, messages.WARNING)
        if change and _invalidates_finished_stages(form, formsets):
            actions.start_over(form.instance)

    def get_urls(self) -> list[Any]:
        move = path(
            "<int:task_id>/move/<slug:verb>/",
            self.admin_site.admin_view(self.move_view),
            name="tasks_contenttask_move",
        )
        return [move, *super().get_urls()]

    def move_view(self, request: HttpRequest, task_id: int, verb: str) -> HttpResponse:
        """The buttons on a task's page: the same verbs, for one task."""
        if not self.has_change_permission(request) or request.method != "POST":
            raise PermissionDenied
        if verb not in VERBS:
            raise Http404
        task = get_object_or_404(ContentTask, pk=task_id)
        self._move(request, [task.pk], verb)
        return redirect("admin:tasks_contenttask_change", task_id)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: ContentTask | None = None,
    ) -> HttpResponse:
        task = obj
        unsent = getattr(request, "unsent", None)
        for source in [row for formset in context["inline_admin_formsets"] for row in formset.formset.forms]:
            if request.method == "POST":  # it comes back with mistakes
                stage_files(source, by=actor(request))
            elif unsent:  # it comes back after a login
                show_staged_files(source, dict(unsent.fields), by=actor(request))
        if task is None:
            context["title"] = "File a brief"
        if task is not None and task.status not in ENDED:
            context["follow"] = _live_updates_of(task)
        if task is not None and self.has_change_permission(request):
            context["branches"] = task.recorded_exchanges.exists() and recordings.BRANCHES
            context["verbs"] = [name for name, verb in VERBS.items() if task.status in verb.states]
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.action(description="Cancel", permissions=["change"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[ContentTask]) -> None:
        self._move_selected(request, queryset, "cancel")

    @admin.action(description="Put on hold", permissions=["change"])
    def hold(self, request: HttpRequest, queryset: QuerySet[ContentTask]) -> None:
        self._move_selected(request, queryset, "hold")

    @admin.action(description="Resume", permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[ContentTask]) -> None:
        self._move_selected(request, queryset, "resume")

    @admin.action(description="Retry", permissions=["change"])
    def retry(self, request: HttpRequest, queryset: QuerySet[ContentTask]) -> None:
        self._move_selected(request, queryset, "retry")

    def _move_selected(self, request: HttpRequest, queryset: QuerySet[ContentTask], verb: str) -> None:
        # Without the sums that the list shows.
        selected = ContentTask.objects.filter(pk__in=queryset.order_by().values("pk"))
        self._move(request, list(selected.values_list("pk", flat=True)), verb)

    def _move(self, request: HttpRequest, ids: list[int], verb: str) -> None:
        form = MoveForm(request.POST)
        if not form.is_valid():
            request.form_is_refused = ("reason",)  # type: ignore[attr-defined]
            self.message_user(request, " ".join(map(str, form.errors["reason"])), messages.ERROR)
            return
        done = VERBS[verb].done
        result = bulk.move_each(verb, ids, by=actor(request), seconds=bulk.PAGE_SECONDS, **form.cleaned_data)
        request.form_is_refused = () if result.done else ("reason",)  # type: ignore[attr-defined]
        if len(ids) > MAX_MESSAGES:
            has_all = not result.refused and not result.left
            self.message_user(
                request, result.summary(done), messages.SUCCESS if has_all else messages.WARNING
            )
            return
        for _, topic in result.done:
            self.message_user(request, f"“{topic}” was {done}.", messages.SUCCESS)
        for refusal in result.refused:
            self.message_user(request, refusal, messages.ERROR)

    @admin.display(description="progress", ordering="progress")
    def percent(self, task: ContentTask) -> str:
        return f"{task.progress} %"

    @admin.display(description="progress")
    def work(self, task: ContentTask) -> SafeString:
        bar = '<progress max="100" value="{}" aria-label="Progress"></progress> {} %{}'
        return format_html(
            bar, task.progress, task.progress, f", at {task.get_stage_display()}" if task.stage else ""
        )

    @admin.display(description="time limit")
    def late(self, task: ContentTask) -> str:
        if task.lateness is None:
            return "–"
        which = "waiting in the queue" if task.breached_stage == QUEUE else f"at {task.breached_stage}"
        return f"exceeded {which}, {in_words(task.lateness)} late"

    @admin.display(description="cause of the error")
    def cause(self, task: ContentTask) -> str:
        return KINDS.get(task.error_kind, task.error_kind) or "–"

    @admin.display(description="US dollars", ordering="spent")
    def cost(self, task: WithAnnotations[ContentTask, Spending]) -> str:
        known, unpriced = f"{task.spent or 0:.4f}", task.unpriced
        return f"{known} and {unpriced} without a price" if unpriced else known

    @admin.display(description="forecast")
    def expected(self, task: ContentTask) -> str:
        return forecast_in_words(task)

    @admin.display(description="prompts")
    def prompts(self, task: ContentTask) -> str:
        """Those that its calls were made with, in the order of their first use."""
        labels = dict.fromkeys(task.calls.exclude(prompt_version="").values_list("prompt_version", flat=True))
        return ", ".join(labels) or "–"

    @admin.display(description="review")
    def review(self, task: ContentTask) -> SafeString | str:
        draft = getattr(task, "draft", None)
        return _review_link(draft.pk) if draft else "–"


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
        return _review_link(draft.pk)


def _live_updates_of(task: ContentTask) -> dict[str, Any]:
    """What the page needs to follow the task from the state it shows, and the text from where it begins."""
    begun = task.events.filter(kind=TaskEvent.Kind.TEXT, data__offset=0, seq__lte=task.event_seq)
    text_seq = begun.order_by("-seq").values_list("seq", flat=True).first()
    after = task.event_seq if text_seq is None else text_seq - 1
    return {
        "url": f"{reverse('task-events', args=[task.pk])}?last_event_id={after}",
        "names": json.dumps(dict(Status.choices + Stage.choices)),
    }


def _invalidates_finished_stages(form: AnyModelForm, formsets: Any) -> bool:
    """Whether more than a limit or a date was changed, so that finished stages no longer fit."""
    return bool(set(form.changed_data) - {*actions.LIMITS, "due_at"}) or any(
        formset.has_changed() for formset in formsets
    )


def _review_link(draft_id: int) -> SafeString:
    # By name: the desk belongs to an app that this one does not know.
    return format_html('<a href="{}">Review</a>', reverse("desk:review", args=[draft_id]))
