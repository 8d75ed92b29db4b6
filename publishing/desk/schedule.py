"""The page on which a publisher schedules an approved text."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from publishing.desk.clock_form import ClockForm, clock_values
from publishing.errors import PublishingError, ScheduleConflict
from publishing.models import Schedule
from publishing.schedule import open_schedule, reschedule, schedule, unschedule
from tasks.actor import actor
from tasks.lifecycle import Status
from tasks.models import Draft

may_schedule = permission_required(["tasks.view_draft", "publishing.publish_post"], raise_exception=True)


class ScheduleForm(ClockForm):
    """When a text goes online; the version and the schedule are those that were on the screen."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    schedule = forms.IntegerField(min_value=1, required=False, widget=forms.HiddenInput)

    @classmethod
    def initially(cls, draft: Draft, existing: Schedule | None, user: User) -> ScheduleForm:
        known = {"version": draft.version, "schedule": existing and existing.pk}
        return cls(initial=known | clock_values(existing, user))


@require_http_methods(["GET", "HEAD", "POST"])
@may_schedule
def schedule_draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    draft = get_object_or_404(Draft.objects.select_related("task"), pk=draft_id)
    if request.method != "POST":
        return _page(request, draft, ScheduleForm.initially(draft, open_schedule(draft), actor(request)))
    form = ScheduleForm(request.POST)
    if not form.is_valid() or form.moment is None:
        return _page(request, draft, form, status=400)
    try:
        scheduled = _schedule(draft, form, actor(request))
    except ValidationError as error:
        form.add_error("date", error.messages)
        return _page(request, draft, form, status=400)
    except PublishingError as error:
        return _page(request, draft, form, problem=error, status=409)
    messages.success(request, f"Scheduled: {scheduled}.")
    return redirect("desk:review", draft_id)


@require_POST
@may_schedule
def unschedule_draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    draft = get_object_or_404(Draft, pk=draft_id)
    found = open_schedule(draft)
    try:
        if found is None:
            raise ScheduleConflict("This draft is not scheduled.")
        unschedule(found, by=actor(request))
    except ScheduleConflict as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Removed from the schedule. The text remains approved.")
    return redirect("desk:review", draft_id)


def _schedule(draft: Draft, form: ScheduleForm, by: User) -> Schedule:
    values = form.cleaned_data
    assert form.moment is not None
    if values["schedule"]:
        found = get_object_or_404(Schedule, pk=values["schedule"], draft=draft)
        return reschedule(found, form.moment, zone=values["zone"], by=by)
    return schedule(draft, form.moment, zone=values["zone"], by=by, version=values["version"])


def _page(
    request: HttpRequest,
    draft: Draft,
    form: ScheduleForm,
    *,
    problem: Exception | None = None,
    status: int = 200,
) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "is_nav_sidebar_enabled": False,
        "title": f"When to publish {draft.title}",
        "draft": draft,
        "form": form,
        "schedule": open_schedule(draft),
        "problem": problem,
        "can_be_scheduled": draft.task.status == Status.APPROVED,
        "now": timezone.now(),
    }
    return render(request, "desk/schedule.html", context, status=status)
