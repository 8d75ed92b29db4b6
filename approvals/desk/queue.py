"""The front page of the review desk: one queue at a time, filtered and paginated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import F, Q, Value
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from approvals import queues
from approvals.assignments import ASSIGN
from approvals.audit.cached import since_last_entry
from approvals.desk.forms import AssignmentForm, VerdictForm
from approvals.desk.frame import may_view, page
from approvals.desk.queue_rows import row_html
from approvals.models import Decision
from approvals.queue_counts import FilterValues, counted, filter_values
from approvals.queues import Queue, QueueGroup
from tasks.actor import actor
from tasks.models import ContentTask
from tasks.naming import name_key, one_of_same

ROWS = 25


class QueueFilterForm(forms.Form):
    """Filters of a queue: values that occur in it, or occurred when the link was made."""

    category = forms.ChoiceField(required=False)
    author = forms.ChoiceField(required=False)
    assigned = forms.CharField(
        label="assigned to", required=False, max_length=150, help_text="A name, me or nobody.",
        widget=forms.TextInput(attrs={"size": 12, "list": "assigned-to", "placeholder": "anyone"}),
    )  # fmt: skip

    def __init__(self, data: Any, values: FilterValues) -> None:
        super().__init__(data, auto_id="filter_%s")
        for name, occurring in (("category", values.categories), ("author", values.authors)):
            given = data.get(name, "")
            first = [given] if given and "\0" not in given else []
            found = set(occurring)
            if name == "category" and first:
                found = set(one_of_same([*first, *occurring]).values())
            field: Any = self.fields[name]
            shown = sorted({*found, *first}, key=str.casefold)
            field.choices = [("", "all"), *((value, value) for value in shown)]

    def filtered_rows(self, rows: queues.Rows, user: User) -> queues.Rows:
        cleaned = self.cleaned_data if self.is_valid() else {}
        if cleaned.get("category"):
            keyed = rows.alias(category_key=name_key(F("category_name")))
            rows = keyed.filter(category_key=name_key(Value(cleaned["category"])))
        if cleaned.get("author"):
            rows = rows.filter(Q(author_name=cleaned["author"]))
        if name := cleaned.get("assigned"):
            rows = rows.filter(_assigned_to(name, user))
        return rows


def _assigned_to(name: str, user: User) -> Q:
    """To write or to review it; "me" and "nobody" are names of their own."""
    if name.casefold() == "nobody":
        return Q(assignee=None, reviewer=None)
    if name.casefold() == "me":
        return Q(assignee=user) | Q(reviewer=user)
    return Q(assignee__username__iexact=name) | Q(reviewer__username__iexact=name)


@dataclass(frozen=True)
class ShownGroup:
    """A group of queues with their counts. Its link leads to the first queue that has something in it."""

    name: QueueGroup
    queues: list[tuple[Queue, int]]
    is_chosen: bool

    @property
    def count(self) -> int:
        return sum(count for _, count in self.queues)

    @property
    def is_bad(self) -> bool:
        return any(queue.is_bad and count for queue, count in self.queues)

    @property
    def first(self) -> str:
        return next((queue.name for queue, count in self.queues if count), self.queues[0][0].name)


def _groups(counts: list[tuple[Queue, int]], chosen: Queue) -> list[ShownGroup]:
    groups: dict[QueueGroup, list[tuple[Queue, int]]] = {group: [] for group in QueueGroup}
    for queue, count in counts:
        groups[queue.group].append((queue, count))
    return [ShownGroup(name, found, name == chosen.group) for name, found in groups.items() if found]


def _decided(user: User) -> SafeString:
    """What was decided last. All that it shows of a task changes with an entry of the audit chain."""

    def find() -> SafeString:
        decisions = Decision.objects.select_related("draft", "draft__task").only(
            "decision", "version", "way", "reason_code", "reason", "actor_name", "decided_at", "draft__title",
            "draft__task__status", "draft__task__topic",
        )[:10]  # fmt: skip
        return mark_safe(get_template("desk/_decided.html").render({"decided": decisions}))

    found: SafeString = since_last_entry(f"decided:{timezone.get_current_timezone_name()}", user, find)
    return found


def _ids(queue: Queue, rows: queues.Rows, number: int, user: User) -> list[int]:
    """The tasks of one page of a queue without a filter."""

    def find() -> list[int]:
        return list(rows.values_list("pk", flat=True)[(number - 1) * ROWS : number * ROWS])

    if queue.changes_with_time:
        return find()
    found: list[int] = since_last_entry(f"queue-page:{user.pk}:{queue.name}:{number}", user, find)
    return found


@require_safe
@may_view
def queue(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    offered = queues.queues_for(user)
    chosen = next((one for one in offered if one.name == request.GET.get("queue")), offered[0])
    rows = queues.tasks_in(chosen, user)
    form = QueueFilterForm(request.GET, filter_values(chosen, user))
    is_filtered = any(request.GET.get(name) for name in form.fields)
    filtered = form.filtered_rows(queues.with_names(rows), user) if is_filtered else rows
    query = request.GET.copy()
    query.pop("page", None)
    counts = counted(offered, user)
    pages = Paginator(filtered.values_list("pk", flat=True), ROWS)
    if not is_filtered:
        pages.count = counts[chosen.name]  # known already: saves a query
    shown: Any = pages.get_page(request.GET.get("page"))
    ids = list(shown.object_list) if is_filtered else _ids(chosen, rows, shown.number, user)
    shown.object_list = queues.with_details(rows if chosen.row else ContentTask.objects.all(), ids)
    now = timezone.now()
    for task in shown.object_list:
        task.row_html = row_html(task, now, user)
    return page(
        request,
        "desk/queue.html",
        title=f"{chosen.title}: review desk",
        queue=chosen,
        counts=[(one, counts[one.name]) for one in offered],
        groups=_groups([(one, counts[one.name]) for one in offered], chosen),
        form=form,
        verdict_form=VerdictForm(),
        assignment=AssignmentForm(by=user) if chosen.is_decided_in_bulk and user.has_perm(ASSIGN) else None,
        is_filtered=is_filtered,
        page=shown,
        query=f"{query.urlencode()}&" if query else "",
        decided=_decided(user),
    )
