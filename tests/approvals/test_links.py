"""Links for people without an account: one version each, and advice that decides nothing."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from approvals.errors import LinkEnded
from approvals.links.models import PreviewLink, SignOffFeedback
from approvals.links.sharing import SALT, give_feedback, make_link, revoke
from approvals.models import AuditEntry, Decision
from publishing.errors import NotApproved
from publishing.publish import publish
from tasks.actions import edit_draft
from tasks.lifecycle import Status
from tests.accessibility import accessibility_problems
from tests.factories import make_draft, make_task, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return make_user("erika", "Editors", is_staff=True)


def preview_of(draft, editor, **fields):
    return make_link(draft, **{"version": draft.version, "by": editor} | fields)


def sign_off(draft, editor, **fields):
    return preview_of(draft, editor, kind="sign_off", person="Dr. Outside", **fields)


def html(answer):
    return answer.content.decode()


# --- Reading ------------------------------------------------------------------------------------------


def test_it_shows_its_version_and_never_a_later_one(client, editor):
    draft = make_draft(title="The first words", body="Old body [1].")
    link, path = preview_of(draft, editor, person="Ada")
    edit_draft(draft, {"title": "The second words", "body": "New body."}, by=make_user("w", "Writers"))
    page = html(client.get(path))
    assert "The first words" in page
    assert "Old body" in page
    assert "second words" not in page
    assert "New body" not in page
    for said in ("Preview, not published", "Version 1", link.content_sha256[:12], "for Ada", "UTC"):
        assert said in page
    assert "How a tree cools a street" in page, "its sources are part of the text"


def test_it_is_neither_cached_nor_indexed_nor_referred(client, editor):
    _, path = sign_off(make_draft(), editor)
    for answer in (client.get(path), client.post(path, {}), client.get("/preview/nothing/")):
        assert "noindex" in answer["X-Robots-Tag"]
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "no-referrer"
        assert not answer.cookies
        assert "Cookie" not in answer.get("Vary", "")
        assert "unsafe" not in answer["Content-Security-Policy"]
    assert path not in html(client.get(path)), "no link of the page carries the address on"


def test_it_is_not_in_the_sitemap_nor_on_the_site(client, editor):
    preview_of(make_draft(title="Still secret"), editor)
    assert "Still secret" not in html(client.get("/")) + html(client.get("/sitemap.xml"))


def test_a_body_that_tries_to_run_something_is_only_text(client, editor):
    draft = make_draft(title="<script>alert(1)</script>", body="<img src=x onerror=alert(1)> hi")
    _, path = preview_of(draft, editor, person="<b>Ada</b>")
    page = html(client.get(path))
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "<b>Ada" not in page


def test_an_address_that_was_never_given_out_is_404_with_advice(client, editor):
    link, path = preview_of(make_draft(), editor)
    other = signing.dumps([link.pk, 1, "guessed"], salt=SALT)
    foreign = signing.dumps([link.pk, 1, "x"], salt="another purpose")
    for token in (other, foreign, "nonsense", path.split("/")[2][:-1], signing.dumps("x", salt=SALT)):
        answer = client.get(f"/preview/{token}/")
        assert answer.status_code == 404
        assert "Copy the complete address" in html(answer)


def test_a_token_for_another_version_does_not_work(client, editor):
    draft = make_draft()
    _, path = preview_of(draft, editor)
    edit_draft(draft, {"summary": "Newer."}, by=make_user("w", "Writers"))
    pk, _, secret = signing.loads(path.split("/")[2], salt=SALT)
    assert client.get(f"/preview/{signing.dumps([pk, 2, secret], salt=SALT)}/").status_code == 404


def test_an_expired_and_a_revoked_link_are_410_and_say_whom_to_ask(client, editor):
    draft = make_draft()
    link, path = preview_of(draft, editor)
    assert timedelta(days=6.9) < link.expires_at - timezone.now() < timedelta(days=7)
    _, ended = preview_of(draft, editor, days=-1)
    assert client.get(path).status_code == 200
    revoke(link, by=editor)
    for address, why in ((path, "revoked"), (ended, "expired")):
        answer = client.get(address)
        assert answer.status_code == 410
        assert why in html(answer)
        assert "Ask erika" in html(answer)
        assert draft.title not in html(answer)


def test_a_link_for_reading_takes_no_feedback(client, editor):
    _, path = preview_of(make_draft(), editor)
    answer = client.post(path, {"opinion": "agree"})
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    assert not SignOffFeedback.objects.exists()
    assert client.delete(path).status_code == 405


def test_the_secret_is_nowhere_in_the_database(editor):
    link, path = preview_of(make_draft(), editor)
    secret = signing.loads(path.split("/")[2], salt=SALT)[2]
    rows = json.dumps([list(PreviewLink.objects.values()), list(AuditEntry.objects.values())], default=str)
    assert secret not in rows
    assert link.secret_sha256 not in json.dumps(list(AuditEntry.objects.values()), default=str)


# --- Feedback -----------------------------------------------------------------------------------------


def test_feedback_is_recorded_once_and_never_approves(editor):
    browser = Client(enforce_csrf_checks=True)
    draft = make_draft()
    _, path = sign_off(draft, editor)
    assert "Dr. Outside, what do you think of version 1?" in html(browser.get(path))
    answer = browser.post(path, {"opinion": "agree", "text": "Fine by me."})
    assert answer.status_code == 200
    assert "Recorded: Dr. Outside agrees" in html(answer)
    given = SignOffFeedback.objects.get()
    assert (given.version, given.content_sha256) == (1, draft.content_sha256)
    entry = AuditEntry.objects.get(action="opinion.agree")
    assert (entry.task_id, entry.data["person"], entry.data["text"]) == (
        draft.task_id, "Dr. Outside", "Fine by me.",
    )  # fmt: skip

    for again in (
        browser.get(path),
        browser.post(path, {"opinion": "concerns", "text": "On second thought"}),
    ):
        assert again.status_code == 410
        assert "Dr. Outside agrees" in html(again)
    assert SignOffFeedback.objects.count() == 1

    draft.task.refresh_from_db()
    assert draft.task.status == Status.AWAITING_APPROVAL
    assert not Decision.objects.exists()
    with pytest.raises(NotApproved):
        publish(draft, by=make_user("paula", "Publishers"))


def test_looking_at_a_sign_off_link_records_nothing_and_does_not_use_it_up(client, editor):
    _, path = sign_off(make_draft(), editor)
    for _ in range(3):
        assert client.get(path, {"opinion": "agree"}).status_code == 200
    assert client.head(path).status_code == 200
    assert not SignOffFeedback.objects.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Choose whether you agree or have concerns."),
        ({"opinion": "approve"}, "Select a valid choice"),
        ({"opinion": "concerns", "text": " short "}, "10 characters or more"),
        ({"opinion": "concerns", "text": "x" * 5001}, "at most 5000 characters"),
        ({"opinion": "agree", "text": "a\x00b"}, "Null characters are not allowed"),
    ],
)
def test_incomplete_feedback_is_400_returns_the_words_and_leaves_the_link(client, editor, typed, said):
    _, path = sign_off(make_draft(), editor)
    answer = client.post(path, typed)
    assert answer.status_code == 400
    assert said in html(answer)
    if "short" in typed.get("text", ""):
        assert "short" in html(answer)
    assert client.post(path, {"opinion": "agree"}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_much_feedback_at_once_one_is_recorded(editor):
    _, path = sign_off(make_draft(), editor)
    token = path.split("/")[2]

    def give(number):
        try:
            give_feedback(token, choice="concerns", text=f"Concern number {number}")
        except LinkEnded:
            return 0
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(give, range(16))) == 1
    assert (
        SignOffFeedback.objects.count() == AuditEntry.objects.filter(action="opinion.concerns").count() == 1
    )


def test_words_typed_while_another_person_used_the_link_are_given_back(client, editor, monkeypatch):
    _, path = sign_off(make_draft(), editor)
    from approvals.links import public_page

    def too_late(token, **typed):
        give_feedback(token, choice="agree")
        return give_feedback(token, **typed)

    monkeypatch.setattr(public_page, "give_feedback", too_late)
    answer = client.post(path, {"opinion": "concerns", "text": "My long and careful thoughts."})
    assert answer.status_code == 410
    assert "Nothing was recorded" in html(answer)
    assert "My long and careful thoughts." in html(answer)


def test_the_review_page_shows_it_as_advice(client, editor):
    draft = make_draft()
    _, path = sign_off(draft, editor)
    client.force_login(editor)
    review = reverse("desk:review", args=[draft.pk])
    assert "Sign-off feedback" not in html(client.get(review))
    client.post(path, {"opinion": "concerns", "text": "<b>The figure</b> is old."})
    page = html(client.get(review))
    assert "Sign-off feedback" in page
    assert "It is advice only" in page
    assert "&lt;b&gt;The figure" in page
    edit_draft(draft, {"summary": "Newer."}, by=make_user("w", "Writers"))
    assert "(not the current one)" in html(client.get(review))


# --- Held by the database -----------------------------------------------------------------------------


FORBIDDEN = [
    "UPDATE approvals_opinion SET opinion = 'concerns', text = 'ten letters'",
    "DELETE FROM approvals_opinion",
    "TRUNCATE approvals_opinion",
    "UPDATE approvals_previewlink SET version = 2",
    "UPDATE approvals_previewlink SET expires_at = now() + interval '1 year'",
    "UPDATE approvals_previewlink SET revoked_at = now(), person = 'Another'",
    "DELETE FROM approvals_previewlink",
    "TRUNCATE approvals_previewlink CASCADE",
    "INSERT INTO approvals_opinion (link_id, draft_id, version, content_sha256, person, opinion, text) "
    "SELECT id, draft_id, version, content_sha256, person, 'agree', '' FROM approvals_previewlink "
    "WHERE kind = 'preview'",
    "INSERT INTO approvals_previewlink (draft_id, version, content_sha256, kind, person, secret_sha256, "
    "created_by_id, created_by_name, expires_at, revoked_by_name) SELECT draft_id, 7, content_sha256, kind, "
    "person, 'x', 1, '', expires_at, '' FROM approvals_previewlink LIMIT 1",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_raw_sql_changes_neither_a_link_nor_feedback(editor, statement):
    draft = make_draft()
    preview_of(draft, editor, person="Ada")
    _, path = sign_off(draft, editor)
    give_feedback(path.split("/")[2], choice="agree")
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute(statement)
    assert SignOffFeedback.objects.get().choice == "agree"


def test_a_revocation_cannot_be_taken_back(editor):
    link, _ = preview_of(make_draft(), editor)
    assert revoke(link, by=editor)
    assert not revoke(link, by=editor)
    with pytest.raises(DatabaseError), transaction.atomic():
        PreviewLink.objects.update(revoked_at=None)
    assert AuditEntry.objects.filter(action="previewlink.revoked").count() == 1


# --- The desk -----------------------------------------------------------------------------------------


def links_page(draft):
    return reverse("desk:links", args=[draft.pk])


def test_an_editor_makes_a_link_sees_it_once_and_revokes_it(client, editor, settings):
    settings.SITE_URL = "https://desk.example"
    draft = make_draft()
    client.force_login(editor)
    assert links_page(draft) in html(client.get(reverse("desk:review", args=[draft.pk])))
    assert client.get(links_page(draft)).status_code == 200
    assert not PreviewLink.objects.exists()
    typed = {"version": 1, "kind": "sign_off", "person": "Ada", "days": 3}
    answer = client.post(links_page(draft), typed)
    assert answer.status_code == 201
    address = answer.context["address"]
    assert address.startswith("https://desk.example/preview/")
    assert f'value="{address}"' in html(answer)
    assert "/preview/" not in html(client.get(links_page(draft)))
    assert Client().get(address.removeprefix("https://desk.example")).status_code == 200
    link = PreviewLink.objects.get()
    assert timedelta(days=2.9) < link.expires_at - timezone.now() < timedelta(days=3)
    entry = AuditEntry.objects.get(action="previewlink.created")
    assert (entry.actor_name, entry.data["person"], entry.task_id) == ("erika", "Ada", draft.task_id)

    revoking = reverse("desk:revoke-link", args=[draft.pk, link.pk])
    assert client.get(revoking).status_code == 405
    assert client.post(reverse("desk:revoke-link", args=[make_draft().pk, link.pk])).status_code == 404
    assert client.post(revoking).url == links_page(draft)
    assert "revoked by erika" in html(client.get(links_page(draft)))
    assert Client().get(address.removeprefix("https://desk.example")).status_code == 410


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"version": 9}, "version"),
        ({"version": "x"}, "version"),
        ({"kind": "sign_off", "person": ""}, "person"),
        ({"person": "x" * 151}, "person"),
        ({"days": 365}, "days"),
        ({"kind": "approve"}, "kind"),
    ],
)
def test_a_link_that_cannot_be_made_is_400_and_names_the_field(client, editor, typed, field):
    draft = make_draft()
    client.force_login(editor)
    answer = client.post(links_page(draft), {"version": 1, "kind": "preview", "days": 7} | typed)
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert not PreviewLink.objects.exists()


@pytest.mark.parametrize(
    ("group", "may_see", "may_make"),
    [("Writers", False, False), ("Publishers", False, False), ("Integrations", False, False),
     ("Auditors", True, False), ("Editors", True, True)],
)  # fmt: skip
def test_only_editors_make_and_revoke_and_auditors_look(client, editor, group, may_see, may_make):
    draft = make_draft()
    link, _ = preview_of(draft, editor)
    client.force_login(make_user("visitor", group, is_staff=True))
    assert client.get(links_page(draft)).status_code == (200 if may_see else 403)
    made = client.post(links_page(draft), {"version": 1, "kind": "preview", "days": 7})
    assert made.status_code == (201 if may_make else 403)
    revoked = client.post(reverse("desk:revoke-link", args=[draft.pk, link.pk]))
    assert revoked.status_code == (302 if may_make else 403)
    link.refresh_from_db()
    assert (link.revoked_at is not None) == may_make


def test_the_verbs_ask_for_the_permission_themselves(editor):
    draft, writer = make_draft(), make_user("walter", "Writers")
    link, _ = preview_of(draft, editor)
    with pytest.raises(PermissionDenied):
        preview_of(draft, writer)
    with pytest.raises(PermissionDenied):
        revoke(link, by=writer)


def test_many_links_need_no_more_queries(client, editor, django_assert_max_num_queries):
    draft = make_draft()
    client.force_login(editor)
    for _ in range(5):
        sign_off(draft, editor)
    with django_assert_max_num_queries(9):
        client.get(links_page(draft))
    _, path = sign_off(draft, editor)
    with django_assert_max_num_queries(3):
        Client().get(path)


# --- In a browser -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_reading_and_signing_off_is_accessible_and_narrow_enough(live_server, page, editor, settings):
    draft = make_draft(make_task(language="de"), title="Straßenbäume")
    _, path = sign_off(draft, editor)
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(live_server.url + path)
    assert accessibility_problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_label("I have concerns").check()
    page.get_by_label("Comments").fill("too short")
    page.get_by_role("button", name="Send").click()
    assert page.get_by_role("alert").is_visible()
    assert accessibility_problems(page) == []
    page.get_by_label("Comments").fill("The figure in the second part is old.")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("heading", name="Recorded: Dr. Outside has concerns").wait_for()
    assert accessibility_problems(page) == []
    page.goto(live_server.url + path)
    assert accessibility_problems(page) == []
    assert page.context.cookies() == []


@pytest.mark.django_db(transaction=True)
def test_the_page_of_links_is_accessible(live_server, page, client, editor):
    draft = make_draft()
    sign_off(draft, editor)
    client.force_login(editor)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(live_server.url + links_page(draft))
    page.get_by_label("Recipient").fill("Ada")
    page.get_by_role("button", name="Create link").click()
    page.get_by_text("Link created.").wait_for()
    assert accessibility_problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
