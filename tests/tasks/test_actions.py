"""Trying again with other settings, and filing a brief for later."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from approvals.models import AuditEntry
from tasks.actions import file_brief, retry
from tasks.briefs import read_brief_file
from tasks.errors import TransitionRefused
from tasks.lifecycle import Status
from tasks.models import ContentTask
from tests.callers import caller, problem
from tests.factories import make_task, make_user

pytestmark = pytest.mark.django_db

LATER = datetime(2030, 1, 31, 17, tzinfo=UTC)


def test_a_retry_with_other_settings_has_them_and_is_on_record():
    task, editor = make_task(status=Status.FAILED), make_user("edith", "Editors")
    limits = {"budget_usd": "2.5", "max_attempts": 5, "run_after": LATER, "priority": -1}
    retry(task, by=editor, reason="The model is dearer.", limits=limits)
    task = ContentTask.objects.get()
    assert (task.status, task.run_after, task.priority) == (Status.PENDING, LATER, -1)
    assert (task.budget_usd, task.max_attempts) == (Decimal("2.5"), 5)
    record = task.history.first()
    assert (record.history_user, record.budget_usd) == (editor, Decimal("2.5"))
    assert "budget_usd 2.5" in record.history_change_reason
    actions = AuditEntry.objects.order_by("seq").values_list("action", "actor_name")
    assert list(actions)[-2:] == [("contenttask.changed", "edith"), ("task.pending", "edith")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("budget_usd", "-1"), ("budget_usd", "much"), ("max_attempts", 0), ("quality_threshold", 101),
        ("timeout_seconds", None), ("priority", 40_000), ("run_after", datetime(2030, 1, 31)),
        ("run_after", "2030-01-31T18:00:00"), ("topic", "Another"), ("status", "published"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused_by_its_name_and_nothing_is_done(name, value):
    task = make_task(status=Status.FAILED)
    with pytest.raises(ValidationError) as refused:
        retry(task, by=None, limits={name: value})
    assert set(refused.value.message_dict) == {name}
    assert ContentTask.objects.get().status == Status.FAILED


def test_a_retry_that_is_refused_changes_no_setting():
    task = make_task(status=Status.FAILED)
    retry(ContentTask.objects.get(), by=None)
    with pytest.raises(TransitionRefused):
        retry(task, by=None, limits={"max_attempts": 9})
    assert ContentTask.objects.get().max_attempts != 9


def test_a_plain_retry_makes_no_entry_in_the_history_of_the_brief():
    task = make_task(status=Status.FAILED)
    retry(task, by=None)
    assert task.history.count() == 1


def test_the_api_retries_with_other_settings():
    task = make_task(status=Status.FAILED)
    body = {"reason": "More time.", "timeout_seconds": 7200, "run_after": "2030-01-31T18:00:00+01:00"}
    found = caller("Writers").post(f"/api/tasks/{task.pk}/retry/", body).json()
    assert (found["status"], found["timeout_seconds"]) == ("pending", 7200)
    assert datetime.fromisoformat(found["run_after"]) == LATER


@pytest.mark.parametrize(
    ("name", "value"),
    [("budget_usd", -1), ("max_attempts", 21), ("run_after", "2030-01-31T18:00:00"), ("topic", "Another")],
)
def test_the_api_names_the_setting_that_cannot_be(name, value):
    task = make_task(status=Status.FAILED)
    found = problem(caller("Writers").post(f"/api/tasks/{task.pk}/retry/", {name: value}), 400)
    assert set(found["errors"]) == {name}


@pytest.mark.parametrize("group", ["Publishers", "Auditors"])
def test_who_may_not_change_tasks_may_not_retry_with_other_settings(group):
    task = make_task(status=Status.FAILED)
    problem(caller(group).post(f"/api/tasks/{task.pk}/retry/", {"budget_usd": 100}), 403)


# --- Not before a time -------------------------------------------------------------------------------


def test_a_brief_is_filed_for_later():
    assert file_brief({"topic": "Trees", "run_after": LATER}, by=None).run_after == LATER
    answer = caller("Writers").post("/api/tasks/", {"topic": "Trees", "run_after": "2030-01-31T17:00:00Z"})
    assert answer.json()["run_after"] == "2030-01-31T17:00:00Z"


@pytest.mark.parametrize("time", ["2030-01-31T18:00:00", "2030-01-31", "tomorrow", 5])
def test_a_time_without_a_zone_is_refused_over_the_api(time):
    found = problem(caller("Writers").post("/api/tasks/", {"topic": "Trees", "run_after": time}), 400)
    assert set(found["errors"]) == {"run_after"}


def test_a_brief_file_may_say_when(tmp_path):
    file = tmp_path / "brief.toml"
    file.write_text('topic = "Trees"\nrun_after = 2030-01-31T18:00:00+01:00\n')
    assert file_brief(*read_brief_file(file), by=None).run_after == LATER
    file.write_text('topic = "Trees"\nrun_after = 2030-01-31T18:00:00\n')
    with pytest.raises(ValidationError, match="zone"):
        file_brief(*read_brief_file(file), by=None)


def test_a_brief_says_by_when_it_is_due(tmp_path, client):
    from tests.tasks.test_admin import BRIEF

    file = tmp_path / "brief.toml"
    file.write_text('topic = "Trees"\ndue_at = 2030-01-31T18:00:00+01:00\n')
    assert file_brief(*read_brief_file(file), by=None).due_at == LATER
    answer = caller("Writers").post("/api/tasks/", {"topic": "Trees", "due_at": "2030-01-31T17:00:00Z"})
    assert answer.json()["due_at"] == "2030-01-31T17:00:00Z"
    found = problem(caller("Writers").post("/api/tasks/", {"topic": "Trees", "due_at": "2030-01-31"}), 400)
    assert set(found["errors"]) == {"due_at"}
    client.force_login(make_user("walter", "Writers", is_staff=True))
    client.post(reverse("admin:tasks_contenttask_add"), BRIEF | {"due_at": "2030-01-31T18:00:00+01:00"})
    assert ContentTask.objects.filter(due_at=LATER).count() == 3


def test_another_due_date_repeats_no_stage(client):
    from tests.tasks.test_admin import CORRECTED

    client.force_login(make_user("walter", "Writers", is_staff=True))
    client.post(reverse("admin:tasks_contenttask_add"), CORRECTED)
    task = ContentTask.objects.get()
    change = reverse("admin:tasks_contenttask_change", args=[task.pk])
    shown = CORRECTED | {f"initial-{name}": value for name, value in CORRECTED.items()}
    assert client.post(change, shown | {"due_at": "2030-01-31T18:00:00+01:00"}).status_code == 302
    task.refresh_from_db()
    assert (task.due_at, task.run) == (LATER, 1)


def test_the_admin_takes_a_time_with_its_zone_and_shows_it_again(client):
    from tests.tasks.test_admin import BRIEF

    client.force_login(make_user("walter", "Writers", is_staff=True))
    add = reverse("admin:tasks_contenttask_add")
    page = client.post(add, BRIEF | {"run_after": "2030-01-31T18:00:00"})
    assert "Include the time zone" in page.content.decode()
    assert client.post(add, BRIEF | {"run_after": "2030-01-31T18:00:00+01:00"}).status_code == 302
    task = ContentTask.objects.get()
    assert task.run_after == LATER
    page = client.get(reverse("admin:tasks_contenttask_change", args=[task.pk])).content.decode()
    assert 'value="2030-01-31T17:00"' in page
    assert '<option value="UTC" selected>UTC</option>' in page
