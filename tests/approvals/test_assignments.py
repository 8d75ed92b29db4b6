"""Who writes and who reviews a task: on its pages, in queues, over the API, and when an account leaves."""
# ruff: noqa: F811 (fixtures of another module)

import json

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from approvals.assignments import assign, assign_each
from approvals.models import AuditEntry, ReviewRule
from approvals.notifications.delivery import send_due
from tasks.actions import edit_draft
from tasks.handover import hand_over
from tasks.jobs import inspect_draft
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft
from tests.callers import caller, problem
from tests.factories import make_draft, make_task, make_user
from tests.receivers import mailbox  # noqa: F401

pytestmark = pytest.mark.django_db


def person(name, *groups):
    return make_user(name, *groups, is_staff=True, email=f"{name}@example.org")


def people_of(task):
    row = ContentTask.objects.select_related("assignee", "reviewer").get(pk=task.pk)
    return row.assignee and row.assignee.username, row.reviewer and row.reviewer.username


def test_a_task_is_assigned_on_record_and_the_person_is_notified_once(mailbox):
    task, erika, walter = make_task(topic="Trees"), person("erika", "Editors"), person("walter", "Writers")
    assert assign(task, {"assignee": walter, "reviewer": erika}, by=erika)
    assert not assign(task, {"assignee": walter}, by=erika)
    assert people_of(task) == ("walter", "erika")
    entries = AuditEntry.objects.filter(object_type="assignment").order_by("seq")
    assert [(one.action, one.data["old"], one.data["new"]) for one in entries] == [
        ("task.assignee", "", "walter"), ("task.reviewer", "", "erika"),
    ]  # fmt: skip
    assert send_due() == 1
    ((to, sent),) = mailbox.got
    assert (to, sent["Subject"]) == (["walter@example.org"], "[Content Desk] Assigned to you: Trees")
    assert f"/admin/tasks/contenttask/{task.pk}/" in sent.get_payload(decode=True).decode()


@pytest.mark.parametrize(
    ("people", "part"),
    [
        ({"reviewer": "walter"}, "reviewer"),
        ({"assignee": "auditor"}, "assignee"),
        ({"reviewer": "gone"}, "reviewer"),
        ({"assignee": "erika", "reviewer": "erika"}, "assignee"),
        ({"reviewer": "author"}, "reviewer"),
    ],
)
def test_those_who_may_not_do_it_are_refused_and_nothing_changes(people, part):
    erika, author = person("erika", "Editors"), person("author", "Editors")
    person("walter", "Writers"), person("auditor", "Auditors")
    make_user("gone", "Editors", is_active=False)
    draft = make_draft(author=author)
    with pytest.raises(ValidationError) as refused:
        assign(draft.task, {key: make_user(name) for key, name in people.items()}, by=erika)
    assert set(refused.value.message_dict) == {part}
    assert people_of(draft.task) == (None, None)


def test_without_four_eyes_one_person_may_do_both():
    erika = person("erika", "Editors")
    ReviewRule.objects.create(category="City", four_eyes=False)
    draft = make_draft(author=erika)
    assert assign(draft.task, {"assignee": erika, "reviewer": erika}, by=erika)


@pytest.mark.parametrize("group", ["Publishers", "Auditors"])
def test_only_those_who_file_briefs_assign(client, group):
    task, user = make_task(), person("reader", group)
    with pytest.raises(PermissionDenied):
        assign(task, {"assignee": None}, by=user)
    with pytest.raises(PermissionDenied):
        assign_each([task.pk], {"assignee": None}, by=user)
    client.force_login(user)
    for view, *args in (["assign", task.pk], ["assign-selected"]):
        assert client.post(reverse(f"desk:{view}", args=args), {"assignee": ""}).status_code == 403
        assert client.get(reverse(f"desk:{view}", args=args)).status_code == 405


def test_it_is_assigned_on_the_pages_of_the_draft_and_the_task_and_found_in_the_queue(client):
    erika, walter = person("erika", "Editors"), person("walter", "Writers")
    draft, other = make_draft(title="Mine"), make_draft(title="Other")
    client.force_login(erika)
    page = reverse("desk:review", args=[draft.pk])
    assert '<option value="walter">walter</option>' in client.get(page).content.decode()
    at = reverse("desk:assign", args=[draft.task_id])
    assert client.post(at, {"assignee": "walter", "reviewer": "erika"}).url == f"{page}#people"
    assert "Assigned: assignee walter, reviewer erika." in client.get(page).content.decode()
    task_page = reverse("admin:tasks_contenttask_change", args=[draft.task_id])
    assert client.post(at, {"assignee": "nobody-such", "from": "task"}).url == task_page
    assert people_of(draft.task) == ("walter", "erika")
    shown = client.get(task_page).content.decode()
    assert "choose the assignee from the list" in shown
    assert f'action="{at}"' in shown
    desk = reverse("desk:queue")
    for user in (erika, walter):
        client.force_login(user)
        mine = client.get(desk, {"queue": "assigned"}).context["page"]
        assert [task.draft.title for task in mine] == ["Mine"]
    client.force_login(erika)
    for name, found in {
        "me": ["Mine"],
        "WALTER": ["Mine"],
        "nobody": ["Other"],
        "x\0": ["Mine", "Other"],
    }.items():
        rows = client.get(desk, {"queue": "mine", "assigned": name}).context["page"]
        assert sorted(task.draft.title for task in rows) == found, name
    selected = {
        "draft": [f"{draft.pk}:1", f"{other.pk}:1", "x"],
        "assignee": "-",
        "next": f"{desk}?queue=mine",
    }
    answer = client.post(reverse("desk:assign-selected"), selected)
    assert answer.url == f"{desk}?queue=mine"
    assert "1 assigned, 1 unchanged." in client.get(answer.url).content.decode()
    assert people_of(draft.task) == (None, "erika")
    answer = client.post(
        reverse("desk:assign-selected"), {"draft": f"{other.pk}:1", "next": "https://x.example/"}
    )
    assert answer.url == desk


def test_over_the_api_one_or_many_are_assigned_and_found():
    client = caller("Editors")
    person("erika", "Editors"), person("walter", "Writers")
    task, other = make_task(), make_draft(author=make_user("erika")).task
    answer = client.post(f"/api/tasks/{task.pk}/assign/", {"assignee": "walter", "reviewer": "erika"})
    assert answer.json() == {"id": task.pk, "assignee": "walter", "reviewer": "erika"}
    assert client.get(f"/api/tasks/{task.pk}/").json()["reviewer"] == "erika"
    rows = client.post("/api/tasks/assign/", {"ids": [other.pk, task.pk, 999999], "reviewer": "erika"}).json()
    assert [row["ok"] for row in rows["results"]] == [False, True, False]
    assert "wrote or last edited" in rows["results"][0]["error"]
    assert [row["id"] for row in client.get("/api/tasks/?assignee=Walter").json()["results"]] == [task.pk]
    for wrong in ({}, {"assignee": "ghost"}, {"reviewer": "walter"}, {"colour": "red"}, {"assignee": 7}):
        assert problem(client.post(f"/api/tasks/{task.pk}/assign/", wrong), 400)["errors"]
    assert client.post(f"/api/tasks/{task.pk}/assign/", {"reviewer": None}).json()["reviewer"] is None


@pytest.mark.parametrize("name", ["\x00", "wal\x00ter", "\ud800", ["walter"], {"username": "walter"}, True])
def test_what_can_be_no_name_is_refused_over_the_api_by_its_field(name):
    client, task = caller("Editors"), make_task()
    for path, more in ((f"{task.pk}/assign/", {}), ("assign/", {"ids": [task.pk]})):
        for part in ("assignee", "reviewer"):
            body = json.dumps({part: name} | more)
            answer = client.post(f"/api/tasks/{path}", body, content_type="application/json")
            assert set(problem(answer, 400)["errors"]) == {part}


def test_open_tasks_of_an_account_that_leaves_go_to_another_or_to_nobody():
    erika, emil, walter = person("erika", "Editors"), person("emil", "Editors"), person("walter", "Writers")
    wanted, own = make_draft(), make_draft(author=emil)
    done = make_task(status=Status.CANCELLED, assignee=erika)
    ContentTask.objects.filter(pk__in=[wanted.task_id, own.task_id]).update(reviewer=erika)
    written = make_task(assignee=erika)
    hand_over(erika, emil)
    assert [people_of(one)[1] for one in (wanted.task, own.task)] == ["emil", None]
    assert (people_of(written)[0], people_of(done)[0]) == ("emil", "erika")
    hand_over(emil, walter)
    assert (people_of(wanted.task), people_of(written)) == ((None, None), ("walter", None))
    hand_over(walter, None)
    assert people_of(written) == (None, None)
    assert "handed over" in AuditEntry.objects.filter(object_type="assignment").latest("seq").data["reason"]


def test_the_score_is_the_same_wherever_it_is_shown(client):
    draft = make_draft()
    edit_draft(draft, {"summary": "Newer."}, by=person("walter", "Writers"))
    client.force_login(person("erika", "Editors"))
    pages = [reverse("desk:review", args=[draft.pk]), reverse("desk:queue")]
    for page in pages:
        assert "not checked yet" in client.get(page).content.decode(), page
    inspect_draft(draft.pk)
    score = draft.quality_reports.get(version=2).score
    assert Draft.objects.get().score == score is not None
    for page in pages:
        found = client.get(page).content.decode()
        assert f"score <strong>{score}</strong> of 100" in found, page
        assert "not checked yet" not in found, page
    api = caller("Editors")
    assert api.get(f"/api/drafts/{draft.pk}/").json()["quality"]["score"] == score
    assert api.get(f"/api/drafts/{draft.pk}/versions/").json()["results"][0]["score"] == score
