"""Creating, opening, using and revoking links to one version of a text."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from approvals.audit import chain
from approvals.errors import FeedbackIncomplete, LinkEnded, LinkUnknown
from approvals.links.models import MIN_CONCERN_CHARACTERS, PreviewLink, SignOffFeedback
from tasks.content import CONTENT_FIELDS, content_sha256
from tasks.localized_dates import minute
from tasks.models import Draft

SALT = "approvals.links"
DAYS = (1, 3, 7, 14, 30)
DEFAULT_DAYS = 7


@dataclass(frozen=True)
class OpenedLink:
    """A link that works, and the version that it shows: a row of the draft's history."""

    link: PreviewLink
    text: Any


@transaction.atomic
def make_link(
    draft: Draft,
    *,
    version: int,
    by: User,
    kind: str = PreviewLink.Kind.PREVIEW,
    person: str = "",
    days: int = DEFAULT_DAYS,
) -> tuple[PreviewLink, str]:
    """Return a new link and its path, which cannot be recovered later.

    Raises PermissionDenied, or the history's DoesNotExist when the draft has no such version.
    """
    _require(by, "approvals.add_previewlink", "Only editors can create links to drafts.")
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
def revoke(link: PreviewLink, *, by: User) -> bool:
    """Make the link stop working. False when it was already revoked."""
    _require(by, "approvals.change_previewlink", "Only editors can revoke links to drafts.")
    link = PreviewLink.objects.select_for_update().get(pk=link.pk)
    if link.revoked_at is not None:
        return False
    link.revoked_at, link.revoked_by_name = timezone.now(), by.get_username()
    link.save(update_fields=["revoked_at", "revoked_by_name"])
    _record("revoked", link, by)
    return True


def open_link(token: str, *, lock: bool = False) -> OpenedLink:
    """Find what a token shows. Raises LinkUnknown or LinkEnded.

    `lock` locks the link until the transaction ends, so that concurrent uses come one after the other.
    """
    try:
        pk, version, secret = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise LinkUnknown(_("This address is incomplete or was never issued.")) from None
    links = PreviewLink.objects.select_for_update(of=("self",)) if lock else PreviewLink.objects
    link = links.select_related("draft__task").filter(pk=pk, version=version).first()
    if link is None or not constant_time_compare(link.secret_sha256, _hash(secret)):
        raise LinkUnknown(_("This address is incomplete or was never issued."))
    _require_open(link)
    text = link.draft.history.get(version=link.version)
    if content_sha256({name: getattr(text, name) for name in CONTENT_FIELDS}) != link.content_sha256:
        raise LinkEnded(_("The stored text is not the one that this link was created for."), link)
    return OpenedLink(link, text)


@transaction.atomic
def give_feedback(token: str, *, choice: str, text: str = "") -> SignOffFeedback:
    """Record the feedback of the person for whom a sign-off link was created. Works once, decides nothing.

    Raises LinkUnknown, LinkEnded or FeedbackIncomplete; nothing is recorded then.
    """
    link = open_link(token, lock=True).link
    if link.kind != PreviewLink.Kind.SIGN_OFF:
        raise LinkUnknown(_("This link is for reading only."))
    if choice not in SignOffFeedback.Choice.values:
        raise FeedbackIncomplete("opinion", _("Choose whether you agree or have concerns."))
    text = text.strip()
    if choice == SignOffFeedback.Choice.CONCERNS and len(text) < MIN_CONCERN_CHARACTERS:
        sentence = _("Describe your concerns in {number} characters or more.")
        raise FeedbackIncomplete("text", sentence.format(number=MIN_CONCERN_CHARACTERS))
    given = SignOffFeedback.objects.create(
        link=link,
        draft=link.draft,
        version=link.version,
        content_sha256=link.content_sha256,
        person=link.person,
        choice=choice,
        text=text,
    )
    chain.record(
        f"opinion.{choice}",
        object_type="opinion",
        object_id=given.pk,
        task_id=link.draft.task_id,
        data=_facts(link) | {"text": text},
    )
    return given


def _require_open(link: PreviewLink) -> None:
    given = SignOffFeedback.objects.filter(link=link).first()
    if given is not None:
        sentence = (
            _("This link could be used once, and has been used: {person} agrees, {date}.")
            if given.choice == SignOffFeedback.Choice.AGREE
            else _("This link could be used once, and has been used: {person} has concerns, {date}.")
        )
        raise LinkEnded(sentence.format(person=given.person, date=minute(given.given_at)), link)
    if link.revoked_at is not None:
        raise LinkEnded(_("This link was revoked on {date}.").format(date=minute(link.revoked_at)), link)
    if link.is_expired:
        raise LinkEnded(_("This link expired on {date}.").format(date=minute(link.expires_at)), link)


def _require(by: User, permission: str, sentence: str) -> None:
    if not by.has_perm(permission):
        raise PermissionDenied(sentence)


def _record(what: str, link: PreviewLink, by: User) -> None:
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
