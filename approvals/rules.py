"""Which rule applies to a draft, and whether it has the approvals that the rule requires."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, get_type_hints

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import BooleanField, Func, IntegerField, Q, QuerySet

from approvals.models import Decision, Verdict
from tasks.models import Draft


class Rule(NamedTuple):
    """`four_eyes`: nobody may approve what they wrote or last edited. `approvals_needed`: people required."""

    four_eyes: bool
    approvals_needed: int


STRICTEST = Rule(four_eyes=True, approvals_needed=1)
"""The rule of a category for which none is set."""


def rule_field(column: str, field: str) -> Func:
    """`field` of the rule of the category in `column`, for queries about many drafts."""
    output = BooleanField() if get_type_hints(Rule)[field] is bool else IntegerField()
    return Func(column, template=f"(review_rule(%(expressions)s)).{field}", output_field=output)


def rule_for(draft: Draft) -> Rule:
    """The rule of the draft's category, from the SQL function that the triggers use too."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(Rule._fields)} FROM review_rule(%s)", [draft.category])
        return Rule(*cursor.fetchone())


def approvals_of(draft: Draft) -> QuerySet[Decision]:
    """The approvals of exactly the current text, newest first; a later refusal revokes earlier ones."""
    about = draft.decisions.filter(version=draft.version, content_sha256=draft.content_sha256)
    refusals = draft.decisions.filter(version=draft.version).exclude(decision=Verdict.APPROVE).order_by("-id")
    return about.filter(
        decision=Verdict.APPROVE, id__gt=refusals.values_list("id", flat=True).first() or 0
    ).order_by("-id")


def is_approved(draft: Draft) -> bool:
    """Whether the current text has the approvals that are required, by the triggers' own function."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT is_approved(%s, %s, %s)", [draft.pk, draft.version, draft.content_sha256])
        is_enough: bool = cursor.fetchone()[0]
        return is_enough


def approvals_missing(draft: Draft, rule: Rule | None = None) -> int:
    """How many more people have to approve the current text."""
    rule = rule or rule_for(draft)
    given = approvals_of(draft).order_by().values("actor_id").distinct().count()
    return max(0, rule.approvals_needed - given)


class Standing(NamedTuple):
    """How many people have to approve a text, and who has, in order."""

    needed: int
    given: list[str]
    given_by: set[int]


def standing(draft: Draft, decisions: Sequence[Decision], rule: Rule | None = None) -> Standing:
    """Like `approvals_of`, from decisions that are loaded already: all of those about the draft."""
    about = [one for one in decisions if one.version == draft.version]
    last_refusal = max((one.pk for one in about if one.decision != Verdict.APPROVE), default=0)
    given = [one for one in about if one.pk > last_refusal and one.content_sha256 == draft.content_sha256]
    by = {one.actor_id: one.actor_name for one in sorted(given, key=lambda one: one.pk)}
    return Standing((rule or rule_for(draft)).approvals_needed, list(by.values()), set(by))


def waits_for_another(decision: Decision) -> bool:
    """Whether it is an approval, and under its rule another one is still needed."""
    if decision.decision != Verdict.APPROVE or decision.approvals_needed == 1:
        return False
    return not is_approved(decision.draft)


def has_own_part(draft: Draft, user: User) -> bool:
    """Whether this user wrote the first version or the current text."""
    return is_their_own(draft, user.pk)


def is_their_own(draft: Draft, user_id: int) -> bool:
    """The same by user id, for an account that may no longer exist."""
    # Their own bytes stay theirs when another user restores them.
    wrote = Q(version=1) | Q(content_sha256=draft.content_sha256)
    return user_id == draft.author_id or draft.history.filter(wrote, author_id=user_id).exists()


def gave_the_first_of_two(draft: Draft, user: User, rule: Rule) -> bool:
    """Whether the missing approval has to come from another user."""
    if rule.approvals_needed == 1:
        return False
    return approvals_missing(draft, rule) > 0 and approvals_of(draft).filter(actor_id=user.pk).exists()
