"""How a text was approved, as its readers see it: what is on record, and nothing more.

No record shows that a person read a text. That the desk displayed it, and for how long, may be on record.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from approvals.models import Decision, Way
from publishing.models import Post
from publishing.publication_records import PublicationRecords
from tasks.alerts.breaches import in_words

WHO: dict[str, str | Promise] = {
    Way.API: gettext_lazy("An editor’s account"),
    Way.SEED: gettext_lazy("A program"),
}
HOW: dict[str, str | Promise] = {
    Way.API: gettext_lazy(", through a program; whether anyone read it first is not on record"),
    Way.BULK: gettext_lazy(
        ", together with other texts, from a list of titles; whether anyone read it first is not on record"
    ),
    Way.SEED: gettext_lazy(", for a demonstration; no one read it first"),
}
OPENED: dict[str, str | Promise] = {
    Way.REVIEW: gettext_lazy(", {duration} after opening it for review"),
    Way.EDIT: gettext_lazy(", {duration} after opening it for editing"),
}
OWN = gettext_lazy("They had written or last edited it themselves, which its category’s review rule allows.")


class ApprovalSummary(NamedTuple):
    """As in: *An editor* approved exactly this text on 30 November 2026*, 4 min after opening it*."""

    sentence: str
    """With the places {who}, {at} and {how}, in the order of the language."""
    who: str
    is_named_editor: bool
    """Whether it is about the person who is named as the post's editor, if one is."""
    at: datetime
    how: str
    more: str


def of(records: PublicationRecords, approval: Decision) -> dict[str, Any]:
    """What `Post.provenance` says of a text's approvals in addition to the last one itself."""
    others = [one for one in reversed(records.approvals) if one.actor_id != approval.actor_id]
    return {
        "own": records.is_their_own(approval.actor_id),
        "confirmed": [one["kind"] for one in approval.objections or []] if approval.via == "admin" else [],
        "others": [
            {
                "at": one.decided_at.isoformat(),
                "way": _way(one),
                "seconds": one.seconds_open,
                "own": records.is_their_own(one.actor_id),
            }
            for one in others
        ],
    }


def approval_summaries(post: Post) -> list[ApprovalSummary]:
    """One for each approval; first the one that put this text online."""
    approval, review = post.approval, post.provenance.get("review", {})
    way = _way(approval)
    last = ApprovalSummary(
        _("{who} approved exactly this text on {at}{how}."),
        str(WHO.get(way) or _("An editor")),
        way != Way.SEED,
        approval.decided_at,
        _how(way, approval.seconds_open),
        str(OWN) if review.get("own") else "",
    )
    return [last, *(_of_another(other) for other in review.get("others", []))]


def _of_another(other: Mapping[str, Any]) -> ApprovalSummary:
    at, how = datetime.fromisoformat(other["at"]), _how(other["way"], other["seconds"])
    return ApprovalSummary(
        _("{who} approved it too, on {at}{how}."),
        _("Another editor"),
        False,
        at,
        how,
        str(OWN) if other["own"] else "",
    )


def _how(way: str, seconds: float | None) -> str:
    if way in OPENED and seconds is not None:
        day = pgettext("unit of time", "d")
        duration = in_words(timedelta(seconds=seconds), day) if seconds >= 1 else _("less than a second")
        return str(OPENED[way]).format(duration=duration)
    return str(HOW.get(way, ""))


def _way(decision: Decision) -> str:
    """Of older decisions it is on record only whether they came over the API."""
    return str(decision.way) or (str(Way.API) if decision.via == "api" else "")
