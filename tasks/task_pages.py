"""Pages of the admin next to that of a task: repeating its run, and the forecast of a brief."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path

from tasks import recordings
from tasks.actor import actor
from tasks.forecast_pages import typed_forecast
from tasks.generic_admin import AnyModelAdmin
from tasks.models import ContentTask


class TaskPages(AnyModelAdmin):
    def get_urls(self) -> list[Any]:
        replay = path(
            "<int:task_id>/replay/",
            self.admin_site.admin_view(self.replay_view),
            name="tasks_contenttask_replay",
        )
        expected = path(
            "forecast/", self.admin_site.admin_view(self.forecast_view), name="tasks_contenttask_forecast"
        )
        return [replay, expected, *super().get_urls()]

    def forecast_view(self, request: HttpRequest) -> HttpResponse:
        """What the brief that is being typed would cost: in a page of its own, and nothing is filed."""
        if not self.has_add_permission(request) or request.method != "POST":
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "title": "Forecast", "opts": self.opts}
        return TemplateResponse(request, "admin/tasks/forecast.html", context | typed_forecast(request.POST))

    def replay_view(self, request: HttpRequest, task_id: int) -> HttpResponse:
        """Repeat the newest recorded run as a new task."""
        if not self.has_add_permission(request) or request.method != "POST":
            raise PermissionDenied
        task = get_object_or_404(ContentTask, pk=task_id)
        try:
            repeated = recordings.replay(task, by=actor(request), branch=request.POST.get("branch", ""))
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return redirect("admin:tasks_contenttask_change", task_id)
        self.message_user(request, f"This task repeats run {repeated.replay_run} of task {task_id}.")
        return redirect("admin:tasks_contenttask_change", repeated.pk)
