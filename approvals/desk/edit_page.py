"""What the editor shows: the page, and the parts of it that a script puts in place after saving."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from approvals import review_locks
from approvals.desk import review_page
from approvals.desk.comments import commented_text
from approvals.desk.forms import GOOD_LENGTHS, MAX_PREVIEW_CHARACTERS, DraftForm
from approvals.desk.frame import page, status_of
from approvals.desk.proposals import SHARES
from approvals.objections import objections_to
from approvals.review_token import ReviewToken
from approvals.rules import rule_for
from tasks import rendered_bodies
from tasks.actor import actor
from tasks.cited_sources import citable_sources, citations_for
from tasks.errors import DraftChanged
from tasks.lifecycle import Status
from tasks.models import Draft, Proposal
from tasks.models.proposals import MAX_INSTRUCTION
from tasks.pipeline.text.words import minutes_to_read, unit_of_length, word_count
from tasks.proposals import can_propose

DECIDABLE_ONCE_SAVED = frozenset({Status.AWAITING_APPROVAL, Status.APPROVED, Status.PUBLISHED})
JSON = "application/json"
SCRIPTS = tuple(
    f"desk/{name}.js"
    for name in (
        "editor_text",
        "editor_places",
        "editor_find",
        "editor",
        "editor_dialogs",
        "editor_panels",
        "editor_commands",
    )
)
"""In this order: each uses what those before it offer."""
PARTS = ("meta", "notes", "objections")
"""Templates `desk/_edit_NAME.html`, which change when a version is saved."""


@dataclass(frozen=True)
class TextLength:
    """How long a body is, in the unit of its language, next to what the brief asks for."""

    count: int
    minutes: int
    unit: str
    goal: int

    @classmethod
    def of(cls, body: str, draft: Draft) -> TextLength:
        language = draft.task.language
        count = word_count(rendered_bodies.plain_text(body))
        minutes = minutes_to_read(count, language)
        return cls(count, minutes, unit_of_length(language), draft.task.target_words)


def wants_json(request: HttpRequest) -> bool:
    """Whether the page's script asks: it puts the reply in place. A browser gets a page or a redirect."""
    return request.headers.get("Accept", "") == JSON


def previewed(body: str, draft: Draft) -> dict[str, Any]:
    """The text as readers will see it, with notes where they will not, a list of these, and its length."""
    citations = citations_for(draft, body)
    return {
        "html": rendered_bodies.for_editors(body, citations, draft.task.language),
        "unshown": rendered_bodies.unshown(body, citations),
        "length": TextLength.of(body, draft),
    }


def edit_page(
    request: HttpRequest,
    draft: Draft,
    form: DraftForm,
    *,
    problem: Exception | None = None,
    read_version: int | None = None,
    is_preview: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The editor, with what was typed so far."""
    user = actor(request)
    body = str(form["body"].value() or "")
    is_short = len(body) <= MAX_PREVIEW_CHARACTERS
    if form.is_bound:
        form.is_valid()  # copies what was typed, as far as it is valid, to the instance
    return page(
        request,
        "desk/edit.html",
        status=status_of(problem, status),
        title=f"Edit {draft.title}",
        form=form,
        problem=problem,
        # A preview does not report what is still missing.
        shows_errors=form.is_bound and not is_preview,
        is_preview=is_preview,
        preview=previewed(body if is_short else "", draft),
        changes=_changes(draft, user, problem, read_version),
        sources=citable_sources(draft),
        scripts=SCRIPTS,
        has_model=can_propose(),
        kinds=Proposal.Kind,
        shares=SHARES,
        most_instruction=MAX_INSTRUCTION,
        site_url=settings.SITE_URL,
        good_lengths=GOOD_LENGTHS,
        open_proposals=draft.proposals.filter(status__in=Proposal.OPEN).count(),
        **_threads(draft),
        **_state(draft, form.instance, user),
    )


def _threads(draft: Draft) -> dict[str, Any]:
    """Those of the current text, whatever was typed; to find their places takes a while for a long one."""
    if not draft.comments.exists():
        return {"threads": [], "resolved_count": 0}
    text = commented_text(draft)
    return {"threads": text.open_threads, "resolved_count": len(text.resolved)}


def saved_reply(request: HttpRequest, draft: Draft, message: str, *, is_changed: bool) -> JsonResponse:
    """For the script: the version that is current now, and the parts of the page that tell of it."""
    user = actor(request)
    fields = {name: getattr(draft, name) for name in DraftForm.Meta.fields}
    return JsonResponse(
        {
            "is_saved": True,
            "is_changed": is_changed,
            "message": message,
            "version": draft.version,
            "content_sha256": draft.content_sha256,
            "state": ReviewToken.issue(draft, user).signed,
            "status": draft.task.status,
            "fields": fields | {"tags": ",".join(draft.tags)},
            "parts": _parts(request, draft, user),
        }
    )


def invalid_reply(form: DraftForm) -> JsonResponse:
    return JsonResponse({"is_saved": False, "errors": form.errors}, status=400)


def refused_reply(
    request: HttpRequest, draft: Draft, problem: Exception, *, read_version: int
) -> JsonResponse:
    """What was typed stays in the browser; saving again replaces the version that is current now."""
    user = actor(request)
    changes = _changes(draft, user, problem, read_version)
    context = {"draft": draft, "problem": problem, "changes": changes}
    return JsonResponse(
        {
            "is_saved": False,
            "problem": render_to_string("desk/_edit_problem.html", context, request),
            "changes": render_to_string("desk/_edit_changes.html", context, request),
            "version": draft.version,
            "parts": _parts(request, draft, user),
        },
        status=status_of(problem),
    )


def _changes(
    draft: Draft, user: User, problem: Exception | None, read_version: int | None
) -> review_page.Changes | None:
    """What others changed meanwhile, where that is the problem."""
    if not isinstance(problem, DraftChanged):
        return None
    return review_page.changes(draft, [], user, read_version)


def _state(draft: Draft, typed: Draft, user: User) -> dict[str, Any]:
    """What depends on the version and its state; objections are those to the text as typed."""
    return {
        "draft": draft,
        "task": draft.task,
        "review_lock": review_locks.current(draft),
        "may_approve_after": draft.task.status in DECIDABLE_ONCE_SAVED
        and user.has_perm("approvals.add_decision"),
        "objections": objections_to(typed),
        "rule": rule_for(typed),
        "stale_seo_texts": review_page.evidence_of(draft, "seo_stale"),
    }


def _parts(request: HttpRequest, draft: Draft, user: User) -> dict[str, str]:
    context = _state(draft, draft, user)
    return {name: render_to_string(f"desk/_edit_{name}.html", context, request) for name in PARTS}
