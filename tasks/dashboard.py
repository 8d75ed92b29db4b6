"""The page Work: queue, workers, failures, and buttons to retry or cancel tasks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypedDict, cast
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tasks import bulk
from tasks.actor import actor
from tasks.alerts import breaches, causes
from tasks.alerts.breaches import in_words
from tasks.lifecycle import UNFINISHED, Status
from tasks.metrics import task_metrics
from tasks.models import ContentTask, Incident, Stage
from tasks.pipeline.errors import KINDS

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

VIEW, CHANGE = "tasks.view_contenttask", "tasks.change_contenttask"
MAX_BREACHES = 25
MAX_SELECTED = 500
NAME = "admin:tasks_dashboard"


class Lateness(TypedDict):
    """What `breaches.current` adds to a task."""

    late: timedelta


class BulkMoveForm(forms.Form):
    """What is to be done, why, and to which tasks."""

    CHOSEN, CAUSE, WAITING = "chosen", "cause", "waiting"

    verb = forms.ChoiceField(choices=[("retry", "retry"), ("cancel", "cancel")])
    reason = forms.CharField(required=False, max_length=500)
    which = forms.ChoiceField(choices=[(CHOSEN, CHOSEN), (CAUSE, CAUSE), (WAITING, WAITING)])
    error_kind = forms.CharField(required=False, max_length=40, strip=False)
    message = forms.CharField(required=False, max_length=200, strip=False)
    task = forms.TypedMultipleChoiceField(required=False, coerce=int)

    def __init__(self, data: MultiValueDict[str, Any]) -> None:
        super().__init__(data)
        ids = [given for given in data.getlist("task")[:MAX_SELECTED] if given.isascii() and given.isdigit()]
        self.fields["task"].choices = [(given, given) for given in ids if len(given) < 19]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("verb") == "cancel" and not given.get("reason"):
            self.add_error(
                "reason", "Give a reason: those who filed the tasks need to know why they were cancelled."
            )
        if given.get("which") == self.CHOSEN and not given.get("task"):
            self.add_error("task", "Select at least one task.")
        return given

    def ids(self) -> list[int]:
        """The tasks it is about: failed ones to retry, waiting ones to cancel."""
        given = self.cleaned_data
        if given["which"] == self.CHOSEN:
            return list(given["task"])
        tasks = ContentTask.objects.all()
        if given["which"] == self.CAUSE:
            tasks = causes.tasks_of(given["error_kind"], given["message"])
        status = Status.FAILED if given["verb"] == "retry" else Status.PENDING
        return list(tasks.filter(status=status).order_by("id").values_list("pk", flat=True))


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    now, found = timezone.now(), task_metrics()
    context = {
        **admin.site.each_context(request),
        "title": "Work",
        "now": now,
        "may_change": request.user.has_perm(CHANGE),
        "found": found,
        "statuses": [
            _count(Status(status).label, n, status, status__exact=status)
            for status, n in found["by_status"].items()
        ],
        "stages": [
            _count(Stage(stage).label, n, stage, status__exact=Status.IN_PROGRESS, stage__exact=stage)
            for stage, n in found["by_stage"].items()
        ],
        "without_worker": 0
        if any(worker["is_alive"] for worker in found["workers"])
        else found["waiting"] + found["orphaned"],
        "oldest_waiting": _words(found["oldest_waiting_seconds"]),
        "median": _words(found["median_seconds"]),
        "p95": _words(found["p95_seconds"]),
        "worst_late": _words(found["breaches"]["worst_late_seconds"]),
        "causes": _causes(found["failures"]),
        "has_more_failures": found["by_status"][Status.FAILED] > causes.MAX_LOOKED_AT,
        "looked_at": causes.MAX_LOOKED_AT,
        "breaches": _breaches(now),
        "breaches_url": _list_of(breached="yes"),
        "incidents": list(Incident.objects.filter(closed_at=None)),
    }
    return TemplateResponse(request, "admin/tasks/dashboard.html", context)


@require_POST
def move(request: HttpRequest) -> HttpResponse:
    """Retry or cancel many tasks, each by itself, and report the result."""
    if not request.user.has_perms([VIEW, CHANGE]):
        raise PermissionDenied
    form = BulkMoveForm(request.POST)
    if not form.is_valid():
        request.form_is_refused = ("reason",)  # type: ignore[attr-defined]
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
        return redirect(NAME)
    verb, reason = form.cleaned_data["verb"], form.cleaned_data["reason"]
    result = bulk.move_each(verb, form.ids(), by=actor(request), reason=reason, seconds=bulk.PAGE_SECONDS)
    request.form_is_refused = () if result.done else ("reason",)  # type: ignore[attr-defined]
    has_all = not result.refused and not result.left
    say = messages.success if has_all and result.done else messages.warning
    say(request, result.summary(bulk.VERBS[verb].done))
    return redirect(NAME)


urlpatterns = [
    path("tasks/dashboard/", admin.site.admin_view(never_cache(dashboard)), name="tasks_dashboard"),
    path("tasks/dashboard/move/", admin.site.admin_view(move), name="tasks_dashboard_move"),
]


def _count(label: str, count: int, name: str, **filters: str) -> dict[str, Any]:
    return {"label": label, "count": count, "name": name, "url": _list_of(**filters)}


def _list_of(**filters: str) -> str:
    return f"{reverse('admin:tasks_contenttask_changelist')}?{urlencode(filters)}"


def _words(seconds: float | None) -> str:
    return "–" if seconds is None else in_words(timedelta(seconds=seconds))


def _causes(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every cause with its latest tasks, and where the list shows more of its kind."""
    examples = ContentTask.objects.only("topic", "error", "attempts", "max_attempts", "status_changed_at")
    tasks = examples.in_bulk([task_id for cause in found for task_id in cause["task_ids"]])
    return [
        {
            **cause,
            "label": KINDS.get(cause["error_kind"], cause["error_kind"] or "Unknown"),
            "tasks": [tasks[task_id] for task_id in cause["task_ids"] if task_id in tasks],
            "url": _list_of(status__exact=Status.FAILED, error_kind=cause["error_kind"])
            if cause["error_kind"]
            else _list_of(status__exact=Status.FAILED),
        }
        for cause in found
    ]


def _breaches(now: datetime) -> list[dict[str, Any]]:
    """Of tasks that are not done first, the worst first."""
    is_done = Case(When(status__in=UNFINISHED, then=0), default=1)
    late = cast("QuerySet[WithAnnotations[ContentTask, Lateness]]", breaches.current(now))
    late = late.only("topic", "status", "breached_stage", "breached_at")
    return [
        {"task": task, "stage": task.breached_stage, "late": in_words(task.late)}
        for task in late.order_by(is_done, "-late")[:MAX_BREACHES]
    ]
