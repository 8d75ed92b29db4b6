"""The front page of the review desk: one queue at a time, filtered and paginated."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.cache import caches
from django.core.paginator import Paginator
from django.db.models import F, Q, Value
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from approvals import queues
from approvals.audit import chain
from approvals.desk.forms import VerdictForm
from approvals.desk.frame import may_view, page
from approvals.models import Decision
from tasks.actor import actor
from tasks.naming import name_key, one_of_same

ROWS = 25


class QueueFilterForm(forms.Form):
    """Filters of a queue: values that occur in it, or occurred when the link was made."""

    category = forms.ChoiceField(required=False)
    author = forms.ChoiceField(required=False)

    def __init__(self, data: Any, rows: queues.Rows) -> None:
        super().__init__(data, auto_id="filter_%s")
        for name, column in (("category", "category_name"), ("author", "author_name")):
            found = set(rows.order_by().values_list(column, flat=True).distinct()) - {""}
            given = data.get(name, "")
            first = [given] if given and "\0" not in given else []
            if name == "category":
                found = set(one_of_same([*first, *sorted(found)]).values())
            field: Any = self.fields[name]
            shown = sorted({*found, *first}, key=str.casefold)
            field.choices = [("", "all"), *((value, value) for value in shown)]

    def filtered_rows(self, rows: queues.Rows) -> queues.Rows:
        cleaned = self.cleaned_data if self.is_valid() else {}
        if cleaned.get("category"):
            keyed = rows.alias(category_key=name_key(F("category_name")))
            rows = keyed.filter(category_key=name_key(Value(cleaned["category"])))
        if cleaned.get("author"):
            rows = rows.filter(Q(author_name=cleaned["author"]))
        return rows


def _counts(offered: list[queues.Queue], user: User) -> dict[str, int]:
    """The number of tasks in each. Every transition of a task appends to the audit chain, so the chain's head
    is the cache key, except for queues that change with time.
    """

    def count(chosen: list[queues.Queue]) -> dict[str, int]:
        return {one.name: queues.tasks_in(one, user).count() for one in chosen}

    by_actions = [one for one in offered if not one.changes_with_time]
    _, head = chain.head()
    key = f"queues:{user.pk}:{','.join(one.name for one in by_actions)}:{head}"
    cached: dict[str, int] = caches["user"].get_or_compute(key, lambda: count(by_actions))  # type: ignore[attr-defined]
    return cached | count([one for one in offered if one.changes_with_time])


@require_safe
@may_view
def queue(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    offered = queues.queues_for(user)
    chosen = next((one for one in offered if one.name == request.GET.get("queue")), offered[0])
    rows = queues.with_details(queues.tasks_in(chosen, user))
    form = QueueFilterForm(request.GET, rows)
    filtered = form.filtered_rows(rows)
    query = request.GET.copy()
    query.pop("page", None)
    is_filtered = any(request.GET.get(name) for name in form.fields)
    counts = _counts(offered, user)
    pages = Paginator(filtered, ROWS)
    if not is_filtered:
        pages.count = counts[chosen.name]  # known already: saves a query
    shown = pages.get_page(request.GET.get("page"))
    return page(
        request,
        "desk/queue.html",
        title=f"{chosen.title}: review desk",
        queue=chosen,
        counts=[(one, counts[one.name]) for one in offered],
        form=form,
        verdict_form=VerdictForm(),
        is_filtered=is_filtered,
        page=shown,
        query=f"{query.urlencode()}&" if query else "",
        now=timezone.now(),
        decided=Decision.objects.select_related("draft", "draft__task").defer("draft__body")[:10],
    )
