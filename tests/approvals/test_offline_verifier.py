"""The verifier for those who trust neither the desk nor its packages: Python alone, in its own process."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from approvals.audit import chain
from approvals.audit.checkpoints import write_checkpoint
from tests.factories import approve, make_draft

pytestmark = pytest.mark.django_db
PROGRAM = Path(__file__).resolve().parents[2] / "tools" / "verify_audit.py"


@pytest.fixture
def lines():
    approve(make_draft(title='Bäume “am”\u2028Rand \\ "quoted" 😀'))
    out = StringIO()
    call_command("audit", "export", "--format", "jsonl", stdout=out)
    return out.getvalue().split("\n")[:-1]


def verify(tmp_path, lines, *arguments, **variables):
    file = tmp_path / "audit.jsonl"
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    # -I and -S: no packages, no variables, nothing of this project on the path.
    command = [sys.executable, "-I", "-S", str(PROGRAM), str(file), *arguments]
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, timeout=30)
    return done.returncode, done.stdout + done.stderr


def test_an_export_that_nobody_touched_holds(tmp_path, lines):
    seq, digest = chain.head()
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
    from tools.verify_audit import hash_of

    entry = json.loads(lines[2]) | {"prev_hash": "0" * 64}
    lines[2] = json.dumps(entry | {"hash": hash_of(entry)})
    status, said = verify(tmp_path, lines)
    assert status == 1
    assert "inserted at entry 3" in said


def test_a_cut_tail_is_named_against_a_head(tmp_path, lines):
    seq, digest = chain.head()
    assert verify(tmp_path, lines[:-1])[0] == 0
    status, said = verify(tmp_path, lines[:-1], "--head", f"{seq}:{digest}")
    assert status == 1
    assert f"truncated at entry {seq}" in said


@pytest.mark.parametrize("bad", ["{", "[]", "{}", '"text"'])
def test_what_is_no_export_is_not_called_broken(tmp_path, lines, bad):
    status, said = verify(tmp_path, [*lines[:1], bad])
    assert status == 2
    assert "line 2" in said


def test_a_malformed_head_is_refused(tmp_path, lines):
    status, said = verify(tmp_path, lines, "--head", "7")
    assert status == 2
    assert "no head" in said


# --- Checkpoints of the desk -------------------------------------------------------------------------

KEY = "a key that the database does not know"


@pytest.fixture
def checkpoint(settings, lines):
    """The head of the exported chain, as the desk keeps it, in a directory with nothing else."""
    settings.AUDIT_KEY = KEY
    return write_checkpoint()


def said_of(tmp_path, lines, checkpoint, *more, **variables):
    return verify(tmp_path, lines, "--heads", str(checkpoint.parent), *more, **variables)


def test_checkpoints_and_their_signatures_are_checked(tmp_path, lines, checkpoint):
    status, said = said_of(tmp_path, lines, checkpoint, AUDIT_KEY=KEY)
    assert status == 0, said
    assert "Checkpoints: 1, of which 1 have a verified signature." in said
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    assert said_of(tmp_path, lines, checkpoint, "--key-file", str(file), AUDIT_KEY="another")[0] == 0
    assert verify(tmp_path, lines, "--heads", str(checkpoint), AUDIT_KEY=KEY)[0] == 0


def test_the_key_may_be_the_one_of_a_desk_without_a_key_of_its_own(tmp_path, lines, settings):
    checkpoint = write_checkpoint()
    assert said_of(tmp_path, lines, checkpoint, AUDIT_KEY=settings.SECRET_KEY)[0] == 0


@pytest.mark.parametrize("key", ["", "nothing"])
def test_an_unchecked_signature_does_not_count_as_a_right_one(tmp_path, lines, checkpoint, key):
    variables = {"AUDIT_KEY": ""} if key == "" else {}
    status, said = said_of(tmp_path, lines, checkpoint, **variables)
    assert status == 3
    assert f"Not checked: the signature of {checkpoint}: no key was given." in said
    assert "Checkpoints: 1, of which 0 have a verified signature" in said


def test_a_checkpoint_without_a_signature_is_named_and_still_compared(tmp_path, lines, checkpoint):
    head = json.loads(checkpoint.read_text())
    del head["hmac_sha256"]
    checkpoint.write_text(json.dumps(head))
    status, said = said_of(tmp_path, lines, checkpoint, AUDIT_KEY=KEY)
    assert (status, f"Not checked: the signature of {checkpoint}: it has none." in said) == (3, True)
    status, said = said_of(tmp_path, lines[:-1], checkpoint, AUDIT_KEY=KEY)
    assert (status, f"truncated at entry {len(lines)}" in said) == (1, True)


@pytest.mark.parametrize(
    "change",
    [{"seq": 1}, {"hash": "0" * 64}, {"at": "2026-01-01T00:00:00+00:00"}, {"hmac_sha256": "0" * 64},
     {"hmac_sha256": 7}],
)  # fmt: skip
def test_a_changed_checkpoint_is_named(tmp_path, lines, checkpoint, change):
    checkpoint.write_text(json.dumps(json.loads(checkpoint.read_text()) | change))
    status, said = said_of(tmp_path, lines, checkpoint, AUDIT_KEY=KEY)
    assert (status, f"{checkpoint} was changed" in said) == (1, True), said


def test_another_key_is_not_taken_for_the_right_one(tmp_path, lines, checkpoint):
    assert said_of(tmp_path, lines, checkpoint, AUDIT_KEY="another")[0] == 1


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", "null", "not json", '{"seq": true, "hash": "", "at": ""}', "\xff"]
)
def test_a_malformed_checkpoint_is_named(tmp_path, lines, checkpoint, content):
    checkpoint.with_name("2026-01-01.json").write_bytes(content.encode("latin-1"))
    status, said = said_of(tmp_path, lines, checkpoint, AUDIT_KEY=KEY)
    assert (status, "2026-01-01.json is no head" in said) == (1, True), said


def test_a_truncated_chain_is_found_by_a_checkpoint(tmp_path, lines, checkpoint):
    status, said = said_of(tmp_path, lines[:-1], checkpoint, AUDIT_KEY=KEY)
    assert (status, f"truncated at entry {len(lines)}" in said) == (1, True)


def test_two_heads_of_one_entry_that_differ_cannot_both_hold(tmp_path, lines, checkpoint):
    seq, digest = chain.head()
    for head in (f"{seq}:{'0' * 64}", f"{seq}:{digest}"):
        status, said = said_of(tmp_path, lines, checkpoint, "--head", head, AUDIT_KEY=KEY)
        assert status == (0 if digest in head else 1), said


@pytest.mark.parametrize("arguments", [["--heads", "empty"], ["--heads", "gone"], ["--key-file", "gone"]])
def test_what_is_not_there_was_not_checked(tmp_path, lines, arguments):
    (tmp_path / "empty").mkdir()
    status, said = verify(tmp_path, lines, *arguments)
    assert (status, "cannot be verified" in said) == (2, True), said
