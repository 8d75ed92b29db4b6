"""The verifier for those who trust neither the desk nor its packages: Python alone, in its own process."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from approvals import audit
from tests.factories import approve, make_draft

pytestmark = pytest.mark.django_db
PROGRAM = Path(__file__).resolve().parents[2] / "tools" / "verify_audit.py"


@pytest.fixture
def lines():
    approve(make_draft(title='Bäume “am”\u2028Rand \\ "quoted" 😀'))
    out = StringIO()
    call_command("audit", "export", "--format", "jsonl", stdout=out)
    return out.getvalue().split("\n")[:-1]


def verify(tmp_path, lines, *arguments):
    file = tmp_path / "audit.jsonl"
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    # -I and -S: no packages, no variables, nothing of this project on the path.
    command = [sys.executable, "-I", "-S", str(PROGRAM), str(file), *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=30)
    return done.returncode, done.stdout + done.stderr


def test_an_export_that_nobody_touched_holds(tmp_path, lines):
    seq, digest = audit.head()
    said = f"The audit chain holds: {seq} entries, head {digest}.\n"
    assert verify(tmp_path, lines, "--head", f"{seq}:{digest}") == (0, said)


def test_a_changed_entry_is_named(tmp_path, lines):
    lines[2] = json.dumps(json.loads(lines[2]) | {"actor_name": "mallory"})
    status, said = verify(tmp_path, lines)
    assert status == 1
    assert "altered at entry 3" in said


def test_a_removed_entry_is_named(tmp_path, lines):
    status, said = verify(tmp_path, lines[:2] + lines[3:])
    assert status == 1
    assert "removed at entry 3" in said


def test_an_entry_of_another_chain_is_named(tmp_path, lines):
    from tools.verify_audit import seal

    entry = json.loads(lines[2]) | {"prev_hash": "0" * 64}
    lines[2] = json.dumps(entry | {"hash": seal(entry)})
    status, said = verify(tmp_path, lines)
    assert status == 1
    assert "inserted at entry 3" in said


def test_a_cut_tail_is_named_against_a_head(tmp_path, lines):
    seq, digest = audit.head()
    assert verify(tmp_path, lines[:-1])[0] == 0
    status, said = verify(tmp_path, lines[:-1], "--head", f"{seq}:{digest}")
    assert status == 1
    assert f"truncated at entry {seq}" in said


@pytest.mark.parametrize("bad", ["{", "[]", "{}", '"text"'])
def test_what_is_no_export_is_not_called_broken(tmp_path, lines, bad):
    status, said = verify(tmp_path, [*lines[:1], bad])
    assert status == 2
    assert "line 2" in said


def test_what_is_no_head_is_refused(tmp_path, lines):
    status, said = verify(tmp_path, lines, "--head", "7")
    assert status == 2
    assert "no head" in said
