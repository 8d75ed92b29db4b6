"""The public statement of how a text was approved: what is on record, and nothing more.

No record shows that a person read a text. That the desk displayed it, and for how long, may be on record.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from approvals.models import Decision, Way
from approvals.rules import approvals_of, is_their_own
from publishing.models import Post
from tasks.alerts.breaches import in_words
from tasks.models import Draft

UNKNOWN = "whether anybody read it before is not on record"
WHO: dict[str, str] = {Way.API: "An editor’s account", Way.SEED: "A program"}
HOW: dict[str, str] = {
    Way.API: f", through a program; {UNKNOWN}",
    Way.BULK: f", together with other texts, from a list of titles; {UNKNOWN}",
    Way.SEED: ", for a demonstration; nobody read it before",
}
OPENED: dict[str, str] = {Way.REVIEW: "after opening it for review", Way.EDIT: "after opening it for editing"}
OWN = "They had written or last edited it themselves, which the rule of its category allows."


class Sentence(NamedTuple):
    """As in: *An editor* *approved exactly this text on* 30 November 2026*, 4 min after opening it.*"""

    who: str
    is_who_answers: bool
    """Whether it is about the person named as the post's editor."""
    did: str
    at: datetime
    how: str
    more: str


def of(draft: Draft, approval: Decision) -> dict[str, Any]:
    """What `Post.making` keeps of the approvals of a text besides the last one itself."""
    others = approvals_of(draft).exclude(actor_id=approval.actor_id).order_by("id")
    return {
        "own": is_their_own(draft, approval.actor_id),
        "confirmed": [one["kind"] for one in approval.objections or []] if approval.via == "admin" else [],
        "others": [
            {
                "at": one.decided_at.isoformat(),
                "way": _way(one),
                "seconds": one.seconds_open,
                "own": is_their_own(draft, one.actor_id),
            }
            for one in others
        ],
    }


def sentences(post: Post) -> list[Sentence]:
    """One for each approval, the one that put this text online first."""
    approval, review = post.approval, post.making.get("review", {})
    way = _way(approval)
    last = Sentence(
        WHO.get(way, "An editor"),
        way != Way.SEED,
        "approved exactly this text on",
        approval.decided_at,
        _how(way, approval.seconds_open),
        OWN if review.get("own") else "",
    )
    return [last, *(_of_another(other) for other in review.get("others", []))]


def _of_another(other: Mapping[str, Any]) -> Sentence:
    at, how = datetime.fromisoformat(other["at"]), _how(other["way"], other["seconds"])
    return Sentence("Another editor", False, "approved it too, on", at, how, OWN if other["own"] else "")


def _how(way: str, seconds: float | None) -> str:
    if way in OPENED and seconds is not None:
        after = in_words(timedelta(seconds=seconds)) if seconds >= 1 else "less than a second"
        return f", {after} {OPENED[way]}"
    return HOW.get(way, "")


def _way(decision: Decision) -> str:
    """Older decisions say only that they came over the API, where they did."""
    return str(decision.way) or (str(Way.API) if decision.via == "api" else "")
