"""The page of what editors ask of every text in a category: adopting a reviewer's reason, dropping it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from approvals.desk.frame import number, page
from approvals.models import Decision, ReasonCode
from tasks import guidance
from tasks.errors import GuidanceRefused
from tasks.form_fields import Textarea
from tasks.models import CategoryGuidance, ContentTask, Guidance

MAX_SUGGESTED = 200


class GuidanceForm(forms.ModelForm):
    """What to ask of which category; `adopted` is the reviewer's reason that it was learnt from."""

    adopted = forms.IntegerField(required=False, min_value=1, max_value=2**31, widget=forms.HiddenInput)

    class Meta:
        model = CategoryGuidance
        fields = ("category", "text")
        widgets = {
            "category": forms.TextInput(attrs={"list": "categories", "autocomplete": "off"}),
            "text": Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "text": "One wish, as you would tell a writer: “Name the city of every figure.” "
            "A language model reads it in every stage; the offline writer only repeats it to you."
        }

    def clean_text(self) -> str:
        return " ".join(self.cleaned_data["text"].split())


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("tasks.view_categoryguidance", raise_exception=True)
def asked(request: HttpRequest) -> HttpResponse:
    """List what is asked. A POST asks for one thing more."""
    if request.method == "POST":
        return _ask(request)
    return _page(request, GuidanceForm(initial=_learnt(number(request.GET.get("from")))))


@require_POST
@permission_required(["tasks.view_categoryguidance", "tasks.delete_categoryguidance"], raise_exception=True)
def drop(request: HttpRequest, asked_id: int) -> HttpResponse:
    row = get_object_or_404(CategoryGuidance, pk=asked_id)
    guidance.remove_guideline(row, by=request.user)
    messages.success(request, f"It is asked of texts in “{row.category}” no longer.")
    return redirect("desk:guidance")


def _ask(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("tasks.add_categoryguidance"):
        raise PermissionDenied("Only editors ask something of every text in a category.")
    form = GuidanceForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    asked = dict(form.cleaned_data)
    adopted = Guidance.objects.filter(pk=asked.pop("adopted") or 0).first()
    try:
        row = guidance.adopt_guideline(**asked, by=request.user, adopted=adopted)
    except GuidanceRefused as error:
        form.add_error(None, str(error))
        return _page(request, form, status=409)
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, form, status=400)
    messages.success(request, f"Every text in “{row.category}” that is begun from now on is asked for it.")
    return redirect("desk:guidance")


def _page(request: HttpRequest, form: GuidanceForm, *, status: int = 200) -> HttpResponse:
    return page(
        request,
        "desk/guidance.html",
        status=status,
        title="Guidance for categories: review desk",
        rows=_with_recurrences(CategoryGuidance.objects.order_by(Lower("category"), "id")),
        categories=_categories(),
        form=form,
    )


def _with_recurrences(rows: QuerySet[CategoryGuidance]) -> list[CategoryGuidance]:
    """Each with how often its reason came up in the category, before it was asked for and since."""
    same = (
        Decision.objects.order_by()
        .filter(reason_code=OuterRef("reason_code"), draft__task__category__iexact=OuterRef("category"))
        .exclude(reason_code="")
        .annotate(adopted_at=OuterRef("adopted_at"))
        .values("reason_code")
    )
    counted = {
        "before": Q(decided_at__lte=F("adopted_at")),
        "since": Q(decided_at__gt=F("adopted_at")),
    }
    found = list(
        rows.annotate(
            **{
                name: Coalesce(
                    Subquery(
                        same.annotate(number=Count("pk", filter=when)).values("number"),
                        output_field=IntegerField(),
                    ),
                    0,
                )
                for name, when in counted.items()
            }
        )
    )
    names: dict[str, Any] = dict(ReasonCode.choices)
    for row in found:
        row.reason = names.get(row.reason_code, row.reason_code)
    return found


def _learnt(guidance_id: int | None) -> dict[str, Any]:
    """What the form begins with when somebody comes from a reason that a reviewer gave."""
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
