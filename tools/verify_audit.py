"""Verify an exported audit chain with nothing but Python: no package, no database, no trust in the desk.

    python verify_audit.py audit.jsonl [--head SEQ:HASH]… [--heads PATH]… [--key-file PATH]
    python verify_audit.py dossier.json [--head SEQ:HASH]… [--heads PATH]… [--key-file PATH]

The export is that of `manage.py audit export --format jsonl`: one entry a line, oldest first. An entry's hash
is the SHA-256, in hexadecimal, of `prev_hash` followed by its canonical JSON: an object of actor_id,
actor_name, action, at, data, object_id, object_type, seq and task_id, with keys sorted by code point, no
spaces, nothing escaped that JSON does not demand, in UTF-8; `at` is in UTC with six digits of a second, as in
2030-01-31T17:00:00.000000+00:00. The first entry's prev_hash is 64 zeros. A head is a number and hash that
`manage.py audit head` printed earlier; only one that was stored elsewhere shows a truncated chain.

`--heads` takes the checkpoints that the desk writes once a day (AUDIT_HEADS_DIR): JSON with at, seq, hash and
hmac_sha256, which is the HMAC-SHA256, in hexadecimal, of "at|seq|hash". Its key is the SHA-256 of
"desk.audit.head" followed by AUDIT_KEY, or by SECRET_KEY where the desk has no AUDIT_KEY. Without the key the
chain is held against them all the same, but who wrote them stays open.

A dossier (`manage.py audit dossier DRAFT`) has the entries of one article only: each must match its hash,
follow the one before it where their numbers do, and have the hashes of what the dossier shows. A version's
content_sha256 is the SHA-256 of the canonical JSON of its `content`; an entry draft.created or draft.changed
names it, one decision.created names what was decided. The last one records this very export and has the hash
of all that is not an entry: brief, sources, quality and calls too. That no other entry of the article is
missing, only the whole export shows.

A source has the documents it was (`snapshots`), each with the SHA-256 of its bytes and with what was read
from it (`readings`). An entry source.created, source.stored or source.read_again names the hashes of both:
they must be there. Bytes that are included (`data_base64`) must have their hash.

Exit status: 0 all holds; 1 the chain or a head does not; 2 a file or an argument cannot be read; 3 what was
checked holds, and something that was asked for could not be checked: it is named.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import os
import re
import sys
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

GENESIS = "0" * 64
HASHED = ("seq", "actor_id", "actor_name", "action", "object_type", "object_id", "task_id", "data")
UNHASHED = ("format", "made_at", "entries", "head")
"""The part of a dossier that its own last entry cannot hash."""

DECIDED = ("decision", "version", "content_sha256", "reason_code", "reason", "actor_name")
DECIDED_SINCE = ("way", "objections")
"""Recorded by newer desks too: how it came about, and what stood against an approval."""


Heads = dict[int, set[str]]
"""Hashes by number of the entry; with more than one of them they cannot all hold."""


class Unreadable(Exception):
    pass


class Broken(Exception):
    """What was verified is not as it was."""


class Forged(Exception):
    """A head is not what the desk wrote."""


def hash_of(entry: dict[str, Any]) -> str:
    facts = {name: entry[name] for name in HASHED}
    at = datetime.fromisoformat(entry["at"]).astimezone(timezone.utc)  # noqa: UP017 (runs on older Pythons)
    facts["at"] = at.isoformat(timespec="microseconds")
    return hashlib.sha256((entry["prev_hash"] + canonical(facts)).encode()).hexdigest()


def digest_of(value: object) -> str:
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def chain_failure(lines: Iterable[str], heads: Heads) -> tuple[str | None, int, str]:
    """The first integrity failure, or None; then number and hash of the last entry that does."""
    seq, prev_hash = 0, GENESIS
    for number, line in enumerate(lines, start=1):
        try:
            entry = json.loads(line)
            digest = hash_of(entry)
        except (ValueError, KeyError, TypeError) as error:
            raise Unreadable(f"line {number} is no entry of an export: {error!r}") from error
        if entry["seq"] != seq + 1:
            return f"removed at entry {seq + 1}: line {number} is entry {entry['seq']}", seq, prev_hash
        if entry["hash"] != digest:
            return f"altered at entry {seq + 1}: it does not match its hash", seq, prev_hash
        if entry["prev_hash"] != prev_hash:
            return f"inserted at entry {seq + 1}: it does not follow the one before it", seq, prev_hash
        if heads.get(seq + 1, {digest}) != {digest}:
            return f"altered at entry {seq + 1}: it does not match its checkpoint", seq, prev_hash
        seq, prev_hash = seq + 1, digest
    if heads and max(heads) > seq:
        return f"truncated at entry {seq + 1}: it went on to entry {max(heads)}", seq, prev_hash
    return None, seq, prev_hash


def dossier_failure(dossier: dict[str, Any], heads: Heads) -> str | None:
    """The first part of a dossier that does not match its entry."""
    try:
        entries: list[dict[str, Any]] = dossier["entries"]
        return (
            entries_failure(entries, heads)
            or content_failure(dossier)
            or sources_failure(dossier)
            or export_failure(dossier)
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"it is no dossier: {error!r}") from error


def entries_failure(entries: list[dict[str, Any]], heads: Heads) -> str | None:
    before = None
    for entry in entries:
        if entry["hash"] != hash_of(entry):
            return f"altered: entry {entry['seq']} does not match its hash"
        if before and before["seq"] + 1 == entry["seq"] and before["hash"] != entry["prev_hash"]:
            return f"inserted: entry {entry['seq']} does not follow the one before it"
        if heads.get(entry["seq"], {entry["hash"]}) != {entry["hash"]}:
            return f"altered: entry {entry['seq']} does not match its checkpoint"
        before = entry
    return None


def content_failure(dossier: dict[str, Any]) -> str | None:
    """A version or decision that is not what its entry says, has none, or is missing."""
    versions, decisions = {}, {}
    for entry in dossier["entries"]:
        if entry["action"] in ("draft.created", "draft.changed"):
            versions[entry["data"]["version"]] = entry["data"]["content_sha256"]
        elif entry["action"] == "decision.created":
            decisions[entry["object_id"]] = entry["data"] | {"actor_name": entry["actor_name"]}
    for version in dossier["versions"]:
        recorded = versions.pop(version["version"], None)
        if not digest_of(version["content"]) == version["content_sha256"] == recorded:
            return f"altered: version {version['version']} does not match its entry"
    for decision in dossier["decisions"]:
        recorded = decisions.pop(decision["id"], {})
        names = (*DECIDED, *DECIDED_SINCE) if "way" in recorded else DECIDED
        if any(decision[name] != recorded.get(name) for name in names):
            return f"altered: decision {decision['id']} does not match its entry"
    left = [f"version {number}" for number in versions] + [f"decision {number}" for number in decisions]
    return f"removed: {', '.join(left)}" if left else None


def sources_failure(dossier: dict[str, Any]) -> str | None:
    """A document or reading that is not what its entry says, or that is missing."""
    sources = {source["id"]: source for source in dossier["sources"] if "snapshots" in source}
    for source in sources.values():
        for snapshot in source["snapshots"]:
            if wrong := bytes_failure(snapshot):
                return f"altered: the document of source {source['number']} {wrong}"
    for entry in dossier["entries"]:
        said, source = entry["data"].get("file"), sources.get(entry["object_id"])
        if not entry["action"].startswith("source.") or not said or not source:
            continue  # one without a source is of one that editors removed later
        stored = {snapshot["id"]: snapshot for snapshot in source["snapshots"]}.get(said["snapshot"])
        if stored is None:
            return f"removed: a document of source {source['number']}"
        if stored["sha256"] != said["sha256"]:
            return f"altered: a document of source {source['number']} does not match its entry"
        texts = {reading["reader"]: reading["text"] for reading in stored["readings"]}
        if said["text_sha256"] is None:
            continue
        if said["reader"] not in texts:
            return f"removed: a reading of source {source['number']}"
        if hashlib.sha256(texts[said["reader"]].encode()).hexdigest() != said["text_sha256"]:
            return f"altered: a reading of source {source['number']} does not match its entry"
    return None


def bytes_failure(snapshot: dict[str, Any]) -> str:
    """Why bytes that are included do not match their hash; empty when they do, or are not included."""
    if "data_base64" not in snapshot:
        return ""
    try:
        data = base64.b64decode(snapshot["data_base64"], validate=True)
    except ValueError:
        return "is no base64"
    is_same = hashlib.sha256(data).hexdigest() == snapshot["sha256"] and len(data) == snapshot["size"]
    return "" if is_same else "does not match its hash"


def export_failure(dossier: dict[str, Any]) -> str | None:
    """All that is neither version nor decision is hashed in the entry of the export alone."""
    last: dict[str, Any] = dossier["entries"][-1] if dossier["entries"] else {"action": ""}
    if last["action"] != "dossier.exported":
        return "removed: the entry that records this export, which is the last one"
    said = {name: value for name, value in dossier.items() if name not in UNHASHED}
    # An older export has no hash.
    if last["data"].get("sha256", digest_of(said)) != digest_of(said):
        return "altered: brief, sources, quality, calls or costs are not what was exported"
    return None


# --- Checkpoints ----------------------------------------------------------------------------------------


def given_head(text: str) -> tuple[int, str]:
    found = re.fullmatch(r"([1-9][0-9]*)[: ]([0-9a-f]{64})", text.strip())
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no head: give SEQ:HASH")
    return int(found[1]), found[2]


def checkpoint_files(paths: list[str]) -> list[Path]:
    files = []
    for path in map(Path, paths):
        found = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not found:
            raise Unreadable(f"{path} has no head in it")
        files += found
    return files


def read_checkpoint(path: Path, key: bytes | None) -> tuple[tuple[int, str], str]:
    """The head, and why its signature could not be checked; empty when it was, and is right."""
    try:
        said = json.loads(path.read_bytes())
        signed = said.pop("hmac_sha256", None)
        at, seq, digest = said["at"], said["seq"], said["hash"]
        if len(said) > 3 or not isinstance(at, str) or not isinstance(seq, int):
            raise TypeError("it says something else")
        head = given_head(f"{seq}:{digest}")
    except (ValueError, KeyError, TypeError, AttributeError, argparse.ArgumentTypeError) as error:
        raise Forged(f"{path} is no head as the desk writes them") from error
    if signed is None:
        return head, "it has none"
    if key is None:
        return head, "no key was given"
    message = f"{at}|{seq}|{digest}".encode()
    derived = hashlib.sha256(b"desk.audit.head" + key).digest()
    if not hmac.compare_digest(hmac.new(derived, message, "sha256").hexdigest(), str(signed)):
        raise Forged(f"{path} was changed, or the key is not the one that signed it")
    return head, ""


def key_of(key_file: str | None) -> bytes | None:
    """From the file, or else from the environment; None where neither has one."""
    if key_file is None:
        return os.environ.get("AUDIT_KEY", "").strip().encode() or None
    key = Path(key_file).read_bytes().strip()
    if not key:
        raise Unreadable(f"{key_file} is empty: it should hold the key")
    return key


# --- Report ---------------------------------------------------------------------------------------------


def read_dossier(path: str) -> dict[str, Any] | None:
    """The file as a dossier, or None when it is something else: an export is one object a line."""
    with open(path, encoding="utf-8") as file:
        try:
            found = json.load(file)
        except ValueError:
            return None
    return found if isinstance(found, dict) and "versions" in found else None


def verified(path: str, heads: Heads) -> tuple[str, list[str]]:
    """What holds, and which checks could not be made. Raises Broken and Unreadable."""
    dossier = read_dossier(path)
    if dossier is None:
        with open(path, encoding="utf-8") as lines:
            wrong, seq, digest = chain_failure(lines, heads)
        if wrong:
            raise Broken(f"The audit chain is broken: {wrong}. It holds up to entry {seq}.")
        return f"The audit chain holds: {seq} entries, head {digest}.", []
    if wrong := dossier_failure(dossier, heads):
        raise Broken(f"The dossier does not hold: {wrong}.")
    counts = ", ".join(f"{len(dossier[name])} {name}" for name in ("versions", "decisions", "entries"))
    has = {entry["seq"] for entry in dossier["entries"]}
    unchecked = [f"the head of entry {seq}: the dossier does not have it" for seq in heads if seq not in has]
    return f"The dossier of draft {dossier['draft']} holds: {counts}.", unchecked


def verify(options: argparse.Namespace) -> int:
    heads: Heads = {}
    for seq, digest in options.head:
        heads.setdefault(seq, set()).add(digest)
    key, files, unsigned = key_of(options.key_file), checkpoint_files(options.heads), []
    for path in files:
        (seq, digest), why = read_checkpoint(path, key)
        heads.setdefault(seq, set()).add(digest)
        unsigned += [f"the signature of {path}: {why}"] if why else []
    said, unchecked = verified(options.file, heads)
    print(said)
    if files:
        print(f"Checkpoints: {len(files)}, of which {len(files) - len(unsigned)} have a verified signature.")
    for what in unsigned + unchecked:
        print(f"Not checked: {what}.", file=sys.stderr)
    return 3 if unsigned or unchecked else 0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Verify an exported audit chain.")
    parser.add_argument("file", help="what manage.py audit export --format jsonl, or dossier, wrote")
    parser.add_argument("--head", action="append", default=[], type=given_head, metavar="SEQ:HASH")
    parser.add_argument(
        "--heads", action="append", default=[], metavar="PATH",
        help="a checkpoint as the desk writes one a day, or a directory of them",
    )  # fmt: skip
    parser.add_argument(
        "--key-file", metavar="PATH", help="what signed them; else the variable AUDIT_KEY, if it is set"
    )
    options = parser.parse_args(arguments)
    try:
        return verify(options)
    except (Broken, Forged) as error:
        print(error, file=sys.stderr)
        return 1
    except (OSError, UnicodeDecodeError, Unreadable) as error:
        print(f"{options.file} cannot be verified: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
