from __future__ import annotations

import csv
import json
import os
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from typing import Any

from django.core.management import CommandError
from django.core.management.base import BaseCommand

from approvals import audit
from approvals.heads import HeadForged, kept_heads
from approvals.models import AuditEntry
from approvals.verification import Anchor, first_flaw

COLUMNS = (
    "seq", "at", "actor_id", "actor_name", "action", "object_type", "object_id", "task_id", "data",
    "prev_hash", "hash",
)  # fmt: skip
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Command(BaseCommand):
    help = "Verify the audit chain, print its head to keep elsewhere, or export it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verify = verbs.add_parser(
            "verify",
            help="exit status 1 and the first bad entry when chain, rows or kept heads do not agree",
        )
        verify.add_argument(
            "--head",
            action="append",
            type=anchor,
            default=[],
            metavar="SEQ:HASH",
            help="a head that was kept elsewhere; may be given several times",
        )
        verbs.add_parser("head", help="number and hash of the last entry")
        export = verbs.add_parser("export", help="every entry, oldest first, on standard output")
        export.add_argument("--format", choices=["jsonl", "csv"], default="jsonl")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        {"verify": self.verify, "head": self.head, "export": self.export}[verb](**options)

    def verify(self, *, head: list[Anchor], **_: Any) -> None:
        try:
            flaw = first_flaw([*head, *kept_heads()])
        except HeadForged as error:
            raise CommandError(str(error)) from None
        if flaw:
            raise CommandError(f"The audit chain is broken: {flaw.kind} at entry {flaw.seq}: {flaw.detail}.")
        seq, digest = audit.head()
        self.stdout.write(f"The audit chain holds: {seq} entries, head {digest}.")

    def head(self, **_: Any) -> None:
        self.stdout.write("{} {}".format(*audit.head()))

    def export(self, *, format: str, **_: Any) -> None:
        write = self._write_csv if format == "csv" else self._write_jsonl
        try:
            write(_rows())
        except BrokenPipeError:
            # Whoever read the output has seen enough, as `head` has after ten lines.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _write_jsonl(self, rows: Iterator[dict[str, Any]]) -> None:
        for row in rows:
            self.stdout.write(json.dumps(row, ensure_ascii=False))

    def _write_csv(self, rows: Iterator[dict[str, Any]]) -> None:
        self.stdout.ending = ""  # the writer ends its rows itself
        writer = csv.writer(self.stdout)
        writer.writerow(COLUMNS)
        for row in rows:
            cells = {**row, "data": json.dumps(row["data"], ensure_ascii=False)}
            writer.writerow([formula_safe(cells[name]) for name in COLUMNS])


def anchor(text: str) -> Anchor:
    """A head as `audit head` prints it, with a colon or a blank between its two parts."""
    found = re.fullmatch(r"([1-9][0-9]{0,18})[: ]([0-9a-f]{64})", text.strip())
    if not found:
        raise ArgumentTypeError(f"{text!r} is no head: give SEQ:HASH, as manage.py audit head prints them.")
    return Anchor(int(found[1]), found[2])


def formula_safe(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe, which makes it a text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def _rows() -> Iterator[dict[str, Any]]:
    for entry in AuditEntry.objects.order_by("seq").iterator():
        yield {name: getattr(entry, name) for name in COLUMNS} | {"at": entry.at.isoformat()}
