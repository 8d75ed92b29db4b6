"""The page Models: which models serve which role, what they cost, and whether they answer."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tasks.actor import actor
from tasks.engine import spending
from tasks.model_overview import DAYS, chains, model_states
from tasks.model_test import run_test

MANAGE = "tasks.manage_models"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def models_page(request: HttpRequest) -> HttpResponse:
    """A POST asks one model; its answer is shown here and stored nowhere."""
    by = actor(request)
    if not by.has_perm(MANAGE):
        raise PermissionDenied("Only administrators see how language models are set up.")
    test, problem = None, ""
    if request.method == "POST":
        try:
            test = run_test(request.POST.get("model", ""), by=by)
        except ValidationError as error:
            problem = " ".join(error.messages)
    context = admin.site.each_context(request) | {
        "title": "Models", "chains": chains(), "models": model_states(), "days": DAYS, "test": test,
        "problem": problem, "day": spending.today(),
    }  # fmt: skip
    return render(request, "admin/tasks/models.html", context, status=400 if problem else 200)


urlpatterns = [path("tasks/models/", admin.site.admin_view(models_page), name="tasks_models")]
