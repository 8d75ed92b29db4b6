"""Planning updates and withdrawals on the desk and in the API."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from publishing.live_plans import open_withdrawal
from publishing.models import Correction, Post, Schedule
from publishing.schedule import open_schedule
from tests.callers import caller, problem
from tests.factories import make_user
from tests.publishing.factories import approved_update, edit_live, make_post

pytestmark = pytest.mark.django_db
YEAR = datetime.now(UTC).year + 1
NOTE = "The figure in the second paragraph was wrong."
WHEN = {"date": f"{YEAR}-07-01", "time": "09:30", "zone": "Europe/Berlin"}
MOMENT = datetime(YEAR, 7, 1, 7, 30, tzinfo=UTC)


@pytest.fixture
def publisher():
    client = Client()
    client.force_login(make_user("paula", "Publishers", is_staff=True))
    return client


def send(client, what, draft, **changes):
    return client.post(reverse(f"publishing_desk:{what}", args=[draft.pk]), WHEN | changes)


def plan_update(client, draft, **changes):
    said = {"version": draft.version, "kind": "correction", "note": NOTE, "plan": "1"}
    return send(client, "update", draft, **said | changes)


def page_of(client, what, draft):
    return client.get(reverse(what, args=[draft.pk])).content.decode()


def test_an_update_is_planned_moved_and_removed_on_the_desk(publisher):
    draft = approved_update(make_post())
    assert plan_update(publisher, draft).status_code == 302
    plan = open_schedule(draft)
    assert (plan.action, plan.publish_at, plan.correction_kind, plan.note) == (
        "update", MOMENT, "correction", NOTE,
    )  # fmt: skip
    review = page_of(publisher, "desk:review", draft)
    assert f"1 Jul {YEAR}, 09:30 Europe/Berlin" in review
    assert NOTE in review
    page = page_of(publisher, "publishing_desk:update", draft)
    assert NOTE in page
    assert 'value="09:30"' in page
    assert "already planned" in plan_update(publisher, draft).content.decode()
    moved = plan_update(publisher, draft, schedule=plan.pk, time="10:30", kind="minor", note="")
    assert moved.status_code == 302
    plan.refresh_from_db()
    assert (plan.correction_kind, plan.note, plan.publish_at.hour) == ("minor", "", 8)
    queues = [publisher.get(reverse("desk:queue"), {"queue": name}).content.decode()
              for name in ("scheduled", "updates")]  # fmt: skip
    listed = [queue.split('id="decided"')[0] for queue in queues]
    assert [reverse("desk:review", args=[draft.pk]) in queue for queue in listed] == [True, False]
    assert send(publisher, "unschedule", draft).status_code == 302
    assert open_schedule(draft) is None


def test_without_a_time_the_update_is_made_at_once(publisher):
    draft = approved_update(make_post())
    assert plan_update(publisher, draft, plan="", date="", time="").status_code == 302
    assert Correction.objects.get().to_version == draft.version
    assert not Schedule.objects.exists()


@pytest.mark.parametrize(("changes", "said"), [
    ({"date": ""}, "required"), ({"date": "2020-01-01"}, "has passed"), ({"kind": ""}, "required"),
    ({"note": "short"}, "Tell readers"), ({"schedule": "999"}, None), ({"version": "1"}, "You saw version 1"),
    ({"date": "2027-03-28", "time": "02:30"}, "does not exist"), ({"kind": "x"}, "Select a valid"),
])  # fmt: skip
def test_a_plan_that_cannot_be_is_explained_and_nothing_is_done(publisher, changes, said):
    draft = approved_update(make_post())
    answer = plan_update(publisher, draft, **changes)
    assert answer.status_code in {400, 404, 409}
    if said:
        assert said in answer.content.decode()
        assert "Nothing was changed" in answer.content.decode() or "Not updated" in answer.content.decode()
    assert not Schedule.objects.exists()
    assert not Correction.objects.exists()


def test_an_update_that_is_not_approved_cannot_be_planned(publisher):
    draft = edit_live(make_post())
    assert plan_update(publisher, draft).status_code == 409
    assert not Schedule.objects.exists()


def test_a_withdrawal_is_planned_moved_and_removed_on_the_desk(publisher):
    draft = make_post().draft
    assert send(publisher, "withdraw", draft, reason="The offer  ends.").status_code == 302
    plan = open_withdrawal(draft)
    assert (plan.publish_at, plan.note) == (MOMENT, "The offer ends.")
    editor = Client()
    editor.force_login(make_user("emil", "Editors", is_staff=True))
    assert "The offer ends." in page_of(editor, "desk:review", draft)
    queue = publisher.get(reverse("desk:queue"), {"queue": "withdrawals"}).content.decode()
    assert draft.title in queue
    published = publisher.get(reverse("publishing_desk:published"), {"view": "scheduled"}).content.decode()
    assert "Withdrawal planned" in published
    assert send(publisher, "withdraw", draft).status_code == 409
    moved = send(publisher, "withdraw", draft, schedule=plan.pk, time="10:30", reason="")
    assert moved.status_code == 302
    plan.refresh_from_db()
    assert (plan.publish_at.hour, plan.note) == (8, "")
    assert send(publisher, "keep-live", draft).status_code == 302
    assert open_withdrawal(draft) is None
    assert Post.objects.get().is_live
    for changes in ({"reason": "x" * 501}, {"date": "2020-01-01"}, {"zone": "Mars/Olympus"}):
        assert send(publisher, "withdraw", draft, **changes).status_code == 400


def test_an_update_is_planned_and_moved_by_the_api():
    api, draft = caller("Publishers"), approved_update(make_post())
    at, said = f"/api/drafts/{draft.pk}/publish/", {"correction": {"kind": "correction", "note": NOTE}}
    answer = api.post(at, said | {"publish_at": MOMENT.isoformat()}, format="json")
    assert (answer.status_code, answer.json()["action"]) == (202, "update"), answer.content
    later = {"kind": "minor"}, f"{YEAR}-08-01T09:30:00+02:00"
    moved = api.post(at, {"correction": later[0], "publish_at": later[1]}, format="json").json()
    assert moved["id"] == answer.json()["id"]
    assert (moved["correction_kind"], moved["zone"]) == ("minor", "UTC+02:00")
    problem(api.post(at, {"publish_at": later[1]}, format="json"), 400)
    assert api.get(f"/api/drafts/{draft.pk}/schedule/").json() == moved
    assert not Correction.objects.exists()


def test_a_withdrawal_is_planned_read_moved_and_removed_by_the_api():
    api, post = caller("Publishers"), make_post()
    at, plan_at = f"/api/posts/{post.slug}/unpublish/", f"/api/posts/{post.slug}/withdrawal/"
    answer = api.post(at, {"at": MOMENT.isoformat(), "reason": "It ends."})
    assert (answer.status_code, answer.json()["note"]) == (202, "It ends."), answer.content
    assert api.get(plan_at).json() == answer.json()
    moved = api.post(at, {"at": f"{YEAR}-08-01T09:30:00+02:00"}).json()
    assert (moved["id"], moved["note"]) == (answer.json()["id"], "")
    for body in (
        {"at": "tomorrow"},
        {"at": "2020-01-01T00:00:00Z"},
        {"at": moved["publish_at"], "reason": "x" * 501},
    ):
        problem(api.post(at, body), 400)
    assert api.delete(plan_at, {"reason": "Stays."}).status_code == 204
    assert Schedule.objects.get().why == "Stays."
    problem(api.get(plan_at), 404)
    assert api.post(at, {"reason": "Now."}).status_code == 200
    problem(api.post(at, {"at": MOMENT.isoformat()}), 409)
