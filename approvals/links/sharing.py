"""Making, opening, using and revoking links to one version of a text."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from approvals.audit import chain
from approvals.errors import LinkIsOver, LinkIsUnknown, OpinionIncomplete
from approvals.links.models import MIN_CONCERN_CHARACTERS, Opinion, PreviewLink
from tasks.content import CONTENT_FIELDS, content_sha256
from tasks.models import Draft

SALT = "approvals.links"
DAYS = (1, 3, 7, 14, 30)
DEFAULT_DAYS = 7


@dataclass(frozen=True)
class Opened:
    """A link that leads somewhere, and the one version it leads to: a row of the draft's history."""

    link: PreviewLink
    text: Any


@transaction.atomic
def make_link(
    draft: Draft,
    *,
    version: int,
    by: AbstractBaseUser,
    kind: str = PreviewLink.Kind.PREVIEW,
    person: str = "",
    days: int = DEFAULT_DAYS,
) -> tuple[PreviewLink, str]:
    """Return a new link and its path, which nobody can find out again.

    Raises PermissionDenied, or the history's DoesNotExist when the draft has no such version.
    """
    _require(by, "approvals.add_previewlink", "Only editors make links to drafts.")
    shown = draft.history.get(version=version)
    secret = secrets.token_urlsafe(24)
    link = PreviewLink.objects.create(
        draft=draft,
        version=version,
        content_sha256=shown.content_sha256,
        kind=kind,
        person=person,
        secret_sha256=_hash(secret),
        created_by=by,
        created_by_name=by.get_username(),
        expires_at=timezone.now() + timedelta(days=days),
    )
    _record("created", link, by)
    token = signing.dumps([link.pk, version, secret], salt=SALT)
    return link, reverse("preview", args=[token])


@transaction.atomic
def revoke(link: PreviewLink, *, by: AbstractBaseUser) -> bool:
    """Let the link lead nowhere from now on. False: somebody has revoked it before."""
    _require(by, "approvals.change_previewlink", "Only editors revoke links to drafts.")
    link = PreviewLink.objects.select_for_update().get(pk=link.pk)
    if link.revoked_at is not None:
        return False
    link.revoked_at, link.revoked_by_name = timezone.now(), by.get_username()
    link.save(update_fields=["revoked_at", "revoked_by_name"])
    _record("revoked", link, by)
    return True


def open_link(token: str, *, lock: bool = False) -> Opened:
    """Find what a token leads to. Raises LinkIsUnknown or LinkIsOver.

    `lock` holds the link until the transaction ends, so that of two uses at once one comes after the other.
    """
    try:
        pk, version, secret = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise LinkIsUnknown("This address is not complete, or was never given out.") from None
    links = PreviewLink.objects.select_for_update(of=("self",)) if lock else PreviewLink.objects
    link = links.select_related("draft__task").filter(pk=pk, version=version).first()
    if link is None or not constant_time_compare(link.secret_sha256, _hash(secret)):
        raise LinkIsUnknown("This address is not complete, or was never given out.")
    _require_open(link)
    text = link.draft.history.get(version=link.version)
    if content_sha256({name: getattr(text, name) for name in CONTENT_FIELDS}) != link.content_sha256:
        raise LinkIsOver("The stored text is not the one that this link was made for.", link)
    return Opened(link, text)


@transaction.atomic
def give_opinion(token: str, *, opinion: str, text: str = "") -> Opinion:
    """Record what the person a sign-off link was made for thinks. It decides nothing, and works once.

    Raises LinkIsUnknown, LinkIsOver or OpinionIncomplete; nothing is recorded then.
    """
    link = open_link(token, lock=True).link
    if link.kind != PreviewLink.Kind.SIGN_OFF:
        raise LinkIsUnknown("This link is for reading only.")
    if opinion not in Opinion.Choice.values:
        raise OpinionIncomplete("opinion", "Choose whether you agree or have concerns.")
    text = text.strip()
    if opinion == Opinion.Choice.CONCERNS and len(text) < MIN_CONCERN_CHARACTERS:
        raise OpinionIncomplete(
            "text", f"Say what concerns you, in {MIN_CONCERN_CHARACTERS} characters or more."
        )
    given = Opinion.objects.create(
        link=link,
        draft=link.draft,
        version=link.version,
        content_sha256=link.content_sha256,
        person=link.person,
        opinion=opinion,
        text=text,
    )
    chain.record(
        f"opinion.{opinion}",
        object_type="opinion",
        object_id=given.pk,
        task_id=link.draft.task_id,
        data=_facts(link) | {"text": text},
    )
    return given


def _require_open(link: PreviewLink) -> None:
    given = Opinion.objects.filter(link=link).first()
    if given is not None:
        raise LinkIsOver(
            "This link worked once, and has been used: "
            f"{given.person} {given.get_opinion_display().lower()}, {_zoned(given.given_at)}.",
            link,
        )
    if link.revoked_at is not None:
        raise LinkIsOver(f"This link was withdrawn, {_zoned(link.revoked_at)}.", link)
    if link.is_expired:
        raise LinkIsOver(f"This link ended {_zoned(link.expires_at)}.", link)


def _require(by: AbstractBaseUser, permission: str, sentence: str) -> None:
    if not by.has_perm(permission):  # type: ignore[attr-defined]
        raise PermissionDenied(sentence)


def _record(what: str, link: PreviewLink, by: AbstractBaseUser) -> None:
    chain.record(
        f"previewlink.{what}",
        object_type="previewlink",
        object_id=link.pk,
        task_id=link.draft.task_id,
        by=by,
        data=_facts(link) | {"kind": str(link.kind), "expires_at": link.expires_at.isoformat()},
    )


def _facts(link: PreviewLink) -> dict[str, Any]:
    return {
        "link": link.pk,
        "person": link.person,
        "version": link.version,
        "content_sha256": link.content_sha256,
    }


def _hash(secret: object) -> str:
    return hashlib.sha256(str(secret).encode()).hexdigest()


def _zoned(moment: Any) -> str:
    return f"{timezone.localtime(moment):%-d %B %Y, %H:%M %Z}"
