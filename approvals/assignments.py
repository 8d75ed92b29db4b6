"""Who writes and who reviews: the verbs that assign tasks to people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Q

from approvals.audit import chain
from approvals.audit.cached import since_last_entry
from approvals.comments.people import people_with
from approvals.notifications.enqueue import enqueue_assigned
from approvals.rules import Rule, has_own_part, rule_for
from tasks import handover
from tasks.lifecycle import UNFINISHED, Status
from tasks.live_updates import Update
from tasks.models import ContentTask, Draft

ASSIGN = "tasks.change_contenttask"
PARTS = ("assignee", "reviewer")
NEEDED = {"assignee": "tasks.change_draft", "reviewer": "approvals.add_decision"}
WHAT = {"assignee": "to write it", "reviewer": "to review it"}
MAX_AT_ONCE = 100

OPEN = Q(status__in=UNFINISHED | {Status.AWAITING_APPROVAL, Status.APPROVED, Status.FAILED}) | ~Q(
    update_state=Update.NONE
)
"""Where there is still something to do for them."""


class AssignablePerson(NamedTuple):
    """An account that may get a part."""

    username: str
    full_name: str


def candidates(user: User) -> dict[str, list[AssignablePerson]]:
    """By part, who may be the assignee or the reviewer of a task, in the order of their names.

    Every change of a right is in the audit chain, so they are found once between two of its entries.
    """

    def find() -> dict[str, list[AssignablePerson]]:
        return {
            part: [AssignablePerson(person.username, person.get_full_name()) for person in people]
            for part, people in assignable().items()
        }

    found: dict[str, list[AssignablePerson]] = since_last_entry("candidates", user, find)
    return found


def assignable() -> dict[str, list[User]]:
    """The same as accounts."""
    able = {part: people_with(permission).values("pk") for part, permission in NEEDED.items()}
    rows = User.objects.filter(Q(pk__in=able["assignee"]) | Q(pk__in=able["reviewer"])).order_by("username")
    may = {f"as_{part}": ExpressionWrapper(Q(pk__in=able[part]), BooleanField()) for part in PARTS}
    found = list(rows.annotate(**may))
    return {part: [person for person in found if getattr(person, f"as_{part}")] for part in PARTS}


@transaction.atomic
def assign(
    task: ContentTask, people: Mapping[str, User | None], *, by: User | None, reason: str = ""
) -> bool:
    """Set the named ones of PARTS; None is nobody. Notifies who is new. False when nothing changed.

    A reviewer is one who may decide, and under four-eyes one who did not write the text. Raises
    PermissionDenied, or ValidationError naming the part. `by` is None for the product itself.
    """
    if by is not None and not by.has_perm(ASSIGN):
        raise PermissionDenied("Only those who file briefs can assign tasks.")
    rows = ContentTask.objects.select_related(*PARTS).select_for_update(of=("self",))
    current = rows.get(pk=task.pk)
    changed = {part: person for part, person in people.items() if getattr(current, part) != person}
    if not changed:
        return False
    _require_suitable(current, changed)
    ContentTask.objects.filter(pk=current.pk).update(**changed)
    chain.record_all(
        [_fact(current, part, getattr(current, part), person, by, reason) for part, person in changed.items()]
    )
    for part, person in changed.items():
        setattr(task, part, person)
        if person is not None and person != by:
            who = by.get_username() if by else "The desk"
            enqueue_assigned(
                current, person, text=f"{who} assigned it to you, {WHAT[part]}. {reason}".strip()
            )
    return True


@dataclass
class BulkAssignmentResult:
    done: list[int] = field(default_factory=list)
    unchanged: list[int] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)
    """Why, by task."""

    @property
    def sentence(self) -> str:
        """As in "3 assigned, 1 unchanged, 1 refused: …"."""
        parts = [f"{len(self.done)} assigned"]
        parts += [f"{len(self.unchanged)} unchanged"] if self.unchanged else []
        if self.refused:
            parts.append(f"{len(self.refused)} refused: {' '.join(dict.fromkeys(self.refused.values()))}")
        sentence = ", ".join(parts)
        return sentence if sentence.endswith(".") else f"{sentence}."


def assign_each(
    task_ids: Iterable[int], people: Mapping[str, User | None], *, by: User
) -> BulkAssignmentResult:
    """Each in a transaction of its own: one that is refused does not stop the others."""
    if not by.has_perm(ASSIGN):
        raise PermissionDenied("Only those who file briefs can assign tasks.")
    result = BulkAssignmentResult()
    ids = list(dict.fromkeys(task_ids))
    tasks = ContentTask.objects.in_bulk(ids)
    for pk in ids:
        if pk not in tasks:
            result.refused[pk] = f"There is no task {pk}."
            continue
        try:
            is_changed = assign(tasks[pk], people, by=by)
        except ValidationError as error:
            result.refused[pk] = " ".join(error.messages)
        else:
            (result.done if is_changed else result.unchanged).append(pk)
    return result


@handover.register
def hand_over_assignments(old: User, new: User | None) -> None:
    """Open tasks of an account that leaves go to the new one; what that one may not do, to nobody."""
    reason = f"{old.get_username()} handed over their work."
    for part in PARTS:
        for task in ContentTask.objects.filter(OPEN, **{part: old}).order_by("pk"):
            try:
                assign(task, {part: new}, by=None, reason=reason)
            except ValidationError:
                assign(task, {part: None}, by=None, reason=reason)


def _require_suitable(task: ContentTask, changed: Mapping[str, User | None]) -> None:
    for part, person in changed.items():
        if person is not None and not (person.is_active and person.has_perm(NEEDED[part])):
            can = "decide about drafts" if part == "reviewer" else "edit drafts"
            raise ValidationError({part: f"{person} may not {can}: choose another person."})
    draft = Draft.objects.filter(task=task).select_related("task").first()
    rule: Rule = rule_for(draft or Draft(category=task.category))
    if not rule.four_eyes:
        return
    planned = {part: changed.get(part, getattr(task, part)) for part in PARTS}
    reviewer = planned["reviewer"]
    if reviewer is None:
        return
    if reviewer == planned["assignee"]:
        part = next(iter(changed))
        raise ValidationError({part: f"{reviewer} cannot both write and review it: choose another person."})
    if "reviewer" in changed and draft is not None and has_own_part(draft, reviewer):
        raise ValidationError(
            {"reviewer": f"{reviewer} wrote or last edited this text: another person has to review it."}
        )


def _fact(
    task: ContentTask, part: str, old: User | None, new: User | None, by: User | None, reason: str
) -> chain.Fact:
    names = {"old": old.get_username() if old else "", "new": new.get_username() if new else ""}
    return chain.Fact(
        f"task.{part}",
        object_type="assignment",
        object_id=task.pk,
        task_id=task.pk,
        by=by,
        data={"part": part, **names, "reason": reason},
    )
