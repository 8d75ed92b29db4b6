"""A local date and time in a zone that is named, as fields of a form."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone

from publishing.models import Schedule
from publishing.site_identity import current
from tasks.clock_times import moments, zones

MORNING = time(9)


class ClockForm(forms.Form):
    """A local date and time in a time zone; `moment` is the time that they denote."""

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

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if not {"date", "time", "zone"} <= values.keys() or values["date"] is None or values["time"] is None:
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


def clock_values(existing: Schedule | None, user: User) -> dict[str, Any]:
    """Initial values of a ClockForm: the time that is planned, or tomorrow morning."""
    zone = existing.zone if existing and existing.zone in zones() else last_zone(user)
    if existing:
        return at_clock(existing.publish_at, zone)
    tomorrow = timezone.now().astimezone(ZoneInfo(zone)) + timedelta(days=1)
    return {"date": tomorrow.date(), "time": MORNING, "zone": zone}


def at_clock(moment: datetime, zone: str) -> dict[str, Any]:
    local = moment.astimezone(ZoneInfo(zone))
    return {"date": local.date(), "time": local.time(), "zone": zone}


def last_zone(user: User) -> str:
    """The one that this user used last, or the site's."""
    used = Schedule.objects.filter(by_id=user.pk).order_by("-pk").values_list("zone", flat=True)[:20]
    return next((zone for zone in used if zone in zones()), current().time_zone)
