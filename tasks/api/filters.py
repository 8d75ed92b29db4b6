"""Filters of the list of tasks."""

from __future__ import annotations

import django_filters as filters
from django.db.models import QuerySet, Value

from tasks.api.filtering import DeskFilterSet, IdFilter, InstantFilter, YesNoFilter
from tasks.lifecycle import Status
from tasks.live_updates import Update
from tasks.models import ContentTask, Draft
from tasks.naming import name_key
from tasks.pipeline.errors import KINDS


class TaskFilter(DeskFilterSet):
    status = filters.MultipleChoiceFilter(choices=Status.choices, help_text="May be given more than once.")
    update_state = filters.MultipleChoiceFilter(
        choices=[choice for choice in Update.choices if choice[0]],
        help_text="Of a newer text of a published article. May be given more than once.",
    )
    category = filters.CharFilter(method="by_category", help_text="In any case, with blanks or hyphens.")
    topic = filters.CharFilter(lookup_expr="icontains")
    error_kind = filters.MultipleChoiceFilter(choices=list(KINDS.items()))
    breached = YesNoFilter(
        field_name="breached_at", lookup_expr="isnull", exclude=True, help_text="A time limit was exceeded."
    )
    assignee = filters.CharFilter(
        field_name="assignee__username", lookup_expr="iexact", help_text="The name of an account."
    )
    reviewer = filters.CharFilter(
        field_name="reviewer__username", lookup_expr="iexact", help_text="The name of an account."
    )
    created_after = InstantFilter(field_name="created_at", lookup_expr="gte")
    created_before = InstantFilter(field_name="created_at", lookup_expr="lte")

    class Meta:
        model = ContentTask
        fields: list[str] = []

    def by_category(self, tasks: QuerySet[ContentTask], name: str, wanted: str) -> QuerySet[ContentTask]:
        return tasks.alias(category_key=name_key("category")).filter(category_key=name_key(Value(wanted)))


class DraftFilter(DeskFilterSet):
    status = filters.MultipleChoiceFilter(
        field_name="task__status", choices=Status.choices, help_text="May be given more than once."
    )
    task = IdFilter(field_name="task_id")
    category = filters.CharFilter(method="by_category", help_text="In any case, with blanks or hyphens.")
    title = filters.CharFilter(lookup_expr="icontains", help_text="A part of the title.")
    language = filters.CharFilter(field_name="task__language", lookup_expr="iexact")
    updated_after = InstantFilter(field_name="updated_at", lookup_expr="gte")
    updated_before = InstantFilter(field_name="updated_at", lookup_expr="lte")

    class Meta:
        model = Draft
        fields: list[str] = []

    def by_category(self, drafts: QuerySet[Draft], name: str, wanted: str) -> QuerySet[Draft]:
        return drafts.alias(category_key=name_key("category")).filter(category_key=name_key(Value(wanted)))
