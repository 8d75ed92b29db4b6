from __future__ import annotations

import csv
import json
import os
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from typing import Any

from django.core.management import CommandError
from django.core.management.base import BaseCommand
from django.db import transaction

from approvals.audit import chain
from approvals.audit.checkpoints import HeadForged, kept_heads
from approvals.audit.dossier import dossier
from approvals.audit.exports import record_export
from approvals.audit.reconciliation import reconcile
from approvals.audit.verification import Anchor, first_flaw
from approvals.models import AuditEntry
from tasks.models import Draft

COLUMNS = (
    "seq", "at", "actor_id", "actor_name", "action", "object_type", "object_id", "task_id", "data",
    "prev_hash", "hash",
)  # fmt: skip
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Command(BaseCommand):
    help = "Verify the audit chain and what is online; print its head; export it, or one article's dossier."

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
        verbs.add_parser(
            "reconcile", help="exit status 1 and what is online without an approval of exactly that"
        )
        of_one = verbs.add_parser("dossier", help="everything on record about one article, as JSON")
        of_one.add_argument("draft", type=int, help="the number of the draft")
        export = verbs.add_parser(
            "export", help="every entry, oldest first, up to the one that records this export"
        )
        export.add_argument("--format", choices=["jsonl", "csv"], default="jsonl")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        getattr(self, verb)(**options)

    def verify(self, *, head: list[Anchor], **_: Any) -> None:
        try:
            flaw = first_flaw([*head, *kept_heads()])
        except HeadForged as error:
            raise CommandError(str(error)) from None
        if flaw:
            raise CommandError(f"The audit chain is broken: {flaw.kind} at entry {flaw.seq}: {flaw.detail}.")
        seq, digest = chain.head()
        self.stdout.write(f"The audit chain holds: {seq} entries, head {digest}.")

    def head(self, **_: Any) -> None:
        self.stdout.write("{} {}".format(*chain.head()))

    def reconcile(self, **_: Any) -> None:
        count, wrong = 0, []
        for shown in reconcile():
            count += 1
            if shown.unapproved:
                wrong.append(f"{shown.what}: {shown.unapproved}")
        if wrong:
            said = f"{len(wrong)} of {count} are online without an approval of what they show:"
            raise CommandError("\n".join([said, *wrong]))
        self.stdout.write(f"Everything that is online was approved as it is: {count} posts.")

    def dossier(self, *, draft: int, **_: Any) -> None:
        found = Draft.objects.filter(pk=draft).first()
        if found is None:
            raise CommandError(f"There is no draft {draft}: the review desk's addresses have their numbers.")
        made = dossier(found, by=None, via="command")
        self.stdout.write(json.dumps(made, ensure_ascii=False, indent=1))

    def export(self, *, format: str, **_: Any) -> None:
        write = self._write_csv if format == "csv" else self._write_jsonl
        try:
            write(_rows(up_to=self._recorded(format)))
        except BrokenPipeError:
            # Whoever read the output has seen enough, as `head` has after ten lines.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _recorded(self, format: str) -> int:
        """Number of the entry that says so, and is the last one exported: its hash covers all the others."""
        with transaction.atomic():
            seq, _ = chain.locked_head()
            about = {"object_type": "auditentry", "object_id": 0}
            record_export("audit", by=None, via="command", format=format, rows=seq + 1, filter={}, **about)
        return seq + 1

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
    try:
        return Anchor.read(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def formula_safe(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe, which makes it a text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def _rows(*, up_to: int) -> Iterator[dict[str, Any]]:
    for entry in AuditEntry.objects.filter(seq__lte=up_to).order_by("seq").iterator():
        yield {name: getattr(entry, name) for name in COLUMNS} | {"at": entry.at.isoformat()}
