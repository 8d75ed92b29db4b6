"""The page on which a publisher replaces a live text with an approved newer one, at once or at a time."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from approvals.diffs.line_diff import diff_content
from publishing.desk.clock_form import ClockForm, clock_values
from publishing.errors import PublishingError
from publishing.live_plans import plan_update
from publishing.models import Post, Schedule
from publishing.models.corrections import MAX_NOTE, MIN_NOTE, Correction, checked_note
from publishing.publish import update_live
from publishing.schedule import open_schedule, reschedule
from tasks.actor import actor
from tasks.content import CONTENT_FIELDS
from tasks.form_fields import Textarea
from tasks.live_updates import Update
from tasks.models import Draft

may_update = permission_required(["tasks.view_draft", "publishing.publish_post"], raise_exception=True)

MEANING = {
    Correction.Kind.CORRECTION: "Correction: something was wrong",
    Correction.Kind.UPDATE: "Update: something is new",
    Correction.Kind.MINOR: "Minor: spelling, layout or the like; not in the site’s log of corrections",
}


class CorrectionForm(ClockForm):
    """The note to readers, the version that it is about, and when: without `plan`, at once."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    schedule = forms.IntegerField(min_value=1, required=False, widget=forms.HiddenInput)
    plan = forms.BooleanField(required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label="Kind of change", choices=[(str(kind), words) for kind, words in MEANING.items()],
        widget=forms.RadioSelect,
    )  # fmt: skip
    note = forms.CharField(
        label="Note to readers",
        required=False,
        widget=Textarea(attrs={"rows": 3}),
        help_text=f"What has changed, in {MIN_NOTE} to {MAX_NOTE} characters; a minor change needs none. "
        "It stays below the article and cannot be edited.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not (self.is_bound and self.data.get("plan")):
            for name in ("date", "time", "zone"):
                self.fields[name].required = False

    @classmethod
    def initially(cls, draft: Draft, existing: Schedule | None, user: User) -> CorrectionForm:
        known: dict[str, Any] = {"version": draft.version}
        if existing:
            known |= {"schedule": existing.pk, "kind": existing.correction_kind, "note": existing.note}
        return cls(initial=known | clock_values(existing, user))

    def clean(self) -> dict[str, Any]:
        values = super().clean() if self.cleaned_data.get("plan") else self.cleaned_data
        if {"kind", "note"} <= values.keys():
            try:
                values["note"] = checked_note(values["kind"], values["note"])
            except ValidationError as error:
                self.add_error(None, error)
        return values


@require_http_methods(["GET", "HEAD", "POST"])
@may_update
def update(request: HttpRequest, draft_id: int) -> HttpResponse:
    draft = get_object_or_404(Draft.objects.select_related("task"), pk=draft_id)
    if request.method != "POST":
        return _page(request, draft, CorrectionForm.initially(draft, open_schedule(draft), actor(request)))
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        return _page(request, draft, form, status=400)
    try:
        done = _plan(draft, form, actor(request)) if form.moment else _update(draft, form, actor(request))
    except ValidationError as error:
        form.add_error("date", error.messages)
        return _page(request, draft, form, status=400)
    except PublishingError as error:
        current = Draft.objects.select_related("task").get(pk=draft_id)
        return _page(request, current, form, problem=error, status=409)
    messages.success(request, done)
    return redirect("desk:review", draft_id)


def _update(draft: Draft, form: CorrectionForm, by: User) -> str:
    kind, note, version = (form.cleaned_data[name] for name in ("kind", "note", "version"))
    post = update_live(draft, by=by, kind=kind, note=note, version=version)
    link = format_html('<a href="{}">{}</a>', post.get_absolute_url(), post.title)
    return format_html("Version {} is now live: {}.", post.version, link)


def _plan(draft: Draft, form: CorrectionForm, by: User) -> str:
    values, moment = form.cleaned_data, form.moment
    assert moment is not None
    how = {"kind": values["kind"], "note": values["note"], "zone": values["zone"], "by": by}
    if values["schedule"]:
        found = get_object_or_404(Schedule.objects.of_texts(), pk=values["schedule"], draft=draft)
        planned = reschedule(found, moment, **how)
    else:
        planned = plan_update(draft, moment, version=values["version"], **how)
    return f"Planned: {planned}."


def _page(
    request: HttpRequest,
    draft: Draft,
    form: CorrectionForm,
    *,
    problem: Exception | None = None,
    status: int = 200,
) -> HttpResponse:
    post = Post.objects.published().filter(draft=draft).first()
    context = admin.site.each_context(request) | {
        "is_nav_sidebar_enabled": False,
        "title": f"Update {draft.title}",
        "draft": draft,
        "post": post,
        "form": form,
        "problem": problem,
        "schedule": open_schedule(draft),
        "can_be_updated": draft.task.update_state == Update.APPROVED,
        "changes": _changes(draft, post),
    }
    return render(request, "desk/update.html", context, status=status)


def _changes(draft: Draft, post: Post | None) -> Any:
    """The differences that readers will see."""
    live = draft.history.filter(version=post.version).first() if post else None
    if live is None:
        return []
    return diff_content({name: getattr(live, name) for name in CONTENT_FIELDS}, draft.content)
