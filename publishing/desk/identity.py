"""The page on which publishers say how the site presents itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from publishing.desk.identity_forms import MENU_KINDS, IdentityForm, initial_of, moved_rows, typed_rows
from publishing.errors import IdentityChanged, ImageRefused
from publishing.models import Category, Post, SiteIdentity
from publishing.site_identity import current
from publishing.site_identity.actions import MAY_CHANGE, change_identity, stored
from publishing.site_identity.colours import Contrast, Scheme
from publishing.site_identity.logos import store_icon, store_logo
from publishing.site_identity.menu import MAX_ENTRIES, SHIPPED, TypedEntry, as_typed
from tasks.actor import actor
from tasks.form_fields import StagedFileField, delete_staged_files, stage_files

HISTORY = 20
SUGGESTIONS = 200
MOVE = "menu-button"
"""The name of the buttons that change the order of the menu, for browsers without scripts."""


@dataclass(frozen=True)
class MenuRow:
    index: int
    entry: TypedEntry
    errors: list[str]
    is_first: bool
    is_last: bool


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("publishing.view_siteidentity", raise_exception=True)
def identity(request: HttpRequest) -> HttpResponse:
    row, user = stored(), actor(request)
    if request.method != "POST":
        entries = as_typed(row.menu if row else SHIPPED)
        form = IdentityForm(row=row, user=user, initial=initial_of(row, current()), menu_rows=entries)
        return _page(request, form)
    form = IdentityForm(request.POST, request.FILES, row=row, user=user)
    if MOVE in request.POST:
        return _moved(request, form)
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        changed = change_identity(_values(form), by=user, version=form.cleaned_data["version"])
    except IdentityChanged as error:
        return _page(request, form, problem=error, status=409)
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, form, status=400)
    delete_staged_files(form, by=user)
    if changed:
        messages.success(request, "Saved. The site shows it from now on.")
    else:
        messages.info(request, "Nothing was changed.")
    return redirect("publishing_desk:identity")


def _values(form: IdentityForm) -> dict[str, Any]:
    """What is to be saved; stores the pictures first. Raises ValidationError for one that is refused."""
    values = {name: value for name, value in form.cleaned_data.items() if name != "version"}
    values["menu"] = form.entries
    for name, store in (("logo", store_logo), ("icon", store_icon)):
        file, is_removed = values.pop(name), values.pop(f"remove_{name}")
        if file is not None:
            try:
                values[name] = store(file)
            except ImageRefused as error:
                raise ValidationError({name: str(error)}) from None
        elif is_removed:
            values[name] = {}
    return values


def _moved(request: HttpRequest, form: IdentityForm) -> HttpResponse:
    """The form with its menu in another order; nothing is saved, and nothing that was typed is lost."""
    user = actor(request)
    stage_files(form, by=user)
    rows = moved_rows(typed_rows(request.POST), request.POST[MOVE])
    shown = IdentityForm(row=form.row, user=user, initial=request.POST.dict(), menu_rows=rows)
    for name, field in form.fields.items():
        if isinstance(field, StagedFileField):
            shown.fields[name].widget.staged = field.widget.staged
    return _page(request, shown, is_unsaved=True)


def _page(
    request: HttpRequest,
    form: IdentityForm,
    *,
    problem: Exception | None = None,
    is_unsaved: bool = False,
    status: int = 200,
) -> HttpResponse:
    if form.is_bound:
        stage_files(form, by=actor(request))
    row, shown = form.row, current()
    context = admin.site.each_context(request) | {
        "title": "Identity of the site",
        "form": form,
        "groups": _groups(form),
        "menu": _menu(form),
        "menu_kinds": MENU_KINDS,
        "pages": Post.objects.pages().published().only("title", "slug")[:SUGGESTIONS],
        "categories": Category.objects.values_list("name", flat=True)[:SUGGESTIONS],
        "shown": shown,
        "contrasts": [Contrast(shown.accent, Scheme.LIGHT), Contrast(shown.accent_dark, Scheme.DARK)],
        "row": row,
        "past": list(SiteIdentity.history.order_by("-history_id")[:HISTORY]) if row else [],
        "problem": problem,
        "is_unsaved": is_unsaved or form.is_bound,
        "may_change": request.user.has_perm(MAY_CHANGE),
    }
    return render(request, "desk/identity.html", context, status=status)


def _groups(form: IdentityForm) -> dict[str, list[forms.BoundField]]:
    names = {
        "words": ("name", "tagline", "description"),
        "colours": ("accent", "accent_dark"),
        "footer": ("footer_text", "footer_links", "social_links"),
        "place": ("time_zone", "language", "posts_per_page"),
    }
    return {group: [form[name] for name in fields] for group, fields in names.items()}


def _menu(form: IdentityForm) -> list[MenuRow]:
    """The rows that there are, and empty ones to type into."""
    entries, empty = form.menu_rows, TypedEntry("page", "", "")
    amount = min(MAX_ENTRIES, len(entries) + 2)
    return [
        MenuRow(
            index,
            entries[index] if index < len(entries) else empty,
            form.menu_errors.get(index, []),
            is_first=index == 0,
            is_last=index >= len(entries) - 1,
        )
        for index in range(amount)
    ]
