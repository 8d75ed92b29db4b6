"""The calendar of what is scheduled: a month as a table, and the same as a list."""

from __future__ import annotations

from calendar import Calendar
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from publishing.desk.clock_times import zones
from publishing.desk.schedule import last_zone
from publishing.models import Schedule

MOST = 500
"""More than that in a month is cut, and said."""
FIRST_YEAR, LAST_YEAR = 2000, 2999


class MonthForm(forms.Form):
    month = forms.DateField(
        required=False,
        input_formats=["%Y-%m"],
        widget=forms.DateInput(format="%Y-%m", attrs={"type": "month"}),
        error_messages={"invalid": "Write a month as 2026-12."},
    )
    zone = forms.ChoiceField(required=False, label="Time zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].choices = [(name, name) for name in zones()]  # type: ignore[attr-defined]

    def clean_month(self) -> date | None:
        month = self.cleaned_data["month"]
        if month and not FIRST_YEAR <= month.year <= LAST_YEAR:
            raise forms.ValidationError(f"Choose a year from {FIRST_YEAR} to {LAST_YEAR}.")
        return month


@require_safe
@permission_required("tasks.view_draft", raise_exception=True)
def calendar(request: HttpRequest) -> HttpResponse:
    asked = MonthForm(request.GET)
    is_usable = asked.is_valid()
    zone = asked.cleaned_data.get("zone") or last_zone(request.user)
    today = timezone.now().astimezone(ZoneInfo(zone)).date()
    month = (asked.cleaned_data.get("month") or today).replace(day=1)
    plans = planned_in(month, zone)
    by_day = defaultdict(list)
    for plan in plans[:MOST]:
        by_day[plan.shown.date()].append(plan)
    context = admin.site.each_context(request) | {
        "is_nav_sidebar_enabled": False,
        "title": f"Calendar: {month:%B %Y}",
        "form": asked if not is_usable else MonthForm({"month": f"{month:%Y-%m}", "zone": zone}),
        "month": month,
        "zone": zone,
        "weeks": _weeks(month, by_day, today),
        "days": sorted(by_day.items()),
        "is_cut": len(plans) > MOST,
        "most": MOST,
        "previous": _link(month - timedelta(days=1), zone),
        "next": _link(month + timedelta(days=31), zone),
    }
    return render(request, "desk/calendar.html", context, status=200 if is_usable else 400)


def planned_in(month: date, zone: str) -> list[Any]:
    """What is to go online in that month as the zone has it, with its time there as `shown`."""
    place = ZoneInfo(zone)
    start = datetime(month.year, month.month, 1, tzinfo=place)
    following = month + timedelta(days=31)
    end = datetime(following.year, following.month, 1, tzinfo=place)
    found = (
        Schedule.objects.open()
        .filter(publish_at__gte=start.astimezone(UTC), publish_at__lt=end.astimezone(UTC))
        .select_related("draft")
        .only("draft__title", "publish_at", "zone", "version", "by_name", "last_error", "attempts")
    )
    plans: list[Any] = list(found[: MOST + 1])
    for plan in plans:
        # Without its zone, or a template would show it in the site's.
        plan.shown = plan.publish_at.astimezone(place).replace(tzinfo=None)
    return plans


def _weeks(month: date, by_day: dict[date, list[Schedule]], today: date) -> list[list[dict[str, Any]]]:
    return [
        [
            {
                "date": day,
                "is_outside": day.month != month.month,
                "is_today": day == today,
                "plans": by_day.get(day, []),
            }
            for day in week
        ]
        for week in Calendar().monthdatescalendar(month.year, month.month)
    ]


def _link(month: date, zone: str) -> dict[str, Any]:
    return {"month": month, "query": urlencode({"month": f"{month:%Y-%m}", "zone": zone})}
