"""Filters of the admin's list of tasks that need no query for their choices."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from tasks.lifecycle import Status
from tasks.models import ContentTask, Worker
from tasks.pipeline.errors import KINDS


class ErrorKindFilter(admin.SimpleListFilter):
    title = "cause of the error"
    parameter_name = "error_kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(KINDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[ContentTask]) -> QuerySet[ContentTask]:
        return queryset.filter(error_kind=self.value()) if self.value() is not None else queryset


class BreachedFilter(admin.SimpleListFilter):
    title = "time limit exceeded"
    parameter_name = "breached"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ContentTask]) -> QuerySet[ContentTask]:
        if self.value() not in {"yes", "no"}:
            return queryset
        return queryset.filter(breached_at__isnull=self.value() == "no")


class WorkerFilter(admin.SimpleListFilter):
    title = "worker"
    parameter_name = "worker"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(worker.pk), f"{worker.pk} ({worker})") for worker in Worker.objects.all()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ContentTask]) -> QuerySet[ContentTask]:
        value = self.value() or ""
        if not (value.isascii() and value.isdigit()):
            return queryset
        # A task that was stopped may still name its last worker.
        return queryset.filter(lease_owner=int(value), status=Status.IN_PROGRESS)
