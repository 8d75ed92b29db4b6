"""The calendar of scheduled publications: a month as a table, and the same as a list."""

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
from tasks.actor import actor

MOST = 500
"""A month shows no more than this, and says so."""
FIRST_YEAR, LAST_YEAR = 2000, 2999


class MonthForm(forms.Form):
    month = forms.DateField(
        required=False,
        input_formats=["%Y-%m"],
        widget=forms.DateInput(format="%Y-%m", attrs={"type": "month"}),
        error_messages={"invalid": "Enter the month as 2026-12."},
    )
    zone = forms.ChoiceField(required=False, label="Time zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].choices = [(name, name) for name in zones()]  # type: ignore[attr-defined]

    def clean_month(self) -> date | None:
        month: date | None = self.cleaned_data["month"]
        if month and not FIRST_YEAR <= month.year <= LAST_YEAR:
            raise forms.ValidationError(f"Choose a year from {FIRST_YEAR} to {LAST_YEAR}.")
        return month


@require_safe
@permission_required("tasks.view_draft", raise_exception=True)
def calendar(request: HttpRequest) -> HttpResponse:
    asked = MonthForm(request.GET)
    is_usable = asked.is_valid()
    zone = asked.cleaned_data.get("zone") or last_zone(actor(request))
    today = timezone.now().astimezone(ZoneInfo(zone)).date()
    month = (asked.cleaned_data.get("month") or today).replace(day=1)
    schedules = scheduled_in(month, zone)
    by_day = defaultdict(list)
    for schedule in schedules[:MOST]:
        by_day[schedule.shown.date()].append(schedule)
    context = admin.site.each_context(request) | {
        "is_nav_sidebar_enabled": False,
        "title": f"Calendar: {month:%B %Y}",
        "form": asked if not is_usable else MonthForm({"month": f"{month:%Y-%m}", "zone": zone}),
        "month": month,
        "zone": zone,
        "weeks": _weeks(month, by_day, today),
        "days": sorted(by_day.items()),
        "is_truncated": len(schedules) > MOST,
        "most": MOST,
        "previous": _link(month - timedelta(days=1), zone),
        "next": _link(month + timedelta(days=31), zone),
    }
    return render(request, "desk/calendar.html", context, status=200 if is_usable else 400)


def scheduled_in(month: date, zone: str) -> list[Any]:
    """The schedules of that month in that time zone, each with its local time as `shown`."""
    zone_info = ZoneInfo(zone)
    start = datetime(month.year, month.month, 1, tzinfo=zone_info)
    following = month + timedelta(days=31)
    end = datetime(following.year, following.month, 1, tzinfo=zone_info)
    found = (
        Schedule.objects.open()
        .filter(publish_at__gte=start.astimezone(UTC), publish_at__lt=end.astimezone(UTC))
        .select_related("draft")
        .only("draft__title", "publish_at", "zone", "version", "by_name", "last_error", "attempts")
    )
    schedules: list[Any] = list(found[: MOST + 1])
    for schedule in schedules:
        # Naive, or a template would convert it to the site's time zone.
        schedule.shown = schedule.publish_at.astimezone(zone_info).replace(tzinfo=None)
    return schedules


def _weeks(month: date, by_day: dict[date, list[Schedule]], today: date) -> list[list[dict[str, Any]]]:
    return [
        [
            {
                "date": day,
                "is_outside": day.month != month.month,
                "is_today": day == today,
                "schedules": by_day.get(day, []),
            }
            for day in week
        ]
        for week in Calendar().monthdatescalendar(month.year, month.month)
    ]


def _link(month: date, zone: str) -> dict[str, Any]:
    return {"month": month, "query": urlencode({"month": f"{month:%Y-%m}", "zone": zone})}
