"""Tasks and drafts over HTTP, as the people and programs see them that use them."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from approvals.models import AuditEntry
from tasks.api.serializers.drafts import TEXT_FIELDS
from tasks.content import CONTENT_FIELDS, canonical_json
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft, IdempotencyKey, ModelCall, QualityReport, Source, StageRun
from tests.callers import bearer, caller, problem, token_of
from tests.factories import approve, make_draft, make_task, make_user

pytestmark = pytest.mark.django_db

TASK = {
    "id", "status", "stage", "progress", "draft", "error", "attempts", "cost_usd", "timeout_seconds",
    "created_at", "started_at", "finished_at", "links",
}  # fmt: skip
DRAFT = {
    "id", "task", "version", "content_sha256", "title", "slug", "summary", "body", "seo_title",
    "seo_description", "category", "tags", "citations", "quality",
}  # fmt: skip


@pytest.fixture
def writer():
    return caller("Writers")


@pytest.fixture
def draft():
    return make_draft(body="First text [1].\n")


def make_call(task, cost_usd, **fields):
    fields = {"input_tokens": 10, "output_tokens": 10} | fields
    return ModelCall.objects.create(
        task=task, run=1, stage="draft", role="creative", provider="openai", model="m", duration_ms=5,
        outcome="ok", cost_usd=cost_usd, **fields,
    )  # fmt: skip


def etag(draft):
    return f'"{draft.version}.{draft.content_sha256}"'


def patch(client, draft, body, **headers):
    headers = {"HTTP_IF_MATCH": etag(draft)} | headers
    return client.patch(f"/api/drafts/{draft.pk}/", body, **headers)


# --- Filing a brief -----------------------------------------------------------------------------------

BRIEF = {
    "topic": "Street trees", "brief": "Say what they cost.", "audience": "Planners", "tone": "plain",
    "style": "report", "target_words": 600, "language": "en", "category": "City", "tags": ["trees"],
    "keywords": ["shade", "water"], "priority": 3, "timeout_seconds": 900, "stage_timeout_seconds": 60,
    "max_attempts": 2, "budget_usd": 0.25, "quality_threshold": 80, "max_refinements": 1, "web_pages": 2,
}  # fmt: skip


def test_a_brief_with_a_topic_is_enough(writer):
    answer = writer.post("/api/tasks/", {"topic": "Street trees"})
    assert answer.status_code == 201
    task = answer.json()
    assert set(task) >= TASK
    assert (task["status"], task["draft"], task["cost_usd"], task["error"]) == ("pending", None, 0.0, "")
    assert answer["Location"] == task["links"]["self"] == f"http://testserver/api/tasks/{task['id']}/"
    assert writer.get(answer["Location"]).json() == task
    for link in ("stages", "history", "calls"):
        assert writer.get(task["links"][link]).status_code == 200


def test_every_field_of_a_brief_is_saved(writer):
    task = writer.post("/api/tasks/", BRIEF).json()
    assert {name: task[name] for name in BRIEF} == BRIEF
    assert ContentTask.objects.get().created_by == writer.user


def test_sources_are_numbered_as_they_were_given(writer):
    sources = [{"url": "https://example.org/a"}, {"title": "Notes", "text": "A tree cools."}]
    task = writer.post("/api/tasks/", {"topic": "Trees", "sources": sources}).json()
    assert [(row["number"], row["title"], row["url"]) for row in task["sources"]] == [
        (1, "", "https://example.org/a"),
        (2, "Notes", ""),
    ]
    assert Source.objects.get(number=2).text == "A tree cools."


def test_the_trail_names_who_filed_a_brief_by_token():
    bearer(token_of("nora", "integration")).post("/api/tasks/", {"topic": "Trees"})
    assert AuditEntry.objects.get(action="contenttask.created").actor_name == "nora"


REFUSED = [
    ({}, "topic"),
    ({"topic": ""}, "topic"),
    ({"topic": "  "}, "topic"),
    ({"topic": "a" * 201}, "topic"),
    ({"topic": None}, "topic"),
    ({"topic": "Trees", "colour": "green"}, "colour"),
    ({"topic": "Trees", "status": "approved"}, "status"),
    ({"topic": "Trees", "created_by": 1}, "created_by"),
    ({"topic": "Trees", "brief": "a" * 20_001}, "brief"),
    ({"topic": "Trees", "target_words": 49}, "target_words"),
    ({"topic": "Trees", "target_words": 20_001}, "target_words"),
    ({"topic": "Trees", "target_words": "many"}, "target_words"),
    ({"topic": "Trees", "target_words": 10**40}, "target_words"),
    ({"topic": "Trees", "language": ""}, "language"),
    ({"topic": "Trees", "tags": "trees"}, "tags"),
    ({"topic": "Trees", "tags": ["a" * 101]}, "tags"),
    ({"topic": "Trees", "tags": ["a"] * 51}, "tags"),
    ({"topic": "Trees", "keywords": [{"a": 1}]}, "keywords"),
    ({"topic": "Trees", "priority": 32_768}, "priority"),
    ({"topic": "Trees", "timeout_seconds": 0}, "timeout_seconds"),
    ({"topic": "Trees", "stage_timeout_seconds": -1}, "stage_timeout_seconds"),
    ({"topic": "Trees", "max_attempts": 21}, "max_attempts"),
    ({"topic": "Trees", "budget_usd": -1}, "budget_usd"),
    ({"topic": "Trees", "budget_usd": "1e999"}, "budget_usd"),
    ({"topic": "Trees", "quality_threshold": 101}, "quality_threshold"),
    ({"topic": "Trees", "max_refinements": 11}, "max_refinements"),
    ({"topic": "Trees", "web_pages": 11}, "web_pages"),
    ({"topic": "Trees", "sources": {}}, "sources"),
    ({"topic": "Trees", "sources": ["https://example.org/"]}, "sources"),
    ({"topic": "Trees", "sources": [{}]}, "sources"),
    ({"topic": "Trees", "sources": [{"title": "No text"}]}, "sources"),
    ({"topic": "Trees", "sources": [{"url": "ftp://example.org/"}]}, "sources"),
    ({"topic": "Trees", "sources": [{"url": "javascript:alert(1)"}]}, "sources"),
    ({"topic": "Trees", "sources": [{"url": "not an address"}]}, "sources"),
    ({"topic": "Trees", "sources": [{"text": "a", "file": "/etc/passwd"}]}, "sources"),
    ({"topic": "Trees", "sources": [{"text": "a" * 500_001}]}, "sources"),
    ({"topic": "Trees", "sources": [{"text": "a"}] * 51}, "sources"),
]


@pytest.mark.parametrize(("body", "field"), REFUSED, ids=lambda value: str(value)[:60])
def test_a_brief_that_cannot_be_is_refused_by_the_name_of_its_field(writer, body, field):
    found = problem(writer.post("/api/tasks/", body), 400)
    assert set(found["errors"]) == {field}
    assert field in found["detail"]
    assert not ContentTask.objects.exists()


def test_all_wrong_fields_are_named_at_once(writer):
    body = {"topic": "", "colour": "green", "priority": "high"}
    assert set(problem(writer.post("/api/tasks/", body), 400)["errors"]) == set(body)


def test_of_many_sources_the_wrong_one_is_named(writer):
    sources = [{"text": "Good."}, {"url": "nonsense"}]
    found = problem(writer.post("/api/tasks/", {"topic": "Trees", "sources": sources}), 400)
    assert {number: set(error) for number, error in found["errors"]["sources"].items()} == {"1": {"url"}}


# --- Sending again ------------------------------------------------------------------------------------


def file(client, key, **brief):
    return client.post("/api/tasks/", {"topic": "Trees"} | brief, HTTP_IDEMPOTENCY_KEY=key)


def test_the_same_request_sent_again_gets_the_same_answer_and_files_nothing(writer):
    first, again = file(writer, "a"), file(writer, "a")
    assert (again.status_code, again.json(), again["Location"]) == (201, first.json(), first["Location"])
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert ContentTask.objects.count() == 1


def test_a_key_that_came_with_another_body_is_refused(writer):
    file(writer, "a")
    problem(file(writer, "a", topic="Bridges"), 422)
    assert ContentTask.objects.count() == 1


def test_keys_are_each_users_own(writer):
    file(writer, "a")
    assert "Idempotent-Replayed" not in file(caller("Writers"), "a")
    assert "Idempotent-Replayed" not in file(writer, "b")
    assert ContentTask.objects.count() == 3


def test_a_refused_request_can_be_put_right_under_the_same_key(writer):
    problem(file(writer, "a", target_words=1), 400)
    assert file(writer, "a").status_code == 201


def test_a_key_expires_after_a_day(writer):
    file(writer, "a")
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert "Idempotent-Replayed" not in file(writer, "a", topic="Bridges")
    assert ContentTask.objects.count() == 2


def test_a_text_that_is_no_unicode_is_refused_with_a_key_too(writer):
    body = b'{"topic": "\\ud800"}'
    answer = writer.generic("POST", "/api/tasks/", body, "application/json", HTTP_IDEMPOTENCY_KEY="a")
    assert set(problem(answer, 400)["errors"]) == {"topic"}


@pytest.mark.parametrize("key", ["", "a" * 256, "a\tb"])
def test_a_key_that_cannot_be_is_refused(writer, key):
    assert set(problem(file(writer, key), 400)["errors"]) == {"Idempotency-Key"}


@pytest.mark.django_db(transaction=True)
def test_the_same_request_sent_twice_at_once_files_one_brief(writer):
    token = token_of("nora", "integration")

    def send(_):
        try:
            return file(bearer(token), "a").json()["id"]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, range(4)))) == 1
    assert ContentTask.objects.count() == 1


# --- Reading tasks ------------------------------------------------------------------------------------


def test_a_task_names_its_draft_and_what_it_cost(writer, draft):
    make_call(draft.task, Decimal("0.010001"))
    make_call(draft.task, Decimal("0.02"))
    task = writer.get(f"/api/tasks/{draft.task_id}/").json()
    assert (task["draft"], task["cost_usd"], task["status"]) == (draft.pk, 0.030001, "awaiting_approval")
    assert writer.get(task["links"]["draft"]).json()["id"] == draft.pk


def test_a_cost_that_is_not_known_is_null_and_not_nothing(writer):
    task = make_task()
    make_call(task, Decimal("0.01"))
    make_call(task, None)
    assert writer.get(f"/api/tasks/{task.pk}/").json()["cost_usd"] is None


def test_tasks_are_listed_newest_first_and_page_by_page(writer):
    ids = [make_task(topic=f"Topic {number}").pk for number in range(5)]
    seen, url = [], "/api/tasks/?page_size=2"
    while url:
        page = writer.get(url).json()
        assert len(page["results"]) <= 2
        seen += [task["id"] for task in page["results"]]
        url = page["next"]
        make_task(topic="Filed meanwhile")
    assert seen == ids[::-1]


@pytest.mark.parametrize(
    ("query", "topics"),
    [
        ("status=failed", {"Old bridges"}),
        ("status=failed&status=pending", {"Old bridges", "New trees"}),
        ("category=CITY", {"New trees"}),
        ("topic=TREE", {"New trees"}),
        ("topic=tree&status=failed", set()),
        ("created_before=2020-01-01T00:00:00Z", {"Old bridges"}),
        ("created_after=2020-01-01T00:00:00Z", {"New trees"}),
    ],
)
def test_the_list_can_be_filtered(writer, query, topics):
    make_task(topic="New trees", category="City")
    old = make_task(topic="Old bridges", category="Country", status=Status.FAILED)
    ContentTask.objects.filter(pk=old.pk).update(created_at="2019-05-05T00:00:00Z")
    found = writer.get(f"/api/tasks/?{query}").json()["results"]
    assert {task["topic"] for task in found} == topics


def test_a_longer_list_takes_no_more_queries(django_assert_max_num_queries):
    def fill():
        for _ in range(3):
            draft = make_draft()
            Source.objects.create(task=draft.task, number=1, text="A source.")
            make_call(draft.task, Decimal(1))

    def queries():
        writer = caller("Writers")  # the one before remembers its permissions
        with django_assert_max_num_queries(20) as captured:
            assert writer.get("/api/tasks/").status_code == 200
        return len(captured)

    fill()
    few = queries()
    fill()
    assert queries() == few <= 6


def test_stages_and_calls_come_in_order_and_without_their_long_outputs(writer):
    task = make_task()
    now = timezone.now()
    for key in ("research", "write_draft"):
        StageRun.objects.create(task=task, run=1, attempt=1, key=key, output={"a": 1}, started_at=now)
    make_call(task, Decimal("0.5"))
    stages = writer.get(f"/api/tasks/{task.pk}/stages/").json()["results"]
    assert [row["stage"] for row in stages] == ["research", "write_draft"]
    assert "output" not in stages[0]
    (call,) = writer.get(f"/api/tasks/{task.pk}/calls/").json()["results"]
    assert (call["model"], call["cost_usd"]) == ("m", 0.5)


def test_metrics_count_every_status_and_what_was_spent(writer):
    ended = timezone.now()
    for seconds in (10, 20, 60):
        task = make_task(status=Status.AWAITING_APPROVAL)
        ContentTask.objects.filter(pk=task.pk).update(
            started_at=ended - timedelta(seconds=seconds), finished_at=ended
        )
    make_call(make_task(status=Status.FAILED), Decimal("0.5"))
    found = writer.get("/api/tasks/metrics/").json()
    assert found["by_status"] | {"awaiting_approval": 3, "failed": 1} == found["by_status"]
    assert set(found["by_status"]) == set(Status.values)
    assert (found["success_rate"], found["median_seconds"], found["cost_usd"]) == (0.75, 20, 0.5)


# --- Moving tasks -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [
        ("cancel", Status.PENDING, "cancelled"),
        ("hold", Status.PENDING, "on_hold"),
        ("resume", Status.ON_HOLD, "pending"),
        ("retry", Status.FAILED, "pending"),
    ],
)
def test_a_move_answers_the_task_as_it_is_then_and_is_on_record(writer, verb, before, after):
    task = make_task(status=before)
    answer = writer.post(f"/api/tasks/{task.pk}/{verb}/", {"reason": "Because of the budget."})
    assert (answer.status_code, answer.json()["status"]) == (200, after)
    (move,) = writer.get(f"/api/tasks/{task.pk}/history/").json()["results"]
    assert (move["old"], move["new"], move["by"], move["reason"]) == (
        before, after, writer.user.username, "Because of the budget.",
    )  # fmt: skip


@pytest.mark.parametrize("verb", ["cancel", "hold", "resume", "retry"])
def test_a_move_that_the_lifecycle_does_not_allow_is_a_conflict(writer, verb):
    task = make_task(status=Status.PUBLISHED)
    found = problem(writer.post(f"/api/tasks/{task.pk}/{verb}/"), 409)
    assert found["type"] == "urn:problem:transition-refused"
    assert "published" in found["detail"]
    assert ContentTask.objects.get().status == Status.PUBLISHED


def test_of_many_tasks_each_is_moved_or_refused_by_itself(writer):
    pending, done = make_task(), make_task(status=Status.PUBLISHED)
    ids = [pending.pk, done.pk, 999_999, pending.pk]
    answer = writer.post("/api/tasks/bulk/", {"action": "cancel", "ids": ids, "reason": "Cleared."})
    assert answer.status_code == 200
    rows = answer.json()["results"]
    assert [(row["id"], row["ok"], row["status"]) for row in rows] == [
        (pending.pk, True, "cancelled"),
        (done.pk, False, "published"),
        (999_999, False, None),
    ]
    assert "published" in rows[1]["error"]
    assert AuditEntry.objects.get(action="task.cancelled").data["reason"] == "Cleared."


# --- Drafts and versions ------------------------------------------------------------------------------


def test_a_draft_reads_all_that_its_hash_covers(writer, draft):
    answer = writer.get(f"/api/drafts/{draft.pk}/")
    found = answer.json()
    assert set(found) >= DRAFT
    assert answer["ETag"] == f'"1.{found["content_sha256"]}"'
    visible = canonical_json({name: found[name] for name in CONTENT_FIELDS})
    assert hashlib.sha256(visible.encode()).hexdigest() == found["content_sha256"]


def test_a_draft_shows_the_report_on_its_present_version_only(writer, draft):
    check = {"check": "citations", "status": "passed", "message": "Good.", "evidence": [], "severity": "veto"}
    QualityReport.objects.create(draft=draft, version=1, score=81, results=[check])
    found = writer.get(f"/api/drafts/{draft.pk}/").json()["quality"]
    assert (found["score"], found["results"]) == (81, [check])
    assert writer.get(f"/api/drafts/{draft.pk}/quality/").json() == found
    assert patch(writer, draft, {"body": "Unchecked."}).json()["quality"] is None
    assert "Version 2" in problem(writer.get(f"/api/drafts/{draft.pk}/quality/"), 404)["detail"]


@pytest.mark.parametrize("tag", ["{}", "W/{}", '"other", {}', "*"])
def test_a_text_that_the_client_has_is_not_sent_again(writer, draft, tag):
    answer = writer.get(f"/api/drafts/{draft.pk}/", HTTP_IF_NONE_MATCH=tag.format(etag(draft)))
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer["ETag"] == etag(draft)


def test_another_text_is_sent(writer, draft):
    answer = writer.get(f"/api/drafts/{draft.pk}/", HTTP_IF_NONE_MATCH='"' + "0" * 64 + '"')
    assert answer.status_code == 200


def test_an_edit_is_the_next_version_with_its_reason(writer, draft):
    answer = patch(writer, draft, {"body": "Second text [1].\n", "tags": ["shade"], "reason": "Clearer."})
    assert answer.status_code == 200
    found = answer.json()
    assert (found["version"], found["body"], found["tags"]) == (2, "Second text [1].\n", ["shade"])
    assert answer["ETag"] == f'"2.{found["content_sha256"]}"' != etag(draft)
    newest, oldest = writer.get(f"/api/drafts/{draft.pk}/versions/").json()["results"]
    assert (newest["version"], newest["reason"], newest["author"]) == (2, "Clearer.", writer.user.pk)
    assert (oldest["version"], oldest["author"]) == (1, None)
    first = writer.get(f"/api/drafts/{draft.pk}/versions/1/").json()
    assert (first["body"], first["content_sha256"]) == ("First text [1].\n", draft.content_sha256)


def test_sending_a_text_back_as_it_was_read_makes_no_version(writer, draft):
    found = writer.get(f"/api/drafts/{draft.pk}/").json()
    same = {name: found[name] for name in TEXT_FIELDS}
    assert patch(writer, draft, same).json()["version"] == 1
    assert patch(writer, draft, {}).json()["version"] == 1


def test_the_same_text_with_other_line_ends_voids_no_approval(writer):
    draft = make_draft(summary="A line.\n" + "w" * 592, body="First text [1].\n\nSecond.\n")
    approve(draft)
    found = writer.get(f"/api/drafts/{draft.pk}/").json()
    for name in ("summary", "body", "citations", "tags"):
        as_sent = json.loads(json.dumps(found[name]).replace("\\n", "\\r\\n"))
        answer = patch(writer, draft, {name: as_sent})
        assert (answer.status_code, answer.json()["version"]) == (200, 1), name
    assert ContentTask.objects.get().status == Status.APPROVED


def test_an_edit_without_if_match_is_refused(writer, draft):
    found = problem(writer.patch(f"/api/drafts/{draft.pk}/", {"body": "Blind."}), 428)
    assert "If-Match" in found["detail"]
    assert Draft.objects.get().version == 1


@pytest.mark.parametrize("tag", ['"' + "0" * 64 + '"', "W/{}", "0.{}", "", '"'])
def test_an_edit_of_another_text_than_the_present_is_refused(writer, draft, tag):
    answer = patch(writer, draft, {"body": "Late."}, HTTP_IF_MATCH=tag.format(etag(draft)))
    assert problem(answer, 412)["type"] == "urn:problem:draft-changed"
    assert Draft.objects.get().version == 1


def test_of_two_edits_of_one_text_the_second_is_refused(writer, draft):
    assert patch(writer, draft, {"body": "Mine."}).status_code == 200
    problem(patch(caller("Editors"), draft, {"body": "Yours."}), 412)
    assert Draft.objects.get().body == "Mine."


def test_an_edit_that_came_between_reading_and_saving_is_noticed(writer, draft, monkeypatch):
    from tasks import actions
    from tasks.api import views

    real = actions.edit_draft

    def late(draft, content, **options):
        real(Draft.objects.get(pk=draft.pk), {"body": "First come."}, by=make_user("erin"))
        return real(draft, content, **options)

    monkeypatch.setattr(views.actions, "edit_draft", late)
    problem(patch(writer, draft, {"body": "Too late."}), 412)


REFUSED_EDITS = [
    ({"title": ""}, "title"),
    ({"title": None}, "title"),
    ({"title": "a" * 201}, "title"),
    ({"body": ""}, "body"),
    ({"slug": "two words"}, "slug"),
    ({"slug": "../admin"}, "slug"),
    ({"seo_title": "a" * 71}, "seo_title"),
    ({"seo_description": "a" * 161}, "seo_description"),
    ({"summary": "a" * 601}, "summary"),
    ({"tags": [1, {}]}, "tags"),
    ({"citations": [{}]}, "citations"),
    ({"citations": [{"number": 1, "title": "A", "url": "javascript:alert(1)"}]}, "citations"),
    ({"citations": [{"number": 1, "title": "A", "html": "<b>"}]}, "citations"),
    ({"citations": [{"number": 1, "title": "A"}, {"number": 1, "title": "B"}]}, "citations"),
    ({"version": 7}, "version"),
    ({"content_sha256": "0" * 64}, "content_sha256"),
    ({"status": "approved"}, "status"),
    ({"author": 1}, "author"),
]


@pytest.mark.parametrize(("body", "field"), REFUSED_EDITS, ids=lambda value: str(value)[:60])
def test_an_edit_that_cannot_be_is_refused_by_the_name_of_its_field(writer, draft, body, field):
    assert set(problem(patch(writer, draft, body), 400)["errors"]) == {field}
    assert Draft.objects.get().version == 1


def test_a_text_that_is_being_written_cannot_be_edited(writer, draft):
    draft.task.move_to(Status.PENDING)
    assert problem(patch(writer, draft, {"body": "Now."}), 409)["type"] == "urn:problem:transition-refused"


def test_an_edit_after_approval_voids_it(writer, draft):
    approve(draft)
    patch(writer, draft, {"body": "After the approval."})
    task = writer.get(f"/api/tasks/{draft.task_id}/").json()
    assert task["status"] == "awaiting_approval"


def test_restoring_makes_a_new_version_of_the_old_text(writer, draft):
    patch(writer, draft, {"body": "Second."})
    answer = writer.post(f"/api/drafts/{draft.pk}/versions/1/restore/")
    assert answer.status_code == 200
    found = answer.json()
    assert (found["version"], found["content_sha256"]) == (3, draft.content_sha256)
    versions = writer.get(f"/api/drafts/{draft.pk}/versions/").json()["results"]
    assert versions[0]["reason"] == "restored version 1"
    assert [row["version"] for row in versions] == [3, 2, 1]


def test_a_version_that_never_was_cannot_be_read_or_restored(writer, draft):
    problem(writer.get(f"/api/drafts/{draft.pk}/versions/2/"), 404)
    problem(writer.post(f"/api/drafts/{draft.pk}/versions/2/restore/"), 404)
    problem(writer.post(f"/api/drafts/{draft.pk}/versions/1/restore/", HTTP_IF_MATCH='"0"'), 412)


def test_an_answer_is_json_that_any_program_reads(writer):
    task = make_task(topic="Bäume 🌳 <script>")
    raw = writer.get(f"/api/tasks/{task.pk}/").content
    assert json.loads(raw)["topic"] == "Bäume 🌳 <script>"
