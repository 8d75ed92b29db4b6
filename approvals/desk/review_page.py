"""Everything a reviewer needs to see about one draft, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from approvals import queues
from approvals.audit import publications
from approvals.audit.cached import since_last_entry
from approvals.comments.anchors import CommentedText
from approvals.desk.forms import CommentForm
from approvals.diffs.line_diff import FieldDiff, diff_content
from approvals.models import AuditEntry, Decision
from approvals.models.desk import DraftComment
from tasks.content import CONTENT_FIELDS
from tasks.lifecycle import Status
from tasks.live_updates import Update
from tasks.models import ContentTask, Draft, ModelCall, QualityReport
from tasks.pipeline.check_status import CheckStatus
from tasks.version_scores import with_checked_scores

NOT_APPLICABLE = "not applicable"
EVENT_FIELDS = ("version", "history_date", "history_change_reason", "written_by", "checked_score")


@dataclass(frozen=True)
class Quality:
    """The checks of one version, the most important for a reviewer first."""

    report: QualityReport
    is_current: bool

    @property
    def groups(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """By what came of them, most important first; those that had nothing to look at are apart."""
        failed, skipped, passed = str(CheckStatus.FAILED), str(CheckStatus.SKIPPED), str(CheckStatus.PASSED)
        groups: dict[str, list[dict[str, Any]]] = {failed: [], skipped: [], passed: [], NOT_APPLICABLE: []}
        for result in self.report.results:
            applies = result["status"] != skipped or result.get("applies", True)
            groups[result["status"] if applies else NOT_APPLICABLE].append(result)
        groups[failed].sort(key=lambda result: (result["severity"] != "veto", -result.get("points", 0)))
        return list(groups.items())


@dataclass(frozen=True)
class TimelineEvent:
    """One event in a draft's history."""

    at: datetime
    kind: str
    what: str
    by: str = ""
    why: str = ""
    version: int | None = None
    score: int | None = None
    url: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Changes:
    """The differences between two versions."""

    base: int
    reason_for_base: str
    fields: list[FieldDiff] = field(default_factory=list)


def neighbours(draft: Draft, user: User) -> tuple[int | None, int | None]:
    """The drafts before and after this one in the queue of those awaiting approval."""

    def find() -> list[int]:
        rows = queues.awaiting().order_by(*queues.MOST_URGENT)
        return list(rows.values_list("draft__pk", flat=True)[:500])

    waiting: list[int] = since_last_entry("awaiting", user, find)
    if draft.pk not in waiting:
        return None, waiting[0] if waiting else None
    place = waiting.index(draft.pk)
    before = waiting[place - 1] if place else None
    return before, waiting[place + 1] if place + 1 < len(waiting) else None


def quality(draft: Draft, version: int | None = None) -> Quality | None:
    """The report on a version, or the latest before it."""
    version = version or draft.version
    report = draft.quality_reports.filter(version__lte=version).order_by("-version").first()
    return Quality(report, report.version == version) if report else None


def evidence_of(draft: Draft, check: str) -> list[str]:
    """What a check found in the current version; nothing when it passed or has not run yet."""
    report = draft.quality_reports.filter(version=draft.version).first()
    found = report.results if report else []
    return [
        words
        for result in found
        if result["check"] == check and result["status"] == "failed"
        for words in result["evidence"]
    ]


@dataclass(frozen=True)
class Commenting:
    """The comment form, and where it stands: at a paragraph, in a thread, or below the whole text."""

    form: CommentForm
    paragraph: str = ""
    thread: int | None = None
    is_in_resolved: bool = False


def commenting(
    draft: Draft, text: CommentedText, requested: Mapping[str, Any], filled: CommentForm | None
) -> Commenting:
    """The filled form, else an empty one at the requested paragraph or thread."""
    known = {paragraph.sha256 for paragraph in text.paragraphs}
    threads = {str(thread.comment.pk): thread.comment.pk for thread in (*text.open_threads, *text.resolved)}
    start = {
        "version": draft.version,
        "paragraph": requested.get("comment"),
        "parent": requested.get("reply"),
    }
    if start["paragraph"] not in known:
        start["paragraph"] = ""
    if start["parent"] not in threads:
        start["parent"] = ""
    form = filled or CommentForm(initial=start)
    thread = threads.get(str(form["parent"].value() or ""))
    paragraph = form["paragraph"].value()
    is_resolved = any(one.comment.pk == thread for one in text.resolved)
    return Commenting(form, paragraph if paragraph in known and thread is None else "", thread, is_resolved)


def timeline(
    draft: Draft, decisions: Sequence[Decision], comments: Sequence[DraftComment] = ()
) -> list[TimelineEvent]:
    """Versions, transitions, publications, decisions and comments, newest first."""
    rows = with_checked_scores(draft.history.all()).values_list(*EVENT_FIELDS)
    versions = [
        TimelineEvent(at, "version", f"Version {version}", written_by, why or "", version, score)
        for version, at, why, written_by, score in rows
    ]
    object_types = ("contenttask", "update", "publication", "schedule", "assignment", "draftcomment")
    entries = AuditEntry.objects.filter(task_id=draft.task_id, object_type__in=object_types)
    moves = [event for entry in entries if (event := _event_of(entry))]
    decided = [
        TimelineEvent(
            decision.decided_at,
            "decision",
            f"{decision.get_decision_display()} (version {decision.version}, via {decision.via})",
            decision.actor_name,
            " — ".join(
                filter(None, [decision.get_reason_code_display(), decision.reason, _objections_of(decision)])
            ),
        )
        for decision in decisions
    ]
    commented = [
        TimelineEvent(row.created_at, "comment", _comment_event(row), row.author_name, row.text)
        for row in comments
    ]
    return sorted([*versions, *moves, *decided, *commented], key=lambda event: event.at, reverse=True)


def _comment_event(row: DraftComment) -> str:
    what = "Reply" if row.parent_id else "Comment"
    ended = ", deleted" if row.deleted_at else ", edited" if row.edited_at else ""
    return f"{what} on version {row.version}{ended}"


def _objections_of(decision: Decision) -> str:
    """The objections that it was approved despite."""
    texts = " ".join(one["text"] for one in decision.objections or [])
    return f"Confirmed objections: {texts}" if texts else ""


def _event_of(entry: AuditEntry) -> TimelineEvent | None:
    data = entry.data
    why = data.get("why") or data.get("error") or data.get("reason") or ""
    if entry.object_type == "assignment":
        who = data["new"] or "nobody"
        return TimelineEvent(entry.at, "move", f"{data['part'].capitalize()}: {who}", entry.actor_name, why)
    if entry.object_type == "draftcomment":
        return _thread_event(entry)
    if "to" in data:
        return TimelineEvent(entry.at, "move", _moved(entry), entry.actor_name, why)
    if sentence := publications.sentence_of(entry):
        url, sha256 = data.get("address", ""), data["content_sha256"]
        return TimelineEvent(entry.at, "publication", sentence, entry.actor_name, why, url=url, sha256=sha256)
    return None


def _thread_event(entry: AuditEntry) -> TimelineEvent | None:
    """Comments themselves are events already."""
    said = {"comment.resolved": "Comment resolved", "comment.reopened": "Comment opened again"}
    what = said.get(entry.action)
    return TimelineEvent(entry.at, "comment", what, entry.actor_name) if what else None


def changes(
    draft: Draft,
    decisions: Sequence[Decision],
    user: User,
    against: int | None = None,
    comments: Sequence[DraftComment] = (),
) -> Changes | None:
    """The changes since version `against`, or since the most relevant version for this reviewer."""
    base, why = _base(draft, decisions, user, against, comments)
    if base is None:
        return None
    earlier = draft.history.filter(version=base).first()
    if earlier is None:
        return None
    content = {name: getattr(earlier, name) for name in CONTENT_FIELDS}
    return Changes(base, why, diff_content(content, draft.content))


def _base(
    draft: Draft,
    decisions: Sequence[Decision],
    user: User,
    against: int | None,
    comments: Sequence[DraftComment],
) -> tuple[int | None, str]:
    """The version this user last reviewed or commented on; the last decided; the live one; the previous one.

    For an update of a live post the live version comes first: the decision is about the difference to it.
    """
    if against and against != draft.version:
        return against, ""
    mine = [one.version for one in decisions if one.actor_id == user.pk]
    mine += [one.version for one in comments if one.author_id == user.pk]
    live = getattr(draft, "post", None)
    is_live = draft.task.status == Status.PUBLISHED
    candidates: tuple[tuple[list[int], str], ...] = (
        ([live.version] if live and is_live else [], "the live version"),
        (mine, "the version you last reviewed"),
        ([one.version for one in decisions], "the last version decided on"),
        ([live.version] if live else [], "the published version"),
        ([draft.version - 1], "the previous version"),
    )
    for versions, why in candidates:
        earlier = [version for version in versions if version < draft.version]
        if latest := max(earlier, default=0):
            return latest, why
    return None, ""


@dataclass(frozen=True)
class CallCosts:
    calls: list[ModelCall]

    @property
    def cost_usd(self) -> Any:
        """The sum of all priced calls."""
        return sum(call.cost_usd for call in self.calls if call.cost_usd is not None)

    @property
    def unpriced(self) -> int:
        return sum(call.cost_usd is None for call in self.calls)

    @property
    def is_estimated(self) -> bool:
        return any(call.is_estimated for call in self.calls)


def call_costs(task: ContentTask) -> CallCosts:
    return CallCosts(list(task.calls.all()))


def _moved(entry: AuditEntry) -> str:
    if entry.object_type == "update":
        now = Update(entry.data["to"])
        return f"Update of the live post: {now.label.lower() if now else 'live'}"
    return f"{_label(entry.data['from'])} → {_label(entry.data['to'])}"


def _label(status: str) -> str:
    return Status(status).label if status in Status.values else status
