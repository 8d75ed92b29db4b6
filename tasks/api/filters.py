"""What the list of tasks can be narrowed by."""

from __future__ import annotations

from django_filters import rest_framework as filters

from tasks.lifecycle import Status
from tasks.models import ContentTask


class TaskFilter(filters.FilterSet):
    status = filters.MultipleChoiceFilter(choices=Status.choices, help_text="May be given more than once.")
    category = filters.CharFilter(lookup_expr="iexact")
    topic = filters.CharFilter(lookup_expr="icontains")
    created = filters.IsoDateTimeFromToRangeFilter(field_name="created_at")

    class Meta:
        model = ContentTask
        fields: list[str] = []
