"""Two pages more for tests/telemetry_program.py: one that breaks, and one that does not."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def preview(request: HttpRequest, token: str) -> HttpResponse:
    raise ValueError("The preview broke")


def calm(request: HttpRequest) -> HttpResponse:
    return HttpResponse("calm")


urlpatterns = [
    path("preview/<str:token>/", preview),
    path("calm/", calm),
    path("", include("contentpipeline.urls")),
]
