"""Pages of the admin next to that of a task: its moves, repeating its run, and the forecast of a brief."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from tasks import bulk, recordings, timeline
from tasks.actor import actor
from tasks.admin_forms import MoveForm
from tasks.alerts.breaches import QUEUE, in_words
from tasks.brief_fields import COLUMNS
from tasks.bulk import VERBS
from tasks.events.log import ENDED
from tasks.filing.sources import may_copy
from tasks.forecast_pages import forecast_in_words, typed_forecast
from tasks.generic_admin import AnyModelAdmin
from tasks.lifecycle import Status
from tasks.models import ContentTask, Source, Stage, TaskEvent
from tasks.pipeline.errors import KINDS
from tasks.source_records import record_prefetches

LIMITS_IN_WORDS = {
    "priority": "Priority",
    "timeout_seconds": "Time limit in seconds",
    "stage_timeout_seconds": "Limit of a stage in seconds",
    "max_attempts": "Attempts",
    "budget_usd": "Budget in US dollars",
    "quality_threshold": "Quality threshold",
    "max_refinements": "Refinements",
}
MAX_MESSAGES = 5
"""For more tasks than this, one message sums up what was done."""


class TaskPages(AnyModelAdmin):
    def get_urls(self) -> list[Any]:
        pages = (
            ("<int:task_id>/move/<slug:verb>/", require_POST(self.move_view), "move"),
            ("<int:task_id>/timeline/", require_safe(self.timeline_view), "timeline"),
            ("<int:task_id>/replay/", require_POST(self.replay_view), "replay"),
            ("forecast/", require_POST(self.forecast_view), "forecast"),
        )
        return [
            *(
                path(route, self.admin_site.admin_view(view), name=f"tasks_contenttask_{name}")
                for route, view, name in pages
            ),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django redirects where no task or no action was selected: the reason is not used up by that."""
        if request.method == "POST":
            request.form_is_refused = ("reason",)  # type: ignore[attr-defined]  # until an action was done
        return super().changelist_view(request, extra_context)

    def timeline_view(self, request: HttpRequest, task_id: int) -> HttpResponse:
        """The part of a task's page that changes while it is worked on, for the script of that page."""
        task = get_object_or_404(self.get_queryset(request), pk=task_id)
        if not self.has_view_permission(request, task):
            raise PermissionDenied
        return TemplateResponse(
            request, "admin/tasks/contenttask/_timeline.html", self.progress_of(request, task)
        )

    def progress_of(self, request: HttpRequest, task: ContentTask) -> dict[str, Any]:
        """What the page of a task shows of the work on it."""
        draft = getattr(task, "draft", None)
        return {
            "task": task,
            "draft": draft,
            "is_over": task.status in ENDED,
            "runs": timeline.runs(task),
            "history": timeline.history(task, actor(request)),
            "cause": KINDS.get(task.error_kind, task.error_kind),
            "late": _late(task),
            "expected": forecast_in_words(task) if task.forecast else "",
            "took": in_words(task.finished_at - task.started_at)
            if task.started_at and task.finished_at
            else "",
        }

    def actions_on(self, request: HttpRequest, task: ContentTask) -> dict[str, Any]:
        """What this person may do with it."""
        may_add = self.has_add_permission(request)
        found: dict[str, Any] = {
            "may_copy": may_add and may_copy(actor(request)),
            "facts": _facts(task),
            "sources": [
                _record(source)
                for source in task.sources.defer("text").prefetch_related(*record_prefetches())
            ],
        }
        if self.has_change_permission(request):
            found["verbs"] = [name for name, verb in VERBS.items() if task.status in verb.states]
            found["branches"] = may_add and task.recorded_exchanges.exists() and recordings.BRANCHES
        if task.status not in ENDED:
            found["follow"] = _live_updates_of(task)
        return found

    def move_view(self, request: HttpRequest, task_id: int, verb: str) -> HttpResponse:
        """The buttons on a task's page: the same verbs, for one task."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if verb not in VERBS:
            raise Http404
        task = get_object_or_404(ContentTask, pk=task_id)
        self._move(request, [task.pk], verb)
        return redirect("admin:tasks_contenttask_change", task_id)

    def forecast_view(self, request: HttpRequest) -> HttpResponse:
        """What the brief that is being typed would cost: in a page of its own, and nothing is filed."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "title": "Forecast", "opts": self.opts}
        found = typed_forecast(request.POST, by=actor(request))
        return TemplateResponse(request, "admin/tasks/forecast.html", context | found)

    def replay_view(self, request: HttpRequest, task_id: int) -> HttpResponse:
        """Repeat the newest recorded run as a new task."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        task = get_object_or_404(ContentTask, pk=task_id)
        try:
            repeated = recordings.replay(task, by=actor(request), branch=request.POST.get("branch", ""))
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return redirect("admin:tasks_contenttask_change", task_id)
        self.message_user(request, f"This task repeats run {repeated.replay_run} of task {task_id}.")
        return redirect("admin:tasks_contenttask_change", repeated.pk)

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


def _facts(task: ContentTask) -> list[tuple[str, Any]]:
    """What of a brief was set: what was left at its default says nothing."""
    length = f"{task.target_words:,} {task.unit_of_length}"
    facts: list[tuple[str, Any]] = [
        ("Audience", task.audience), ("Tone", task.tone), ("Style", task.style), ("Length", length),
        ("Language", task.language), ("Category", task.category), ("Tags", ", ".join(task.tags)),
        ("Keywords", ", ".join(task.keywords)), ("Pages of the web", task.web_pages),
    ]  # fmt: skip
    for name, label in LIMITS_IN_WORDS.items():
        value = getattr(task, name)
        if value not in (None, COLUMNS[name].get_default()):
            facts.append((label, value))
    return [(label, value) for label, value in facts if value]


def _record(source: Source) -> dict[str, Any]:
    """A source with its newest document and what was read from it."""
    snapshot = next(iter(list(source.snapshots.all())[-1:]), None)
    reading = next(iter(list(snapshot.readings.all())[-1:]), None) if snapshot else None
    return {"source": source, "snapshot": snapshot, "reading": reading}


def _late(task: ContentTask) -> str:
    if task.lateness is None:
        return ""
    which = "waiting in the queue" if task.breached_stage == QUEUE else f"at {task.breached_stage}"
    return f"Time limit exceeded {which}, {in_words(task.lateness)} late."


def _live_updates_of(task: ContentTask) -> dict[str, Any]:
    """What the page needs to follow the task from the state it shows, and the text from where it begins."""
    begun = task.events.filter(kind=TaskEvent.Kind.TEXT, data__offset=0, seq__lte=task.event_seq)
    text_seq = begun.order_by("-seq").values_list("seq", flat=True).first()
    after = task.event_seq if text_seq is None else text_seq - 1
    return {
        "seq": str(task.event_seq),
        "url": f"{reverse('task-events', args=[task.pk])}?last_event_id={after}",
        "names": json.dumps(dict(Status.choices + Stage.choices)),
    }
