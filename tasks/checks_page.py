"""The pages Quality checks: what each check asks, how it is run now, and a form to change that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tasks.actor import actor
from tasks.check_rules import change_check_rule
from tasks.models import QualityCheckRule

if TYPE_CHECKING:
    from tasks.pipeline.quality.check import Check, Threshold

VIEW, CHANGE = "tasks.view_qualitycheckrule", "tasks.change_qualitycheckrule"
MAX_HISTORY = 50


@dataclass(frozen=True)
class LimitShown:
    threshold: Threshold
    value: float

    @property
    def is_changed(self) -> bool:
        return self.value != self.threshold.default


@dataclass(frozen=True)
class CheckShown:
    check: Check
    rule: QualityCheckRule | None

    @property
    def severity(self) -> str:
        return (self.rule and self.rule.severity) or self.check.severity

    @property
    def is_severity_changed(self) -> bool:
        return self.severity != self.check.severity

    @property
    def limits(self) -> list[LimitShown]:
        own = self.rule.limits if self.rule else {}
        return [LimitShown(one, own.get(one.name, one.default)) for one in self.check.thresholds]


class CheckRuleForm(forms.Form):
    """The severity, each threshold of the check within its range, and why it is changed."""

    severity = forms.ChoiceField(
        choices=[
            ("veto", "Veto: a failure must be fixed"),
            ("advisory", "Advisory: a failure costs points"),
            ("off", "Off: the check is not run"),
        ]
    )

    def __init__(self, shown: CheckShown, data: Any = None) -> None:
        super().__init__(data, initial={"severity": shown.severity})
        self.fields["severity"].help_text = f"By default: {shown.check.severity}."
        self.names: dict[str, str] = {}
        for limit in shown.limits:
            name, one = f"limit_{limit.threshold.name}", limit.threshold
            self.names[name] = one.name
            self.fields[name] = forms.FloatField(
                label=one.name.replace("_", " ").capitalize(),
                initial=limit.value,
                min_value=one.lowest,
                max_value=one.highest,
                widget=forms.NumberInput(attrs={"step": "any"}),
                help_text=f"{one.meaning} {one.lowest:g} to {one.highest:g}; by default {one.default:g}.",
            )
        self.fields["reason"] = forms.CharField(
            min_length=10,
            max_length=500,
            help_text="At least 10 characters. It is shown here and recorded in the audit trail.",
        )

    @property
    def limits(self) -> dict[str, float]:
        return {own: self.cleaned_data[name] for name, own in self.names.items()}


def all_checks() -> tuple[Check, ...]:
    # Here, because they load pydantic, which no other page needs.
    from tasks.pipeline.quality import CHECKS

    return CHECKS


@require_safe
def checks_page(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    rules = {rule.check_name: rule for rule in QualityCheckRule.objects.all()}
    rows = [CheckShown(check, rules.get(check.name)) for check in all_checks()]
    context = admin.site.each_context(request) | {"title": "Quality checks", "rows": rows}
    return TemplateResponse(request, "admin/tasks/checks.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def check_page(request: HttpRequest, name: str) -> HttpResponse:
    """One check, its history, and for those who may change it, the form."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    check = next((one for one in all_checks() if one.name == name), None)
    if check is None:
        raise Http404(f"There is no check “{name}”.")
    shown = CheckShown(check, QualityCheckRule.objects.filter(check_name=name).first())
    if request.method != "POST":
        return _form_page(request, shown, CheckRuleForm(shown))
    if not request.user.has_perm(CHANGE):
        raise PermissionDenied("Only editors can change how checks are run.")
    form = CheckRuleForm(shown, request.POST)
    if not form.is_valid():
        return _form_page(request, shown, form, status=400)
    given = form.cleaned_data
    try:
        change_check_rule(
            check, severity=given["severity"], limits=form.limits, reason=given["reason"], by=actor(request)
        )
    except ValidationError as error:
        form.add_error(None, error.messages)
        return _form_page(request, shown, form, status=400)
    messages.success(
        request, f"{check.name} is changed. It applies to every text that is checked from now on."
    )
    return redirect("admin:tasks_check", name=check.name)


def _form_page(
    request: HttpRequest, shown: CheckShown, form: CheckRuleForm, *, status: int = 200
) -> HttpResponse:
    past = QualityCheckRule.history.filter(check_name=shown.check.name).order_by("-history_id")[:MAX_HISTORY]
    context = admin.site.each_context(request) | {
        "title": shown.check.name, "row": shown, "form": form, "past": past[:MAX_HISTORY],
        "may_change": request.user.has_perm(CHANGE),
    }  # fmt: skip
    return TemplateResponse(request, "admin/tasks/check.html", context, status=status)


urlpatterns = [
    path("tasks/checks/", admin.site.admin_view(never_cache(checks_page)), name="tasks_checks"),
    path("tasks/checks/<slug:name>/", admin.site.admin_view(never_cache(check_page)), name="tasks_check"),
]
