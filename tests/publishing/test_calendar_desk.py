"""The calendar of what is scheduled."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from publishing.models import Schedule
from publishing.schedule import schedule, unschedule
from tests.accessibility import accessibility_problems
from tests.approvals.test_version_pages_look import look
from tests.factories import approve, make_draft, make_user

YEAR = datetime.now(UTC).year + 1


def paula():
    return make_user("paula", "Publishers", is_staff=True)


def make_schedule(*moment, title, zone="UTC"):
    draft = make_draft(title=title)
    approve(draft)
    return schedule(draft, datetime(YEAR, *moment, tzinfo=UTC), zone=zone, by=paula())


def failed(scheduled, error):
    Schedule.objects.filter(pk=scheduled.pk).update(last_error=error, attempts=1)


@pytest.fixture
def reader(db):
    client = Client()
    client.force_login(make_user("erika", "Editors", is_staff=True))
    return client


def show(client, status=200, **asked):
    answer = client.get(reverse("publishing_desk:calendar"), asked)
    assert answer.status_code == status
    return answer


def titles(answer):
    return [scheduled.draft.title for _, schedules in answer.context["days"] for scheduled in schedules]


def test_a_month_shows_what_is_open_in_it_in_order(reader):
    make_schedule(6, 30, 12, title="Last")
    make_schedule(6, 1, 0, title="First")
    make_schedule(7, 1, 0, title="Next month")
    make_schedule(5, 31, 23, title="Month before")
    unschedule(make_schedule(6, 2, 0, title="Removed"), by=paula())
    answer = show(reader, month=f"{YEAR}-06", zone="UTC")
    assert titles(answer) == ["First", "Last"]
    assert answer.content.decode().count("First</a>") == 2  # in the table and in the list
    assert f"month={YEAR}-05&amp;zone=UTC" in answer.content.decode()
    assert f"month={YEAR}-07&amp;zone=UTC" in answer.content.decode()


def test_days_and_months_are_those_of_the_chosen_zone(reader):
    make_schedule(5, 31, 22, 30, title="Late in May")
    assert titles(show(reader, month=f"{YEAR}-06", zone="UTC")) == []
    answer = show(reader, month=f"{YEAR}-06", zone="Europe/Berlin")
    assert titles(answer) == ["Late in May"]
    assert "00:30" in answer.content.decode()
    assert "<strong>Europe/Berlin</strong>" in answer.content.decode()


def test_the_default_is_the_current_month_in_the_zone_used_last(reader):
    make_schedule(6, 1, 9, title="Soon", zone="Asia/Kolkata")
    answer = show(reader)
    assert answer.context["month"].strftime("%Y-%m") == datetime.now(UTC).strftime("%Y-%m")
    assert answer.context["zone"] == "UTC"
    client = Client()
    client.force_login(paula())
    assert show(client).context["zone"] == "Asia/Kolkata"


def test_failed_attempts_are_shown(reader):
    failed(make_schedule(6, 3, 9, title="Trees"), "The address is taken.")
    page = show(reader, month=f"{YEAR}-06").content.decode()
    assert "Trees (failed)" in page
    assert "The address is taken. 1 attempt so far;" in page


@pytest.mark.parametrize("asked", [
    {"month": "June"}, {"month": "2027-13"}, {"month": "0001-01"}, {"month": "9999-12"},
    {"month": "2027-06\0"}, {"zone": "Mars/Olympus"}, {"zone": "../../etc/passwd"},
])  # fmt: skip
def test_an_invalid_month_or_zone_is_explained(reader, asked):
    assert "errorlist" in show(reader, status=400, **asked).content.decode()


@pytest.mark.parametrize("month", ["2000-01", "2999-12"])
def test_the_ends_of_the_calendar_are_pages(reader, month):
    show(reader, month=month, zone="Pacific/Kiritimati")


def test_only_those_who_may_see_drafts_see_it(db):
    address = reverse("publishing_desk:calendar")
    assert Client().get(address).status_code == 302
    client = Client()
    client.force_login(make_user("nobody", is_staff=True))
    assert client.get(address).status_code == 403
    client.force_login(paula())
    assert client.post(address).status_code == 405


def test_a_full_month_takes_no_more_queries(reader, django_assert_max_num_queries):
    for day in range(1, 13):
        make_schedule(6, day, 9, title=f"Of day {day}")
    with django_assert_max_num_queries(6):
        assert len(titles(show(reader, month=f"{YEAR}-06", zone="UTC"))) == 12


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [320, 1280])
def test_its_pages_are_accessible_and_fit(site, page, width):
    client = Client()
    client.force_login(paula())
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": site.url}])
    schedules = [make_schedule(6, day, 9, title=f"Street trees {n}") for n, day in enumerate((1, 1, 15))]
    failed(schedules[0], "Another post has or had the address street-trees.")
    page.set_viewport_size({"width": width, "height": 900})
    for name, at in {
        "calendar": reverse("publishing_desk:calendar") + f"?month={YEAR}-06&zone=Europe/Berlin",
        "scheduled": reverse("publishing_desk:schedule", args=[schedules[0].draft_id]),
        "queue": reverse("desk:queue") + "?queue=scheduled",
        "review": reverse("desk:review", args=[schedules[0].draft_id]),
    }.items():
        page.goto(site.url + at)
        look(page, f"{name}-{width}")
        assert accessibility_problems(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
