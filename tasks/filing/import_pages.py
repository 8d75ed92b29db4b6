"""Importing briefs from a CSV file: it is stored until they are filed, corrections included."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from tasks import uploads
from tasks.actor import actor
from tasks.filing import csv_import
from tasks.filing.csv_import import CsvTable, CsvUnreadable
from tasks.generic_admin import AnyModelAdmin
from tasks.models import StagedUpload

_CELL = re.compile(r"cell-(\d{1,4})-([a-z_]{1,40})")


class ImportPages(AnyModelAdmin):
    """Mixin for the admin of tasks."""

    def get_urls(self) -> list[Any]:
        pages = (
            ("import/", require_http_methods(["GET", "HEAD", "POST"])(self.import_view), "import"),
            ("import/template.csv", require_safe(self.example_view), "example"),
        )
        return [
            *(
                path(route, self.admin_site.admin_view(view), name=f"tasks_contenttask_{name}")
                for route, view, name in pages
            ),
            *super().get_urls(),
        ]

    def example_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        response = HttpResponse(csv_import.example(), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="briefs.csv"'
        return response

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Upload a file; look at its rows and correct them; file them."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        upload = uploads.staged(request.GET.get("upload", ""), by=actor(request))
        if request.method == "POST" and (request.FILES.get("file") or request.POST.get("pasted", "").strip()):
            return self._uploaded(request)
        if upload is None:
            error = ""
            if request.GET.get("upload"):
                error = "The file is no longer stored, or its briefs are filed: choose it again."
            elif request.method == "POST":
                error = "Choose a file, or paste rows of a spreadsheet."
            return self._import_page(request, {"error": error}, 400 if error else 200)
        if request.method == "POST":
            return self._corrected(request, upload)
        return self._preview(request, upload)

    def _uploaded(self, request: HttpRequest) -> HttpResponse:
        chosen = request.FILES.get("file")
        name = (chosen.name if chosen else "") or "pasted.csv"
        data = (
            chosen.read(csv_import.MAX_BYTES + 1)
            if chosen
            else request.POST.get("pasted", "").encode(errors="replace")
        )
        try:
            table = csv_import.read_table(data)
        except CsvUnreadable as error:
            return self._import_page(request, {"error": f"{name}: {error}"}, 400)
        row = uploads.stage(SimpleUploadedFile(name, data), by=actor(request))
        if row is None:
            return self._import_page(request, {"error": f"{name}: the file is empty."}, 400)
        if table.ignored:
            self.message_user(
                request, f"Ignored columns: {', '.join(table.ignored)[:500]}.", messages.WARNING
            )
        return _to(row)

    def _corrected(self, request: HttpRequest, upload: StagedUpload) -> HttpResponse:
        """Store the corrections, and file if that was asked for."""
        table = _table(upload)
        cells = {
            (int(match[1]), match[2]): str(value).strip()
            for name, value in request.POST.items()
            if (match := _CELL.fullmatch(name))
        }
        if cells:
            table = table.with_cells(cells)
            uploads.change(upload, table.as_bytes())
        if "_file" not in request.POST:
            return _to(upload)
        only_right = request.POST.get("mode") != "all"
        try:
            filed = csv_import.file_rows(upload, table, only_right=only_right, by=actor(request))
        except CsvUnreadable as error:
            self.message_user(request, str(error), messages.ERROR)
            return _to(upload)
        count = len(filed)
        left = len(table.rows) - count
        text = f"{count} brief{'s were' if count != 1 else ' was'} filed."
        if left:
            text += f" {left} with mistakes {'were' if left != 1 else 'was'} left out."
        self.message_user(request, text, messages.SUCCESS)
        if count == 1:
            return redirect("admin:tasks_contenttask_change", filed[0].pk)
        return redirect("admin:tasks_contenttask_changelist")

    def _preview(self, request: HttpRequest, upload: StagedUpload) -> HttpResponse:
        table = _table(upload)
        rows = csv_import.check(table)
        labels = {name: _label(name) for name in table.columns}
        shown = [
            {"row": row, "cells": [(name, labels[name], row.cells[name], row.errors.get(name, ""))
                                   for name in table.columns]}
            for row in rows
        ]  # fmt: skip
        mistakes = [
            (row.number, labels[name], name, text) for row in rows for name, text in row.errors.items()
        ]
        context = {
            "upload": upload, "labels": labels, "rows": shown, "mistakes": mistakes,
            "right": sum(not row.errors for row in rows), "wrong": sum(bool(row.errors) for row in rows),
            "zone": timezone.get_current_timezone_name(),
        }  # fmt: skip
        return self._import_page(request, context)

    def _import_page(self, request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
        shared = {
            **self.admin_site.each_context(request), "title": "Import briefs", "opts": self.opts,
            "columns": [(name, _label(name)) for name in csv_import.IMPORTED],
            "max_rows": csv_import.MAX_ROWS, "pasted": request.POST.get("pasted", ""),
        }  # fmt: skip
        return TemplateResponse(
            request, "admin/tasks/contenttask/import.html", shared | context, status=status
        )


def _table(upload: StagedUpload) -> CsvTable:
    return csv_import.read_table(bytes(upload.data))


def _label(name: str) -> str:
    return {"due_at": "Due", "run_after": "Not before", "budget_usd": "Budget in US dollars"}.get(
        name, name.replace("_", " ").capitalize()
    )


def _to(upload: StagedUpload) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('admin:tasks_contenttask_import')}?upload={upload.pk}")
