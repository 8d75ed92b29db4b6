"""The desk from outside: every role at every button, two people at one draft, and a long past."""

import re
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.comments.threads import comment, paragraph_sha256
from approvals.desk import urls
from approvals.links.sharing import make_link
from approvals.models import Decision
from approvals.review_token import ReviewToken
from benchmarks import review
from contentpipeline.roles import GROUP_OF_ROLE, create_groups
from tasks.guidance import adopt_guideline
from tasks.lifecycle import Status
from tasks.models import CategoryGuidance, ContentTask, Draft, Proposal, SourceReading
from tests.approvals.desk_browser import log_in
from tests.claims import save_ledger
from tests.factories import approve, make_draft, make_task, make_user
from tests.publishing.factories import approved_update, edit_live, make_post
from tests.tasks.test_source_records import keep, page_of, reading_of

# --- Every role at every button -----------------------------------------------------------------------

EVERYONE = {"writer", "editor", "publisher", "auditor", "integration", "superuser"}
EDITING = {"writer", "editor", "superuser"}
FILING = {*EDITING, "integration"}
DECIDING = {"editor", "superuser"}
PUBLISHING = {"publisher", "superuser"}
PEOPLE = (*sorted(EVERYONE), "nobody", "reader", "stranger")
"""Also staff in no group, an editor who is no staff, and a visitor without an account."""


@dataclass(frozen=True)
class Button:
    """Something that a page of the desk offers, and who may use it."""

    view: str
    roles: set[str]
    is_post: bool = True
    more: tuple = ()
    data: dict = field(default_factory=dict)
    state: str = "waiting"


NOT_ABOUT_A_DRAFT = {
    "desk:queue", "desk:bulk", "desk:guidance", "desk:remove-guideline", "desk:source",
    "desk:source-document", "desk:reread-source", "desk:people", "desk:assign", "desk:assign-selected",
}  # fmt: skip
IN_A_YEAR = {"date": f"{date.today().year + 1}-06-01", "time": "09:00", "zone": "Europe/Berlin"}


def decision(verdict):
    return {"decision": verdict, "reason_code": "style", "reason": "Too stiff for our readers."}


BUTTONS = {
    "queue": Button("desk:queue", EVERYONE, is_post=False),
    "read": Button("desk:review", EVERYONE, is_post=False),
    "approve": Button("desk:review", DECIDING, data=decision("approve")),
    "request changes": Button("desk:review", DECIDING, data=decision("request_changes")),
    "reject": Button("desk:review", DECIDING, data=decision("reject")),
    "bulk, first step": Button("desk:bulk", DECIDING, data=decision("approve")),
    "bulk, confirmed": Button("desk:bulk", DECIDING, data=decision("approve") | {"confirmed": "1"}),
    "start review": Button("desk:take-review-lock", DECIDING),
    "stop reviewing": Button("desk:release-review-lock", DECIDING),
    "comment": Button("desk:comment", EDITING, data={"version": 1, "text": "Says who?"}),
    "resolve": Button("desk:resolve", EDITING, more=("comment",)),
    "reopen": Button("desk:reopen", EDITING, more=("comment",)),
    "edit another's comment": Button(
        "desk:edit-comment", set(), more=("comment",), data={"new_text": "How?"}
    ),
    "delete another's comment": Button("desk:delete-comment", set(), more=("comment",)),
    "read the comments": Button("desk:threads", EVERYONE, is_post=False),
    "look people up": Button("desk:people", EVERYONE, is_post=False),
    "assign": Button("desk:assign", FILING, more=("task",), data={"assignee": ""}),
    "assign selected": Button("desk:assign-selected", FILING, data={"assignee": ""}),
    "check what is typed": Button("desk:check", EDITING, data={"title": "New", "body": "New."}),
    "open the editor": Button("desk:edit", EDITING, is_post=False),
    "save": Button("desk:edit", EDITING, data={"title": "New", "slug": "new", "body": "New."}),
    "save and approve": Button(
        "desk:edit", DECIDING, data={"title": "New", "slug": "new", "body": "New.", "then": "approve"}
    ),
    "preview": Button("desk:preview", EDITING, data={"body": "New."}),
    "read a version": Button("desk:version", EVERYONE, is_post=False, more=(1,)),
    "restore": Button("desk:restore", EDITING, more=(1,)),
    "compare": Button("desk:compare", EVERYONE, is_post=False),
    "blame": Button("desk:blame", EVERYONE, is_post=False),
    "lock": Button("desk:lock", DECIDING, data={"sha256": "0" * 64}),
    "unlock": Button("desk:unlock", DECIDING, data={"sha256": "0" * 64}),
    "read a claim": Button("desk:claim", EVERYONE, is_post=False, more=(1,)),
    "read the proposals": Button("desk:proposals", EVERYONE, is_post=False),
    "ask a model": Button("desk:proposals", EDITING, data={"kind": "titles"}),
    "dismiss a proposal": Button(
        "desk:answer-proposal", EDITING, more=("proposal",), data={"then": "dismiss"}
    ),
    "open the changes": Button("desk:hunks", EDITING, is_post=False),
    "take some changes": Button("desk:hunks", EDITING, data={"from": 1, "to": 1}),
    "dossier": Button("desk:dossier", DECIDING | {"auditor"}),
    "read a source": Button("desk:source", EVERYONE, is_post=False, more=("source",)),
    "download a document": Button("desk:source-document", EVERYONE, is_post=False, more=("document",)),
    "read a document again": Button("desk:reread-source", FILING, more=("document",)),
    "read the guidance": Button("desk:guidance", EVERYONE, is_post=False),
    "ask of a category": Button(
        "desk:guidance", DECIDING, data={"category": "City", "text": "Name the city of each figure."}
    ),
    "drop guidance": Button("desk:remove-guideline", DECIDING, more=("asked",)),
    "links": Button("desk:links", DECIDING | {"auditor"}, is_post=False),
    "make a link": Button("desk:links", DECIDING, data={"kind": "preview", "days": 7}),
    "revoke a link": Button("desk:revoke-link", DECIDING, more=("link",)),
    "publish": Button("publishing_desk:publish", PUBLISHING, state="approved"),
    "open the plan": Button("publishing_desk:schedule", PUBLISHING, is_post=False, state="approved"),
    "schedule": Button("publishing_desk:schedule", PUBLISHING, state="approved", data=IN_A_YEAR),
    "unschedule": Button("publishing_desk:unschedule", PUBLISHING, state="approved"),
    "open the editor of what is live": Button("desk:edit", DECIDING, is_post=False, state="live"),
    "edit what is live": Button(
        "desk:edit", DECIDING, data={"title": "New", "slug": "new", "body": "New."}, state="live"
    ),
    "restore over what is live": Button("desk:restore", DECIDING, more=(1,), state="updated"),
    "approve an update": Button("desk:review", DECIDING, data=decision("approve"), state="updated"),
    "request changes of an update": Button(
        "desk:review", DECIDING, data=decision("request_changes"), state="updated"
    ),
    "reject an update": Button("desk:review", DECIDING, data=decision("reject"), state="updated"),
    "open the update": Button("publishing_desk:update", PUBLISHING, is_post=False, state="update approved"),
    "update": Button("publishing_desk:update", PUBLISHING, data={"kind": "minor"}, state="update approved"),
    "plan an update": Button(
        "publishing_desk:update",
        PUBLISHING,
        data={"kind": "minor", "plan": "1"} | IN_A_YEAR,
        state="update approved",
    ),
    "open the withdrawal": Button("publishing_desk:withdraw", PUBLISHING, is_post=False, state="live"),
    "plan a withdrawal": Button("publishing_desk:withdraw", PUBLISHING, data=IN_A_YEAR, state="live"),
    "remove a withdrawal": Button("publishing_desk:keep-live", PUBLISHING, state="live"),
    "unpublish": Button("publishing_desk:unpublish", PUBLISHING, state="published"),
}


def person(role):
    client = Client()
    if role == "stranger":
        return client
    groups = [GROUP_OF_ROLE[role]] if role in GROUP_OF_ROLE else []
    user = make_user(f"the-{role}", *groups, is_staff=role != "reader", is_superuser=role == "superuser")
    client.force_login(user)
    client.user = user
    return client


def stage(button):
    """A draft in the right state, the address of the button for it, and what its form sends."""
    if button.state == "published":
        post = make_post()
        return post.draft, reverse(button.view, args=[post.pk]), {}
    draft = make_draft() if button.state in {"waiting", "approved"} else live_draft(button.state)
    if button.state == "approved":
        approve(draft, by=make_user("emil", "Editors"))
    said = comment(draft, version=1, text="Why?", by=make_user("walter", "Writers"))
    link, _ = make_link(draft, version=1, by=make_user("edda", "Editors"))
    asked = adopt_guideline(f"City {draft.pk}", "Say it plainly.", by=make_user("edda", "Editors"))
    document = keep(draft.task.sources.create(url="https://x.example/"), page_of(), reading_of())
    asked_for = Proposal.objects.create(draft=draft, kind="titles", version=1, asked_by_name="Emil")
    save_ledger(draft)
    parts = {
        "task": draft.task_id,
        "source": document.source_id,
        "document": document.pk,
        "proposal": asked_for.pk,
    }
    parts |= {"comment": said.pk, "link": link.pk, "asked": asked.pk}
    args = [] if button.view in NOT_ABOUT_A_DRAFT else [draft.pk]
    args += [parts.get(part, part) for part in button.more]
    selected = f"{draft.pk}:{draft.version}"
    about = {"version": draft.version, "content_sha256": draft.content_sha256, "draft": selected}
    return draft, reverse(button.view, args=args), about


def sent_by(client, button, draft, about):
    """What the button's form sends when this person has the draft before them."""
    user = getattr(client, "user", None)
    is_read = user is not None and button.state != "published"
    return about | button.data | ({"review_token": ReviewToken.issue(draft, user).signed} if is_read else {})


def live_draft(state):
    post = make_post()
    if state == "update approved":
        return approved_update(post)
    return edit_live(post) if state == "updated" else Draft.objects.get(pk=post.draft_id)


def evidence(draft):
    """All that a refused button must not have changed."""
    task = ContentTask.objects.get(pk=draft.task_id)
    return (
        task.status, task.update_state, task.draft.version, task.draft.decisions.count(),
        task.draft.comments.count(),
        task.draft.comments.filter(resolved_at=None).count(), hasattr(task.draft, "review_lock"),
        task.draft.preview_links.count(), task.draft.preview_links.filter(revoked_at=None).count(),
        CategoryGuidance.objects.count(), SourceReading.objects.count(),
        task.draft.proposals.count(), task.draft.proposals.filter(status="dismissed").count(),
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("state", sorted({button.state for button in BUTTONS.values()}))
def test_each_role_can_use_exactly_its_own_buttons(state, subtests):
    clients = {role: person(role) for role in PEOPLE}
    for name, button in BUTTONS.items():
        if button.state == state:
            with subtests.test(name), undone():
                press_as_everybody(button, clients)


def press_as_everybody(button, clients):
    draft, address, about = stage(button)
    before = evidence(draft)
    for role, client in clients.items():
        with undone():  # the next one finds the draft as it was
            sent = sent_by(client, button, draft, about)
            answer = client.post(address, sent) if button.is_post else client.get(address)
            is_let_in = answer.status_code != 403 and not answer.headers.get("Location", "").startswith(
                "/admin/login/"
            )
            assert is_let_in == (role in button.roles), (role, answer.status_code)
            assert answer.status_code < 500
            if not is_let_in:
                assert evidence(draft) == before, role


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_the_table_has_every_address_of_the_desk():
    names = {f"{urls.app_name}:{pattern.name}" for pattern in urls.urlpatterns}
    assert names <= {button.view for button in BUTTONS.values()}, "add the new page to BUTTONS"


@pytest.mark.slow
@pytest.mark.django_db
def test_nothing_that_changes_something_answers_to_a_visit():
    client = person("superuser")
    for name, button in BUTTONS.items():
        if not button.is_post:
            continue
        draft, address, about = stage(button)
        before = evidence(draft)
        client.get(address, sent_by(client, button, draft, about))
        client.head(address)
        assert evidence(draft) == before, name


@pytest.mark.slow
@pytest.mark.django_db
def test_a_visit_writes_nothing_at_all():
    client = person("superuser")
    client.get(reverse("desk:queue"))  # that a new browser is in use is noted once in five minutes
    for name, button in BUTTONS.items():
        draft, address, about = stage(button)
        sent = sent_by(client, button, draft, about)
        with CaptureQueriesContext(connection) as queries:
            client.get(address, sent)
        # A cursor that is declared reads, too.
        written = [query["sql"] for query in queries if not query["sql"].startswith(("SELECT ", "DECLARE "))]
        assert written == [], name


# --- Two at one draft ---------------------------------------------------------------------------------


TYPED = {
    "ada": {"decision": "approve", "reason": "Fine as it is, says Ada."},
    "bob": {"decision": "reject", "reason_code": "style", "reason": "Far too long, says Bob."},
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_of_two_at_a_barrier_one_decides_and_the_other_learns_who_did(attempt):
    draft, start, answers = make_draft(), Barrier(2), {}
    at = reverse("desk:review", args=[draft.pk])

    def read_and_send(name):
        client = Client()
        client.force_login(make_user(name, "Editors", is_staff=True))
        page = client.get(at).content.decode()
        read = dict(
            re.findall(r'<input type="hidden" name="(version|content_sha256|state)" value="([^"]+)"', page)
        )
        start.wait(10)
        answers[name] = client.post(at, read | TYPED[name])

    both = [Thread(target=with_own_connection, args=[read_and_send, name]) for name in TYPED]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(20)
    assert sorted(answer.status_code for answer in answers.values()) == [302, 409]
    [made] = Decision.objects.all()
    [loser] = [name for name, answer in answers.items() if answer.status_code == 409]
    page = answers[loser].content.decode()
    assert f"{made.actor_name} decided: {made.get_decision_display().lower()}" in page
    assert f"{TYPED[loser]['reason']}</textarea>" in page
    assert made.actor_name != loser


def with_own_connection(work, *args):
    try:
        work(*args)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_two_browsers_send_at_the_same_moment(live_server, browser):
    draft = make_draft()
    at = reverse("desk:review", args=[draft.pk])
    contexts = [browser.new_context() for _ in range(2)]
    try:
        pages, statuses = [context.new_page() for context in contexts], {}
        for page, name in zip(pages, ("ada", "bob"), strict=True):
            log_in(page, live_server.url, name, "Editors", at=at)
            page.check("#refuse-reject")
            page.fill("#id_reason", f"Typed by {name}, at length.")
            page.select_option("#id_reason_code", "style")
            page.on(
                "response",
                lambda answer, name=name: (
                    answer.request.method == "POST" and statuses.setdefault(name, answer.status)
                ),
            )
        moment = 1000 * time.time() + 1500
        for page, verdict in zip(pages, ("approve", "reject"), strict=True):
            page.evaluate(
                """([moment, verdict]) => { setTimeout(() => {
                    const form = document.querySelector("[data-decide]");
                    form.requestSubmit(form.querySelector(`button[value="${verdict}"]`));
                }, moment - Date.now()); }""",
                [moment, verdict],
            )
        for page in pages:
            page.wait_for_selector(".messagelist .success, .desk-problem")
        assert sorted(statuses.values()) == [302, 409]
        [made] = Decision.objects.all()
        [(loser, page)] = [
            (name, page) for name, page in zip(("ada", "bob"), pages, strict=True) if statuses[name] == 409
        ]
        said = page.inner_text(".desk-problem")
        assert f"{made.actor_name} decided: {made.get_decision_display().lower()}" in said
        assert page.input_value("#unsent") == f"Typed by {loser}, at length."
    finally:
        for context in contexts:
            context.close()


@pytest.mark.django_db(transaction=True)
def test_a_draft_is_reviewed_without_javascript(live_server, browser):
    context = browser.new_context(java_script_enabled=False)
    try:
        page, draft = context.new_page(), make_draft(title="Street trees")
        log_in(page, live_server.url, "ada", "Editors", at=reverse("desk:queue"))
        page.click("a:text-is('Street trees')")
        page.click("text=Start review")
        assert "You are reviewing it" in page.inner_text(".desk-review-lock")
        page.click("[aria-label='Comment on paragraph 1']")
        page.fill("#comment_text", "Says who?")
        page.click(".desk-comment-form button")
        assert "Says who?" in page.inner_text("#p1")
        page.click(".desk-tabs >> text=Changes")
        page.click("text=Markdown")
        assert "## Shade" in page.inner_text(".desk-markdown")
        page.locator(".desk-refusal").first.click()  # in its middle: all of the button takes the click
        page.click("[name=decision][value=request_changes]")
        assert "Choose a reason" in page.inner_text("#decision")
        page.select_option("#id_reason_code", "facts")
        page.fill("#id_reason", "The first figure has no source.")
        page.click("[name=decision][value=request_changes]")
        assert "sent back for changes" in page.inner_text(".messagelist .success")
        assert Decision.objects.get().draft == draft
    finally:
        context.close()


# --- A long past --------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.django_db
def test_the_page_of_a_draft_with_200_versions_of_50_kb_takes_few_queries(django_assert_max_num_queries):
    import random

    create_groups()
    chance = random.Random(7)
    editor = review.make_editor()
    draft = review.make_draft(review.make_paragraphs(chance), 200, editor, chance)
    assert (draft.version, len(draft.body) >= 50_000) == (200, True)
    client = Client()
    client.force_login(editor)
    client.get(reverse("desk:queue"))
    for view in ("rendered", "changes", "markdown"):
        with django_assert_max_num_queries(25):
            page = client.get(reverse("desk:review", args=[draft.pk]), {"view": view})
        assert page.status_code == 200
    assert re.search(r"All 2\d\d events", page.content.decode())
    assert (
        "Version 1<"
        in client.get(reverse("desk:review", args=[draft.pk]), {"history": "all"}).content.decode()
    )


@pytest.mark.slow
@pytest.mark.django_db
def test_the_benchmark_measures_and_names_its_baselines(monkeypatch):
    create_groups()
    monkeypatch.setattr(review, "CHARACTERS", 3000)
    monkeypatch.setattr(review, "VERSIONS", 4)
    monkeypatch.setattr(review, "COMMENTS", 2)
    monkeypatch.setattr(review, "EDITED_BETWEEN", 3)
    said = []
    review.run(said.append, quick=True)
    text = "\n".join(said)
    for shown in ("baseline: review page, 1 version", "baseline: difflib", "ratio", "≤ 25"):
        assert shown in text
    assert ContentTask.objects.filter(status=Status.AWAITING_APPROVAL).count() == 2


@pytest.mark.django_db
def test_a_comment_in_a_long_text_is_found_again():
    import random

    paragraphs = review.make_paragraphs(random.Random(7))
    draft = make_draft(make_task(), body="\n\n".join(paragraphs))
    made = comment(draft, version=1, text="?", by=make_user("e", "Editors"), quote=paragraphs[70])
    assert made.paragraph_sha256 == paragraph_sha256(paragraphs[70])
