"""The page on which a publisher plans the withdrawal of a live post."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from publishing.desk.clock_form import ClockForm, clock_values
from publishing.desk.schedule import may_schedule
from publishing.errors import PublishingError, ScheduleConflict
from publishing.live_plans import open_withdrawal, plan_withdrawal
from publishing.models import Post, Schedule
from publishing.models.corrections import MAX_NOTE
from publishing.schedule import reschedule, unschedule
from tasks.actor import actor
from tasks.form_fields import Textarea


class WithdrawalForm(ClockForm):
    schedule = forms.IntegerField(min_value=1, required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        required=False, max_length=MAX_NOTE, widget=Textarea(attrs={"rows": 2}),
        help_text="For the desk and the audit log. Readers do not see it.",
    )  # fmt: skip
    field_order = ["reason", "date", "time", "zone", "which"]

    @classmethod
    def initially(cls, existing: Schedule | None, user: User) -> WithdrawalForm:
        known: dict[str, Any] = {"schedule": existing.pk, "reason": existing.note} if existing else {}
        return cls(initial=known | clock_values(existing, user))

    def clean_reason(self) -> str:
        return " ".join(self.cleaned_data["reason"].split())


@require_http_methods(["GET", "HEAD", "POST"])
@may_schedule
def withdraw(request: HttpRequest, draft_id: int) -> HttpResponse:
    post = get_object_or_404(Post.objects.select_related("draft__task"), draft=draft_id)
    if request.method != "POST":
        existing = open_withdrawal(post.draft)
        return _page(request, post, WithdrawalForm.initially(existing, actor(request)))
    form = WithdrawalForm(request.POST)
    if not form.is_valid() or form.moment is None:
        return _page(request, post, form, status=400)
    try:
        planned = _plan(post, form, actor(request))
    except ValidationError as error:
        form.add_error("date", error.messages)
        return _page(request, post, form, status=400)
    except PublishingError as error:
        return _page(request, post, form, problem=error, status=409)
    messages.success(request, f"Planned: “{post.title}” is withdrawn at {planned.local_clock}.")
    return redirect("desk:review", draft_id)


@require_POST
@may_schedule
def keep_live(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Remove the plan."""
    post = get_object_or_404(Post.objects.select_related("draft"), draft=draft_id)
    found = open_withdrawal(post.draft)
    try:
        if found is None:
            raise ScheduleConflict("No withdrawal of this post is planned.")
        unschedule(found, by=actor(request))
    except ScheduleConflict as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The plan was removed. The post stays online.")
    return redirect("desk:review", draft_id)


def _plan(post: Post, form: WithdrawalForm, by: User) -> Schedule:
    values, moment = form.cleaned_data, form.moment
    assert moment is not None
    if values["schedule"]:
        found = get_object_or_404(Schedule.objects.withdrawals(), pk=values["schedule"], draft=post.draft_id)
        return reschedule(found, moment, zone=values["zone"], by=by, note=values["reason"])
    return plan_withdrawal(post, moment, reason=values["reason"], zone=values["zone"], by=by)


def _page(
    request: HttpRequest,
    post: Post,
    form: WithdrawalForm,
    *,
    problem: Exception | None = None,
    status: int = 200,
) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "is_nav_sidebar_enabled": False,
        "title": f"When to withdraw {post.title}",
        "draft": post.draft,
        "post": post,
        "form": form,
        "schedule": open_withdrawal(post.draft),
        "problem": problem,
        "now": timezone.now(),
    }
    return render(request, "desk/withdraw.html", context, status=status)
