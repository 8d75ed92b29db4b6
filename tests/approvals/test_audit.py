import csv
import hashlib
import io
import json
import threading
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection

from approvals.audit import actors, chain
from approvals.audit.verification import first_failure
from approvals.management.commands.audit import formula_safe
from approvals.models import AuditEntry
from tasks.content import canonical_json
from tests.factories import approve, make_draft, make_user

pytestmark = pytest.mark.django_db


def output(*arguments):
    out = StringIO()
    call_command("audit", *arguments, stdout=out)
    return out.getvalue()


def tamper(sql, *parameters):
    """What someone with the owner's rights could do: the triggers do not fire."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql, parameters)
        cursor.execute("SET session_replication_role = DEFAULT")


def test_a_chain_nobody_touched_holds():
    approve(make_draft())
    seq, digest = chain.head()
    assert output("verify") == f"The audit chain is intact: {seq} entries, head {digest}.\n"


def test_an_empty_chain_holds():
    Group.objects.all().delete()  # their rights are in the chain from the first migration on
    tamper("DELETE FROM approvals_auditentry")
    assert output("head") == f"0 {'0' * 64}\n"
    assert "0 entries" in output("verify")


def test_the_head_names_the_last_entry():
    approve(make_draft())
    last = AuditEntry.objects.first()
    assert output("head") == f"{last.seq} {last.hash}\n"


def test_a_changed_entry_is_found_and_named():
    approve(make_draft())
    tamper("UPDATE approvals_auditentry SET actor_name = 'nobody' WHERE seq = 3")
    with pytest.raises(CommandError, match="altered at entry 3"):
        output("verify")


def test_a_changed_time_is_found():
    approve(make_draft())
    tamper("UPDATE approvals_auditentry SET at = at + interval '1 microsecond' WHERE seq = 2")
    with pytest.raises(CommandError, match="altered at entry 2"):
        output("verify")


def test_a_removed_entry_is_found_and_named():
    approve(make_draft())
    tamper("DELETE FROM approvals_auditentry WHERE seq = 2")
    with pytest.raises(CommandError, match="removed at entry 2"):
        output("verify")


def test_a_rehashed_entry_breaks_the_link_after_it():
    approve(make_draft())
    entry = AuditEntry.objects.get(seq=2)
    entry.actor_name = "nobody"
    tamper(
        "UPDATE approvals_auditentry SET actor_name = 'nobody', hash = %s WHERE seq = 2", chain.hash_of(entry)
    )
    with pytest.raises(CommandError, match="altered at entry 2"):
        output("verify")


def test_exported_lines_can_be_verified_without_the_product():
    approve(make_draft())
    previous = "0" * 64
    lines = output("export", "--format", "jsonl").splitlines()
    for line in lines:
        entry = json.loads(line)
        digest, prev_hash = entry.pop("hash"), entry.pop("prev_hash")
        at = datetime.fromisoformat(entry["at"]).astimezone(UTC)
        entry["at"] = at.isoformat(timespec="microseconds")
        assert prev_hash == previous
        assert hashlib.sha256((prev_hash + canonical_json(entry)).encode()).hexdigest() == digest
        previous = digest
    assert len(lines) == AuditEntry.objects.count()


@pytest.mark.parametrize("format", ["jsonl", "csv"])
def test_an_export_ends_with_the_entry_that_records_it(format):
    approve(make_draft())
    out = output("export", "--format", format)
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.actor_id, entry.object_type) == ("audit.exported", None, "auditentry")
    assert entry.data == {
        "via": "command", "format": format, "filter": {}, "rows": entry.seq, "account": actors.account()
    }  # fmt: skip
    assert entry.hash in out.splitlines()[-1]
    assert first_failure() is None


def test_an_export_whose_reader_goes_away_is_on_record_all_the_same():
    class Gone(StringIO):
        def write(self, text):
            raise RuntimeError("the disk is full")

    approve(make_draft())
    with pytest.raises(RuntimeError):
        call_command("audit", "export", stdout=Gone())
    assert AuditEntry.objects.first().action == "audit.exported"


def test_a_table_for_spreadsheets_holds_every_entry_and_no_formula():
    approve(make_draft(), by=make_user("=cmd|' /C calc'!A0", "Editors"))
    rows = list(csv.DictReader(io.StringIO(output("export", "--format", "csv"))))
    assert [int(row["seq"]) for row in rows] == list(range(1, AuditEntry.objects.count() + 1))
    assert not [cell for row in rows for cell in row.values() if cell[:1] in {"=", "+", "-", "@"}]
    assert "'=cmd|' /C calc'!A0" in {row["actor_name"] for row in rows}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_a_spreadsheet_would_calculate_becomes_a_text(start):
    assert formula_safe(f"{start}1+1") == f"'{start}1+1"
    assert formula_safe(-1) == -1


@pytest.mark.django_db(transaction=True)
def test_the_chain_does_not_fork_when_many_write_at_once():
    before, _ = chain.head()

    def write():
        try:
            for number in range(4):
                chain.record("test", object_type="test", object_id=number)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert chain.head()[0] == before + 200
    assert first_failure() is None


INSERT = """
INSERT INTO approvals_auditentry
    (seq, at, actor_id, actor_name, action, object_type, object_id, task_id, data, prev_hash, hash)
SELECT {seq}, at, 1, 'mallory', 'test', 'test', 1, NULL, '{{}}', {prev_hash}, repeat('f', 64)
FROM approvals_auditentry WHERE seq = 1
"""


@pytest.mark.parametrize(
    "change",
    [
        "actor_name = 'nobody'", "data = data || '{\"reason\": \"forged\"}'", "object_id = object_id + 1",
        "hash = translate(hash, '0123456789abcdef', '123456789abcdef0')",
        "prev_hash = translate(prev_hash, '0123456789abcdef', '123456789abcdef0')",
    ],
)  # fmt: skip
@pytest.mark.parametrize("seq", [1, 3, "last"])
def test_one_changed_value_is_named_wherever_it_stands(change, seq):
    approve(make_draft())
    last, _ = chain.head()
    seq = last if seq == "last" else seq
    tamper(f"UPDATE approvals_auditentry SET {change} WHERE seq = %s", seq)
    assert (first_failure().kind, first_failure().seq) == ("altered", seq)


def test_an_inserted_entry_is_named():
    approve(make_draft())
    last, _ = chain.head()
    tamper(INSERT.format(seq=last + 1, prev_hash="repeat('0', 64)"))
    assert (first_failure().kind, first_failure().seq) == ("inserted", last + 1)


def test_an_entry_inserted_between_others_is_named_though_they_got_new_numbers():
    approve(make_draft())
    tamper("UPDATE approvals_auditentry SET seq = -seq - 1 WHERE seq >= 3")
    tamper("UPDATE approvals_auditentry SET seq = -seq WHERE seq < 0")
    tamper(INSERT.format(seq=3, prev_hash="(SELECT hash FROM approvals_auditentry WHERE seq = 2)"))
    entry = AuditEntry.objects.get(seq=3)
    tamper("UPDATE approvals_auditentry SET hash = %s WHERE seq = 3", chain.hash_of(entry))
    assert (first_failure().kind, first_failure().seq) == ("inserted", 3)


def test_a_removed_entry_is_named_though_the_others_closed_up():
    approve(make_draft())
    tamper("DELETE FROM approvals_auditentry WHERE seq = 3")
    tamper("UPDATE approvals_auditentry SET seq = -seq + 1 WHERE seq > 3")
    tamper("UPDATE approvals_auditentry SET seq = -seq WHERE seq < 0")
    assert (first_failure().kind, first_failure().seq) == ("removed", 3)


def test_a_truncated_chain_is_found_against_a_stored_head():
    approve(make_draft())
    for number in range(3):
        chain.record("test", object_type="test", object_id=number)
    seq, digest = chain.head()
    tamper("DELETE FROM approvals_auditentry WHERE seq > %s", seq - 2)
    assert first_failure() is None, "the chain alone cannot know"
    with pytest.raises(CommandError, match=f"truncated at entry {seq - 1}"):
        output("verify", "--head", f"{seq}:{digest}")


def test_a_rehashed_chain_is_found_against_a_stored_head():
    approve(make_draft())
    chain.record("test", object_type="test", object_id=1)
    seq, digest = chain.head()
    assert "intact" in output("verify", "--head", f"{seq}:{digest}")
    entry = AuditEntry.objects.get(seq=seq)
    entry.actor_name = "mallory"
    tamper("UPDATE approvals_auditentry SET actor_name = 'mallory', hash = %s WHERE seq = %s",
           chain.hash_of(entry), seq)  # fmt: skip
    assert "intact" in output("verify")
    with pytest.raises(CommandError, match=f"altered at entry {seq}"):
        output("verify", "--head", f"{seq}:{digest}")


def test_two_heads_of_one_entry_that_differ_cannot_both_hold():
    approve(make_draft())
    seq, digest = chain.head()
    for heads in ((digest, "0" * 64), ("0" * 64, digest)):
        with pytest.raises(CommandError, match=f"altered at entry {seq}"):
            output("verify", *(f"--head={seq}:{one}" for one in heads))


@pytest.mark.parametrize("head", ["", "7", "7:", "0:" + "0" * 64, "7:" + "G" * 64])
def test_a_malformed_head_is_refused(head):
    with pytest.raises(CommandError, match="is not a head"):
        output("verify", "--head", head)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("UPDATE tasks_historicaldraft SET body = 'forged'", "altered"),
        ("UPDATE tasks_historicaldraft SET tags = '{forged}'", "altered"),
        ("DELETE FROM tasks_historicaldraft", "removed"),
        ("UPDATE approvals_decision SET actor_name = 'mallory'", "altered"),
        ("UPDATE approvals_decision SET decision = 'reject', reason_code = 'style', reason = repeat('x', 20)",
         "altered"),
        ("DELETE FROM approvals_decision", "removed"),
        ("INSERT INTO approvals_decision (draft_id, decision, version, content_sha256, reason_code, reason,"
         " actor_id, actor_name, via, four_eyes, approvals_needed) SELECT draft_id, decision, version,"
         " content_sha256, '', '', 7, 'mallory', 'api', true, 1 FROM approvals_decision", "truncated"),
    ],
)  # fmt: skip
def test_what_was_recorded_is_held_against_the_chain(change, kind):
    approve(make_draft())
    assert first_failure() is None
    tamper(change)
    assert first_failure().kind == kind
