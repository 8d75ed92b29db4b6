"""The calendar: what it shows, and how entries are moved in it."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from publishing.live_plans import plan_withdrawal
from publishing.models import Schedule
from publishing.schedule import open_schedule, schedule, unschedule
from tasks.models import ContentTask
from tests.accessibility import accessibility_problems
from tests.factories import approve, make_draft, make_task, make_user
from tests.publishing.factories import edit_identity, make_post

YEAR = datetime.now(UTC).year + 1
JUNE = f"{YEAR}-06"


def paula():
    return make_user("paula", "Publishers", "Editors", is_staff=True)


def utc(*moment):
    return datetime(YEAR, *moment, tzinfo=UTC)


def make_schedule(*moment, title, zone="UTC", **content):
    draft = make_draft(title=title, **content)
    approve(draft)
    return schedule(draft, utc(*moment), zone=zone, by=paula())


def due(*moment, topic="Street trees", **fields):
    return make_task(topic=topic, due_at=utc(*moment), **fields)


@pytest.fixture
def reader(db):
    client = Client()
    client.force_login(make_user("erika", "Publishers", is_staff=True))
    return client


@pytest.fixture
def publisher(db):
    client = Client()
    client.force_login(paula())
    return client


def show(client, status=200, **asked):
    answer = client.get(reverse("publishing_desk:calendar"), asked)
    assert answer.status_code == status
    return answer


def titles(answer):
    return [entry.title for day in answer.context["days"] for entry in [*day["entries"], *day["folded"]]]


def move(client, what, row, *, was, json=True, **to):
    said = {"date": f"{JUNE}-20", "time": "12:00", "zone": "UTC", "was": was.isoformat()} | to
    headers = {"accept": "application/json"} if json else {}
    return client.post(reverse("publishing_desk:calendar-move", args=[what, row.pk]), said, headers=headers)


def test_a_month_shows_due_dates_plans_and_posts_in_order(reader):
    make_schedule(6, 30, 12, title="Last")
    make_schedule(6, 10, 0, title="First")
    due(6, 15, 8, topic="Due")
    make_post("Was published", published_at=utc(6, 20, 1))
    plan_withdrawal(make_post("To be withdrawn"), utc(6, 25), zone="UTC", by=paula())
    unschedule(make_schedule(6, 12, 0, title="Removed"), by=paula())
    make_schedule(9, 1, 0, title="Another month")
    answer = show(reader, month=JUNE)
    assert titles(answer) == ["First", "Due", "Was published", "To be withdrawn", "Last"]
    kinds = [entry.kind for day in answer.context["days"] for entry in day["entries"]]
    assert kinds == ["publish", "due", "published", "withdraw", "publish"]
    for link in (f"month={YEAR}-05", f"month={YEAR}-07"):
        assert f'href="?{link}"' in answer.content.decode()


def test_a_week_shows_its_seven_days(reader):
    make_schedule(6, 30, 12, title="Another week")
    due(6, 15, 8, topic="In it")
    answer = show(reader, week=f"{JUNE}-15")
    assert titles(answer) == ["In it"]
    assert len(answer.context["days"]) == 7


def test_days_are_those_of_the_zone_of_the_site(reader):
    edit_identity(time_zone="Europe/Berlin")
    make_schedule(6, 14, 22, 30, title="Late")
    answer = show(reader, month=JUNE)
    [day] = [day for day in answer.context["days"] if day["entries"]]
    assert day["date"].day == 15
    page = answer.content.decode()
    assert ">00:30</time>" in page
    assert "Europe/Berlin, UTC+0" in page


def test_entries_are_filtered_by_assignee_and_category(reader):
    erika = make_user("edda", "Editors")
    due(6, 15, 8, topic="Hers", assignee=erika, category="City")
    due(6, 15, 9, topic="Nobody's", category="Country")
    make_schedule(6, 16, 9, title="Planned", category="City")
    assert titles(show(reader, month=JUNE, assignee=erika.pk)) == ["Hers"]
    assert titles(show(reader, month=JUNE, category="city")) == ["Hers", "Planned"]
    assert "assignee=" in show(reader, month=JUNE, assignee=erika.pk).context["next"]


def test_today_is_marked_and_what_is_late_says_so(reader):
    make_task(topic="Late brief", due_at=timezone.now() - timedelta(minutes=1))
    page = show(reader).content.decode()
    assert page.count('aria-current="date"') == 1
    assert "Due, late" in page


def test_a_busy_day_folds_and_takes_no_more_queries(reader, django_assert_max_num_queries):
    ContentTask.objects.bulk_create(
        ContentTask(topic=f"Brief {n}", due_at=utc(6, 15, 8) + timedelta(minutes=n)) for n in range(300)
    )
    show(reader, month=JUNE)  # fills caches
    with django_assert_max_num_queries(14):
        answer = show(reader, month=JUNE)
    assert "+ 296 more" in answer.content.decode()
    assert len(titles(answer)) == 300


@pytest.mark.parametrize("asked", [
    {"month": "June"}, {"month": "2027-13"}, {"month": "0001-01"}, {"month": "9999-12"},
    {"week": "0001-01-01"},
    {"month": "2027-06\0"}, {"week": "2027-02-30"}, {"assignee": "x"}, {"assignee": "0"},
    {"category": "x\0"},
])  # fmt: skip
def test_what_cannot_be_shown_is_explained(reader, asked):
    assert "errorlist" in show(reader, status=400, **asked).content.decode()


@pytest.mark.parametrize(
    "asked", [{"month": "2000-01"}, {"month": "2999-12"}, {"week": "2000-01-01"}, {"week": "2999-12-31"}]
)
def test_the_ends_of_the_calendar_are_pages(reader, asked):
    edit_identity(time_zone="Pacific/Kiritimati")
    show(reader, **asked)


def test_only_those_who_may_see_drafts_see_it(db):
    address = reverse("publishing_desk:calendar")
    assert Client().get(address).status_code == 302
    client = Client()
    client.force_login(make_user("nobody", is_staff=True))
    assert client.get(address).status_code == 403
    client.force_login(paula())
    assert client.post(address).status_code == 405


# --- Moving -------------------------------------------------------------------------------------------


def test_due_dates_and_plans_are_moved(publisher):
    task, planned = due(6, 15, 8), make_schedule(6, 16, 9, title="Planned")
    assert move(publisher, "due", task, was=task.due_at).status_code == 200
    answer = move(publisher, "plan", planned, was=planned.publish_at, json=False)
    assert answer.url == reverse("publishing_desk:calendar") + f"?month={JUNE}"
    task.refresh_from_db()
    assert task.due_at == utc(6, 20, 12)
    assert open_schedule(planned.draft).publish_at == utc(6, 20, 12)
    assert task.history.latest().history_user == paula()


def test_a_move_from_a_stale_screen_is_refused(publisher):
    task, planned = due(6, 15, 8), make_schedule(6, 16, 9, title="Planned")
    for what, row in (("due", task), ("plan", planned)):
        answer = move(publisher, what, row, was=utc(6, 1))
        assert (answer.status_code, "Someone moved this" in answer.json()["detail"]) == (409, True)
        assert "Nothing was changed" in move(publisher, what, row, was=utc(6, 1), json=False).content.decode()
    task.refresh_from_db()
    assert task.due_at == utc(6, 15, 8)


def test_what_is_decided_or_over_is_not_moved(publisher):
    task = make_post().draft.task
    ContentTask.objects.filter(pk=task.pk).update(due_at=utc(6, 15))
    assert "no longer applies" in move(publisher, "due", task, was=utc(6, 15)).json()["detail"]
    ended = unschedule(make_schedule(6, 16, 9, title="Planned"), by=paula())
    assert "has ended" in move(publisher, "plan", ended, was=ended.publish_at).json()["detail"]


@pytest.mark.parametrize(("to", "said"), [
    ({"date": "2020-01-01"}, "has passed"), ({"date": ""}, "required"), ({"time": "25:00"}, "valid time"),
    ({"date": "2027-03-28", "time": "02:30", "zone": "Europe/Berlin"}, "does not exist"),
    ({"date": "2027-10-31", "time": "02:30", "zone": "Europe/Berlin"}, "occurs twice"),
    ({"zone": "Mars/Olympus"}, "Select a valid choice"), ({"was": "yesterday"}, "open the calendar again"),
    ({"was": "2027-13-45T00:00:00Z"}, "open the calendar again"), ({"date": "2999-01-01"}, "five years"),
])  # fmt: skip
def test_a_time_that_cannot_be_is_explained_and_nothing_moves(publisher, to, said):
    planned = make_schedule(6, 16, 9, title="Planned")
    sent = {"date": f"{JUNE}-20", "time": "12:00", "zone": "UTC", "was": planned.publish_at.isoformat()} | to
    address = reverse("publishing_desk:calendar-move", args=["plan", planned.pk])
    answer = publisher.post(address, sent, headers={"accept": "application/json"})
    assert (answer.status_code, said in answer.json()["detail"]) == (400, True), answer.content
    assert said in publisher.post(address, sent).content.decode()
    assert Schedule.objects.get().publish_at == planned.publish_at


def test_only_those_who_may_change_it_move_it(reader):
    task, planned = due(6, 15, 8), make_schedule(6, 16, 9, title="Planned")
    assert move(reader, "due", task, was=task.due_at).status_code == 403
    editor = Client()
    editor.force_login(make_user("edna", "Editors", is_staff=True))
    assert move(editor, "plan", planned, was=planned.publish_at).status_code == 403
    shown = show(editor, week=f"{JUNE}-16").context["days"]
    assert [entry.may_move for day in shown for entry in day["entries"]] == [True, False]
    assert editor.get(reverse("publishing_desk:calendar-move", args=["other", 1])).status_code == 404


# --- In a browser -------------------------------------------------------------------------------------


@pytest.fixture
def signed_in(site, page, transactional_db):
    client = Client()
    client.force_login(paula())
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": site.url}])
    return page


def test_its_pages_are_accessible_and_fit(site, signed_in):
    page = signed_in
    first = make_schedule(6, 15, 9, title="Street trees")
    Schedule.objects.filter(pk=first.pk).update(last_error="The address is taken.", attempts=1)
    tasks = [due(6, 15, 10 + n, topic=f"Brief {n} Sehenswürdigkeitenbeleuchtung") for n in range(6)]
    make_post("جسر فوق النهر", published_at=utc(6, 18, 1))
    withdrawal = plan_withdrawal(make_post("A long title " * 12), utc(6, 25), zone="UTC", by=paula())
    at = reverse("publishing_desk:calendar")
    looks = [(width, scheme) for width in (320, 390, 1360) for scheme in ("light", "dark")]
    for name, address, axe in [
        ("month", f"{at}?month={JUNE}", {(320, "light"), (1360, "light"), (1360, "dark")}),
        ("week", f"{at}?week={JUNE}-15", {(1360, "light")}),
        ("move", reverse("publishing_desk:calendar-move", args=["due", tasks[0].pk]), {(320, "dark")}),
        ("withdraw", reverse("publishing_desk:withdraw", args=[withdrawal.draft_id]), {(320, "light")}),
        ("review", reverse("desk:review", args=[withdrawal.draft_id]), {(1360, "light")}),
        ("queue", reverse("desk:queue") + "?queue=withdrawals", {(320, "dark")}),
    ]:
        page.goto(site.url + address)
        for width, scheme in looks:
            folder = os.environ.get("SCREENSHOTS")
            if not folder and (width, scheme) not in axe:
                continue
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            if folder:
                page.screenshot(path=f"{folder}/{name}-{width}-{scheme}.png", full_page=True)
            if (width, scheme) in axe:
                assert accessibility_problems(page) == [], (name, width, scheme)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)


def test_entries_are_moved_by_pointer_and_keyboard(site, signed_in):
    page = signed_in
    planned, task = make_schedule(6, 15, 9, title="Street trees"), due(6, 15, 10)
    page.set_viewport_size({"width": 1360, "height": 900})
    page.goto(site.url + reverse("publishing_desk:calendar") + f"?month={JUNE}")
    page.drag_and_drop(f"#entry-publish-{planned.pk} time", f"[data-day='{JUNE}-17']")
    page.wait_for_selector(f"[data-day='{JUNE}-17'] #entry-publish-{planned.pk}")
    assert Schedule.objects.get(pk=planned.pk).publish_at == utc(6, 17, 9)

    page.focus(f"#entry-due-{task.pk} .desk-entry-move")
    for key in ("ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    page.wait_for_selector(f"[data-day='{JUNE}-23'] #entry-due-{task.pk}")
    assert ContentTask.objects.get(pk=task.pk).due_at == utc(6, 23, 10)
    assert page.evaluate("document.activeElement.closest('li').id") == f"entry-due-{task.pk}"

    ContentTask.objects.filter(pk=task.pk).update(due_at=utc(6, 24, 10))
    for key in ("ArrowRight", "Enter"):
        page.keyboard.press(key)
    page.wait_for_selector("[data-move-problem]:not([hidden])")
    assert "Someone moved this" in page.inner_text("[data-move-problem]")
