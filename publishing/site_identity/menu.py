"""The menu of the site: an ordered list of entries that lead to pages, categories, tags and addresses.

An entry has the number of its row, so it stays right when a category is renamed or a page gets another
address; one whose target is gone is not shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext, gettext_noop

from publishing.models import Category, Post, Tag
from publishing.site_identity.links import MAX_LABEL, LabelledLink, checked_address
from tasks.naming import name_key

MAX_ENTRIES = 12
Entry = dict[str, Any]
"""As it is stored: `kind`, `label`, and `id` of the row or `address`."""


class MenuKind(models.TextChoices):
    PAGE = "page", "Page"
    CATEGORY = "category", "Category"
    TAG = "tag", "Tag"
    ADDRESS = "address", "Address"


class TypedEntry(NamedTuple):
    """As people type it: `target` is the slug of a page, the name of a category or tag, or an address."""

    kind: str
    target: str
    label: str


SHIPPED: list[Entry] = [
    {"kind": "address", "address": "/", "label": gettext_noop("Articles")},
    {"kind": "address", "address": "/archive/", "label": gettext_noop("Archive")},
    {"kind": "address", "address": "/about/", "label": gettext_noop("About")},
]
"""The menu of a site whose identity was never edited."""


def parse(typed: TypedEntry) -> Entry:
    """Raises ValidationError naming the field."""
    label, target = (text.replace("\0", "") for text in (typed.label, typed.target))
    label, target = " ".join(label.split()), target.strip()
    if len(label) > MAX_LABEL:
        raise ValidationError({"label": f"The label has over {MAX_LABEL} characters: shorten it."})
    if typed.kind == MenuKind.ADDRESS:
        if not label:
            raise ValidationError({"label": "An address needs a label, which readers see."})
        try:
            return {"kind": typed.kind, "address": checked_address(target), "label": label}
        except ValidationError as error:
            raise ValidationError({"target": error.messages}) from None
    row = _row(typed.kind, target)
    if row is None:
        raise ValidationError({"target": _missing(typed.kind, target)})
    return {"kind": str(typed.kind), "id": row.pk, "label": label}


def as_typed(entries: Iterable[Entry]) -> list[TypedEntry]:
    """For a form. An entry whose target is gone is left out."""
    entries = list(entries)
    rows = _rows(entries)
    typed = []
    for entry in entries:
        row = rows.get((entry["kind"], entry.get("id", 0)))
        if row is None and entry["kind"] != MenuKind.ADDRESS:
            continue
        target = entry["address"] if row is None else row.slug if isinstance(row, Post) else row.name
        typed.append(TypedEntry(entry["kind"], target, entry["label"]))
    return typed


def resolve(entries: Sequence[Entry]) -> tuple[LabelledLink, ...]:
    """What readers see of them; entries that are as shipped have their labels in the active language."""
    rows, links = _rows(entries), []
    for entry in entries:
        if entry["kind"] == MenuKind.ADDRESS:
            label = gettext(entry["label"]) if entry in SHIPPED else entry["label"]
            links.append(LabelledLink(label, entry["address"]))
            continue
        row = rows.get((entry["kind"], entry["id"]))
        if row is not None and (not isinstance(row, Post) or row.is_live):
            links.append(LabelledLink(entry["label"] or str(row), row.get_absolute_url()))
    return tuple(links)


def _row(kind: str, target: str) -> Post | Category | Tag | None:
    if kind == MenuKind.PAGE:
        slug = target.strip("/")
        pages = Post.objects.pages().filter(models.Q(slug=slug) | models.Q(title__iexact=target))
        return pages.order_by("-is_live", "pk").first()
    if kind not in {MenuKind.CATEGORY, MenuKind.TAG}:
        return None
    model: type[Category] | type[Tag] = Category if kind == MenuKind.CATEGORY else Tag
    named = model._default_manager.filter(name=target) or model._default_manager.alias(
        key=name_key("name")
    ).filter(key=name_key(models.Value(target)))
    return named.first()


def _rows(entries: Iterable[Entry]) -> dict[tuple[str, int], Post | Category | Tag]:
    wanted: dict[str, set[int]] = {}
    for entry in entries:
        if "id" in entry:
            wanted.setdefault(entry["kind"], set()).add(entry["id"])
    found: dict[tuple[str, int], Post | Category | Tag] = {}
    for kind, model in ((MenuKind.PAGE, Post), (MenuKind.CATEGORY, Category), (MenuKind.TAG, Tag)):
        if kind in wanted:
            rows: models.QuerySet[Any] = model._default_manager.filter(pk__in=wanted[kind])
            if model is Post:
                rows = rows.only("title", "slug", "is_live", "is_page")
            found |= {(str(kind), row.pk): row for row in rows}
    return found


def _missing(kind: str, target: str) -> str:
    if not target:
        return "Say what it leads to: the address of a page, the name of a category or tag, or an address."
    if kind == MenuKind.PAGE:
        return (
            f"There is no published page “{target}”: publish it first, or enter its address without slashes."
        )
    if kind in {MenuKind.CATEGORY, MenuKind.TAG}:
        return f"There is no {kind} “{target}”: enter the name of one that exists."
    return f"Choose one of {', '.join(MenuKind.values)}."
