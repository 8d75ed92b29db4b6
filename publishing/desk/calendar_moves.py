"""Moving an entry of the calendar: by a form, and by the same form sent by a script."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from publishing.desk.clock_form import ClockForm, at_clock
from publishing.errors import PublishingError
from publishing.models import Schedule
from publishing.schedule import reschedule
from tasks.actor import actor
from tasks.clock_times import zones
from tasks.due_dates import move_due_date
from tasks.models import ContentTask
from tasks.pipeline.errors import TasksError

MAY_MOVE = {"due": "tasks.change_contenttask", "plan": "publishing.publish_post"}


class EntryMoveForm(ClockForm):
    """The new time, and the old one as it was on the screen."""

    was = forms.CharField(max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        current = timezone.get_current_timezone_name()
        if current not in zones():  # an alias
            self.fields["zone"].choices.insert(0, (current, current))  # type: ignore[attr-defined]

    def clean_was(self) -> datetime:
        try:
            found = parse_datetime(self.cleaned_data["was"])
        except ValueError:
            found = None
        if found is None or timezone.is_naive(found):
            raise ValidationError("The old time is missing: open the calendar again.")
        return found


@dataclass(frozen=True)
class Movable:
    """A task with its due date, or a plan with its time."""

    row: ContentTask | Schedule

    @property
    def moment(self) -> datetime | None:
        return self.row.publish_at if isinstance(self.row, Schedule) else self.row.due_at

    @property
    def title(self) -> str:
        return self.row.draft.title if isinstance(self.row, Schedule) else self.row.topic

    @property
    def what(self) -> str:
        return self.row.get_action_display().lower() if isinstance(self.row, Schedule) else "due date"

    def move(self, to: datetime, *, was: datetime, zone: str, by: User) -> None:
        if isinstance(self.row, Schedule):
            reschedule(self.row, to, zone=zone, by=by, was=was)
        else:
            move_due_date(self.row, to, by=by, was=was)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("tasks.view_draft", raise_exception=True)
def move_entry(request: HttpRequest, what: str, pk: int) -> HttpResponse:
    if what not in MAY_MOVE:
        raise Http404
    if not actor(request).has_perm(MAY_MOVE[what]):
        raise PermissionDenied
    found = _movable(what, pk)
    if request.method != "POST":
        return _page(request, found, _initial(found))
    form = EntryMoveForm(request.POST)
    if not form.is_valid() or form.moment is None:
        return _refuse(request, found, form, 400)
    values = form.cleaned_data
    try:
        found.move(form.moment, was=values["was"], zone=values["zone"], by=actor(request))
    except ValidationError as error:
        form.add_error("date", error.messages)
        return _refuse(request, found, form, 400)
    except (PublishingError, TasksError) as error:
        return _refuse(request, found, form, 409, problem=str(error))
    return _done(request, found, form.moment)


def _movable(what: str, pk: int) -> Movable:
    if what == "due":
        return Movable(get_object_or_404(ContentTask, pk=pk, due_at__isnull=False))
    return Movable(get_object_or_404(Schedule.objects.select_related("draft"), pk=pk))


def _initial(found: Movable) -> EntryMoveForm:
    assert found.moment is not None
    zone = timezone.get_current_timezone_name()
    return EntryMoveForm(initial={"was": found.moment.isoformat(), **at_clock(found.moment, zone)})


def _done(request: HttpRequest, found: Movable, moment: datetime) -> HttpResponse:
    local = timezone.localtime(moment)
    shown = f"{date_format(local, 'l, j F Y, H:i')} {timezone.get_current_timezone_name()}"
    said = f"“{found.title}”: the {found.what} is now {shown}."
    if _wants_json(request):
        return JsonResponse({"message": said})
    messages.success(request, said)
    return redirect(f"{reverse('publishing_desk:calendar')}?{urlencode({'month': f'{local:%Y-%m}'})}")


def _refuse(
    request: HttpRequest, found: Movable, form: EntryMoveForm, status: int, problem: str = ""
) -> HttpResponse:
    if _wants_json(request):
        errors = [message for messages in form.errors.values() for message in messages]
        return JsonResponse({"detail": problem or " ".join(map(str, errors))}, status=status)
    return _page(request, found, form, status=status, problem=problem)


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "") == "application/json"


def _page(
    request: HttpRequest, found: Movable, form: EntryMoveForm, *, status: int = 200, problem: str = ""
) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "is_nav_sidebar_enabled": False,
        "title": f"Move {found.title}",
        "found": found,
        "form": form,
        "problem": problem,
        "zone": timezone.get_current_timezone_name(),
    }
    return render(request, "desk/calendar_move.html", context, status=status)
