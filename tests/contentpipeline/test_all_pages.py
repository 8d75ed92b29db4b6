"""Every page of the product: accessible, no wider than the screen, without an error in the browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from approvals.access import token_actions
from approvals.access.models import TokenDetails
from approvals.access.token_actions import default_expiry
from approvals.comments.threads import comment
from approvals.links.models import PreviewLink
from approvals.links.sharing import make_link
from approvals.models import AuditEntry, Decision, ReviewRule, Webhook, WebhookDelivery
from approvals.webhooks.subscriptions import ping, subscribe
from publishing.models import Announcement, Author, Category, Post, Redirect, Tag
from publishing.publish import publish
from tasks.filing.templates import save_template
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft, Guidance, Incident, ModelCall, QualityReport, StageRun
from tests.accessibility import RUN
from tests.approvals.test_source_pages import reviewed_source
from tests.claims import SUPPORTED, UNCITED, save_ledger
from tests.factories import approve, make_draft, make_task, make_user
from tests.live import Server
from tests.publishing.factories import approved_update, make_post

LONG = "Sehenswürdigkeitenbeleuchtungsverordnung " * 4


def draft(title: str) -> Callable[[], list[Any]]:
    return lambda: [Draft.objects.get(title=title).pk]


def first(model: Any) -> Callable[[], list[Any]]:
    return lambda: [model.objects.earliest("pk").pk]


def post() -> list[Any]:
    return [Post.objects.earliest("pk").slug]


def month() -> list[Any]:
    published_at = Post.objects.earliest("pk").published_at
    return [published_at.year, published_at.month]


Page = tuple[str, Callable[[], list[Any]]]
WAITING, APPROVED = draft("Waiting"), draft("Approved")
PLAIN = (
    "desk:queue", "desk:guidance", "publishing_desk:images", "publishing_desk:published",
    "publishing_desk:pages", "publishing_desk:write-article", "publishing_desk:write-page",
    "publishing_desk:identity", "publishing_desk:calendar", "mfa_index", "admin_password_reset",
    "password_reset_done", "admin:tasks_dashboard", "admin:tasks_checks", "admin:tasks_prompts",
    "admin:notification_settings", "admin:people", "admin:add_person", "admin:profile",
    "admin:tokens", "admin:add_token", "admin:tasks_models",
    "admin:audit_dashboard", "admin:search", "admin:index", "admin:system", "admin:password_change",
    "admin:password_change_done", "admin:tasks_contenttask_templates", "admin:tasks_contenttask_import",
    "admin:tasks_contenttask_changelist", "admin:tasks_contenttask_add", "admin:tasks_draft_changelist",
    "admin:approvals_decision_changelist", "admin:approvals_reviewrule_changelist",
    "admin:approvals_reviewrule_add", "admin:approvals_auditentry_changelist", "admin:auth_user_changelist",
    "admin:auth_user_add", "admin:auth_group_changelist", "admin:auth_group_add",
    "admin:publishing_post_changelist", "admin:publishing_redirect_changelist",
    "admin:publishing_author_changelist", "admin:publishing_author_add",
    "admin:publishing_category_changelist", "admin:publishing_category_add",
    "admin:publishing_tag_changelist", "admin:publishing_tag_add", "admin:tasks_stagerun_changelist",
    "admin:tasks_modelcall_changelist", "admin:tasks_qualityreport_changelist",
    "admin:tasks_guidance_changelist", "admin:tasks_incident_changelist",
    "admin:approvals_webhook_changelist", "admin:approvals_webhookdelivery_changelist",
    "home", "archives", "about", "corrections", "search",
)  # fmt: skip
PAGES: dict[str, Callable[[], list[Any]]] = dict.fromkeys(PLAIN, list) | {
    "desk:source": list,
    "desk:review": WAITING, "desk:edit": WAITING, "desk:blame": WAITING, "desk:compare": WAITING,
    "desk:proposals": WAITING, "desk:links": WAITING,
    "desk:version": lambda: [*WAITING(), 1],
    "publishing_desk:cover": WAITING, "publishing_desk:schedule": APPROVED,
    "publishing_desk:update": draft("Live, and newer"),
    "publishing_desk:withdraw": draft("Live, and newer"),
    "admin:tasks_check": lambda: ["length"],
    "admin:person": first(User),
    "admin:tasks_contenttask_change": first(ContentTask),
    "admin:tasks_draft_change": first(Draft),
    "admin:approvals_decision_change": first(Decision),
    "admin:approvals_reviewrule_change": first(ReviewRule),
    "admin:approvals_auditentry_change": first(AuditEntry),
    "admin:auth_user_change": first(User),
    "admin:auth_user_password_change": first(User),
    "admin:auth_group_change": first(Group),
    "admin:publishing_post_change": first(Post),
    "admin:publishing_author_change": first(Author),
    "admin:publishing_category_change": first(Category),
    "admin:publishing_tag_change": first(Tag),
    "admin:token": lambda: [TokenDetails.objects.get().public_name],
    "admin:publishing_announcement_changelist": list,
    "admin:approvals_webhook_change": first(Webhook),
    "admin:approvals_webhookdelivery_change": first(WebhookDelivery),
    "admin:publishing_announcement_change": first(Announcement),
    "admin:publishing_redirect_change": first(Redirect),
    "admin:tasks_guidance_change": first(Guidance),
    "admin:tasks_incident_change": first(Incident),
    "admin:tasks_modelcall_change": first(ModelCall),
    "admin:tasks_qualityreport_change": first(QualityReport),
    "admin:tasks_stagerun_change": first(StageRun),
    "post": post, "post-sources": lambda: [Post.objects.get(title="Compared").slug],
    "category": lambda: [Category.objects.earliest("pk").slug],
    "tag": lambda: [Tag.objects.earliest("pk").slug],
    "author": lambda: [Author.objects.earliest("pk").slug],
    "archive": month,
    "preview": list,
}  # fmt: skip
SHOWN_ELSEWHERE = {
    "admin:revoke_token", "publishing_desk:calendar-move", "publishing_desk:keep-live",
    "page-without-slash",
    "account_inactive", "account_login", "account_logout", "account_reauthenticate",
    "admin:audit_export",
    "admin:confirm_mail", "admin:end_sessions", "admin:home_live", "admin:invitation",
    "admin:person_deactivate", "admin:person_end-sessions", "admin:person_invite",
    "admin:person_reactivate", "admin:person_reset-second-factor", "admin:person_revoke-invitation",

    "admin:tasks_contenttask_example",
    "admin:tasks_contenttask_forecast", "admin:tasks_contenttask_move", "admin:tasks_contenttask_names",
    "admin:tasks_contenttask_replay", "admin:tasks_contenttask_sources", "admin:tasks_contenttask_template",
    "admin:tasks_contenttask_template_of", "admin:tasks_contenttask_timeline", "admin:tasks_dashboard_move",

    "author-feed-atom",
    "author-feed-json", "author-feed-rss", "category-feed-atom", "category-feed-json", "category-feed-rss",
    "desk:answer-proposal", "desk:assign", "desk:assign-selected", "desk:bulk", "desk:check", "desk:claim",
    "desk:comment", "desk:delete-comment", "desk:dossier", "desk:edit-comment", "desk:hunks", "desk:lock",
    "desk:people", "desk:preview", "desk:release-review-lock", "desk:remove-guideline", "desk:reopen",
    "desk:reread-source", "desk:resolve", "desk:restore", "desk:revoke-link", "desk:source-document",
    "desk:take-review-lock", "desk:threads", "desk:unlock", "favicon", "feed-atom", "feed-json", "feed-rss",
    "health-live", "health-ready", "indexnow-key", "llms", "mcp", "media", "metrics",
    "mfa_activate_totp",
    "mfa_add_webauthn", "mfa_authenticate", "mfa_deactivate_totp", "mfa_download_recovery_codes",
    "mfa_generate_recovery_codes", "mfa_list_webauthn", "mfa_login_webauthn", "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn", "mfa_remove_webauthn", "mfa_view_recovery_codes", "oidc_callback",
    "oidc_login", "openid_connect_callback", "opensearch", "page", "password_reset_confirm",
    "post-markdown", "preview-media", "publishing_desk:edit-post", "publishing_desk:image",
    "publishing_desk:image-delete", "publishing_desk:image-replace", "publishing_desk:image-upload",
    "publishing_desk:image-use-newer", "publishing_desk:media", "publishing_desk:publish",
    "publishing_desk:unpublish", "publishing_desk:unschedule", "robots", "security", "site-colours",
    "site-picture", "sitemap", "sitemap-pages", "sitemap-posts", "sitemap-tags",
    "socialaccount_login_cancelled", "socialaccount_login_error", "suggest", "tag-feed-atom",
    "tag-feed-json", "tag-feed-rss", "title-card", "touch-icon",
}  # fmt: skip
"""Answers to forms, files and data; pages of one's own access, which the tests of it look at."""
OF_LIBRARIES = re.compile(
    r"admin:(django_q|knox|mfa|socialaccount|account)_|admin:\w+_(delete|history)$|"
    r"admin:(jsi18n|autocomplete|view_on_site|app_list|login|logout)$"
)
"""Lists of outside software, and what Django adds to each model."""
WITHOUT_FORM = re.compile(
    r"admin:(tasks_(stagerun|modelcall|qualityreport|guidance|incident|draft)|publishing_(post|redirect|announcement)|"
    r"approvals_(webhook|webhookdelivery|decision|auditentry))_add$"
)
KNOWN = re.compile(r"inline style|style-src|/widgets\.css\)")
"""jQuery, which the admin's forms load, tries what inline styles do; axe looks for an imported style sheet
next to the page instead of next to the sheet that imports it."""


def names(patterns: Any = None, before: str = "") -> Iterator[str]:
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(one, URLPattern):
            if one.name:
                yield before + one.name
        elif str(one.pattern) != "api/":
            yield from names(one.url_patterns, f"{before}{one.namespace}:" if one.namespace else before)


def test_every_address_is_looked_at_or_named_as_no_page() -> None:
    found = {name for name in names() if not OF_LIBRARIES.match(name) and not WITHOUT_FORM.match(name)}
    assert found - PAGES.keys() == SHOWN_ELSEWHERE
    assert PAGES.keys() <= found


def fill_site() -> tuple[User, dict[str, str]]:
    """Content of each kind, with long words; a user who may see all of it, and the addresses of the pages."""
    user = make_user("erika", "Editors", "Publishers", is_staff=True, is_superuser=True)
    waiting = make_draft(make_task(topic=LONG), title="Waiting", summary=LONG)
    comment(waiting, version=1, text=LONG, by=user)
    _, shared = make_link(
        waiting, version=1, kind=PreviewLink.Kind.SIGN_OFF, person="Olga", days=1, by=user
    )  # fmt: skip
    approve(make_draft(title="Approved"))
    editor = make_user("editor", "Editors", is_staff=True)
    Author.objects.create(user=editor, name="Ada Lovelace", slug="ada", bio=LONG, is_public=True)
    make_post(LONG + "x", slug="long-title")
    approved_update(make_post(title="Live"), title="Live, and newer")
    compared = make_draft(title="Compared")
    save_ledger(compared, SUPPORTED, UNCITED)
    approve(compared)
    publish(compared, by=user)
    source = reviewed_source()
    fill_system(waiting, user)
    make_task(status=Status.FAILED, error=f"https://example.org/{'a' * 90}")
    save_template("Weekly", {"topic": "A week"}, by=user)
    ReviewRule.objects.get_or_create(category="City")
    given = {"preview": shared, "desk:source": reverse("desk:source", args=[source.pk])}
    return user, {name: given.get(name) or reverse(name, args=of()) for name, of in PAGES.items()}


def fill_system(waiting: Draft, by: User) -> None:
    """One row of each list under *System*, with long words."""
    task, now = waiting.task, timezone.now()
    ModelCall.objects.create(
        task=task, run=1, stage="draft", role="creative", provider="offline", model="m", duration_ms=1,
        outcome="failed", error=LONG,
    )  # fmt: skip
    QualityReport.objects.create(draft=waiting, version=1, critique={"notes": LONG}, editor_notes=[LONG])
    Guidance.objects.create(task=task, reason_code="style", text=LONG)
    late = {"latest_at": now, "seen_at": now, "due_at": now}
    Incident.objects.create(kind=Incident.Kind.FAILURES, details={"why": LONG}, **late)
    Announcement.objects.create(path=f"/{'a' * 200}/", changed_at=now, due_at=now)
    Redirect.objects.create(slug="b" * 90, post=Post.objects.earliest("pk"))
    token_actions.create(by, name="weekly", scopes=None, expires_at=default_expiry(), by=by)
    hook, _ = subscribe(f"https://example.org/{'c' * 90}", ["task.published"], by=by)
    ping(hook)


def faults_of(page: Any, url: str, scheme: str, width: int) -> list[str]:
    said: list[str] = []

    def hear(message: Any) -> None:
        words = f"{message.text} ({message.location['url']})"
        if message.type == "error" and not KNOWN.search(words):
            said.append(f"console: {words}")

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(f"uncaught: {error}"))
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    response = page.goto(url)
    found = [] if response.status == 200 else [f"status {response.status}"]
    page.evaluate(AXE_SCRIPT)
    found += page.evaluate(RUN)
    if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
        found.append(f"scrolls to {wide}")
    return found + said


def look(site: Server, browser: Any, looks: Callable[[int], list[tuple[str, int]]]) -> list[str]:
    user, addresses = fill_site()
    client = Client()
    client.force_login(user)
    context = browser.new_context()
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site.url}])
    found = []
    for at, (name, path) in enumerate(addresses.items()):
        for scheme, width in looks(at):
            page = context.new_page()
            faults = faults_of(page, site.url + path, scheme, width)
            found += [f"{name} ({path}), {scheme}, {width}: {fault}" for fault in faults]
            page.close()
    context.close()
    return found


LOOKS = [("light", 1360), ("dark", 320)]


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.django_db(transaction=True)
def test_pages_are_accessible_whole_and_without_errors(site: Server, browser: Any) -> None:
    assert look(site, browser, lambda at: [LOOKS[at % 2]]) == []


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.django_db(transaction=True)
def test_all_pages_are_accessible_in_both_schemes_at_both_widths(site: Server, browser: Any) -> None:
    every = [(scheme, width) for scheme in ("light", "dark") for width in (320, 1360)]
    assert look(site, browser, lambda at: every) == []
