"""Many tasks at once: in the admin's list and on the command line."""

import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from tasks.lifecycle import Status
from tasks.models import ContentTask
from tests.factories import ago, make_task, make_user, make_worker
from tests.tasks.test_admin import LIST, act

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer(client):
    client.force_login(make_user("walter", "Writers", is_staff=True))
    return client


def messages(answer):
    return [str(message) for message in answer.context["messages"]]


def manage(*arguments):
    out, err = StringIO(), StringIO()
    try:
        call_command("tasks", *map(str, arguments), stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue(), f"{err.getvalue()}{error}"
    return out.getvalue(), err.getvalue()


# --- The admin's list ---------------------------------------------------------------------------------


def test_the_result_of_many_moves_is_one_sentence(writer):
    waiting, done = [make_task() for _ in range(4)], [make_task(status=Status.PUBLISHED) for _ in range(5)]
    (said,) = messages(act(writer, "cancel", *waiting, *done))
    assert said.startswith("4 cancelled, 5 refused: Task ")
    assert said.endswith("(and 2 more).")


def test_all_tasks_of_the_filtered_list_can_be_moved(writer):
    for _ in range(7):
        make_task(status=Status.FAILED, error_kind="bug")
    make_task(status=Status.FAILED, error_kind="timeout")
    chosen = {"action": "retry", "_selected_action": [1], "select_across": 1, "reason": ""}
    answer = writer.post(reverse(LIST) + "?error_kind=bug", chosen, follow=True)
    assert messages(answer) == ["7 queued again."]
    assert ContentTask.objects.get(status=Status.FAILED).error_kind == "timeout"


@pytest.mark.parametrize(
    ("query", "topics"),
    [
        ("error_kind=bug", {"bug"}), ("breached=yes", {"late"}), ("breached=no", {"bug", "busy"}),
        ("worker={worker}", {"busy"}), ("worker=x", {"bug", "late", "busy"}),
        ("worker=²", {"bug", "late", "busy"}),
    ],
)  # fmt: skip
def test_the_list_is_filtered_by_cause_breach_and_worker(writer, query, topics):
    worker = make_worker()
    make_task(topic="bug", status=Status.FAILED, error_kind="bug")
    make_task(topic="late", status=Status.IN_PROGRESS, breached_at=ago(hours=1), breached_stage="draft")
    make_task(topic="busy", status=Status.IN_PROGRESS, lease_owner=worker.pk)
    answer = writer.get(f"{reverse(LIST)}?{query.format(worker=worker.pk)}")
    assert {task.topic for task in answer.context["cl"].result_list} == topics


def test_the_page_of_a_task_says_how_late_it_is_and_of_what_it_failed(writer):
    task = make_task(
        status=Status.FAILED, error_kind="timeout", breached_at=ago(minutes=3), breached_stage="queue",
        finished_at=ago(minutes=1),
    )  # fmt: skip
    page = writer.get(reverse("admin:tasks_contenttask_change", args=[task.pk])).content.decode()
    assert "exceeded waiting in the queue, 2 min" in page
    assert "Time limit" in page


# --- The command line ---------------------------------------------------------------------------------


def test_the_list_says_what_is_late_and_what_is_not_due():
    make_task(topic="Late", breached_at=ago(minutes=10), breached_stage="queue")
    make_task(topic="Later", run_after=ago(hours=-1))
    late, later = manage("list")[0].splitlines()
    assert late.endswith("Late  [queue: 10 min late]")
    assert "[not before 20" in later
    assert manage("list", "--breached")[0].count("\n") == 1


@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [("hold", "pending", "on_hold"), ("resume", "on_hold", "pending"), ("cancel", "on_hold", "cancelled")],
)
def test_every_verb_is_there(verb, before, after):
    task = make_task(status=before)
    manage(verb, task.pk)
    assert ContentTask.objects.get().status == after


def test_a_retry_takes_other_settings():
    task = make_task(status=Status.FAILED)
    manage(
        "retry",
        task.pk,
        "--set",
        "budget_usd=2",
        "--set",
        "max_attempts=5",
        "--set",
        "run_after=2030-01-31T18:00Z",
    )
    task = ContentTask.objects.get()
    assert (task.budget_usd, task.max_attempts, task.run_after.year) == (2, 5, 2030)


@pytest.mark.parametrize(
    "arguments",
    [
        ("retry", 1, "--set", "topic=x"), ("retry", 1, "--set", "budget_usd"), ("cancel",),
        ("retry", 1, "--set", "budget_usd=x"),
        ("retry", 1, "--set", "run_after=2030-01-31T18:00"), ("cancel", 1, "--set", "budget_usd=2"),
        ("cancel", "--all-waiting", "--status", "failed", "--yes"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_for_is_refused(arguments):
    assert manage(*arguments)[1]


def test_a_selection_is_moved_once_its_number_was_typed(monkeypatch):
    for _ in range(3):
        make_task()
    make_task(status=Status.IN_PROGRESS)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    asked = []
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or "2")
    assert manage("cancel", "--all-waiting")[1] == "Nothing was changed."
    monkeypatch.setattr("builtins.input", lambda question: "3")
    manage("cancel", "--all-waiting")
    assert "This will cancel 3 tasks" in asked[0]
    assert ContentTask.objects.filter(status=Status.CANCELLED).count() == 3


def test_a_script_says_yes_beforehand(monkeypatch):
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    make_task(status=Status.FAILED, error_kind="bug")
    make_task(status=Status.FAILED, error_kind="timeout")
    make_task(error_kind="bug", error="Tried before.")
    assert manage("retry", "--error-kind", "bug")[1] == "This would retry 1 task: add --yes."
    out, err = manage("retry", "--error-kind", "bug", "--yes")
    assert (out.count("queued again"), err) == (1, "")
    assert manage("retry", "--error-kind", "bug", "--yes") == ("No matching tasks.\n", "")


def test_a_state_that_does_not_allow_it_is_reported_for_each():
    make_task(status=Status.PUBLISHED)
    assert manage("cancel", "--status", "published", "--yes")[1].endswith(
        "1 of 1 tasks could not be changed."
    )
