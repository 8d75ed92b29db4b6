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
from approvals.audit.checkpoints import CheckpointForged, read_checkpoints
from approvals.audit.dossier import dossier
from approvals.audit.exports import record_export
from approvals.audit.reconciliation import reconcile
from approvals.audit.verification import Anchor, first_failure
from approvals.errors import DossierTooLarge
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
            help="exit with status 1 and name the first bad entry if chain, rows or checkpoints disagree",
        )
        verify.add_argument(
            "--head",
            action="append",
            type=anchor,
            default=[],
            metavar="SEQ:HASH",
            help="a head that was stored elsewhere; may be given several times",
        )
        verbs.add_parser("head", help="print number and hash of the last entry")
        verbs.add_parser(
            "reconcile",
            help="exit with status 1 and list what is online without an approval of exactly that text",
        )
        of_one = verbs.add_parser("dossier", help="print everything on record about one article, as JSON")
        of_one.add_argument("draft", type=int, help="the number of the draft")
        of_one.add_argument(
            "--with-bytes", action="store_true", help="with the documents that its sources were, in base64"
        )
        export = verbs.add_parser(
            "export", help="print every entry, oldest first, up to the one that records this export"
        )
        export.add_argument("--format", choices=["jsonl", "csv"], default="jsonl")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        getattr(self, verb)(**options)

    def verify(self, *, head: list[Anchor], **_: Any) -> None:
        try:
            failure = first_failure([*head, *read_checkpoints()])
        except CheckpointForged as error:
            raise CommandError(str(error)) from None
        if failure:
            raise CommandError(
                f"The audit chain is broken: {failure.kind} at entry {failure.seq}: {failure.detail}."
            )
        seq, digest = chain.head()
        self.stdout.write(f"The audit chain is intact: {seq} entries, head {digest}.")

    def head(self, **_: Any) -> None:
        self.stdout.write("{} {}".format(*chain.head()))

    def reconcile(self, **_: Any) -> None:
        count, wrong = 0, []
        for shown in reconcile():
            count += 1
            if shown.unapproved:
                wrong.append(f"{shown.what}: {shown.unapproved}")
        if wrong:
            summary = f"{len(wrong)} of {count} are online without an approval of what they show:"
            raise CommandError("\n".join([summary, *wrong]))
        self.stdout.write(f"Everything online was approved exactly as it is: {count} posts.")

    def dossier(self, *, draft: int, with_bytes: bool, **_: Any) -> None:
        found = Draft.objects.filter(pk=draft).first()
        if found is None:
            raise CommandError(f"There is no draft {draft}: its number is in its address at the review desk.")
        try:
            made = dossier(found, by=None, via="command", with_bytes=with_bytes)
        except DossierTooLarge as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(made, ensure_ascii=False, indent=1))

    def export(self, *, format: str, **_: Any) -> None:
        write = self._write_csv if format == "csv" else self._write_jsonl
        try:
            write(_rows(up_to=self._recorded(format)))
        except BrokenPipeError:
            # The reading process has enough, as `head` has after ten lines.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _recorded(self, format: str) -> int:
        """Record the export; its entry is the last one exported, and its hash covers all the others."""
        with transaction.atomic():
            seq, _ = chain.locked_head()
            record_export(
                "audit", object_type="auditentry", object_id=0, by=None, via="command", format=format,
                rows=seq + 1, filter={},
            )  # fmt: skip
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
    """A text that a spreadsheet would take for a formula gets a leading apostrophe, which makes it a text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def _rows(*, up_to: int) -> Iterator[dict[str, Any]]:
    for entry in AuditEntry.objects.filter(seq__lte=up_to).order_by("seq").iterator():
        yield {name: getattr(entry, name) for name in COLUMNS} | {"at": entry.at.isoformat()}
