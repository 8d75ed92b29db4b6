"""What the lists of decisions and audit entries can be narrowed by."""

from __future__ import annotations

from django_filters import rest_framework as filters

from approvals.models import AuditEntry, Decision, ReasonCode, Verdict


class DecisionFilter(filters.FilterSet):
    decision = filters.MultipleChoiceFilter(choices=Verdict.choices)
    reason_code = filters.MultipleChoiceFilter(choices=ReasonCode.choices)
    draft = filters.NumberFilter(field_name="draft_id")
    task = filters.NumberFilter(field_name="draft__task_id")
    actor_name = filters.CharFilter()
    decided = filters.IsoDateTimeFromToRangeFilter(field_name="decided_at")

    class Meta:
        model = Decision
        fields: list[str] = []


class AuditFilter(filters.FilterSet):
    action = filters.CharFilter()
    object_type = filters.CharFilter()
    object_id = filters.NumberFilter()
    task = filters.NumberFilter(field_name="task_id")
    actor_name = filters.CharFilter()
    at = filters.IsoDateTimeFromToRangeFilter()

    class Meta:
        model = AuditEntry
        fields: list[str] = []
