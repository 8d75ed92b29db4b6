"""The calendar: due dates, plans and published posts, by month or by week."""

from __future__ import annotations

from calendar import Calendar
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from approvals.assignments import assignable
from publishing.desk.calendar_entries import LABELS, MOST, CalendarEntry, EntryFilter, entries_between
from publishing.models import Category
from tasks.actor import actor
from tasks.zoned_times import zone_in_words

FIRST_YEAR, LAST_YEAR = 2000, 2999
UNFOLDED = {"month": 4, "week": 30}
"""Entries of a day that are shown at once; the others are folded."""
MOST_NAMES = 300


class CalendarForm(forms.Form):
    """Which days, and which entries of these."""

    month = forms.DateField(
        required=False, input_formats=["%Y-%m"], error_messages={"invalid": "Enter the month as 2026-12."},
        widget=forms.DateInput(format="%Y-%m", attrs={"type": "month"}),
    )  # fmt: skip
    week = forms.DateField(
        required=False, input_formats=["%Y-%m-%d"], label="Week of",
        error_messages={"invalid": "Enter a day of the week as 2026-12-31."},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    assignee = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="Everyone")
    category = forms.CharField(
        required=False, max_length=100, widget=forms.TextInput(attrs={"list": "category-names"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = {person.pk for part in assignable().values() for person in part}
        self.fields["assignee"].queryset = User.objects.filter(pk__in=people).order_by(  # type: ignore[attr-defined]
            "username"
        )

    def clean_month(self) -> date | None:
        return self._in_range("month")

    def clean_week(self) -> date | None:
        return self._in_range("week")

    def _in_range(self, field: str) -> date | None:
        day: date | None = self.cleaned_data[field]
        if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise forms.ValidationError(f"Choose a year from {FIRST_YEAR} to {LAST_YEAR}.")
        return day


@require_safe
@permission_required("tasks.view_draft", raise_exception=True)
def calendar(request: HttpRequest) -> HttpResponse:
    form = CalendarForm(request.GET)
    is_usable = form.is_valid()
    asked = form.cleaned_data if is_usable else {}
    today = timezone.localdate()
    view = "week" if asked.get("week") else "month"
    chosen = asked.get("week") or (asked.get("month") or today).replace(day=1)
    weeks = _weeks(chosen, view)
    wanted = EntryFilter(asked.get("assignee"), (asked.get("category") or "").strip())
    entries, is_truncated = entries_between(weeks[0][0], weeks[-1][-1], wanted, actor(request))
    context = admin.site.each_context(request) | {
        "is_nav_sidebar_enabled": False,
        "title": f"Calendar: {chosen:%B %Y}",
        "form": form,
        "view": view,
        "chosen": chosen,
        "zone": zone_in_words(timezone.get_current_timezone_name()),
        "days": _days(weeks, entries, today, chosen, view),
        "weekdays": weeks[0],
        "is_empty": not entries,
        "is_truncated": is_truncated,
        "most": MOST,
        "labels": LABELS.items(),
        "categories": Category.objects.values_list("name", flat=True)[:MOST_NAMES],
        **_links(chosen, view, today, wanted),
    }
    return render(request, "desk/calendar.html", context, status=200 if is_usable else 400)


def _weeks(chosen: date, view: str) -> list[list[date]]:
    if view == "month":
        return Calendar().monthdatescalendar(chosen.year, chosen.month)
    monday = chosen - timedelta(days=chosen.weekday())
    return [[monday + timedelta(days=ahead) for ahead in range(7)]]


def _days(
    weeks: list[list[date]], entries: list[CalendarEntry], today: date, chosen: date, view: str
) -> list[dict[str, Any]]:
    by_day = defaultdict(list)
    for entry in entries:
        by_day[timezone.localtime(entry.moment).date()].append(entry)
    unfolded = UNFOLDED[view]
    return [
        {
            "date": day,
            "is_outside": view == "month" and day.month != chosen.month,
            "is_today": day == today,
            "entries": by_day[day][:unfolded],
            "folded": by_day[day][unfolded:],
        }
        for week in weeks
        for day in week
    ]


def _links(chosen: date, view: str, today: date, wanted: EntryFilter) -> dict[str, str]:
    """Queries of the neighbouring spans, of today, and of the other view."""
    asked = {"assignee": wanted.assignee.pk if wanted.assignee else "", "category": wanted.category}
    filters: dict[str, Any] = {name: value for name, value in asked.items() if value}

    def month(day: date) -> str:
        return urlencode({"month": f"{day:%Y-%m}", **filters})

    def week(day: date) -> str:
        return urlencode({"week": f"{day:%Y-%m-%d}", **filters})

    if view == "week":
        around = {"previous": week(chosen - timedelta(days=7)), "next": week(chosen + timedelta(days=7))}
    else:
        around = {"previous": month(chosen - timedelta(days=1)), "next": month(chosen + timedelta(days=31))}
    is_now = (chosen.year, chosen.month) == (today.year, today.month)
    return around | {
        "now": week(today) if view == "week" else month(today),
        "as_month": month(chosen),
        "as_week": week(chosen if view == "week" or not is_now else today),
    }
