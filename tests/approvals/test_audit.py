import csv
import hashlib
import io
import json
import threading
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from approvals import audit
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
    """What somebody with the owner's rights could do: the triggers do not fire."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql, parameters)
        cursor.execute("SET session_replication_role = DEFAULT")


def test_a_chain_nobody_touched_holds():
    approve(make_draft())
    seq, digest = audit.head()
    assert output("verify") == f"The audit chain holds: {seq} entries, head {digest}.\n"


def test_an_empty_chain_holds():
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


def test_an_entry_sealed_anew_breaks_the_link_after_it():
    approve(make_draft())
    entry = AuditEntry.objects.get(seq=2)
    entry.actor_name = "nobody"
    tamper(
        "UPDATE approvals_auditentry SET actor_name = 'nobody', hash = %s WHERE seq = 2", audit.seal(entry)
    )
    with pytest.raises(CommandError, match="inserted at entry 3"):
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
    def write():
        try:
            for number in range(10):
                audit.record("test", object_type="test", object_id=number)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audit.head()[0] == 40
    assert audit.first_flaw() is None
