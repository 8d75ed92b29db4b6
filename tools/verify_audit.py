"""Verify an exported audit chain with nothing but Python: no package, no database, no trust in the desk.

    python verify_audit.py audit.jsonl [--head SEQ:HASH]…
    python verify_audit.py dossier.json [--head SEQ:HASH]…

The export is that of `manage.py audit export --format jsonl`: one entry a line, oldest first. An entry's hash
is the SHA-256, in hexadecimal, of `prev_hash` followed by its canonical JSON: an object of actor_id,
actor_name, action, at, data, object_id, object_type, seq and task_id, with keys sorted by code point, no
spaces, nothing escaped that JSON does not demand, in UTF-8; `at` is in UTC with six digits of a second, as in
2030-01-31T17:00:00.000000+00:00. The first entry's prev_hash is 64 zeros. A head is a number and hash that
`manage.py audit head` printed earlier; only one that was kept elsewhere shows a cut tail.

A dossier (`manage.py audit dossier DRAFT`) has the entries of one article only: each must match its hash,
follow the one before it where their numbers do, and seal what the dossier shows. A version's content_sha256
is the SHA-256 of the canonical JSON of its `content`; an entry draft.created or draft.changed names it, one
decision.created names what was decided. The last one records this very export and has the hash of all that
is not an entry: brief, sources, quality and calls too. That no other entry of the article is missing, only
the whole export shows.

Exit status: 0 the chain holds, 1 it does not, 2 the file or a head cannot be read.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterable
from datetime import datetime, timezone

GENESIS = "0" * 64
SEALED = ("seq", "actor_id", "actor_name", "action", "object_type", "object_id", "task_id", "data")
BESIDE = ("format", "made_at", "entries", "head")
"""What of a dossier its own last entry cannot have the hash of."""

DECIDED = ("decision", "version", "content_sha256", "reason_code", "reason", "actor_name")


class Unreadable(Exception):
    pass


def seal(entry: dict) -> str:
    facts = {name: entry[name] for name in SEALED}
    at = datetime.fromisoformat(entry["at"]).astimezone(timezone.utc)  # noqa: UP017 (runs on older Pythons)
    facts["at"] = at.isoformat(timespec="microseconds")
    return hashlib.sha256((entry["prev_hash"] + canonical(facts)).encode()).hexdigest()


def digest_of(value: object) -> str:
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def flaw(lines: Iterable[str], heads: dict[int, str]) -> tuple[str | None, int, str]:
    """What does not hold first, or None; then number and hash of the last entry that does."""
    seq, prev_hash = 0, GENESIS
    for number, line in enumerate(lines, start=1):
        try:
            entry = json.loads(line)
            digest = seal(entry)
        except (ValueError, KeyError, TypeError) as error:
            raise Unreadable(f"line {number} is no entry of an export: {error!r}") from error
        if entry["seq"] != seq + 1:
            return f"removed at entry {seq + 1}: line {number} is entry {entry['seq']}", seq, prev_hash
        if entry["hash"] != digest:
            return f"altered at entry {seq + 1}: it does not match its hash", seq, prev_hash
        if entry["prev_hash"] != prev_hash:
            return f"inserted at entry {seq + 1}: it does not follow the one before it", seq, prev_hash
        if heads.get(seq + 1, digest) != digest:
            return f"altered at entry {seq + 1}: it had another hash when its head was kept", seq, prev_hash
        seq, prev_hash = seq + 1, digest
    if heads and max(heads) > seq:
        return f"truncated at entry {seq + 1}: it went on to entry {max(heads)}", seq, prev_hash
    return None, seq, prev_hash


def dossier_flaw(dossier: dict, heads: dict[int, str]) -> str | None:
    """What of a dossier is not what was sealed."""
    try:
        return entries_flaw(dossier["entries"], heads) or content_flaw(dossier) or export_flaw(dossier)
    except (KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"it is no dossier: {error!r}") from error


def entries_flaw(entries: list[dict], heads: dict[int, str]) -> str | None:
    before = None
    for entry in entries:
        if entry["hash"] != seal(entry):
            return f"altered: entry {entry['seq']} does not match its hash"
        if before and before["seq"] + 1 == entry["seq"] and before["hash"] != entry["prev_hash"]:
            return f"inserted: entry {entry['seq']} does not follow the one before it"
        if heads.get(entry["seq"], entry["hash"]) != entry["hash"]:
            return f"altered: entry {entry['seq']} had another hash when its head was kept"
        before = entry
    return None


def content_flaw(dossier: dict) -> str | None:
    """A version or decision that is not what its entry says, has none, or is missing."""
    versions, decisions = {}, {}
    for entry in dossier["entries"]:
        if entry["action"] in ("draft.created", "draft.changed"):
            versions[entry["data"]["version"]] = entry["data"]["content_sha256"]
        elif entry["action"] == "decision.created":
            decisions[entry["object_id"]] = entry["data"] | {"actor_name": entry["actor_name"]}
    for version in dossier["versions"]:
        sealed = versions.pop(version["version"], None)
        if not digest_of(version["content"]) == version["content_sha256"] == sealed:
            return f"altered: version {version['version']} is not what was sealed"
    for decision in dossier["decisions"]:
        sealed = decisions.pop(decision["id"], {})
        if any(decision[name] != sealed.get(name) for name in DECIDED):
            return f"altered: decision {decision['id']} is not what was sealed"
    left = [f"version {number}" for number in versions] + [f"decision {number}" for number in decisions]
    return f"removed: {', '.join(left)}" if left else None


def export_flaw(dossier: dict) -> str | None:
    """All that is neither version nor decision is sealed by the entry of the export alone."""
    last = dossier["entries"][-1] if dossier["entries"] else {"action": ""}
    if last["action"] != "dossier.exported":
        return "removed: the entry that records this export, which is the last one"
    said = {name: value for name, value in dossier.items() if name not in BESIDE}
    # An older export has no hash.
    if last["data"].get("sha256", digest_of(said)) != digest_of(said):
        return "altered: brief, sources, quality, calls or costs are not what was exported"
    return None


def read_dossier(path: str) -> dict | None:
    """The file as a dossier, or None when it is something else: an export is one object a line."""
    with open(path, encoding="utf-8") as file:
        try:
            found = json.load(file)
        except ValueError:
            return None
    return found if isinstance(found, dict) and "versions" in found else None


def say_of(dossier: dict, heads: dict[int, str]) -> int:
    wrong = dossier_flaw(dossier, heads)
    if wrong:
        print(f"The dossier does not hold: {wrong}.", file=sys.stderr)
        return 1
    counts = ", ".join(f"{len(dossier[name])} {name}" for name in ("versions", "decisions", "entries"))
    print(f"The dossier of draft {dossier['draft']} holds: {counts}.")
    return 0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Verify an exported audit chain.")
    parser.add_argument("file", help="what manage.py audit export --format jsonl, or dossier, wrote")
    parser.add_argument("--head", action="append", default=[], metavar="SEQ:HASH")
    options = parser.parse_args(arguments)
    heads = {}
    for head in options.head:
        found = re.fullmatch(r"([1-9][0-9]*)[: ]([0-9a-f]{64})", head.strip())
        if not found:
            parser.error(f"{head!r} is no head: give SEQ:HASH")
        heads[int(found[1])] = found[2]
    try:
        if dossier := read_dossier(options.file):
            return say_of(dossier, heads)
        with open(options.file, encoding="utf-8") as lines:
            found_flaw, seq, digest = flaw(lines, heads)
    except (OSError, UnicodeDecodeError, Unreadable) as error:
        print(f"{options.file} cannot be verified: {error}", file=sys.stderr)
        return 2
    if found_flaw:
        print(f"The audit chain is broken: {found_flaw}. It holds up to entry {seq}.", file=sys.stderr)
        return 1
    print(f"The audit chain holds: {seq} entries, head {digest}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
