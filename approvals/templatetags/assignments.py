"""Who writes and who reviews a task, on pages of apps that do not know of this one."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import RequestContext

from approvals.assignments import ASSIGN
from approvals.desk.forms import AssignmentForm
from tasks.models import ContentTask

register = template.Library()


@register.inclusion_tag("desk/_assign.html", takes_context=True)
def assignment_of(context: RequestContext, task: ContentTask) -> dict[str, Any]:
    """The people of a task and, for those who may, the form that changes them: for the task's page."""
    user = context["user"]
    return {
        "task": task,
        "assignment": AssignmentForm(by=user, task=task) if user.has_perm(ASSIGN) else None,
        "on_task_page": True,
        "csrf_token": context.get("csrf_token"),
    }
