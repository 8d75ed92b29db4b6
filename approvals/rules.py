"""Under which rule a draft is decided about, and whether it has the approvals that the rule asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection
from django.db.models import Q, QuerySet

from approvals.models import Decision, Verdict
from tasks.models import Draft


class Rule(NamedTuple):
    """`four_eyes`: nobody approves what they wrote or last edited. `approvals_needed`: by how many people."""

    four_eyes: bool
    approvals_needed: int


def rule_for(draft: Draft) -> Rule:
    """The rule of the draft's category. Asks the function that the triggers ask, so there is one answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT four_eyes, approvals_needed FROM review_rule(%s)", [draft.category])
        return Rule(*cursor.fetchone())


def approvals_of(draft: Draft) -> QuerySet[Decision]:
    """The approvals of exactly the present text, newest first; a no about it takes earlier ones back."""
    about = draft.decisions.filter(version=draft.version, content_sha256=draft.content_sha256)
    no = draft.decisions.filter(version=draft.version).exclude(decision=Verdict.APPROVE).order_by("-id")
    return about.filter(
        decision=Verdict.APPROVE, id__gt=no.values_list("id", flat=True).first() or 0
    ).order_by("-id")


def is_approved(draft: Draft) -> bool:
    """Whether the present text has the approvals that were asked for, as the triggers have it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT is_approved(%s, %s, %s)", [draft.pk, draft.version, draft.content_sha256])
        return cursor.fetchone()[0]


def approvals_missing(draft: Draft, rule: Rule | None = None) -> int:
    """How many more people have to approve the present text."""
    rule = rule or rule_for(draft)
    given = approvals_of(draft).order_by().values("actor_id").distinct().count()
    return max(0, rule.approvals_needed - given)


class Standing(NamedTuple):
    """How many people have to approve a text, and who has, the first one first."""

    needed: int
    given: list[str]
    given_by: set[int]


def standing(draft: Draft, decisions: Sequence[Decision], rule: Rule | None = None) -> Standing:
    """As `approvals_of` has it, from all decisions about the draft, for those who hold them already."""
    about = [one for one in decisions if one.version == draft.version]
    last_no = max((one.pk for one in about if one.decision != Verdict.APPROVE), default=0)
    given = [one for one in about if one.pk > last_no and one.content_sha256 == draft.content_sha256]
    by = {one.actor_id: one.actor_name for one in sorted(given, key=lambda one: one.pk)}
    return Standing((rule or rule_for(draft)).approvals_needed, list(by.values()), set(by))


def waits_for_another(decision: Decision) -> bool:
    """Whether it approved the text and somebody else has to as well."""
    return decision.decision == Verdict.APPROVE and approvals_missing(decision.draft) > 0


def has_own_part(draft: Draft, user: AbstractBaseUser) -> bool:
    """Whether this person wrote the first version or the present text."""
    return is_their_own(draft, user.pk)


def is_their_own(draft: Draft, user_id: int) -> bool:
    """The same by id, for an account that may not exist any more."""
    # Their own bytes stay theirs when somebody else restores them.
    wrote = Q(version=1) | Q(content_sha256=draft.content_sha256)
    return user_id == draft.author_id or draft.history.filter(wrote, author_id=user_id).exists()


def gave_the_first_of_two(draft: Draft, user: AbstractBaseUser, rule: Rule) -> bool:
    """Whether what is missing is the approval of somebody else."""
    if rule.approvals_needed == 1:
        return False
    return approvals_missing(draft, rule) > 0 and approvals_of(draft).filter(actor_id=user.pk).exists()
