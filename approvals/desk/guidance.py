"""The page of category guidelines: adopting a reviewer's reason for a whole category, and removing it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from approvals.desk.frame import number, page
from approvals.models import Decision, ReasonCode
from approvals.rates import Rate
from tasks import guidance
from tasks.actor import actor
from tasks.errors import GuidanceRefused
from tasks.form_fields import Textarea
from tasks.models import CategoryGuidance, ContentTask, Guidance
from tasks.naming import name_key

MAX_SUGGESTED = 200


class GuidanceForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A guideline for a category; `adopted` is the reviewer's reason that it comes from."""

    adopted = forms.IntegerField(required=False, min_value=1, max_value=2**31, widget=forms.HiddenInput)

    class Meta:
        model = CategoryGuidance
        fields = ("category", "text")
        widgets = {
            "category": forms.TextInput(attrs={"list": "categories", "autocomplete": "off"}),
            "text": Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "text": "One instruction, as you would give it to a writer: “Name the city of every figure.” "
            "A language model reads it in every stage; the offline writer only lists it in its notes."
        }

    def clean_text(self) -> str:
        return " ".join(self.cleaned_data["text"].split())


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("tasks.view_categoryguidance", raise_exception=True)
def guidelines(request: HttpRequest) -> HttpResponse:
    """List the guidelines. A POST adds one."""
    if request.method == "POST":
        return _add(request)
    return _page(request, GuidanceForm(initial=_initial(number(request.GET.get("from")))))


@require_POST
@permission_required(["tasks.view_categoryguidance", "tasks.delete_categoryguidance"], raise_exception=True)
def remove(request: HttpRequest, guideline_id: int) -> HttpResponse:
    row = get_object_or_404(CategoryGuidance, pk=guideline_id)
    guidance.remove_guideline(row, by=actor(request))
    messages.success(request, f"Guideline removed from “{row.category}”.")
    return redirect("desk:guidance")


def _add(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    if not user.has_perm("tasks.add_categoryguidance"):
        raise PermissionDenied("Only editors can add guidelines.")
    form = GuidanceForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    cleaned = dict(form.cleaned_data)
    adopted = Guidance.objects.filter(pk=cleaned.pop("adopted") or 0).first()
    try:
        row = guidance.adopt_guideline(**cleaned, by=user, adopted=adopted)
    except GuidanceRefused as error:
        form.add_error(None, str(error))
        return _page(request, form, status=409)
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, form, status=400)
    messages.success(request, f"Guideline added. It applies to new texts in “{row.category}”.")
    return redirect("desk:guidance")


def _page(request: HttpRequest, form: GuidanceForm, *, status: int = 200) -> HttpResponse:
    return page(
        request,
        "desk/guidance.html",
        status=status,
        title="Category guidelines: review desk",
        rows=_with_recurrences(CategoryGuidance.objects.order_by(name_key("category"), "id")),
        categories=_categories(),
        form=form,
    )


def _with_recurrences(rows: QuerySet[CategoryGuidance]) -> list[Any]:
    """Each with the reason it was adopted from, and the rate of drafts that got it, before and since.

    Of the drafts of the category that were decided about in that time.
    """
    decided = (
        Decision.objects.order_by()
        .alias(category_key=name_key("draft__task__category"))
        .annotate(one=Value(1))
        .filter(category_key=name_key(OuterRef("category")))
        .values("one")
    )
    periods = {
        "before": Q(decided_at__lte=OuterRef("adopted_at")),
        "since": Q(decided_at__gt=OuterRef("adopted_at")),
    }
    same_reason = Q(reason_code=OuterRef("reason_code"))
    counts = {}
    for name, when in periods.items():
        counts[f"decided_{name}"] = _drafts(decided.filter(when))
        counts[f"given_{name}"] = _drafts(decided.filter(when & same_reason))
    found: list[Any] = list(rows.annotate(**counts))  # with the annotations, and what follows
    names: dict[str, Any] = dict(ReasonCode.choices)
    for row in found:
        row.reason = names.get(row.reason_code, row.reason_code)
        row.before = Rate(row.given_before, row.decided_before)
        row.since = Rate(row.given_since, row.decided_since)
    return found


def _drafts(decisions: QuerySet[Decision, Any]) -> Coalesce:
    """The number of drafts that these decisions are about."""
    number = decisions.annotate(number=Count("draft", distinct=True)).values("number")
    return Coalesce(Subquery(number, output_field=IntegerField()), 0)


def _initial(guidance_id: int | None) -> dict[str, Any]:
    """The form's initial values when the link came from a reviewer's reason."""
    found = Guidance.objects.select_related("task").filter(pk=guidance_id or 0).first()
    if found is None:
        return {}
    return {"category": found.task.category, "text": found.text, "adopted": found.pk}


def _categories() -> list[str]:
    return list(
        ContentTask.objects.exclude(category="")
        .order_by("category")
        .values_list("category", flat=True)
        .distinct()[:200]
    )
