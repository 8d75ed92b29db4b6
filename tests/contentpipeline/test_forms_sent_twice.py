"""A form of the desk that is sent twice is done once: in a row, and at the same time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from approvals.comments import threads
from approvals.models.desk import DraftComment
from contentpipeline.forms.once import SENT_TWICE
from tasks.models import ContentTask, Draft, IdempotencyKey
from tests.contentpipeline.test_form_recovery import Form, address, opened, sent
from tests.factories import make_draft, make_user

COMMENT = {"text": "Is this so?"}


@dataclass
class Case:
    page: Callable[[], str]
    having: str
    """A field that the form has, by which it is found."""
    typed: dict[str, Any]
    rows: Callable[[], int]
    reply_to: bool = field(default=False)


def draft_page() -> str:
    return address(make_draft(), "review")


CASES = {
    "a comment": Case(draft_page, "text", COMMENT, lambda: DraftComment.objects.count()),
    "an article of a person": Case(
        lambda: reverse("publishing_desk:write-article"), "title", {"title": "On rivers"},
        lambda: Draft.objects.count(),
    ),
    "a page of the site": Case(
        lambda: reverse("publishing_desk:write-page"), "title", {"title": "About us"},
        lambda: Draft.objects.count(),
    ),
    "a brief": Case(
        lambda: reverse("admin:tasks_contenttask_add"), "topic", {"topic": "Rivers"},
        lambda: ContentTask.objects.count(),
    ),
    "an invitation": Case(
        lambda: reverse("admin:add_person"), "mail", {"name": "Ida New", "mail": "ida@example.org"},
        lambda: User.objects.count(),
    ),
    "a token": Case(
        lambda: reverse("admin:add_token"), "name", {"name": "Import"}, lambda: AuthToken.objects.count()
    ),
}  # fmt: skip


@pytest.fixture
def desk() -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("ada", is_superuser=True, is_staff=True))
    return client


def form_of(desk: Client, page: str, having: str) -> Form:
    form = opened(desk, page, having)
    if having == "text":  # the button for comments has an address of its own
        form.action = form.page.xpath("//button[contains(@formaction, '/comment')]/@formaction")[0]
    return form


def filled(desk: Client, case: Case) -> tuple[str, dict[str, Any]]:
    page = case.page()
    form = form_of(desk, page, case.having)
    boxes = {
        one.get("name"): one.get("value")
        for one in form.element.iter("input")
        if one.get("type") == "checkbox"
    }
    chosen = {name: boxes[name] for name in ("roles", "scopes") if name in boxes}
    return form.action, form.typed | chosen | case.typed


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_form_sent_again_leads_to_what_it_made(desk, case):
    url, fields = filled(desk, case)
    before = case.rows()
    first = sent(desk, url, fields)
    assert case.rows() == before + 1, first.content.decode()
    again = sent(desk, url, fields)
    assert (again.status_code, case.rows()) == (302, before + 1)
    assert first.get("Location", again["Location"]) == again["Location"]
    shown = desk.get(again["Location"].partition("#")[0])
    assert shown.status_code == 200
    assert SENT_TWICE in shown.content.decode()


@pytest.mark.django_db
def test_a_reply_sent_again_is_in_the_thread_once(desk):
    draft = make_draft()
    thread = threads.comment(draft, version=draft.version, text="Why?", by=make_user("eva", "Editors"))
    fields = form_of(desk, address(draft, "review"), "text").typed | {"parent": str(thread.pk), "text": "So."}
    for _ in range(2):
        assert sent(desk, reverse("desk:comment", args=[draft.pk]), fields).status_code == 302
    assert thread.replies.count() == 1


@pytest.mark.django_db
def test_another_form_with_the_same_words_is_another_comment(desk):
    page = draft_page()
    for _ in range(2):
        form = form_of(desk, page, "text")
        sent(desk, form.action, form.typed | COMMENT)
    assert DraftComment.objects.count() == 2


@pytest.mark.django_db
def test_a_form_with_other_words_is_done_although_its_page_was_used_before(desk):
    form = form_of(desk, draft_page(), "text")
    for text in ("One.", "Two."):
        sent(desk, form.action, form.typed | {"text": text})
    assert set(DraftComment.objects.values_list("text", flat=True)) == {"One.", "Two."}


@pytest.mark.django_db
def test_a_refused_form_can_be_sent_again(desk):
    form = form_of(desk, reverse("publishing_desk:write-page"), "title")
    for _ in range(2):
        assert sent(desk, form.action, form.typed | {"title": "Search", "slug": "search"}).status_code == 400
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db
def test_what_a_script_or_a_program_sends_is_done_each_time(desk):
    form = form_of(desk, draft_page(), "text")
    fields = form.typed | COMMENT
    for headers in ({"accept": "application/json"}, {"sec-fetch-mode": "cors"}):
        sent(desk, form.action, fields, **headers)
        sent(desk, form.action, fields, **headers)
    program = fields | {"csrfmiddlewaretoken": desk.cookies["csrftoken"].value}
    sent(desk, form.action, program)
    sent(desk, form.action, program)
    assert DraftComment.objects.count() == 6


@pytest.mark.django_db
def test_the_same_form_of_another_person_is_another_form(desk):
    form = form_of(desk, draft_page(), "text")
    sent(desk, form.action, form.typed | COMMENT)
    other = Client(enforce_csrf_checks=True)
    other.force_login(make_user("bea", "Editors", is_staff=True))
    other.cookies["csrftoken"] = desk.cookies["csrftoken"].value
    sent(other, form.action, form.typed | COMMENT)
    assert set(DraftComment.objects.values_list("author_name", flat=True)) == {"ada", "bea"}


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_once_is_done_once(desk):
    for case in CASES.values():
        url, fields = filled(desk, case)
        before, together = case.rows(), Barrier(2)

        def send(_: int, url: str = url, fields: Any = fields, together: Barrier = together) -> int:
            browser = Client(enforce_csrf_checks=True)
            browser.cookies.update(desk.cookies)
            together.wait(timeout=20)
            try:
                return sent(browser, url, fields).status_code
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as threads_of_two:
            statuses = list(threads_of_two.map(send, range(2)))
        assert max(statuses) == 302, statuses
        assert case.rows() == before + 1
