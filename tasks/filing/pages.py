"""The page that files a brief, and what its scripts ask for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

from tasks.actor import actor
from tasks.filing import templates
from tasks.filing.addresses import Address, read_pasted
from tasks.filing.form import BriefForm
from tasks.filing.sources import (
    MAX_PASTED,
    SourceItem,
    address_item,
    file_item,
    given_items,
    items_of,
    may_copy,
    references,
    stage_item,
    stage_text,
)
from tasks.generic_admin import AnyModelAdmin
from tasks.known_names import NameKind, completions, names_to_choose, nearly_same
from tasks.models import ContentTask
from tasks.zoned_times import quick_choices


class FilingPages(AnyModelAdmin):
    """Mixin for the admin of tasks."""

    def get_urls(self) -> list[Any]:
        pages = (
            ("sources/", self.sources_view, "sources"),
            ("names/", require_safe(self.names_view), "names"),
        )
        return [
            *(
                path(route, self.admin_site.admin_view(view), name=f"tasks_contenttask_{name}")
                for route, view, name in pages
            ),
            *super().get_urls(),
        ]

    def sources_view(self, request: HttpRequest) -> HttpResponse:
        """Store files and pasted texts for a brief that is not filed yet, and say what each is."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        if request.method != "POST":
            return JsonResponse({"detail": "Send files, or what was pasted, by POST."}, status=405)
        pasted, given = request.POST.get("pasted", ""), request.POST.get("given", "")
        if len(pasted) > MAX_PASTED or len(given) > MAX_PASTED:
            return JsonResponse({"detail": f"This is longer than {MAX_PASTED:,} characters."}, status=400)
        user = actor(request)
        spare = references(given_items(given, by=user))
        items = [file_item(upload, by=user) for upload in request.FILES.getlist("files")]
        items = [stage_item(item, by=user, spare=spare) for item in items]
        items += _pasted(pasted, user, spare)
        if not items:
            items = given_items(given, by=user)
        return JsonResponse({"items": [item.as_json() for item in items]})

    def names_view(self, request: HttpRequest) -> HttpResponse:
        """Categories or tags that complete what is typed, and one that it is nearly the same as."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        try:
            kind = NameKind(request.GET.get("kind", ""))
        except ValueError:
            return JsonResponse({"detail": f"kind is one of {', '.join(NameKind)}."}, status=400)
        typed = request.GET.get("q", "").replace("\0", "").strip()[:100]
        near = nearly_same(kind, [typed]).get(typed) if typed else None
        names = [{"name": one.name, "uses": one.uses} for one in completions(kind, typed)]
        return JsonResponse({"names": names, "near": near and {"name": near.name, "uses": near.uses}})

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Those of a template or of another brief, where the address names one."""
        initial: dict[str, Any] = dict(super().get_changeform_initial_data(request))
        copied, template = initial.pop("copy", ""), initial.pop("template", "")
        if found := templates.find(template, by=actor(request)):
            return templates.initial_of(found) | initial
        if copied and (task := _task_to_copy(copied, actor(request))):
            given = [item.line for item in items_of(task.sources.all())]
            return templates.fields_of(task) | {"given": "\n".join(given)} | initial
        return initial

    def filing_context(self, form: BriefForm, formsets: Iterable[Any]) -> dict[str, Any]:
        """What the templates need of a form that files or corrects a brief."""
        rows = [row for formset in formsets for row in formset.forms]
        has_texts = any(row.has_changed() or row.errors or row.instance.pk for row in rows)
        return {
            "form": form,
            "groups": [_group(form, name, options["fields"]) for name, options in self.groups],
            "has_texts": has_texts,
            "quick_choices": quick_choices(),
            "name_fields": [(form[kind], names_to_choose(kind)) for kind in NameKind],
        }

    groups: tuple[Any, ...] = ()


def _pasted(pasted: str, user: User, spare: list[str]) -> list[SourceItem]:
    items = []
    for found in read_pasted(pasted):
        item = address_item(found) if isinstance(found, Address) else stage_text(found, by=user, spare=spare)
        spare += references([item])
        items.append(item)
    return items


def _task_to_copy(given: str, user: User) -> ContentTask | None:
    if not (given.isascii() and given.isdigit() and len(given) < 19 and may_copy(user)):
        return None
    return ContentTask.objects.filter(pk=int(given)).first()


def _group(form: BriefForm, title: str, fields: Iterable[Any]) -> dict[str, Any]:
    """A folded group: its fields, and in a line what they are set to."""
    names = [name for line in fields for name in ([line] if isinstance(line, str) else line)]
    bound = [form[name] for name in names if name in form.fields]
    shown = [_in_words(field) for field in bound]
    return {
        "title": title,
        "fields": bound,
        "summary": ", ".join(word for word in shown if word) or "not set",
        "is_open": any(field.errors for field in bound),
    }


def _in_words(field: Any) -> str:
    value = field.value()
    if value in (None, "", []):
        return ""
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    text = UNITS.get(field.name, "{}").format(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


UNITS = {
    "target_words": "{} words",
    "web_pages": "{} pages of the web",
    "priority": "priority {}",
    "timeout_seconds": "at most {} seconds",
    "stage_timeout_seconds": "{} seconds a stage",
    "max_attempts": "{} attempts",
    "budget_usd": "{} US dollars",
    "quality_threshold": "quality {}",
    "max_refinements": "{} refinements",
}
