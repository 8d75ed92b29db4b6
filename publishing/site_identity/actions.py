"""Changing the identity of the site: one transaction, with its history and an entry in the audit chain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from publishing.cache_invalidation import notify_site_changed
from publishing.errors import IdentityChanged
from publishing.models import SiteIdentity
from publishing.models.site_identity import is_colour
from publishing.site_identity.colours import Contrast, Scheme, nearest_readable
from publishing.site_identity.current import discard
from tasks.pipeline.text.dialect import CONTROL_CHARACTERS

FIELDS = (
    "name", "tagline", "description", "logo", "icon", "accent", "accent_dark", "menu", "footer_text",
    "footer_links", "social_links", "time_zone", "language", "posts_per_page",
)  # fmt: skip
MAY_CHANGE = "publishing.change_siteidentity"


def stored() -> SiteIdentity | None:
    return SiteIdentity.objects.filter(pk=SiteIdentity.ONLY).first()


@transaction.atomic
def change_identity(values: Mapping[str, Any], *, by: User, version: int) -> list[str]:
    """Save `values`, some of FIELDS, and return the names of those that changed.

    `version` is that of the row on the screen, 0 if there was none. Raises PermissionDenied, ValidationError
    naming the field, and IdentityChanged when someone else was faster.
    """
    if not by.has_perm(MAY_CHANGE):
        raise PermissionDenied("Only publishers can change the identity of the site.")
    row = SiteIdentity.objects.select_for_update().filter(pk=SiteIdentity.ONLY).first()
    if (row.version if row else 0) != version:
        who = row.changed_by_name if row else "someone"
        raise IdentityChanged(
            f"Nothing was saved: {who} changed the identity of the site since you opened this page. "
            "Compare what is there now with what you entered, then save again."
        )
    is_new = row is None
    row = row or SiteIdentity(pk=SiteIdentity.ONLY)
    values = _with_dark_accent(_without_control_characters(values))
    changed = [name for name in FIELDS if name in values and (is_new or getattr(row, name) != values[name])]
    if not changed:
        return []
    for name in changed:
        setattr(row, name, values[name])
    _check(row)
    row.version += 1
    row.changed_by, row.changed_by_name = by, by.get_username()
    row._history_user, row._change_reason = by, _reason(row, changed)
    row.save(force_insert=is_new)
    notify_site_changed()
    discard()
    transaction.on_commit(discard)
    return changed


def _reason(row: SiteIdentity, changed: list[str]) -> str:
    if row.version == 1:
        return "saved it for the first time"
    return "changed: " + ", ".join(name.replace("_", " ") for name in changed)


def derived_accent(accent: str) -> str:
    """For dark backgrounds, of one that was chosen for light ones."""
    return nearest_readable(accent, Scheme.DARK) if accent else ""


def unreadable_accents(accent: str, accent_dark: str) -> list[Contrast]:
    """Those of the two that cannot be read on their backgrounds; an empty one is derived or shipped."""
    given = ((accent, Scheme.LIGHT), (accent_dark, Scheme.DARK))
    shown = [Contrast(colour, scheme) for colour, scheme in given if colour]
    return [one for one in shown if not one.is_enough]


def _without_control_characters(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Nobody sees them, and no feed can hold them."""
    return {
        name: CONTROL_CHARACTERS.sub("", value) if isinstance(value, str) else value
        for name, value in values.items()
    }


def _with_dark_accent(values: Mapping[str, Any]) -> Mapping[str, Any]:
    accent, accent_dark = values.get("accent"), values.get("accent_dark")
    if not accent or accent_dark:
        return values
    try:
        is_colour(accent)
    except ValidationError as error:
        raise ValidationError({"accent": error.messages}) from None
    return {**values, "accent_dark": derived_accent(accent)}


def _check(row: SiteIdentity) -> None:
    row.full_clean(exclude={"changed_by", "changed_by_name"}, validate_unique=False)
    problems = {
        "accent" if one.scheme == Scheme.LIGHT else "accent_dark": sentence_of(one)
        for one in unreadable_accents(row.accent, row.accent_dark)
    }
    if problems:
        raise ValidationError(problems)


def sentence_of(one: Contrast) -> str:
    """What is wrong with a colour, and which to use instead."""
    nearest = Contrast(nearest_readable(one.colour, one.scheme), one.scheme)
    return (
        f"The contrast of {one.colour} with the {one.scheme} background is {one.figure}:1; "
        "links need 4.5:1. "
        f"The nearest colour that can be read is {nearest.colour}, with {nearest.figure}:1."
    )
