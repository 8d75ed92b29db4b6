"""Checkpoints of the chain outside the database, and what they reveal."""

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
def checkpoint():
    approve(make_draft())
    return write_checkpoint()


def tamper(sql):
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET session_replication_role = replica; {sql}; SET session_replication_role = DEFAULT"
        )


def verify():
    call_command("audit", "verify", verbosity=0)


def test_an_empty_chain_has_no_checkpoint():
    tamper("DELETE FROM approvals_auditentry")
    assert write_checkpoint() is None
    assert read_checkpoints() == []


def test_a_checkpoint_is_written_once_a_day_and_the_chain_is_compared_with_it(checkpoint):
    assert read_checkpoints() == [chain.head()]
    before = checkpoint.read_text()
    approve(make_draft())
    assert write_checkpoint() is None
    assert checkpoint.read_text() == before
    assert [path.name for path in checkpoint.parent.iterdir()] == [checkpoint.name], (
        "and no other file is left"
    )
    verify()
    assert doctor._audit_checkpoints().state == State.OK


def test_a_truncated_chain_is_found_without_a_given_head(checkpoint):
    seq, _ = chain.head()
    tamper(f"DELETE FROM approvals_auditentry WHERE seq = {seq}")
    with pytest.raises(CommandError, match=f"truncated at entry {seq}"):
        verify()
    assert doctor._audit_checkpoints().state == State.DOWN


@pytest.mark.parametrize(
    "change", [{"seq": 1}, {"hash": "0" * 64}, {"at": "2026-01-01T00:00:00+00:00"}, {"x": 1}]
)
def test_a_changed_checkpoint_is_named(checkpoint, change):
    checkpoint.write_text(json.dumps(json.loads(checkpoint.read_text()) | change))
    with pytest.raises(CommandError, match=checkpoint.name):
        verify()
    assert doctor._audit_checkpoints().state == State.DOWN


@pytest.mark.parametrize("content", ["", "[]", "{}", "null", "not json"])
def test_a_malformed_checkpoint_is_named(checkpoint, content):
    checkpoint.write_text(content)
    with pytest.raises(CheckpointForged, match=checkpoint.name):
        read_checkpoints()


def test_another_key_signs_otherwise(checkpoint, settings):
    settings.AUDIT_KEY = "another"
    with pytest.raises(CheckpointForged, match="AUDIT_KEY"):
        read_checkpoints()


def test_an_old_checkpoint_says_that_none_are_written(checkpoint):
    said = json.loads(checkpoint.read_text())
    checkpoint.rename(checkpoint.with_name("2026-01-01.json"))
    found = doctor._audit_checkpoints()
    assert (found.state, said["seq"] > 0) == (State.DEGRADED, True)
    assert "2026-01-01" in found.message
