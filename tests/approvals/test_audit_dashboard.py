"""The page Decisions: its figures, its filters, who may see it, and exports that are what was shown."""

import csv
import hashlib
import io
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from approvals.audit import figures
from approvals.models import AuditEntry, Decision, Verdict
from tests.accessibility import accessibility_problems
from tests.approvals.desk_browser import log_in
from tests.factories import make_draft, make_task, make_user

pytestmark = pytest.mark.django_db

PAGE, EXPORT = "/admin/decisions/", "/admin/decisions/export/"


def decided(draft=None, verdict="approve", *, actor=None, hours=1.0, opened=None, code="style", **content):
    """A decision as if made this many hours after the draft came to review."""
    draft = draft or make_draft(**content)
    actor = actor or make_user("edith", "Editors", is_staff=True)
    at = timezone.now() + timedelta(hours=hours)
    is_no = verdict != Verdict.APPROVE
    return Decision.objects.create(
        draft=draft, decision=verdict, version=draft.version, content_sha256=draft.content_sha256,
        reason_code=code if is_no else "", reason="Too stiff for our readers." if is_no else "", actor=actor,
        actor_name=actor.username, via="admin", decided_at=at,
        opened_at=None if opened is None else at - timedelta(seconds=opened),
    )  # fmt: skip


def rows(**asked):
    return figures.decided(figures.filtered(**asked))


@pytest.fixture
def auditor(client):
    client.force_login(make_user("aude", "Auditors", is_staff=True))
    return client


def html(answer):
    return answer.content.decode()


# --- Figures ------------------------------------------------------------------------------------------


def test_a_row_says_who_decided_what_about_which_text_and_how_long_it_waited():
    author = make_user("walter", "Writers")
    made = decided(make_draft(make_task(category="City"), author=author, title="Trees"), hours=3, opened=4)
    [row] = rows()
    assert (row.pk, row.actor, row.verdict, row.title, row.category) == (
        made.pk, "edith", "approve", "Trees", "City",
    )  # fmt: skip
    assert (row.written_by, row.is_by_person) == ("walter", True)
    assert row.hours == pytest.approx(3, abs=0.01)
    assert row.seconds_open == pytest.approx(4)
    assert row.is_quick


def test_the_text_that_was_decided_about_counts_not_the_present_one():
    draft = make_draft(category="City")
    decided(draft, "request_changes")
    draft.save_version({"category": "Country"}, reason="edit", author=make_user("walter"))
    [row] = rows()
    assert (row.category, row.written_by, row.is_by_person) == ("City", "offline writer", False)


def test_half_and_nine_tenths():
    assert figures.quantile([], 0.5) is None
    assert figures.quantile([7], 0.9) == 7
    assert figures.quantile(range(1, 11), 0.5) == 5
    assert figures.quantile(range(1, 11), 0.9) == 9
    assert figures.quantile([1, 2, 3], 0.9) == 3


def test_what_was_never_opened_at_the_desk_is_not_quick():
    decided(opened=None)
    decided(opened=figures.QUICK_SECONDS)
    decided(opened=figures.QUICK_SECONDS - 1)
    assert sorted(row.is_quick for row in rows()) == [False, False, True]


def test_reasons_that_come_back_and_what_came_of_them():
    draft = make_draft()
    decided(draft, "request_changes", hours=1)
    decided(draft, "request_changes", hours=2)
    decided(draft, "approve", hours=3)
    decided(None, "reject", code="facts")
    style, facts = figures.reasons(rows())
    assert (style["code"], style["count"], style["drafts"], style["again"], style["approved"]) == (
        "style", 2, 1, 1, 1,
    )  # fmt: skip
    assert (facts["label"], facts["again"], facts["approved"]) == ("Facts wrong or unsupported", 0, 0)


def test_shares_of_yes():
    for verdict in ("approve", "approve", "reject"):
        decided(None, verdict, category="City")
    [share] = figures.shares(rows(), lambda row: row.category)
    assert (share.name, share.approved, share.total, share.percent) == ("City", 2, 3, 67)


def test_weeks_without_a_decision_are_there_too():
    decided(hours=0)
    decided(None, "reject", hours=24 * 21)
    weeks = figures.by_week(rows())
    assert [counts.total() for _, counts in weeks] == [1, 0, 0, 1]
    assert all(monday.weekday() == 0 for monday, _ in weeks)


# --- Filters ------------------------------------------------------------------------------------------


def test_filters_take_exactly_what_they_name():
    other = make_user("emil", "Editors")
    mine = decided(category="City", author=make_user("walter"))
    decided(None, "reject", category="Sea", actor=other, hours=24 * 5)
    today = timezone.localtime(mine.decided_at).date()
    for asked in (
        {"author": "walter"}, {"category": "City"}, {"decision": "approve"}, {"actor": "edith"},
        {"until": today}, {"since": today, "until": today},
    ):  # fmt: skip
        assert [row.pk for row in rows(**asked)] == [mine.pk], asked
    assert rows(category="City", decision="reject") == []
    assert rows(since=today + timedelta(days=30)) == []


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-02-01", "until": "2026-01-01"}, "until"),
        ({"until": "9999-12-31"}, "until"),
        ({"since": "0001-01-01"}, "since"),
        ({"decision": "maybe"}, "decision"),
        ({"category": "a\x00b"}, "category"),
        ({"author": "x" * 201}, "author"),
    ],
)
def test_a_filter_that_is_none_is_400_names_the_field_and_shows_nothing(auditor, asked, field):
    decided()
    answer = auditor.get(PAGE, asked)
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert answer.context["count"] == 0
    refused = auditor.post(EXPORT, asked | {"format": "csv"})
    assert refused.status_code == 400
    assert f"{field}: " in html(refused)
    assert not AuditEntry.objects.filter(action="decisions.exported").exists()


# --- The page -----------------------------------------------------------------------------------------


def test_the_page_shows_it_all_and_escapes_it(auditor):
    decided(make_draft(title="<b>Trees</b>", category="<i>City</i>"), opened=2)
    decided(None, "reject")
    make_draft(make_task(topic="Late one", due_at=timezone.now() - timedelta(days=1)))
    page = html(auditor.get(PAGE))
    for said in ("offline writer", "Tone or style", "Late one", "2.0 s", "1 of 2", "<svg", "1.0 h"):
        assert said in page, said
    assert "<b>Trees" not in page
    assert "<i>City" not in page
    assert f'href="{PAGE}"' in html(auditor.get("/admin/"))


def test_with_no_decision_it_says_so(auditor):
    page = html(auditor.get(PAGE))
    for said in ("No matching decisions.", "Nothing was refused", "Nothing is overdue."):
        assert said in page


@pytest.mark.parametrize(
    ("group", "may"),
    [
        ("Auditors", True),
        ("Editors", True),
        ("Writers", False),
        ("Publishers", False),
        ("Integrations", False),
    ],
)  # fmt: skip
def test_auditors_and_editors_alone_see_and_export_it(client, group, may):
    client.force_login(make_user("visitor", group, is_staff=True))
    assert client.get(PAGE).status_code == (200 if may else 403)
    assert client.post(EXPORT, {"format": "csv"}).status_code == (200 if may else 403)
    assert AuditEntry.objects.filter(action="decisions.exported").exists() == may
    assert (f'href="{PAGE}"' in html(client.get("/admin/"))) == may


def test_people_without_a_role_are_sent_to_log_in(client):
    client.force_login(make_user("reader"))
    assert client.get(PAGE)["Location"].startswith("/admin/login/")
    assert client.post(EXPORT, {"format": "csv"})["Location"].startswith("/admin/login/")


def test_many_decisions_need_no_more_queries(auditor, django_assert_max_num_queries):
    for _ in range(12):
        decided()
    with django_assert_max_num_queries(8 + 1):  # counts next to the navigation, cached
        assert auditor.get(PAGE).context["count"] == 12


def test_the_latest_of_a_time_are_read_from_an_index_in_their_order():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = figures.filtered(since=timezone.localdate())[:10].explain()
    assert "Index Scan Backward using approvals_decided_at" in plan
    assert "Sort" not in plan.partition("SubPlan")[0]


# --- Exports ------------------------------------------------------------------------------------------


def test_an_export_is_what_is_filtered_and_is_recorded(auditor):
    wanted = decided(None, "reject", title='=HYPERLINK("x")')
    decided()
    answer = auditor.post(EXPORT, {"format": "csv", "decision": "reject"})
    assert answer["Content-Disposition"] == 'attachment; filename="decisions.csv"'
    [row] = csv.DictReader(io.StringIO(html(answer)))
    assert (row["pk"], row["title"], row["reason"]) == (
        str(wanted.pk), "'=HYPERLINK(\"x\")", "Too stiff for our readers.",
    )  # fmt: skip
    entry = AuditEntry.objects.get(action="decisions.exported")
    assert (entry.actor_name, entry.data["rows"], entry.data["filter"]) == ("aude", 1, {"decision": "reject"})
    assert (entry.data["via"], entry.data["format"]) == ("desk", "csv")
    assert entry.data["sha256"] == hashlib.sha256(answer.content).hexdigest()


def test_json_has_the_same_and_the_form_of_the_page_hands_on_its_filter(auditor):
    made = decided(category="City")
    decided(category="Sea")
    page = auditor.get(PAGE, {"category": "City"})
    assert page.context["parameters"] == [("category", "City")]
    answer = auditor.post(EXPORT, dict(page.context["parameters"]) | {"format": "json"})
    [row] = json.loads(answer.content)
    assert (row["pk"], row["category"], row["content_sha256"]) == (made.pk, "City", made.content_sha256)


def test_a_visit_exports_nothing(auditor):
    assert auditor.get(EXPORT, {"format": "csv"}).status_code == 405
    assert auditor.post(EXPORT, {"format": "xls"}).status_code == 400
    assert not AuditEntry.objects.filter(action="decisions.exported").exists()


def test_too_many_for_a_file_are_refused(auditor, monkeypatch):
    monkeypatch.setattr("approvals.audit.dashboard.MAX_EXPORTED", 1)
    decided()
    decided()
    answer = auditor.post(EXPORT, {"format": "csv"})
    assert answer.status_code == 400
    assert "Choose fewer days" in html(answer)


# --- In a browser -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_page_is_accessible_and_narrow_enough(live_server, page):
    for number in range(6):
        verdict = ("approve", "approve", "reject", "request_changes")[number % 4]
        decided(None, verdict, hours=24 * 5 * number, opened=3 * number)
    log_in(page, live_server.url, "aude", "Auditors", at=reverse("admin:audit_dashboard"))
    page.set_viewport_size({"width": 320, "height": 700})
    assert accessibility_problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
