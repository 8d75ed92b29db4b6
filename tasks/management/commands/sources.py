from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count, F, Func, IntegerField, Sum
from django.template.defaultfilters import filesizeformat

from tasks.actions import read_again
from tasks.models import SourceBytes, SourceReading, SourceSnapshot
from tasks.pipeline.errors import UnreadableText
from tasks.source_records import reading_row, reread


class Command(BaseCommand):
    help = "Read stored documents of sources again with today's readers, or say how much is stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("size", help="how many documents are stored, and how much room they take")
        again = verbs.add_parser(
            "reread", help="add a reading to each document that today's reader has not read; none is replaced"
        )
        which = again.add_mutually_exclusive_group(required=True)
        which.add_argument("--task", type=int, metavar="ID", help="the documents of this task's sources")
        which.add_argument("--all", action="store_true", help="every document that is stored")
        again.add_argument(
            "--dry-run", action="store_true", help="say what would be read differently, and store nothing"
        )

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        getattr(self, verb)(**options)

    def size(self, **_: Any) -> None:
        stored = Func(F("data"), function="octet_length", output_field=IntegerField())
        found = SourceBytes.objects.aggregate(count=Count("id"), size=Sum("size"), stored=Sum(stored))
        self.stdout.write(
            f"{found['count']} documents with {filesizeformat(found['size'] or 0)}, "
            f"stored in {filesizeformat(found['stored'] or 0)}; {SourceReading.objects.count()} readings."
        )

    def reread(self, *, task: int | None, dry_run: bool, **_: Any) -> None:
        """Every document is tried; the exit status is 1 when one could not be read."""
        snapshots = SourceSnapshot.objects.order_by("id").select_related("source")
        if task is not None:
            snapshots = snapshots.filter(source__task=task)
        ids = list(snapshots.values_list("pk", flat=True))
        if not ids:
            raise CommandError("No document is stored." if task is None else f"Task {task} has no documents.")
        new = failed = 0
        for pk in ids:
            try:
                new += self._read(snapshots.get(pk=pk), dry_run)
            except UnreadableText as error:
                failed += 1
                self.stderr.write(f"Snapshot {pk}: {error}")
        would = "would be" if dry_run else "were"
        self.stdout.write(f"{new} of {len(ids)} documents {would} read by a newer reader.")
        if failed:
            raise CommandError(f"{failed} of {len(ids)} documents could not be read.")

    def _read(self, snapshot: SourceSnapshot, dry_run: bool) -> bool:
        """Whether its reader is newer than those that read it."""
        before = snapshot.readings.last()
        if dry_run:
            reading = reading_row(snapshot, reread(snapshot))
            is_new = not snapshot.readings.filter(reader=reading.reader).exists()
        else:
            reading, is_new = read_again(snapshot, by=None)
        if is_new:
            self.stdout.write(f"Source {snapshot.source.number} of task {snapshot.source.task_id}, "
                              f"snapshot {snapshot.pk}: {_change(before, reading)}")  # fmt: skip
        return is_new


def _change(before: SourceReading | None, now: SourceReading) -> str:
    if before is None:
        return f"read by {now.reader}, {now.words} {now.unit}"
    change = "the same text" if before.text == now.text else f"{before.words} → {now.words} {now.unit}"
    return f"{before.reader} → {now.reader}, {change}"
