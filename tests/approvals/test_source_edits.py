"""What an article may say, and who changed it: recorded with the change."""

import hashlib
import json

import pytest
from django.urls import reverse

from approvals.audit import source_edits
from approvals.models import AuditEntry
from tasks.models import ContentTask, Source
from tests.callers import bearer, token_of
from tests.factories import make_task, make_user
from tests.tasks.test_admin import CORRECTED

pytestmark = pytest.mark.django_db


@pytest.fixture
def source():
    return make_task(topic="Street tres").sources.create(title="A study", text="Shade cools.")


def entries(action="source.changed"):
    return AuditEntry.objects.filter(action=action).order_by("seq")


def sha256(**given):
    text = json.dumps(given, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


FIRST = sha256(number=1, title="A study", url="", text="Shade cools.")


def edit(client, source, **typed):
    form = CORRECTED | {
        "sources-TOTAL_FORMS": 1, "sources-INITIAL_FORMS": 1, "sources-0-id": source.pk,
        "sources-0-task": source.task_id, "sources-0-title": "A study", "sources-0-text": "Shade cools.",
    } | typed  # fmt: skip
    return client.post(reverse("admin:tasks_contenttask_change", args=[source.task_id]), form)


@pytest.fixture
def writer(client):
    client.force_login(make_user("walter", "Writers", is_staff=True))
    return client


def test_a_source_edited_in_the_admin_is_recorded_before_and_after(writer, source):
    assert edit(writer, source, **{"sources-0-text": "Shade warms."}).status_code == 302
    [entry] = entries()
    assert (entry.actor_name, entry.object_id, entry.task_id) == ("walter", source.pk, source.task_id)
    assert entry.data == {
        "number": 1, "title": "A study", "changed": ["text"], "before": FIRST,
        "after": sha256(number=1, title="A study", url="", text="Shade warms."),
    }  # fmt: skip


def test_one_taken_away_in_the_admin_is_recorded(writer, source):
    assert edit(writer, source, **{"sources-0-DELETE": "on"}).status_code == 302
    [entry] = entries("source.deleted")
    assert (entry.actor_name, entry.data["before"], entry.data["after"]) == ("walter", FIRST, None)


def test_an_edited_brief_is_recorded_too_with_who_did_it(writer, source):
    edit(writer, source)
    assert not entries().exists(), "the source is what it was"
    [entry] = entries("contenttask.changed")
    task = ContentTask.objects.get(pk=source.task_id)
    assert (entry.actor_name, entry.task_id) == ("walter", task.pk)
    assert entry.data["sha256"] != entries("contenttask.created").get().data["sha256"]
    assert [row.topic for row in task.history.order_by("history_id")] == ["Street tres", "Street trees"]


def test_sources_filed_over_the_api_are_recorded_with_who_gave_them(source):
    asked = {"topic": "Trees", "sources": [{"title": "A study", "text": "Shade cools."}]}
    assert bearer(token_of("nora", "writer")).post("/api/tasks/", asked).status_code == 201
    entry = entries("source.created").last()
    assert (entry.actor_name, entry.data["before"], entry.data["after"]) == ("nora", None, FIRST)


def test_what_changes_no_source_leaves_no_entry(source):
    source.save()
    source.problem = "It cannot be read."
    source.save()
    assert not entries().exists()


def test_any_change_through_the_model_leaves_an_entry(source):
    source.url, source.text = "https://example.org/", ""
    source.save(update_fields=["url", "text"])
    Source.objects.filter(pk=source.pk).delete()
    assert entries().get().data["changed"] == ["url", "text"]
    assert entries("source.deleted").get().data["before"] == entries().get().data["after"]


def test_without_its_entry_no_change_stays(transactional_db, monkeypatch):
    source = make_task().sources.create(title="A study", text="Shade cools.")

    def refuse(*_, **__):
        raise RuntimeError("the chain takes nothing")

    monkeypatch.setattr(source_edits.chain, "record_all", refuse)
    source.text = "Shade warms."
    for change in (source.save, source.delete, lambda: source.task.sources.create(text="More.")):
        with pytest.raises(RuntimeError):
            change()
    assert Source.objects.get().text == "Shade cools."
