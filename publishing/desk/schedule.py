"""The page on which a publisher sets when an approved text goes online. Views parse, call, answer."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from publishing.desk.clock_times import moments, zones
from publishing.errors import PublishingError, ScheduleConflict
from publishing.models import Schedule
from publishing.schedule import open_schedule, reschedule, schedule, unschedule
from tasks.lifecycle import Status
from tasks.models import Draft

may_plan = permission_required(["tasks.view_draft", "publishing.publish_post"], raise_exception=True)
MORNING = time(9)


class PlanForm(forms.Form):
    """A date and a time as the clocks of a place show them. `moment` is what they mean."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    plan = forms.IntegerField(min_value=1, required=False, widget=forms.HiddenInput)
    date = forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    time = forms.TimeField(widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
    zone = forms.ChoiceField(
        label="Time zone", help_text="Whose clocks show that time. Summer time is taken into account."
    )
    which = forms.ChoiceField(
        label="Which of the two", required=False, choices=[("0", "The first"), ("1", "The second")],
        widget=forms.RadioSelect,
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].choices = [(name, name) for name in zones()]  # type: ignore[attr-defined]
        self.moment: datetime | None = None
        self.is_ambiguous = False

    @classmethod
    def about(cls, draft: Draft, plan: Schedule | None, user: AbstractBaseUser) -> PlanForm:
        zone = last_zone(user) if plan is None or plan.zone not in zones() else plan.zone
        when = timezone.now().astimezone(ZoneInfo(zone)) + timedelta(days=1)
        shown = {"date": when.date(), "time": MORNING}
        if plan:
            local = plan.publish_at.astimezone(ZoneInfo(zone))
            shown = {"date": local.date(), "time": local.time()}
        return cls(initial={"version": draft.version, "plan": plan and plan.pk, "zone": zone, **shown})

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if not {"date", "time", "zone"} <= said.keys():
            return said
        found = moments(said["date"], said["time"], said["zone"])
        if not found:
            self.add_error(
                "time",
                f"There is no such time on that day in {said['zone']}: "
                "the clocks are put forward past it. Choose an earlier or a later one.",
            )
        elif len(found) == 2 and not said.get("which"):
            self.is_ambiguous = True
            first, second = (moment.strftime("UTC%z") for moment in found)
            self.fields["which"].choices = [  # type: ignore[attr-defined]
                ("0", f"The first ({first})"), ("1", f"The second ({second})"),
            ]  # fmt: skip
            self.add_error(
                "which",
                f"The clocks in {said['zone']} show this time twice on that day, because they are put back.",
            )
        else:
            self.moment = found[int(said.get("which") or 0) if len(found) == 2 else 0]
        return said


def last_zone(user: AbstractBaseUser) -> str:
    """The one this person used last, or the one of the site."""
    used = Schedule.objects.filter(by_id=user.pk).order_by("-pk").values_list("zone", flat=True)[:20]
    return next((zone for zone in used if zone in zones()), settings.TIME_ZONE)


@require_http_methods(["GET", "HEAD", "POST"])
@may_plan
def plan(request: HttpRequest, draft_id: int) -> HttpResponse:
    draft = get_object_or_404(Draft.objects.select_related("task"), pk=draft_id)
    if request.method != "POST":
        return _page(request, draft, PlanForm.about(draft, open_schedule(draft), request.user))
    form = PlanForm(request.POST)
    if not form.is_valid() or form.moment is None:
        return _page(request, draft, form, status=400)
    try:
        made = _plan(draft, form, request.user)
    except ValidationError as error:
        form.add_error("date", error.messages)
        return _page(request, draft, form, status=400)
    except PublishingError as error:
        return _page(request, draft, form, problem=error, status=409)
    messages.success(request, f"Scheduled: {made}.")
    return redirect("desk:review", draft_id)


@require_POST
@may_plan
def unplan(request: HttpRequest, draft_id: int) -> HttpResponse:
    draft = get_object_or_404(Draft, pk=draft_id)
    found = open_schedule(draft)
    try:
        if found is None:
            raise ScheduleConflict("This draft has no time of publication.")
        unschedule(found, by=request.user)
    except ScheduleConflict as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Taken off the schedule. The approval stands.")
    return redirect("desk:review", draft_id)


def _plan(draft: Draft, form: PlanForm, by: AbstractBaseUser) -> Schedule:
    said = form.cleaned_data
    assert form.moment is not None
    if said["plan"]:
        found = get_object_or_404(Schedule, pk=said["plan"], draft=draft)
        return reschedule(found, form.moment, zone=said["zone"], by=by)
    return schedule(draft, form.moment, zone=said["zone"], by=by, version=said["version"])


def _page(
    request: HttpRequest,
    draft: Draft,
    form: PlanForm,
    *,
    problem: Exception | None = None,
    status: int = 200,
) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "is_nav_sidebar_enabled": False,
        "title": f"When to publish {draft.title}",
        "draft": draft,
        "form": form,
        "plan": open_schedule(draft),
        "problem": problem,
        "can_be_planned": draft.task.status == Status.APPROVED,
        "now": timezone.now(),
    }
    return render(request, "desk/plan.html", context, status=status)
