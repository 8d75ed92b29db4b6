from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from approvals.models import AuditEntry
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft
from tests.factories import make_draft, make_task, make_user

pytestmark = pytest.mark.django_db

LIST = "admin:tasks_contenttask_changelist"
BRIEF = {
    "topic": "Street trees", "brief": "Say what shade does.", "target_words": 500, "language": "en",
    "tags": "trees, heat", "keywords": "shade,water", "priority": 3, "timeout_seconds": 600,
    "stage_timeout_seconds": 60, "max_attempts": 2, "quality_threshold": 80, "max_refinements": 1,
    "web_pages": 3,
    "sources-TOTAL_FORMS": 2, "sources-INITIAL_FORMS": 0,
    "sources-0-title": "A study", "sources-0-text": "Shade cools.", "sources-1-url": "https://example.org/",
}  # fmt: skip

CORRECTED = BRIEF | {"sources-TOTAL_FORMS": 0, "stage_runs-TOTAL_FORMS": 0, "stage_runs-INITIAL_FORMS": 0}


@pytest.fixture
def writer(client):
    user = make_user("walter", "Writers", is_staff=True)
    client.force_login(user)
    return client


def change_page(task):
    return reverse("admin:tasks_contenttask_change", args=[task.pk])


def act(client, verb, *tasks, reason=""):
    chosen = {"action": verb, "_selected_action": [task.pk for task in tasks], "reason": reason}
    return client.post(reverse(LIST), chosen, follow=True)


def test_a_brief_is_filed_with_its_sources(writer):
    answer = writer.post(reverse("admin:tasks_contenttask_add"), BRIEF)
    assert answer.status_code == 302
    task = ContentTask.objects.get()
    assert (task.status, task.created_by.username, task.tags) == (Status.PENDING, "walter", ["trees", "heat"])
    assert list(task.sources.values_list("number", "title", "url", "text")) == [
        (1, "A study", "", "Shade cools."), (2, "", "https://example.org/", "")
    ]  # fmt: skip
    assert task.history.get().history_change_reason == "filed"
    assert AuditEntry.objects.filter(action="contenttask.created", actor_name="walter").exists()


def test_a_source_needs_an_address_or_a_text(writer):
    brief = BRIEF | {"sources-1-url": "", "sources-1-title": "Only a title"}
    answer = writer.post(reverse("admin:tasks_contenttask_add"), brief)
    assert "Give the source a URL or a text." in answer.content.decode()
    assert not ContentTask.objects.exists()


SAMPLES = Path(__file__).resolve().parents[2] / "tasks/sample"


@pytest.mark.parametrize(
    "name",
    ["how-a-tree-cools-a-street.md", "heat-health-and-canopy.html", "choosing-and-placing-trees.pdf"],
)
def test_a_source_is_taken_from_a_file(writer, name):
    upload = SimpleUploadedFile(name, (SAMPLES / name).read_bytes())
    answer = writer.post(
        reverse("admin:tasks_contenttask_add"), BRIEF | {"sources-1-url": "", "sources-1-file": upload}
    )
    assert answer.status_code == 302
    source = ContentTask.objects.get().sources.get(number=2)
    assert source.title
    assert len(source.text.split()) > 500
    assert "<p>" not in source.text


def test_a_file_that_cannot_be_read_is_named_with_a_remedy(writer):
    upload = SimpleUploadedFile("photo.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")
    answer = writer.post(
        reverse("admin:tasks_contenttask_add"), BRIEF | {"sources-1-url": "", "sources-1-file": upload}
    )
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "photo.png" in page
    assert "Give the source a URL or a text" not in page, "one mistake is one error"
    assert not ContentTask.objects.exists()


def test_who_may_not_file_briefs_is_refused(client):
    client.force_login(make_user("audrey", "Auditors", is_staff=True))
    assert client.post(reverse("admin:tasks_contenttask_add"), BRIEF).status_code == 403
    task = make_task()
    act(client, "cancel", task)
    assert client.post(reverse("admin:tasks_contenttask_move", args=[task.pk, "cancel"])).status_code == 403
    task.refresh_from_db()
    assert task.status == Status.PENDING


def test_a_brief_can_be_corrected_while_it_waits(writer):
    task = make_task(topic="Street tres")
    assert writer.post(change_page(task), CORRECTED).status_code == 302
    task.refresh_from_db()
    assert (task.topic, task.status) == ("Street trees", Status.PENDING)


def test_correcting_a_brief_does_not_touch_what_the_engine_wrote(writer, monkeypatch):
    """The worker takes the task between the page's own read and its save."""
    task = make_task(topic="Street tres")
    from tasks.admin import ContentTaskAdmin

    save_model = ContentTaskAdmin.save_model

    def save_late(self, request, obj, form, change):
        ContentTask.objects.filter(pk=obj.pk).update(progress=5, attempts=1)
        save_model(self, request, obj, form, change)

    monkeypatch.setattr(ContentTaskAdmin, "save_model", save_late)
    writer.post(change_page(task), CORRECTED)
    task.refresh_from_db()
    assert (task.topic, task.progress, task.attempts) == ("Street trees", 5, 1)


def test_a_brief_that_a_worker_has_just_taken_is_not_changed(writer, monkeypatch):
    task = make_task(topic="Street tres")
    from tasks.admin import ContentTaskAdmin

    save_model = ContentTaskAdmin.save_model

    def save_late(self, request, obj, form, change):
        ContentTask.objects.filter(pk=obj.pk).update(status=Status.IN_PROGRESS)
        save_model(self, request, obj, form, change)

    monkeypatch.setattr(ContentTaskAdmin, "save_model", save_late)
    assert writer.post(change_page(task), CORRECTED).status_code == 403
    assert ContentTask.objects.get().topic == "Street tres"


UNCHANGED = CORRECTED | {
    "topic": "Street trees", "brief": "", "target_words": 800, "category": "City",
    "tags": "trees", "initial-tags": "trees", "keywords": "", "initial-keywords": "",
    "priority": 0, "timeout_seconds": 1800, "stage_timeout_seconds": 300, "max_attempts": 3,
    "quality_threshold": 70, "max_refinements": 2, "web_pages": 0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "run"),
    [
        ({"timeout_seconds": 3600, "budget_usd": 2}, 1),
        ({"keywords": "shade"}, 2),
        ({"sources-TOTAL_FORMS": 1, "sources-0-title": "More", "sources-0-text": "Shade cools."}, 2),
    ],
)
def test_after_a_failure_a_raised_limit_keeps_finished_stages_and_other_work_does_not(writer, change, run):
    task = make_task(status=Status.FAILED, topic="Street trees")
    assert writer.post(change_page(task), UNCHANGED | change).status_code == 302
    task.refresh_from_db()
    assert (task.status, task.run) == (Status.FAILED, run)


@pytest.mark.parametrize("given", ["One line.\nAnother.", "One line.\r\nAnother."])
def test_the_line_ends_of_a_browser_are_no_reason_to_begin_the_work_again(writer, given):
    task = make_task(status=Status.FAILED, topic="Street trees", brief=given)
    source = task.sources.create(number=1, title="A study", text=given)
    rows = {
        "sources-TOTAL_FORMS": 1, "sources-INITIAL_FORMS": 1, "sources-0-id": source.pk,
        "sources-0-task": task.pk, "sources-0-title": "A study", "sources-0-text": "One line.\r\nAnother.",
    }  # fmt: skip
    change = UNCHANGED | rows | {"brief": "One line.\r\nAnother.", "timeout_seconds": 3600}
    assert writer.post(change_page(task), change).status_code == 302
    task.refresh_from_db()
    assert (task.timeout_seconds, task.run) == (3600, 1)


def test_a_brief_that_is_being_written_is_read_only(writer):
    task = make_task(status=Status.IN_PROGRESS)
    page = writer.get(change_page(task))
    assert page.status_code == 200
    assert b'name="topic"' not in page.content
    assert b'name="sources-0-title"' not in page.content
    assert writer.post(change_page(task), BRIEF).status_code == 403


def test_the_tasks_page_shows_how_far_it_is_and_where_the_draft_is(writer):
    draft = make_draft()
    ContentTask.objects.update(progress=55, stage="critique", error="Slow source.")
    page = writer.get(change_page(draft.task)).content.decode()
    for shown in (
        '<progress max="100" value="55"',
        "at Critique",
        "Slow source.",
        reverse("desk:review", args=[draft.pk]),
    ):
        assert shown in page


def test_the_list_adds_up_costs_in_one_query(writer, django_assert_max_num_queries):
    for number in range(8):
        draft = make_draft()
        for cost in ("0.1", "0.2", None if number == 0 else "0.3"):
            call = {"stage": "draft", "role": "creative", "provider": "p", "model": "m", "outcome": "ok"}
            draft.task.calls.create(run=1, cost_usd=cost, duration_ms=1, **call)
    with django_assert_max_num_queries(12 + 2):  # counts next to the navigation, cached
        page = writer.get(reverse(LIST) + "?q=trees").content.decode()
    assert "0.6000" in page
    assert "0.3000 and 1 without a price" in page


def test_selected_tasks_are_cancelled_one_by_one_and_each_is_reported(writer):
    waiting, done = make_task(topic="Waiting"), make_task(topic="Done", status=Status.PUBLISHED)
    page = act(writer, "cancel", waiting, done, reason="Out of season.").content.decode()
    assert "“Waiting” was cancelled." in page
    assert f"Task {done.pk} is published" in page
    assert ContentTask.objects.get(pk=waiting.pk).status == Status.CANCELLED
    assert ContentTask.objects.get(pk=done.pk).status == Status.PUBLISHED
    entry = AuditEntry.objects.get(action="task.cancelled")
    assert (entry.actor_name, entry.data["reason"]) == ("walter", "Out of season.")


@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [("hold", Status.IN_PROGRESS, Status.ON_HOLD), ("resume", Status.ON_HOLD, Status.PENDING),
     ("retry", Status.FAILED, Status.PENDING), ("cancel", Status.ON_HOLD, Status.CANCELLED)],
)  # fmt: skip
def test_a_task_is_moved_from_the_list_and_from_its_page(writer, verb, before, after):
    listed, opened = make_task(status=before), make_task(status=before)
    act(writer, verb, listed)
    move = reverse("admin:tasks_contenttask_move", args=[opened.pk, verb])
    assert move in writer.get(change_page(opened)).content.decode()
    assert writer.get(move).status_code == 405
    assert writer.post(move, {"reason": "so"}).status_code == 302
    assert set(ContentTask.objects.values_list("status", flat=True)) == {after}


def test_tasks_are_never_deleted(admin_client):
    task = make_task()
    assert (
        admin_client.post(
            reverse("admin:tasks_contenttask_delete", args=[task.pk]), {"post": "yes"}
        ).status_code
        == 403
    )
    act(admin_client, "delete_selected", task)
    assert ContentTask.objects.exists()


def test_drafts_are_read_only_in_the_admin(admin_client):
    draft = make_draft()
    for page in ("change", "delete"):
        address = reverse(f"admin:tasks_draft_{page}", args=[draft.pk])
        assert admin_client.post(address, {"title": "Forged"}).status_code == 403
    assert admin_client.get(reverse("admin:tasks_draft_add")).status_code == 403
    page = admin_client.get(reverse("admin:tasks_draft_change", args=[draft.pk]))
    assert reverse("desk:review", args=[draft.pk]) in page.content.decode()
    assert admin_client.get(reverse("admin:tasks_draft_changelist") + "?q=trees").status_code == 200


def test_the_page_of_a_past_version_cannot_write(admin_client):
    draft = make_draft()
    past = draft.history.get()
    address = reverse("admin:tasks_draft_simple_history", args=[draft.pk, past.history_id])
    assert admin_client.get(address).status_code == 200
    assert admin_client.head(address).status_code == 200
    fields = {"title": "Forged", "slug": "forged", "body": "Forged", "task": draft.task_id}
    for send in (admin_client.post, admin_client.put, admin_client.patch, admin_client.delete):
        assert send(address, fields).status_code == 403
    assert Draft.objects.get().title == draft.title
    assert draft.history.count() == 1


@pytest.mark.parametrize("model", ["stagerun", "modelcall", "qualityreport", "guidance"])
def test_records_of_the_work_are_listed_and_never_added(admin_client, model):
    assert admin_client.get(reverse(f"admin:tasks_{model}_changelist")).status_code == 200
    assert admin_client.get(reverse(f"admin:tasks_{model}_add")).status_code == 403


@pytest.mark.parametrize("reason", ["a\0b", "a" * 501])
def test_an_unusable_reason_is_said_and_nothing_is_done(writer, reason):
    task = make_task()
    page = reverse("admin:tasks_contenttask_move", args=[task.pk, "cancel"])
    assert list(writer.post(page, {"reason": reason}, follow=True).context["messages"])
    task.refresh_from_db()
    assert task.status == Status.PENDING
