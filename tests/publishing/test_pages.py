"""Texts that a person writes: pages of the site, and articles without a machine."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client

from approvals.audit.verification import first_failure
from approvals.decisions import decide
from approvals.errors import FourEyes
from approvals.models import AuditEntry, Verdict
from publishing.errors import NotApproved, SlugTaken
from publishing.models import Correction, Post
from publishing.pages import reserved
from publishing.publish import publish, unpublish, update_live
from publishing.reconciliation import live_posts
from publishing.site_identity import current
from tasks.actions import edit_draft, retry
from tasks.alerts.breaches import due
from tasks.engine.leases import seconds_until_work, take_leases
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft, TaskKind
from tasks.own_texts import file_own_text
from tests.factories import approve, decide_on, make_user, make_worker
from tests.publishing.factories import edit_identity, make_post

pytestmark = pytest.mark.django_db
BODY = "The Canopy, 1 Oak Street.\n\n## Responsible\n\nOda Quist."


def author() -> User:
    return make_user("oda", "Writers")


def publisher() -> User:
    return make_user("publisher", "Publishers")


def page(title: str = "Imprint", **content: Any) -> Draft:
    return file_own_text(TaskKind.PAGE, {"title": title, "body": BODY} | content, by=author())


def live_page(title: str = "Imprint", **content: Any) -> Post:
    draft = page(title, **content)
    approve(draft)
    return publish(draft, by=publisher())


def text(path: str) -> str:
    return str(Client().get(path).content.decode())


# --- One road for all texts -----------------------------------------------------------------------------


def test_a_page_goes_the_way_of_every_text() -> None:
    draft = page()
    assert (draft.version, draft.task.status, draft.slug) == (1, Status.AWAITING_APPROVAL, "imprint")
    with pytest.raises(NotApproved):
        publish(draft, by=publisher())
    assert Client().get("/imprint/").status_code == 404
    approve(draft)
    post = publish(draft, by=publisher())
    shown = text("/imprint/")
    assert "<h1>Imprint</h1>" in shown
    assert "1 Oak Street" in shown
    # A newer text is decided about and replaces it, with an entry in the log of corrections.
    draft = Draft.objects.select_related("task").get(pk=draft.pk)
    edit_draft(draft, {"body": BODY.replace("1 Oak", "2 Elm")}, by=make_user("edna", "Editors"))
    assert "1 Oak Street" in text("/imprint/")
    draft = Draft.objects.select_related("task").get(pk=draft.pk)
    approve(draft)
    update_live(draft, by=publisher(), kind=Correction.Kind.UPDATE, note="The desk has moved to Elm Street.")
    assert "2 Elm Street" in text("/imprint/")
    unpublish(post, by=publisher(), reason="No longer ours")
    assert Client().get("/imprint/").status_code == 410
    actions = list(
        AuditEntry.objects.filter(task_id=draft.task_id).order_by("seq").values_list("action", flat=True)
    )
    for action in ("draft.created", "task.awaiting_approval", "decision.created", "publication.unpublished"):
        assert action in actions
    assert first_failure() is None


def test_who_wrote_it_does_not_approve_it() -> None:
    writer = make_user("edda", "Editors", "Writers")
    draft = file_own_text(TaskKind.PAGE, {"title": "About us", "body": BODY}, by=writer)
    with pytest.raises(FourEyes):
        decide(draft, Verdict.APPROVE, version=1, content_sha256=draft.content_sha256, by=writer, via="admin")


@pytest.mark.parametrize("kind", [TaskKind.PAGE, TaskKind.OWN_ARTICLE])
def test_no_machine_touches_what_is_sent_back_and_an_edit_puts_it_before_reviewers_again(
    kind: TaskKind,
) -> None:
    draft = file_own_text(kind, {"title": "By hand", "body": BODY}, by=author())
    worker = make_worker()
    for verdict, status in ((Verdict.REQUEST_CHANGES, Status.PENDING), (Verdict.REJECT, Status.REJECTED)):
        draft = Draft.objects.select_related("task").get(pk=draft.pk)
        decide_on(draft, verdict)
        assert draft.task.status == status
        if status == Status.REJECTED:
            retry(draft.task, by=author())
        assert take_leases(worker.pk, 10) == []
        assert seconds_until_work() is None
        assert not ContentTask.objects.filter(due(draft.task.status_changed_at)).exists()
        draft = Draft.objects.select_related("task").get(pk=draft.pk)
        assert edit_draft(draft, {"body": f"{draft.body}\n\nMore, {verdict}."}, by=author())
        assert ContentTask.objects.get(pk=draft.task_id).status == Status.AWAITING_APPROVAL


def test_an_own_article_is_an_article_like_others_that_a_person_wrote() -> None:
    given = {"title": "Written by Oda", "body": BODY, "category": "City", "tags": ["trees"]}
    draft = file_own_text(TaskKind.OWN_ARTICLE, given, by=author())
    approve(draft)
    post = publish(draft, by=publisher())
    assert post.provenance["writer"] == "person"
    assert post.get_absolute_url() == "/posts/written-by-oda/"
    for path in ("/", "/feed/", "/category/city/", "/search/?q=Oda"):
        assert "/posts/written-by-oda/" in text(path), path


# --- Where it is, and where it is not -------------------------------------------------------------------


def test_a_page_is_in_no_list_and_in_the_sitemap() -> None:
    make_post("Shade")
    live_page("Imprint of ours", slug="imprint-of-ours", category="City", tags=["trees"])
    for path in (
        "/", "/feed/", "/feed/atom/", "/feed.json", "/archive/", "/category/city/", "/tag/trees/",
        "/posts/shade/", "/search/?q=imprint", "/search/suggest/?q=imprint",
        "/api/posts/", "/sitemap-posts-0.xml",
    ):  # fmt: skip
        assert "imprint-of-ours" not in text(path), path
    assert "/imprint-of-ours/</loc><lastmod>" in text("/sitemap-pages.xml")
    assert "- [Imprint of ours](http://127.0.0.1:8000/imprint-of-ours/)" in text("/llms.txt")
    slug = "imprint-of-ours"
    for path in (f"/posts/{slug}/", f"/posts/{slug}.md", "/shade/", f"/api/posts/{slug}/"):
        assert Client().get(path).status_code == 404, path
    assert not [shown for shown in live_posts() if shown.unapproved]


def test_links_to_a_page_that_moved_lead_to_it() -> None:
    post = live_page()
    edit_identity(menu=[{"kind": "page", "id": post.pk, "label": ""}], footer_text="See [it](/imprint/).")
    draft = Draft.objects.select_related("task").get(pk=post.draft_id)
    edit_draft(draft, {"slug": "legal-notice"}, by=make_user("edna", "Editors"))
    draft = Draft.objects.select_related("task").get(pk=post.draft_id)
    approve(draft)
    update_live(draft, by=publisher(), kind=Correction.Kind.UPDATE, note="It has another address now.")
    moved = Client().get("/imprint/")
    assert (moved.status_code, moved["Location"]) == (301, "/legal-notice/")
    assert current().menu == (("Imprint", "/legal-notice/"),)
    unpublish(Post.objects.get(pk=post.pk), by=publisher())
    edit_identity(tagline="Loads it again")
    assert current().menu == ()


def test_a_page_cannot_have_an_address_of_the_site() -> None:
    assert {
        "about",
        "admin",
        "api",
        "posts",
        "search",
        "feed",
        "health",
        "metrics",
        "static",
        "media",
    } <= reserved()
    for slug in sorted(reserved() - {"robots.txt"}):
        if not slug.replace("-", "").isalnum():
            continue
        draft = page(f"On {slug}", slug=slug.title())
        assert [type(error) for error in _refusals(draft)] == [SlugTaken], slug
    assert _refusals(page("Aside", slug="abouts")) == []


def _refusals(draft: Draft) -> list[Any]:
    from publishing.readiness import refusals

    return refusals(draft)


# --- The desk -------------------------------------------------------------------------------------------


def test_a_page_is_begun_on_the_desk_and_goes_on_in_the_editor(client: Client) -> None:
    client.force_login(author())
    answer = client.post(
        "/admin/publishing-desk/pages/write/",
        {"title": "Imprint", "language": "en", "body": BODY, "slug": ""},
    )
    draft = Draft.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/desk/{draft.pk}/edit/")
    assert client.get(answer["Location"]).status_code == 200
    listed = client.get("/admin/publishing-desk/pages/").content.decode()
    assert "/imprint/" in listed
    assert "Awaiting approval" in listed


def test_what_cannot_be_an_address_is_refused_before_anything_is_saved(client: Client) -> None:
    client.force_login(author())
    make_post("Shade")
    for fields, sentence in (
        ({"title": " "}, "This field is required"),
        ({"title": "Search"}, "/search/ is an address of the site itself"),
        ({"title": "X", "slug": "admin"}, "/admin/ is an address of the site itself"),
        ({"title": "X", "slug": "shade"}, "Another text has or had the address shade"),
        ({"title": "X", "slug": "a/b"}, "Use letters and digits"),
        ({"title": "x" * 201}, "at most 200 characters"),
        ({"title": "X", "language": "x" * 11}, "at most 10 characters"),
    ):
        given = {"language": "en", "body": "Words of mine", **fields}
        answer = client.post("/admin/publishing-desk/pages/write/", given)
        assert answer.status_code == 400, fields
        assert sentence in answer.content.decode().replace("&#x27;", "'"), fields
        assert "Words of mine" in answer.content.decode()
    assert not ContentTask.objects.exclude(kind=TaskKind.ARTICLE).exists()
    with pytest.raises(ValidationError, match="title"):
        file_own_text(TaskKind.PAGE, {"title": ""}, by=author())


def test_only_writers_and_editors_write(client: Client) -> None:
    for path in ("/admin/publishing-desk/pages/write/", "/admin/publishing-desk/write/"):
        client.logout()
        assert client.get(path).status_code == 302
        for group in ("Publishers", "Auditors"):
            client.force_login(make_user(group.lower(), group))
            assert client.get(path).status_code == 403
            assert client.post(path, {"title": "Mine", "language": "en"}).status_code == 403
            assert client.get("/admin/publishing-desk/pages/").status_code == 200
    assert not Draft.objects.exists()
