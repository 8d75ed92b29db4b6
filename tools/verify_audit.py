"""Verify an exported audit chain with nothing but Python: no package, no database, no trust in the desk.

    python verify_audit.py audit.jsonl [--head SEQ:HASH]…

The export is that of `manage.py audit export --format jsonl`: one entry a line, oldest first. An entry's hash
is the SHA-256, in hexadecimal, of `prev_hash` followed by its canonical JSON: an object of actor_id,
actor_name, action, at, data, object_id, object_type, seq and task_id, with keys sorted by code point, no
spaces, nothing escaped that JSON does not demand, in UTF-8; `at` is in UTC with six digits of a second, as in
2030-01-31T17:00:00.000000+00:00. The first entry's prev_hash is 64 zeros. A head is a number and hash that
`manage.py audit head` printed earlier; only one that was kept elsewhere shows a cut tail.

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


class Unreadable(Exception):
    pass


def seal(entry: dict) -> str:
    facts = {name: entry[name] for name in SEALED}
    at = datetime.fromisoformat(entry["at"]).astimezone(timezone.utc)  # noqa: UP017 (runs on older Pythons)
    facts["at"] = at.isoformat(timespec="microseconds")
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((entry["prev_hash"] + text).encode()).hexdigest()


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


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Verify an exported audit chain.")
    parser.add_argument("file", help="what manage.py audit export --format jsonl wrote")
    parser.add_argument("--head", action="append", default=[], metavar="SEQ:HASH")
    options = parser.parse_args(arguments)
    heads = {}
    for head in options.head:
        found = re.fullmatch(r"([1-9][0-9]*)[: ]([0-9a-f]{64})", head.strip())
        if not found:
            parser.error(f"{head!r} is no head: give SEQ:HASH")
        heads[int(found[1])] = found[2]
    try:
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
