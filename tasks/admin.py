from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypedDict

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum, TextField
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString

from tasks import actions, record_admins
from tasks.actor import actor
from tasks.admin_filters import BreachedFilter, ErrorKindFilter, WorkerFilter
from tasks.admin_forms import ReasonForm, SourceForm, SourceInline, is_open
from tasks.filing.form import SAVE_TEMPLATE, BriefForm
from tasks.filing.import_pages import ImportPages
from tasks.filing.pages import FilingPages
from tasks.filing.template_pages import TemplatePages
from tasks.filing.templates import usable_templates
from tasks.form_fields import Textarea, delete_staged_files, show_staged_files, stage_files
from tasks.generic_admin import AnyModelForm
from tasks.models import ContentTask, ModelCall
from tasks.pipeline.stages.source_notes import about_source
from tasks.record_admins import review_link
from tasks.task_pages import TaskPages

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

BRIEF_FIELDSETS: tuple[Any, ...] = (
    (None, {"fields": ("topic", "brief", "due_at", "category", "tags")}),
    ("Audience, tone and style", {"fields": ("audience", "tone", "style")}),
    ("Length and language", {"fields": ("target_words", "language")}),
    ("Research and sections", {"fields": ("web_pages", "keywords")}),
    (
        "Start, priority and limits",
        {
            "fields": (
                "run_after", "priority", "timeout_seconds", "stage_timeout_seconds", "max_attempts",
                "budget_usd", "quality_threshold", "max_refinements",
            )
        },
    ),
)  # fmt: skip
"""The first fields, and groups that are folded."""

__all__ = ["record_admins"]  # which registers more of them

MAX_WARNINGS = 10


class Spending(TypedDict):
    """What the list's query adds to a task."""

    spent: Decimal | None
    unpriced: int


@admin.register(ContentTask)
class ContentTaskAdmin(FilingPages, TemplatePages, ImportPages, TaskPages):
    """Filing a brief, following it, and stopping or repeating the work. Tasks are never deleted."""

    list_display = ("topic", "review", "status", "percent", "cost", "filed")
    list_filter = (
        "status", "stage", ErrorKindFilter, BreachedFilter, WorkerFilter, "category", "created_at",
    )  # fmt: skip
    list_select_related = ("draft",)
    search_fields = ("topic", "brief", "category", "error")
    date_hierarchy = "created_at"
    list_per_page = 50
    action_form = ReasonForm
    actions = ("cancel", "hold", "resume", "retry")
    add_form_template = "admin/tasks/contenttask/add_form.html"
    change_form_template = "admin/tasks/contenttask/change_form.html"
    formfield_overrides = {TextField: {"widget": Textarea(attrs={"rows": 4})}}
    fieldsets = BRIEF_FIELDSETS
    groups = BRIEF_FIELDSETS[1:]
    inlines = (SourceInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ContentTask]:
        tasks: QuerySet[ContentTask] = super().get_queryset(request).defer("draft__body")
        # For the rows of a page: a join would be summed up for all tasks before it is cut.
        calls = ModelCall.objects.filter(task=OuterRef("pk")).order_by().values("task")
        spent = calls.annotate(spent=Sum("cost_usd")).values("spent")
        unpriced = calls.filter(cost_usd=None).annotate(number=Count("pk")).values("number")
        return tasks.annotate(spent=Subquery(spent), unpriced=Coalesce(Subquery(unpriced), 0))

    def get_form(
        self, request: HttpRequest, obj: ContentTask | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        own = type("OwnBriefForm", (BriefForm,), {"user": request.user})
        return super().get_form(request, obj, change, **{"form": own} | kwargs)

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

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        doubts = {id(item.source): item.warnings for item in form.items}
        added = form.new_sources()
        if change:
            super().save_related(request, form, formsets, change)
            actions.add_sources(form.instance, added, by=actor(request))
        else:
            added += [source for formset in formsets for source in formset.save(commit=False)]
            actions.file_task(form.instance, added, by=actor(request))
        form.delete_staged()
        warnings = [
            about_source(source.number, source.title, warning)
            for source in added
            for warning in doubts.get(id(source), ())
        ]
        for row in _rows(formsets):
            delete_staged_files(row, by=actor(request))
            warnings += row.warnings() if isinstance(row, SourceForm) else ()
        self._warn(request, warnings)
        if change and _invalidates_finished_stages(form, formsets):
            actions.start_over(form.instance)

    def _warn(self, request: HttpRequest, warnings: list[str]) -> None:
        for warning in warnings[:MAX_WARNINGS]:
            self.message_user(request, warning, messages.WARNING)
        if len(warnings) > MAX_WARNINGS:
            more = len(warnings) - MAX_WARNINGS
            text = f"{more} more warnings are next to the sources on the task's page."
            self.message_user(request, text, messages.WARNING)

    def response_add(
        self, request: HttpRequest, obj: ContentTask, post_url_continue: str | None = None
    ) -> HttpResponse:
        """On to the page on which the work can be followed."""
        if "_addanother" in request.POST or not self.has_view_permission(request, obj):
            return super().response_add(request, obj, post_url_continue)
        text = f"“{obj}” was filed. Its work begins as soon as a worker is free."
        self.message_user(request, text, messages.SUCCESS)
        return redirect("admin:tasks_contenttask_change", obj.pk)

    def response_change(self, request: HttpRequest, obj: ContentTask) -> HttpResponse:
        self.message_user(request, f"The brief of “{obj}” was saved.", messages.SUCCESS)
        return redirect("admin:tasks_contenttask_change", obj.pk)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: ContentTask | None = None,
    ) -> HttpResponse:
        form = context["adminform"].form
        formsets = [each.formset for each in context["inline_admin_formsets"]]
        if add and SAVE_TEMPLATE in request.POST:
            self.save_typed_template(request, form)
            form.errors.clear()
            context["errors"] = None
        self._show_staged(request, form, formsets)
        if obj is None:
            more: dict[str, Any] = {
                "title": "File a brief", "templates": usable_templates(actor(request)),
                "changeable_template": self.changeable_template(request),
            }  # fmt: skip
        else:
            more = {"title": obj.topic, **self.progress_of(request, obj), **self.actions_on(request, obj)}
        if self.has_change_permission(request, obj) or add:
            more |= self.filing_context(form, formsets)
        return super().render_change_form(request, context | more, add, change, form_url, obj)

    def _show_staged(self, request: HttpRequest, form: Any, formsets: Any) -> None:
        """Files that are stored until the brief is saved: after a mistake, or after a login."""
        unsent = getattr(request, "unsent", None)
        typed = dict(unsent.fields) if unsent else {}
        for row in _rows(formsets):
            if request.method == "POST":
                stage_files(row, by=actor(request))
            elif unsent:
                show_staged_files(row, typed, by=actor(request))
        if request.method == "POST":
            form.stage()
        else:
            form.show_given(typed.get("given") or form.initial.get("given", ""))

    @admin.display(description="progress", ordering="progress")
    def percent(self, task: ContentTask) -> str:
        if not task.stage or task.progress >= 100:
            return "–"
        return f"{task.get_stage_display()}, {task.progress} %"

    @admin.display(description="filed", ordering="created_at")
    def filed(self, task: ContentTask) -> datetime:
        return task.created_at

    @admin.display(description="US dollars", ordering="spent")
    def cost(self, task: WithAnnotations[ContentTask, Spending]) -> str:
        known, unpriced = f"{task.spent or 0:.4f}", task.unpriced
        return f"{known} and {unpriced} without a price" if unpriced else known

    @admin.display(description="review")
    def review(self, task: ContentTask) -> SafeString | str:
        draft = getattr(task, "draft", None)
        return review_link(draft.pk) if draft else "–"


def _rows(formsets: Any) -> Iterable[AnyModelForm]:
    return [row for formset in formsets for row in formset.forms]


def _invalidates_finished_stages(form: Any, formsets: Any) -> bool:
    """Whether more than a limit or a date was changed, so that finished stages no longer fit."""
    return (
        bool(set(form.changed_data) - {*actions.LIMITS, "due_at"})
        or bool(form.new_sources())
        or any(formset.has_changed() for formset in formsets)
    )
