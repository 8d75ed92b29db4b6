"""Heads of the chain outside the database, and what they give away."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from approvals.audit import chain
from approvals.audit.checkpoints import CheckpointForged, read_checkpoints, write_checkpoint
from contentpipeline.management.commands import doctor
from contentpipeline.probes import State
from tests.factories import approve, make_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept():
    approve(make_draft())
    return write_checkpoint()


def tamper(sql):
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET session_replication_role = replica; {sql}; SET session_replication_role = DEFAULT"
        )


def verify():
    call_command("audit", "verify", verbosity=0)


def test_nothing_is_kept_of_an_empty_chain():
    tamper("DELETE FROM approvals_auditentry")
    assert write_checkpoint() is None
    assert read_checkpoints() == []


def test_a_head_is_kept_once_a_day_and_the_chain_is_held_against_it(kept):
    assert read_checkpoints() == [chain.head()]
    before = kept.read_text()
    approve(make_draft())
    assert write_checkpoint() is None
    assert kept.read_text() == before
    assert [path.name for path in kept.parent.iterdir()] == [kept.name], "and nothing is left beside it"
    verify()
    assert doctor._audit_heads().state == State.OK


def test_a_tail_that_was_cut_off_is_named_without_anybody_giving_a_head(kept):
    seq, _ = chain.head()
    tamper(f"DELETE FROM approvals_auditentry WHERE seq = {seq}")
    with pytest.raises(CommandError, match=f"truncated at entry {seq}"):
        verify()
    assert doctor._audit_heads().state == State.DOWN


@pytest.mark.parametrize(
    "change", [{"seq": 1}, {"hash": "0" * 64}, {"at": "2026-01-01T00:00:00+00:00"}, {"x": 1}]
)
def test_a_head_that_was_changed_is_no_evidence_and_is_named(kept, change):
    kept.write_text(json.dumps(json.loads(kept.read_text()) | change))
    with pytest.raises(CommandError, match=kept.name):
        verify()
    assert doctor._audit_heads().state == State.DOWN


@pytest.mark.parametrize("content", ["", "[]", "{}", "null", "not json"])
def test_a_file_that_is_no_head_is_named(kept, content):
    kept.write_text(content)
    with pytest.raises(CheckpointForged, match=kept.name):
        read_checkpoints()


def test_another_key_signs_otherwise(kept, settings):
    settings.AUDIT_KEY = "another"
    with pytest.raises(CheckpointForged, match="AUDIT_KEY"):
        read_checkpoints()


def test_an_old_head_says_that_nobody_keeps_them(kept):
    said = json.loads(kept.read_text())
    kept.rename(kept.with_name("2026-01-01.json"))
    found = doctor._audit_heads()
    assert (found.state, said["seq"] > 0) == (State.DEGRADED, True)
    assert "2026-01-01" in found.message
