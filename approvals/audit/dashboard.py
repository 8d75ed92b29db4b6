"""The Decisions page: figures for auditors and editors, and the export of what is filtered."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from approvals import queues
from approvals.audit import figures
from approvals.audit.cached import since_last_entry
from approvals.audit.exports import record_export
from approvals.audit.figures import Decided
from approvals.management.commands.audit import formula_safe
from approvals.models import Verdict
from tasks.actor import actor
from tasks.naming import one_of_same

PERMISSIONS = ["approvals.view_auditentry", "approvals.view_decision", "tasks.view_draft"]
DAYS = 90
MAX_ROWS = 10_000
MAX_EXPORTED = 50_000
SHOWN, GROUPS = 50, 15
CHART_WEEKS = 26
COLUMNS = (
    "pk", "decided_at", "verdict", "reason_code", "reason", "actor", "via", "draft", "version",
    "content_sha256", "title", "category", "written_by", "is_by_person", "awaiting_since", "opened_at",
    "hours", "seconds_open",
)  # fmt: skip


def _day() -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    # Within the range that every time zone can express.
    limits = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2200, 1, 1))]
    return forms.DateField(required=False, widget=widget, validators=limits)


class FilterForm(forms.Form):
    """Filters of the figures. Texts match exactly."""

    since, until = _day(), _day()
    author = forms.CharField(required=False, max_length=200, label="Author or model")
    category = forms.CharField(required=False, max_length=100)
    decision = forms.ChoiceField(required=False, label="Verdict", choices=[("", "all"), *Verdict.choices])
    actor = forms.CharField(required=False, max_length=150, label="Decided by")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and since > until:
            self.add_error("until", "The end is before the start: choose a later date, or clear one.")
        return given


class ExportForm(FilterForm):
    format = forms.ChoiceField(choices=[("csv", "CSV"), ("json", "JSON")])


may_audit = permission_required(PERMISSIONS, raise_exception=True)


@never_cache
@require_safe
@may_audit
def dashboard(request: HttpRequest) -> HttpResponse:
    parameters = request.GET or {"since": (timezone.localdate() - timedelta(days=DAYS)).isoformat()}
    form, user = FilterForm(parameters, auto_id="filter_%s"), actor(request)
    wanted = form.cleaned_data if form.is_valid() else None
    overdue = queues.overdue(user)
    listed = overdue.select_related("draft").defer("brief", "draft__body", "draft__citations")
    context = {
        **admin.site.each_context(request),
        "title": "Decisions",
        "form": form,
        "parameters": [(name, value) for name, value in form.data.items() if name in form.fields and value],
        **_figures(wanted, user),
        "quick_seconds": figures.QUICK_SECONDS,
        "overdue_count": overdue.count(),
        "overdue": listed.order_by("status_changed_at")[:GROUPS],
    }
    status = 200 if form.is_valid() else 400
    return TemplateResponse(request, "admin/approvals/audit_dashboard.html", context, status=status)


def _figures(wanted: dict[str, Any] | None, user: User) -> dict[str, Any]:
    """Of the decisions that match; of none for a filter that is invalid. A new one makes them change."""

    def find() -> dict[str, Any]:
        rows = figures.decided(figures.filtered(**wanted)[: MAX_ROWS + 1]) if wanted is not None else []
        has_more, rows = len(rows) > MAX_ROWS, rows[:MAX_ROWS]
        weeks = figures.by_week(rows)[-CHART_WEEKS:]
        return {
            "rows": rows[:SHOWN],
            "count": len(rows),
            "max_rows": MAX_ROWS if has_more else None,
            "verdicts": [(verdict.label, sum(row.verdict == verdict for row in rows)) for verdict in Verdict],
            **_times(rows),
            "groups": _groups(rows),
            "reasons": figures.reasons(rows),
            "quick": [row for row in rows if row.is_quick][:SHOWN],
            "quick_count": sum(row.is_quick for row in rows),
            "opened_count": sum(row.opened_at is not None for row in rows),
            "weeks": weeks,
            "chart": _chart(weeks),
        }

    asked = json.dumps([timezone.get_current_timezone_name(), wanted], default=str)
    key = hashlib.sha256(asked.encode()).hexdigest()
    found: dict[str, Any] = since_last_entry(f"decisions:{key}", user, find)
    return found


@require_POST
@may_audit
def export(request: HttpRequest) -> HttpResponse:
    """The filtered decisions as a file. What is exported, and by whom, is recorded in the chain first."""
    form = ExportForm(request.POST)
    if not form.is_valid():
        return _refused(f"{name}: {' '.join(map(str, errors))}" for name, errors in form.errors.items())
    filters = dict(form.cleaned_data)
    format = filters.pop("format")
    rows = figures.decided(figures.filtered(**filters)[: MAX_EXPORTED + 1])
    if len(rows) > MAX_EXPORTED:
        return _refused([f"since: There are more than {MAX_EXPORTED:,} decisions. Choose fewer days."])
    body = _csv(rows) if format == "csv" else _json(rows)
    record_export(
        "decisions",
        object_type="decision",
        object_id=0,
        by=actor(request),
        via="desk",
        format=format,
        rows=len(rows),
        filter={name: str(value) for name, value in filters.items() if value},
        sha256=hashlib.sha256(body).hexdigest(),
    )
    kind = "text/csv; charset=utf-8" if format == "csv" else "application/json"
    name = f'attachment; filename="decisions.{format}"'
    return HttpResponse(body, kind, headers={"Content-Disposition": name, "Cache-Control": "no-store"})


urlpatterns = [
    path("decisions/", admin.site.admin_view(dashboard), name="audit_dashboard"),
    path("decisions/export/", admin.site.admin_view(export), name="audit_export"),
]


def _refused(lines: Any) -> HttpResponse:
    return HttpResponse("\n".join(["Nothing was exported.", *lines, ""]), "text/plain", status=400)


def _times(rows: Sequence[Decided]) -> dict[str, str]:
    hours = [row.hours for row in rows if row.hours is not None]
    return {
        "median": _in_words(figures.quantile(hours, 0.5)),
        "p90": _in_words(figures.quantile(hours, 0.9)),
    }


def _in_words(hours: float | None) -> str:
    if hours is None:
        return "–"
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} days"


def _groups(rows: Sequence[Decided]) -> list[dict[str, Any]]:
    categories = one_of_same(row.category for row in rows)
    named: dict[str, tuple[str, Callable[[Decided], str]]] = {
        "author": ("By author", lambda row: row.written_by if row.is_by_person else ""),
        "model": ("By model", lambda row: "" if row.is_by_person else row.written_by),
        "category": ("By category", lambda row: categories[row.category]),
        "editor": ("By editor", lambda row: row.actor),
    }
    return [
        {"name": name, "title": title, "shares": figures.shares(rows, of)[:GROUPS]}
        for name, (title, of) in named.items()
    ]


def _chart(weeks: Sequence[Any]) -> dict[str, Any] | None:
    """Position and height of each week's bars, in units of the drawing."""
    if not weeks:
        return None
    height, step, width = 120, 24, 16
    most = max(counts.total() for _, counts in weeks) or 1
    bars = []
    for number, (_, counts) in enumerate(weeks):
        top = float(height)
        for verdict in Verdict:
            tall = round(height * counts[verdict] / most, 1)
            top = round(top - tall, 1)
            if tall:
                bars.append({"x": number * step + 4, "y": top, "height": tall, "verdict": verdict.value})
    return {"bars": bars, "width": len(weeks) * step, "height": height, "bar": width, "most": most}


def _cells(row: Decided) -> dict[str, Any]:
    cells = {name: getattr(row, name) for name in COLUMNS}
    for name in ("decided_at", "awaiting_since", "opened_at"):
        cells[name] = cells[name] and cells[name].isoformat()
    return cells


def _csv(rows: Sequence[Decided]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([formula_safe(cell) for cell in _cells(row).values()])
    return text.getvalue().encode()


def _json(rows: Sequence[Decided]) -> bytes:
    return json.dumps([_cells(row) for row in rows], ensure_ascii=False, indent=1).encode()
