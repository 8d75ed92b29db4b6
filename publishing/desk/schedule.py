"""The page on which a publisher schedules an approved text."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from publishing.desk.clock_times import moments, zones
from publishing.errors import PublishingError, ScheduleConflict
from publishing.models import Schedule
from publishing.schedule import open_schedule, reschedule, schedule, unschedule
from tasks.actor import actor
from tasks.lifecycle import Status
from tasks.models import Draft

may_schedule = permission_required(["tasks.view_draft", "publishing.publish_post"], raise_exception=True)
MORNING = time(9)


class ScheduleForm(forms.Form):
    """A local date and time in a time zone; `moment` is the time that they denote."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    schedule = forms.IntegerField(min_value=1, required=False, widget=forms.HiddenInput)
    date = forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    time = forms.TimeField(widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
    zone = forms.ChoiceField(
        label="Time zone", help_text="The zone of that date and time. Summer time is taken into account."
    )
    which = forms.ChoiceField(
        label="First or second", required=False, choices=[("0", "The first"), ("1", "The second")],
        widget=forms.RadioSelect,
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].choices = [(name, name) for name in zones()]  # type: ignore[attr-defined]
        self.moment: datetime | None = None
        self.is_ambiguous = False

    @classmethod
    def initially(cls, draft: Draft, existing: Schedule | None, user: User) -> ScheduleForm:
        zone = existing.zone if existing and existing.zone in zones() else last_zone(user)
        tomorrow = timezone.now().astimezone(ZoneInfo(zone)) + timedelta(days=1)
        shown = {"date": tomorrow.date(), "time": MORNING}
        if existing:
            local = existing.publish_at.astimezone(ZoneInfo(zone))
            shown = {"date": local.date(), "time": local.time()}
        known = {"version": draft.version, "schedule": existing and existing.pk, "zone": zone}
        return cls(initial=known | shown)

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if not {"date", "time", "zone"} <= values.keys():
            return values
        found = moments(values["date"], values["time"], values["zone"])
        if not found:
            self.add_error(
                "time",
                f"This time does not exist on that day in {values['zone']}, because the clocks go forward. "
                "Choose an earlier or a later one.",
            )
        elif len(found) == 2 and not values.get("which"):
            self.is_ambiguous = True
            first, second = (moment.strftime("UTC%z") for moment in found)
            self.fields["which"].choices = [  # type: ignore[attr-defined]
                ("0", f"The first ({first})"), ("1", f"The second ({second})"),
            ]  # fmt: skip
            self.add_error(
                "which",
                f"This time occurs twice on that day in {values['zone']}, because the clocks go back.",
            )
        else:
            self.moment = found[int(values.get("which") or 0) if len(found) == 2 else 0]
        return values


def last_zone(user: User) -> str:
    """The one that this user used last, or the site's."""
    used = Schedule.objects.filter(by_id=user.pk).order_by("-pk").values_list("zone", flat=True)[:20]
    return next((zone for zone in used if zone in zones()), settings.TIME_ZONE)


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
