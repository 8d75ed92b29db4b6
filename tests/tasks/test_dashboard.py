"""The page Work: what it shows, what its buttons do, and who may press them."""

import re

import pytest
from django.urls import reverse

from approvals.models import AuditEntry
from contentpipeline.roles import GROUP_OF_ROLE
from tasks import bulk
from tasks.alerts.incidents import check
from tasks.lifecycle import Status
from tasks.models import ContentTask, Worker
from tests.accessibility import accessibility_problems
from tests.approvals.desk_browser import log_in
from tests.factories import ago, make_task, make_user, make_worker

pytestmark = pytest.mark.django_db

PAGE, MOVE = "/admin/tasks/dashboard/", "/admin/tasks/dashboard/move/"
OUT = {"error_kind": "provider_unavailable", "status": Status.FAILED}


def status_of(task):
    return ContentTask.objects.get(pk=task.pk).status


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def editor(client):
    client.force_login(make_user("edith", "Editors", is_staff=True))
    return client


def send(client, **fields):
    answer = client.post(MOVE, fields, follow=True)
    assert answer.redirect_chain == [(PAGE, 302)]
    return [str(message) for message in answer.context["messages"]]


def test_it_has_its_name_and_is_linked_from_the_index_and_the_list(editor):
    assert reverse("admin:tasks_dashboard") == PAGE
    for page in ("admin:index", "admin:tasks_contenttask_changelist"):
        assert f'href="{PAGE}"' in editor.get(reverse(page)).content.decode()


def test_with_nothing_to_do_it_says_so(editor):
    page = text_of(editor.get(PAGE))
    for sentence in ("Nothing has failed.", "No worker is running", "No time limit was exceeded"):
        assert sentence in page


def test_it_shows_states_workers_causes_and_breaches(editor):
    make_worker(host="desk-7", in_flight=12)
    make_worker(host="desk-8", silent_seconds=60)
    make_task(status=Status.IN_PROGRESS, stage="draft")
    make_task(topic="A slow one", status_changed_at=ago(minutes=3))
    make_task(topic="Broken", error="The page answered 502.", **OUT)
    make_task(
        topic="Too late", status=Status.IN_PROGRESS, breached_at=ago(minutes=4), breached_stage="critique"
    )
    answer = editor.get(PAGE)
    page = text_of(answer)
    for shown in (
        "1 Pending", "2 In progress", "1 Failed", "oldest waiting for 3 min", "desk-7", "alive",
        "12 of 1,000", "desk-8", "silent", "Service unavailable The page answered …", "Broken", "Too late",
        "critique", "4 min", "UTC",
    ):  # fmt: skip
        assert shown in page, shown
    listed = reverse("admin:tasks_contenttask_changelist")
    for link in ("?status__exact=failed", "?status__exact=in_progress&amp;stage__exact=draft"):
        assert f'href="{listed}{link}"' in answer.content.decode()
        assert editor.get(f"{listed}{link.replace('&amp;', '&')}").status_code == 200


def test_an_open_incident_is_shown_with_its_notification(editor):
    make_task(**OUT)
    check()
    assert "Tasks failed since" in text_of(editor.get(PAGE))


def test_all_failures_of_one_cause_are_retried_and_the_others_are_not(editor):
    ours = [make_task(error=f"The page answered {code}.", **OUT) for code in (500, 502)]
    other = make_task(error="Another sentence.", **OUT)
    said = send(
        editor, verb="retry", which="cause", error_kind="provider_unavailable",
        message="The page answered …", reason="It is back.",
    )  # fmt: skip
    assert said == ["2 queued again."]
    assert [status_of(task) for task in (*ours, other)] == [Status.PENDING, Status.PENDING, Status.FAILED]
    entry = AuditEntry.objects.filter(action="task.pending").last()
    assert (entry.actor_name, entry.data["reason"]) == ("edith", "It is back.")


def test_those_that_wait_for_a_retry_are_cancelled_by_their_cause(editor):
    waiting = make_task(error="The page answered 502.", error_kind="provider_unavailable")
    failed = make_task(error="The page answered 502.", **OUT)
    cause = {"which": "cause", "error_kind": "provider_unavailable", "message": "The page answered …"}
    assert send(editor, verb="cancel", **cause)[0].startswith("Give a reason")
    assert status_of(waiting) == Status.PENDING
    assert send(editor, verb="cancel", reason="The site is gone.", **cause) == ["1 cancelled."]
    assert (status_of(waiting), status_of(failed)) == (Status.CANCELLED, Status.FAILED)


def test_all_that_waits_is_cancelled(editor):
    waiting, busy = make_task(), make_task(status=Status.IN_PROGRESS)
    assert send(editor, verb="cancel", which="waiting", reason="Wrong sources.") == ["1 cancelled."]
    assert (status_of(waiting), status_of(busy)) == (Status.CANCELLED, Status.IN_PROGRESS)


def test_chosen_failures_are_retried_each_by_itself(editor):
    chosen, gone, other = make_task(**OUT), make_task(status=Status.PUBLISHED), make_task(**OUT)
    (said,) = send(editor, verb="retry", which="chosen", task=[chosen.pk, gone.pk, 999_999])
    assert said.startswith(f"1 queued again, 2 refused: Task {gone.pk} is published")
    assert "There is no task 999999." in said
    assert (status_of(chosen), status_of(other)) == (Status.PENDING, Status.FAILED)


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"verb": "publish", "which": "waiting"}, {"verb": "retry", "which": "chosen"},
        {"verb": "retry", "which": "chosen", "task": "x"}, {"verb": "retry", "which": "everything"},
        {"verb": "retry", "which": "chosen", "task": "9" * 40},
        {"verb": "cancel", "which": "waiting", "reason": "a" * 501},
        {"verb": "cancel", "which": "waiting", "reason": "a\0b"},
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_and_nothing_is_done(editor, fields):
    task, failed = make_task(), make_task(**OUT)
    assert send(editor, **fields)
    assert (status_of(task), status_of(failed)) == (Status.PENDING, Status.FAILED)


def test_a_page_stops_in_time_and_says_how_many_are_left(editor, monkeypatch):
    monkeypatch.setattr(bulk, "PAGE_SECONDS", -1.0)
    make_task()
    assert send(editor, verb="cancel", which="waiting", reason="So.") == [
        "0 cancelled. 1 not processed: run the action again."
    ]


def test_only_who_may_see_tasks_sees_it_and_only_who_may_change_them_gets_buttons(client):
    make_task()
    make_task(error="Broken.", **OUT)
    for role, group in GROUP_OF_ROLE.items():
        client.force_login(make_user("", group, is_staff=True))
        answer = client.get(PAGE)
        assert answer.status_code == 200
        may_change = role in {"writer", "editor", "integration"}
        assert (MOVE in answer.content.decode()) == may_change
        status = client.post(MOVE, {"verb": "retry", "which": "chosen"}).status_code
        assert status == (302 if may_change else 403)


def test_others_see_nothing(client):
    make_task()
    sent = {"verb": "cancel", "which": "waiting", "reason": "So."}
    for answer in (client.get(PAGE), client.post(MOVE, sent)):
        assert answer.status_code == 302
        assert answer.url.startswith("/admin/login/")
    client.force_login(make_user("outsider", is_staff=True))
    assert client.get(PAGE).status_code == client.post(MOVE, sent).status_code == 403
    client.force_login(make_user("reader"))  # neither staff nor of a role
    assert client.get(PAGE).status_code == client.post(MOVE, sent).status_code == 302
    assert ContentTask.objects.get().status == Status.PENDING


def test_it_says_in_words_that_tasks_wait_and_no_worker_is_alive(editor):
    frozen = make_worker(silent_seconds=60)
    make_task(status=Status.IN_PROGRESS, lease_owner=frozen.pk)
    make_task(status=Status.IN_PROGRESS, lease_owner=frozen.pk)
    make_task()
    page = text_of(editor.get(PAGE))
    assert "No worker is alive. 3 tasks are waiting for one; 2 of them were being written by a worker" in page
    assert "without a worker 2" in page
    make_worker()
    page = text_of(editor.get(PAGE))
    assert "No worker is alive" not in page
    assert "2 tasks in progress have lost their worker; another one takes over within seconds" in page


@pytest.mark.parametrize("alive", [True, False])
def test_it_warns_of_no_missing_worker_where_nothing_waits(editor, alive):
    if alive:
        make_worker()
    make_task(status=Status.AWAITING_APPROVAL)
    assert "No worker is alive" not in text_of(editor.get(PAGE))


def test_a_form_needs_its_token_and_a_link_does_nothing(editor):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_user("edith"))
    assert strict.post(MOVE, {"verb": "cancel", "which": "waiting", "reason": "So."}).status_code == 403
    assert editor.get(MOVE).status_code == 405


def test_more_tasks_take_no_more_queries(editor, django_assert_max_num_queries):
    for number in range(12):
        make_worker()
        make_task(error=f"Broken {chr(65 + number)}.", **OUT)
        make_task(status=Status.IN_PROGRESS, breached_at=ago(minutes=number), breached_stage="draft")
    with django_assert_max_num_queries(15 + 2):  # counts next to the navigation, cached
        assert editor.get(PAGE).status_code == 200


def test_a_browser_shows_it_without_a_complaint_and_its_buttons_work(live_server, page, client):
    user = make_user("edith", "Editors", is_staff=True)
    make_task(topic="A broken one with " + "a-long-word-" * 12, error="The page answered 502.", **OUT)
    make_worker()
    client.force_login(user)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    for width in (320, 1400):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(live_server.url + PAGE)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("checkbox", name="Select task").check()
    page.get_by_label("Reason for the selected tasks").fill("It is back.")
    page.get_by_role("button", name="Retry selected").click()
    page.get_by_text("1 queued again.").wait_for()
    assert complaints == []
    assert ContentTask.objects.get().status == Status.PENDING


# --- In a browser -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_is_accessible_and_narrow_enough(live_server, page, width):
    make_worker(host="desk-7", in_flight=12)
    make_task(topic="Broken", error="The page answered 502.", **OUT)
    make_task(
        topic="Too late", status=Status.IN_PROGRESS, breached_at=ago(minutes=4), breached_stage="critique"
    )
    log_in(page, live_server.url, "edith", "Editors", at=PAGE)
    page.set_viewport_size({"width": width, "height": 900})
    assert accessibility_problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    Worker.objects.update(heartbeat_at=ago(minutes=1))
    page.reload()
    page.get_by_role("alert").get_by_text("No worker is alive.").wait_for()
    assert accessibility_problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
