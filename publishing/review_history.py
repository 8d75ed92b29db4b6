"""How a text was approved, as its readers see it: what is on record, and nothing more.

No record shows that a person read a text. That the desk displayed it, and for how long, may be on record.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from approvals.models import Decision, Way
from publishing.models import Post
from publishing.publication_records import PublicationRecords
from tasks.alerts.breaches import in_words

UNKNOWN = "whether anyone read it first is not on record"
WHO: dict[str, str] = {Way.API: "An editor’s account", Way.SEED: "A program"}
HOW: dict[str, str] = {
    Way.API: f", through a program; {UNKNOWN}",
    Way.BULK: f", together with other texts, from a list of titles; {UNKNOWN}",
    Way.SEED: ", for a demonstration; no one read it first",
}
OPENED: dict[str, str] = {Way.REVIEW: "after opening it for review", Way.EDIT: "after opening it for editing"}
OWN = "They had written or last edited it themselves, which its category’s review rule allows."


class ApprovalSummary(NamedTuple):
    """As in: *An editor* *approved exactly this text on* 30 November 2026*, 4 min after opening it.*"""

    who: str
    is_named_editor: bool
    """Whether it is about the person who is named as the post's editor, if one is."""
    did: str
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
        WHO.get(way, "An editor"),
        way != Way.SEED,
        "approved exactly this text on",
        approval.decided_at,
        _how(way, approval.seconds_open),
        OWN if review.get("own") else "",
    )
    return [last, *(_of_another(other) for other in review.get("others", []))]


def _of_another(other: Mapping[str, Any]) -> ApprovalSummary:
    at, how = datetime.fromisoformat(other["at"]), _how(other["way"], other["seconds"])
    return ApprovalSummary(
        "Another editor", False, "approved it too, on", at, how, OWN if other["own"] else ""
    )


def _how(way: str, seconds: float | None) -> str:
    if way in OPENED and seconds is not None:
        after = in_words(timedelta(seconds=seconds)) if seconds >= 1 else "less than a second"
        return f", {after} {OPENED[way]}"
    return HOW.get(way, "")


def _way(decision: Decision) -> str:
    """Of older decisions it is on record only whether they came over the API."""
    return str(decision.way) or (str(Way.API) if decision.via == "api" else "")
