"""Rules of the desk for quality checks: which are in force, and changing them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from tasks.models import QualityCheckRule

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from tasks.pipeline import types
    from tasks.pipeline.quality.check import Check


def rules_in_force() -> tuple[types.CheckRule, ...]:
    """As values for briefs: every inspection, of a run and of an edited text, follows the same."""
    # Here, because it loads pydantic, which the pages that change a rule do without.
    from tasks.pipeline import types

    rows = QualityCheckRule.objects.values("severity", "limits", check=F("check_name"))
    return tuple(types.CheckRule.model_validate(row) for row in rows)


@transaction.atomic
def change_check_rule(
    check: Check, *, severity: str, limits: Mapping[str, float], reason: str, by: User
) -> QualityCheckRule | None:
    """Set how a check is run; what equals its defaults is left out. None when nothing differs from them.

    The history, and with it the audit chain, has each change. Raises ValidationError naming the field.
    """
    own = {one.name: one.default for one in check.thresholds}
    require_within_ranges(check, limits)
    differing = {name: value for name, value in limits.items() if value != own[name]}
    severity = "" if severity == check.severity else severity
    row = QualityCheckRule.objects.select_for_update().filter(check_name=check.name).first()
    is_default = not severity and not differing
    if row is None and is_default:
        return None
    row = row or QualityCheckRule(check_name=check.name)
    if row.pk and (row.severity, row.limits) == (severity, differing):
        return row
    row.severity, row.limits, row.reason = severity, differing, reason.strip()
    row.changed_by, row.changed_by_name = by, by.get_username()
    row.full_clean()
    row._history_user, row._change_reason = by, row.reason
    # Also where it is as the defaults again: who changed it back, and why, is part of the rule.
    row.save()
    return row


def require_within_ranges(check: Check, limits: Mapping[str, float]) -> None:
    """Raises ValidationError for a threshold that the check has not, or that is out of its range."""
    known = {one.name: one for one in check.thresholds}
    for name, value in limits.items():
        if name not in known:
            has = ", ".join(known) or "none"
            raise ValidationError({name: f"{check.name} has no threshold “{name}”; it has {has}."})
        lowest, highest = known[name].lowest, known[name].highest
        if not lowest <= value <= highest:
            raise ValidationError({name: f"{name} is from {lowest:g} to {highest:g}, not {value:g}."})
