"""What an editor can ask a model for: one paragraph again, titles, a shorter passage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from tasks.actions import edit_draft, require_may_edit
from tasks.engine import wakeups
from tasks.errors import NoModel, ProposalOutdated, TransitionRefused
from tasks.models import ContentTask, Draft, Proposal
from tasks.models.proposals import MAX_INSTRUCTION
from tasks.pipeline.errors import ParagraphLocked
from tasks.pipeline.text.cited_numbers import cited_numbers
from tasks.pipeline.text.paragraphs import joined, paragraph_sha256, paragraphs, with_parts_replaced

MAX_WAITING = 10
"""For one draft: more would cost money before anyone has read the first."""
SHARES = range(10, 81)
"""By how many per cent a passage can be shortened."""
MAX_NAME = Draft._meta.get_field("written_by").max_length or 200


def can_propose() -> bool:
    """Whether there is a model to ask."""
    return bool(settings.PIPELINE_MODELS)


@transaction.atomic
def request_proposal(
    draft: Draft,
    kind: str,
    *,
    by: User,
    instruction: str = "",
    first: str = "",
    last: str = "",
    first_at: int | None = None,
    last_at: int | None = None,
    share_percent: int | None = None,
) -> Proposal:
    """Ask for a proposal about the current text; engine workers work on it.

    `first` and `last` are hashes of the paragraphs it is about; without `last`, it is about the first alone.
    Where a text has a paragraph twice, `first_at` and `last_at`, counted from 0, say which one. Raises
    ValidationError naming the field, NoModel, ParagraphLocked, ProposalOutdated when there is no such
    paragraph, and what `require_may_edit` raises.
    """
    task = ContentTask.objects.select_for_update().get(pk=draft.task_id)
    require_may_edit(task, by)
    if not can_propose():
        raise NoModel("No language model is configured: an operator has to set PIPELINE_MODELS.")
    current = Draft.objects.get(pk=draft.pk)
    if current.proposals.filter(status=Proposal.State.WAITING).count() >= MAX_WAITING:
        raise TransitionRefused(f"{MAX_WAITING} proposals for this text are waiting: dismiss one, or wait.")
    proposal = Proposal(
        draft=current,
        kind=kind,
        version=current.version,
        original=current.title,
        instruction=instruction.strip(),
        share_percent=share_percent,
        asked_by=by,
        asked_by_name=by.get_username(),
    )
    _require_complete(proposal, first)
    if kind != Proposal.Kind.TITLES:
        _find_passage(proposal, current, (first, first_at), (last, last_at) if last else (first, first_at))
    proposal.save()
    wakeups.notify_work()
    return proposal


@transaction.atomic
def accept_proposal(proposal: Proposal, choice: int, *, by: User) -> Draft:
    """Make what was proposed a version by this person; the text may have changed elsewhere since.

    Returns the draft. Raises ValidationError for a choice that there is not, TransitionRefused for a proposal
    that is not ready, ProposalOutdated, and what `edit_draft` raises.
    """
    ContentTask.objects.select_for_update().get(draft__pk=proposal.draft_id)
    found = Proposal.objects.select_for_update().get(pk=proposal.pk)
    if found.status != Proposal.State.READY:
        version = f" as version {found.taken_version}" if found.taken_version else ""
        raise TransitionRefused(
            f"This proposal is {found.status}{version}: only one that is ready can be taken."
        )
    if not 0 <= choice < len(found.texts):
        raise ValidationError({"choice": f"Choose from 0 to {len(found.texts) - 1}."})
    draft = Draft.objects.select_related("task").get(pk=found.draft_id)
    content = _content(found, draft, found.texts[choice])
    writers = names_of_both(by, found.written_by)
    is_changed = edit_draft(draft, content, by=by, reason=_reason(found, choice), written_by=writers)
    found.status, found.taken_version = Proposal.State.TAKEN, draft.version if is_changed else None
    found.save(update_fields=["status", "taken_version"])
    return draft


@transaction.atomic
def dismiss_proposal(proposal: Proposal) -> None:
    """Do without it; a call of a model for it is stopped. Raises TransitionRefused once it was taken."""
    found = Proposal.objects.select_for_update().get(pk=proposal.pk)
    if found.status == Proposal.State.TAKEN:
        raise TransitionRefused(
            f"This proposal was taken as version {found.taken_version}: restore an earlier one."
        )
    _dismiss([found])


@transaction.atomic
def dismiss_waiting(task_ids: Iterable[int]) -> None:
    """Those of these tasks that are not ready yet."""
    waiting = Proposal.objects.select_for_update(of=("self",)).filter(draft__task__in=list(task_ids))
    _dismiss(list(waiting.filter(status=Proposal.State.WAITING)))


def names_of_both(by: User, machine: str) -> str:
    """Who chose and who wrote, as `Draft.written_by` has it; the person alone where no machine wrote."""
    name = by.get_username()
    return f"{name} with {machine}"[:MAX_NAME] if machine else name


def place_of(proposal: Proposal, body: str) -> int:
    """At which paragraph of this body the passage begins, from 0. Raises ProposalOutdated."""
    hashes = [paragraph_sha256(text) for text in paragraphs(body)]
    count = len(proposal.paragraphs)
    places = [at for at in range(len(hashes) - count + 1) if hashes[at : at + count] == proposal.paragraphs]
    if not places:
        raise ProposalOutdated(
            "What was to be replaced was changed or removed since: ask again for the text as it is now."
        )
    return min(places, key=lambda at: abs(at - proposal.position))


def _require_complete(proposal: Proposal, first: str) -> None:
    errors = {}
    kind = proposal.kind
    if kind == Proposal.Kind.PARAGRAPH and not proposal.instruction:
        errors["instruction"] = "Say what is to change, such as “shorter”."
    elif len(proposal.instruction) > MAX_INSTRUCTION:
        errors["instruction"] = f"At most {MAX_INSTRUCTION} characters."
    if kind != Proposal.Kind.TITLES and not first:
        errors["first"] = "Choose a paragraph."
    if kind == Proposal.Kind.SHORTEN and proposal.share_percent not in SHARES:
        errors["share_percent"] = f"Give a whole number from {SHARES[0]} to {SHARES[-1]}."
    if errors:
        raise ValidationError(errors)


Place = tuple[str, int | None]
"""The hash of a paragraph and, where it is known, its index."""


def _find_passage(proposal: Proposal, draft: Draft, first: Place, last: Place) -> None:
    texts = paragraphs(draft.body)
    hashes = [paragraph_sha256(text) for text in texts]
    start, end = (_index(place, hashes, draft.version) for place in (first, last))
    end += 1
    if end <= start:
        raise ValidationError({"last": "It stands above the first paragraph: choose one below it."})
    locked = set(draft.locks.values_list("sha256", flat=True))
    for text, sha256 in zip(texts[start:end], hashes[start:end], strict=True):
        if sha256 in locked:
            raise ParagraphLocked(text)
    proposal.paragraphs, proposal.position = hashes[start:end], start
    proposal.original = joined(texts[start:end])


def _index(place: Place, hashes: Sequence[str], version: int) -> int:
    sha256, at = place
    if at is not None and 0 <= at < len(hashes) and hashes[at] == sha256:
        return at
    if sha256 not in hashes:
        raise ProposalOutdated(
            f"Version {version} has no such paragraph: the text has changed. Read it again."
        )
    return hashes.index(sha256)


def _content(proposal: Proposal, draft: Draft, text: str) -> dict[str, Any]:
    if proposal.kind == Proposal.Kind.TITLES:
        return {"title": text}
    start = place_of(proposal, draft.body)
    body = with_parts_replaced(draft.body, start, start + len(proposal.paragraphs) - 1, text)
    return {"body": body, "citations": _citations(draft, body)}


def _citations(draft: Draft, body: str) -> list[dict[str, Any]]:
    """The draft's sources but for those that are cited no more, and those of the brief that are now."""
    before, now = set(cited_numbers(draft.body)), set(cited_numbers(body))
    found: dict[int, Mapping[str, Any]] = {
        one["number"]: one for one in draft.citations if one["number"] in now or one["number"] not in before
    }
    if missing := now - found.keys():
        for source in draft.task.sources.filter(number__in=missing).only("number", "title", "url"):
            found[source.number] = {
                "number": source.number, "title": source.title or source.url, "url": source.url
            }  # fmt: skip
    return [dict(found[number]) for number in sorted(found)]


def _reason(proposal: Proposal, choice: int) -> str:
    count = len(proposal.paragraphs)
    passage = "a paragraph" if count == 1 else f"{count} paragraphs"
    done = {
        Proposal.Kind.PARAGRAPH: "redid a paragraph",
        Proposal.Kind.TITLES: f"took title {choice + 1} of {len(proposal.texts)}",
        Proposal.Kind.SHORTEN: f"shortened {passage} by {proposal.share_percent} %",
    }[Proposal.Kind(proposal.kind)]
    return f"{done}: {proposal.instruction}" if proposal.instruction else done


def _dismiss(proposals: Sequence[Proposal]) -> None:
    if not proposals:
        return
    waiting = [one.pk for one in proposals if one.status == Proposal.State.WAITING]
    Proposal.objects.filter(pk__in=[one.pk for one in proposals]).update(
        status=Proposal.State.DISMISSED, finished_at=timezone.now()
    )
    wakeups.notify_stop_proposals(waiting)
