"""Rules for checks: who may change them, what they do, and where they are recorded."""

import re

import pytest
from django.db import DatabaseError, connection

from approvals.models import AuditEntry
from contentpipeline.roles import GROUP_OF_ROLE
from tasks.check_rules import rules_in_force
from tasks.jobs import inspect_draft
from tasks.models import QualityCheckRule, QualityReport
from tasks.pipeline.quality import CHECKS
from tests.factories import make_draft, make_user

pytestmark = pytest.mark.django_db

PAGE = "/admin/tasks/checks/"
REASON = "Our readers know long texts."


@pytest.fixture
def editor(client):
    user = make_user("edith", "Editors", is_staff=True)
    client.force_login(user)
    return user


def fields(**changes):
    return {"severity": "advisory", "limit_shortest": 0.7, "limit_longest": 1.4, "reason": REASON} | changes


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_page_lists_every_check_with_what_passing_means_and_every_threshold(client, editor):
    shown = text_of(client.get(PAGE))
    for check in CHECKS:
        assert check.name in shown
        assert check.about.split("“")[0].split("'")[0] in shown
        assert all(limit.name in shown for limit in check.thresholds)
        assert client.get(f"{PAGE}{check.name}/").status_code == 200, check.name


def test_a_changed_threshold_is_in_the_audit_chain_and_governs_the_next_inspection(client, editor):
    draft = make_draft(body="Trees give shade to the street. " * 300)
    answer = client.post(f"{PAGE}length/", fields(severity="off", limit_longest=9))
    assert answer.status_code == 302
    rule = QualityCheckRule.objects.get()
    assert (rule.severity, rule.limits, rule.changed_by_name) == ("off", {"longest": 9.0}, "edith")
    entry = AuditEntry.objects.get(object_type="qualitycheckrule")
    assert (entry.action, entry.actor_name, entry.data["reason"]) == (
        "qualitycheckrule.created",
        "edith",
        REASON,
    )
    assert entry.data["limits"] == {"longest": 9.0}
    QualityReport.objects.all().delete()
    inspect_draft(draft.pk)
    report = QualityReport.objects.get()
    (length,) = [one for one in report.results if one["check"] == "length"]
    assert (length["status"], length["applies"]) == ("skipped", False)
    assert report.check_rules == [{"check": "length", "severity": "off", "limits": {"longest": 9.0}}]
    assert "longest 9.0" in text_of(client.get(PAGE))
    assert REASON in text_of(client.get(f"{PAGE}length/"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"limit_longest": 100}, "less than or equal to"),
        ({"limit_longest": ""}, "required"),
        ({"severity": "loud"}, "loud"),
        ({"reason": "short"}, "at least 10"),
    ],
)
def test_what_is_out_of_range_is_refused_by_name_and_what_was_typed_stays(client, editor, changes, words):
    answer = client.post(f"{PAGE}length/", fields(**{"limit_shortest": 0.5} | changes))
    assert answer.status_code == 400
    assert words in text_of(answer)
    assert 'value="0.5"' in answer.content.decode()
    assert not QualityCheckRule.objects.exists()


def test_setting_the_defaults_changes_nothing_and_setting_them_again_keeps_the_history(client, editor):
    client.post(f"{PAGE}length/", fields())
    assert rules_in_force() == ()
    client.post(f"{PAGE}length/", fields(limit_longest=2))
    client.post(f"{PAGE}length/", fields())
    (rule,) = rules_in_force()
    assert (rule.severity, rule.limits) == ("", {})
    assert QualityCheckRule.history.count() == 2


def test_only_editors_change_a_rule_and_an_unknown_check_is_not_found(client):
    assert client.post(f"{PAGE}length/", fields()).status_code == 302  # to the login
    for group in sorted(set(GROUP_OF_ROLE.values()) - {"Editors"}):
        client.force_login(make_user(f"one of {group}".replace(" ", "-"), group, is_staff=True))
        assert client.get(PAGE).status_code == 200
        assert "Save" not in text_of(client.get(f"{PAGE}length/"))
        assert client.post(f"{PAGE}length/", fields(severity="off")).status_code == 403, group
    client.force_login(make_user("nobody", is_staff=True))
    assert client.get(PAGE).status_code == client.get(f"{PAGE}length/").status_code == 403
    client.force_login(make_user("erik", "Editors", is_staff=True))
    assert client.get(f"{PAGE}lenght/").status_code == 404
    assert not QualityCheckRule.objects.exists()


@pytest.mark.parametrize("change", ["UPDATE {} SET reason = 'x'", "DELETE FROM {}"])
def test_the_history_of_a_rule_cannot_be_changed(client, editor, change):
    client.post(f"{PAGE}length/", fields(limit_longest=2))
    with pytest.raises(DatabaseError, match="append-only"):
        connection.cursor().execute(change.format("tasks_historicalqualitycheckrule"))
