"""The front page of the review desk: one queue at a time, narrowed and paged."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.core.cache import caches
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from approvals import queues
from approvals.audit import chain
from approvals.desk.forms import VerdictForm
from approvals.desk.frame import may_view, page
from approvals.models import Decision

ROWS = 25


class NarrowForm(forms.Form):
    """What a queue can be narrowed to: what stands in it, or stood there when the address was made."""

    category = forms.ChoiceField(required=False)
    author = forms.ChoiceField(required=False)

    def __init__(self, data: Any, rows: queues.Rows) -> None:
        super().__init__(data, auto_id="narrow_%s")
        for name, column in (("category", "category_name"), ("author", "author_name")):
            found = set(rows.order_by().values_list(column, flat=True).distinct()) - {""}
            asked = data.get(name, "")
            found |= {asked} if asked and "\0" not in asked else set()
            field: Any = self.fields[name]
            field.choices = [("", "all"), *((value, value) for value in sorted(found, key=str.casefold))]

    def narrowed(self, rows: queues.Rows) -> queues.Rows:
        asked = self.cleaned_data if self.is_valid() else {}
        if asked.get("category"):
            rows = rows.filter(category_name=asked["category"])
        if asked.get("author"):
            rows = rows.filter(author_name=asked["author"])
        return rows


def _counts(offered: list[queues.Queue], user: AbstractBaseUser) -> dict[str, int]:
    """How much is in each. Whatever moves a task from one to another adds to the audit chain, so its head
    says whether they are still right, but for what changes with time.
    """

    def count(chosen: list[queues.Queue]) -> dict[str, int]:
        return {one.name: queues.tasks_in(one, user).count() for one in chosen}

    by_deeds = [one for one in offered if not one.changes_with_time]
    _, head = chain.head()
    key = f"queues:{user.pk}:{','.join(one.name for one in by_deeds)}:{head}"
    kept = caches["user"].get_or_compute(key, lambda: count(by_deeds))  # type: ignore[attr-defined]
    return kept | count([one for one in offered if one.changes_with_time])


@require_safe
@may_view
def queue(request: HttpRequest) -> HttpResponse:
    offered = queues.queues_for(request.user)
    chosen = next((one for one in offered if one.name == request.GET.get("queue")), offered[0])
    rows = queues.described(queues.tasks_in(chosen, request.user))
    form = NarrowForm(request.GET, rows)
    narrowed = form.narrowed(rows)
    query = request.GET.copy()
    query.pop("page", None)
    is_narrowed = any(request.GET.get(name) for name in form.fields)
    counts = _counts(offered, request.user)
    pages = Paginator(narrowed, ROWS)
    if not is_narrowed:
        pages.count = counts[chosen.name]  # it need not ask again
    shown = pages.get_page(request.GET.get("page"))
    return page(
        request,
        "desk/queue.html",
        title=f"{chosen.title}: review desk",
        queue=chosen,
        counts=[(one, counts[one.name]) for one in offered],
        form=form,
        verdict_form=VerdictForm(),
        is_narrowed=is_narrowed,
        page=shown,
        query=f"{query.urlencode()}&" if query else "",
        now=timezone.now(),
        decided=Decision.objects.select_related("draft", "draft__task").defer("draft__body")[:10],
    )
