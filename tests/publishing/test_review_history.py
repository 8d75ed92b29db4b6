"""What readers see of the review is what happened, however a text was approved."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from approvals.comments.threads import comment
from approvals.models import Decision, ReviewRule
from publishing.demonstration.site import seed
from publishing.models import Author, Post
from publishing.publish import publish, update_live
from tasks.actions import edit_draft
from tasks.models import Draft, QualityReport
from tests.factories import ago, approve, make_draft, make_task, make_user, without_triggers
from tests.publishing.factories import approved_update, edit_live, make_post

pytestmark = pytest.mark.django_db

CLAIMS = re.compile(
    r"\bread (?:and|exactly|by|it\b(?! first))|looked at|reads? the draft|has read", re.IGNORECASE
)
"""Claims that a person read or looked at a text, which no record shows."""
UNKNOWN = "whether anyone read it first is not on record"


@pytest.fixture
def desk(client):
    client.force_login(make_user("erika", "Editors", is_staff=True))
    return client


def address(draft, view="review"):
    return reverse(f"desk:{view}", args=[draft.pk])


def paula():
    return make_user("paula", "Publishers")


def page(path):
    return Client().get(path).content.decode()


def said(post):
    """What its page and its twin say about the approval: as one, because both say the same."""
    html = page(post.get_absolute_url()).split('id="making"')[1]
    sentence = re.search(
        r"<p>((?:(?!<p>).)*?approved exactly this text on.*?) <a href=\"[^\"]*/about/", html, re.DOTALL
    )
    words = " ".join(re.sub(r"<[^>]+>", "", sentence[1]).split())
    assert words in " ".join(page(post.markdown_path).split())
    return words


def pressed(desk, draft, opened=None):
    """Approved on the review page, with every objection to it confirmed."""
    form = desk.get(address(draft)).context["form"]
    typed = {name: form[name].value() for name in ("version", "content_sha256", "state")}
    answer = desk.post(address(draft), typed | {"decision": "approve"})
    if answer.status_code == 409:
        despite = answer.context["objections"].fingerprint
        answer = desk.post(address(draft), typed | {"decision": "approve", "despite": despite})
    assert answer.status_code == 302
    if opened is not None:
        with without_triggers():
            decided = Decision.objects.get(draft=draft, version=draft.version)
            Decision.objects.filter(pk=decided.pk).update(opened_at=decided.decided_at - opened)
    return Draft.objects.get(pk=draft.pk)


def published(draft):
    return publish(Draft.objects.get(pk=draft.pk), by=paula())


# --- One way after the other --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opened", "words"), [
        (timedelta(minutes=4, seconds=10), "4 min 10 s after opening it for review."),
        (timedelta(seconds=2), "2 s after opening it for review."),
        (timedelta(milliseconds=300), "less than a second after opening it for review."),
        (timedelta(days=2, hours=3), "2 d 3 h after opening it for review."),
    ],
)  # fmt: skip
def test_an_approval_on_the_review_page_says_how_long_it_was_open(desk, opened, words):
    post = published(pressed(desk, make_draft(), opened))
    assert said(post).startswith("An editor approved exactly this text on ")
    assert said(post).endswith(words)


def test_an_approval_over_the_api_claims_no_reader():
    words = said(make_post())
    assert words.startswith("An editor’s account approved exactly this text on ")
    assert words.endswith(f", through a program; {UNKNOWN}.")


def test_a_bulk_approval_is_called_one(desk):
    drafts = [make_draft(), make_draft()]
    ticks = {"draft": [f"{draft.pk}:1" for draft in drafts], "decision": "approve"}
    rows = desk.post("/admin/desk/bulk/", ticks).context["rows"]
    desk.post(
        "/admin/desk/bulk/",
        {"confirmed": "1", "decision": "approve", "review_token": [row.token for row in rows]},
    )
    for draft in drafts:
        assert said(published(draft)).endswith(
            f", together with other texts, from a list of titles; {UNKNOWN}."
        )


def test_an_approval_by_its_own_author_is_called_one(desk):
    ReviewRule.objects.create(category="", four_eyes=False)
    draft = make_draft()
    form = desk.get(address(draft, "edit")).context["form"]
    typed = {name: form[name].value() for name in form.fields} | {"summary": "Mine.", "then": "approve"}
    desk.post(address(draft, "edit"), typed)
    words = said(published(draft))
    assert "after opening it for editing." in words
    assert words.endswith(
        "They had written or last edited it themselves, which its category’s review rule allows."
    )


def test_two_approvals_are_shown_as_two(desk):
    ReviewRule.objects.create(category="Law", approvals_needed=2)
    draft = make_draft(make_task(category="Law"))
    pressed(desk, draft, timedelta(minutes=7))
    approve(draft, by=make_user("emil", "Editors"))
    words = said(published(draft))
    assert words.startswith("An editor’s account approved exactly this text on ")
    assert "Another editor approved it too, on " in words
    assert words.endswith("7 min after opening it for review.")


def test_a_demonstration_is_called_one():
    seed(3, lambda *_: None)
    for post in Post.objects.all():
        assert said(post).startswith("A program approved exactly this text on ")
        assert said(post).endswith(", for a demonstration; no one read it first.")


def test_older_decisions_show_no_more_than_is_on_record(desk):
    post = published(pressed(desk, make_draft()))
    with without_triggers():
        Decision.objects.update(way="")
        Post.objects.update(provenance={})
    assert re.fullmatch(r"An editor approved exactly this text on [^,]*, \d\d:\d\d UTC\.", said(post))
    with without_triggers():
        Decision.objects.update(via="api")
    assert said(post).endswith(f"{UNKNOWN}.")


def test_an_update_is_shown_as_it_was_approved(desk):
    post = make_post()
    draft = edit_live(post)
    pressed(desk, draft, timedelta(minutes=3))
    update_live(Draft.objects.get(pk=draft.pk), by=paula(), kind="minor")
    assert said(post).endswith("3 min after opening it for review.")
    update_live(approved_update(post, summary="Once more."), by=paula(), kind="minor")
    assert said(post).endswith(f"{UNKNOWN}.")


def test_a_named_editor_is_named_with_the_way_of_approval(desk):
    Author.objects.create(user=make_user("erika"), name="Edda Tor", slug="edda", is_public=True)
    post = published(pressed(desk, make_draft(), timedelta(minutes=4)))
    assert said(post).startswith("Edda Tor approved exactly this text on ")
    text = page(post.get_absolute_url())
    assert '<meta name="author" content="Content Desk">' in text, "who approves a text did not write it"
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text)[1])
    assert data["@graph"][0]["author"]["@type"] == "Organization"


# --- What checks found --------------------------------------------------------------------------------

OF_CHECK = {"check": "length", "severity": "advisory", "message": "As it is.", "evidence": []}
RESULTS = [
    OF_CHECK | outcome
    for outcome in (
        {"status": "passed"}, {"status": "failed"}, {"status": "skipped"},
        {"status": "skipped", "applies": False},
    )
]  # fmt: skip


def test_failed_checks_are_called_confirmed_only_where_an_editor_confirmed_them(desk):
    by_hand, by_program = make_draft(), make_draft()
    for draft in (by_hand, by_program):
        QualityReport.objects.create(draft=draft, version=1, results=RESULTS)
    approve(by_program)
    counted = "1 checks passed, 1 failed{}, 1 could not run, 1 did not apply."
    confirmed = ", which the editor confirmed before approving"
    assert counted.format(confirmed) in page(published(pressed(desk, by_hand)).get_absolute_url())
    assert counted.format("") in page(published(by_program).get_absolute_url())


# --- Nowhere more than is on record ---------------------------------------------------------------------


def test_no_page_claims_that_a_person_read_it(desk):
    draft = make_draft()
    comment(draft, version=1, text="Is it so?", by=make_user("wim", "Writers"))
    edit_draft(draft, {"summary": "New."}, by=make_user("wim", "Writers"))
    Author.objects.create(user=make_user("erika"), name="Edda Tor", slug="edda", is_public=True)
    post = published(pressed(desk, draft))
    for path in (
        "/", "/about/", "/corrections/", "/author/edda/", "/llms.txt", "/feed/", "/feed/atom/", "/feed.json",
        "/search/?q=trees", post.get_absolute_url(), post.markdown_path, "/posts/no-such-post/",
    ):  # fmt: skip
        text = Client().get(path).content.decode()
        assert not CLAIMS.search(text), (path, CLAIMS.search(text))


def test_the_timeline_shows_the_objections(desk):
    draft = make_draft()
    comment(draft, version=1, text="Is it so?", by=make_user("wim", "Writers"))
    pressed(desk, draft)
    assert "Confirmed objections: 1 comment is unresolved." in desk.get(address(draft)).content.decode()


def test_a_post_of_an_earlier_release_has_a_page(desk):
    post = make_post(published_at=ago(days=3))
    Post.objects.update(provenance={"writer": "model", "checks": {"passed": 2, "skipped": 1}})
    text = page(post.get_absolute_url())
    assert "1 did not apply or could not run." in text
