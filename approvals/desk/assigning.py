"""The forms that assign tasks to people: on the review page, a task's page and in a queue. On POST only."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from approvals.assignments import ASSIGN, MAX_AT_ONCE, assign, assign_each
from approvals.desk.forms import AssignmentForm
from approvals.desk.frame import number
from tasks.actor import actor
from tasks.models import ContentTask, Draft

may_assign = permission_required(["tasks.view_contenttask", ASSIGN], raise_exception=True)


@require_POST
@may_assign
def assign_task(request: HttpRequest, task_id: int) -> HttpResponse:
    task = get_object_or_404(ContentTask, pk=task_id)
    form = AssignmentForm(request.POST, by=actor(request))
    if not form.is_valid():
        names = ", ".join(form.errors)
        messages.error(request, f"Nothing was changed: choose the {names} from the list.")
        return _back(request, task)
    try:
        is_changed = assign(task, form.people, by=actor(request))
    except ValidationError as error:
        messages.error(request, f"Nothing was changed. {' '.join(error.messages)}")
        return _back(request, task)
    if is_changed:
        said = [f"{part} {person or 'nobody'}" for part, person in form.people.items()]
        messages.success(request, f"Assigned: {', '.join(said)}.")
    else:
        messages.info(request, "It was assigned so already.")
    return _back(request, task)


@require_POST
@may_assign
def assign_selected(request: HttpRequest) -> HttpResponse:
    """From a queue: the selected tasks. A part that is left as "unchanged" stays as it is."""
    named = {
        part: value for part, value in request.POST.items() if part in {"assignee", "reviewer"} and value
    }
    values = {part: "" if value == "-" else value for part, value in named.items()}
    form = AssignmentForm(values, by=actor(request))
    drafts = [number(value.partition(":")[0]) for value in request.POST.getlist("draft")[:MAX_AT_ONCE]]
    tasks = Draft.objects.filter(pk__in=[pk for pk in drafts if pk]).values_list("task_id", flat=True)
    if not tasks:
        messages.warning(request, "Select the drafts that you want to assign.")
    elif not form.is_valid() or not form.people:
        messages.warning(request, "Nothing was changed: choose an assignee or a reviewer from the lists.")
    else:
        result = assign_each(tasks, form.people, by=actor(request))
        level = messages.WARNING if result.refused else messages.SUCCESS
        messages.add_message(request, level, result.sentence)
    return redirect(_queue(request))


def _queue(request: HttpRequest) -> str:
    found = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(found, None) and found.startswith(reverse("desk:queue"))
    return found if is_ours else reverse("desk:queue")


def _back(request: HttpRequest, task: ContentTask) -> HttpResponse:
    # What was typed elsewhere on the page is still to be sent.
    request.form_is_saved = False  # type: ignore[attr-defined]
    if request.POST.get("from") == "task":
        return redirect("admin:tasks_contenttask_change", task.pk)
    draft = Draft.objects.filter(task=task).only("pk").first()
    if draft is None:
        return redirect("admin:tasks_contenttask_change", task.pk)
    return redirect(f"{reverse('desk:review', args=[draft.pk])}#people")
