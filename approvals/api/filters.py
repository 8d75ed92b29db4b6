"""Filters of the lists of decisions and audit entries."""

from __future__ import annotations

import django_filters as filters

from approvals.models import AuditEntry, Decision, ReasonCode, Verdict
from tasks.api.filtering import DeskFilterSet, IdFilter, InstantFilter


class DecisionFilter(DeskFilterSet):
    decision = filters.MultipleChoiceFilter(choices=Verdict.choices)
    reason_code = filters.MultipleChoiceFilter(choices=ReasonCode.choices)
    draft = IdFilter(field_name="draft_id")
    task = IdFilter(field_name="draft__task_id")
    actor_name = filters.CharFilter()
    decided_after = InstantFilter(field_name="decided_at", lookup_expr="gte")
    decided_before = InstantFilter(field_name="decided_at", lookup_expr="lte")

    class Meta:
        model = Decision
        fields: list[str] = []


class AuditFilter(DeskFilterSet):
    action = filters.CharFilter()
    object_type = filters.CharFilter()
    object_id = IdFilter()
    task = IdFilter(field_name="task_id")
    actor_name = filters.CharFilter()
    at_after = InstantFilter(field_name="at", lookup_expr="gte")
    at_before = InstantFilter(field_name="at", lookup_expr="lte")

    class Meta:
        model = AuditEntry
        fields: list[str] = []
