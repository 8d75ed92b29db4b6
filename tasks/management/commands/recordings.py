from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count, Max

from tasks import recordings
from tasks.models import ContentTask, RecordedExchange


class Command(BaseCommand):
    help = "List recorded runs, replay one, or move a recording between desks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="which runs are recorded")
        for verb, about in {
            "replay": "file a task that repeats a recorded run without a call that costs",
            "export": "write a recording to a file",
        }.items():
            one = verbs.add_parser(verb, help=about)
            one.add_argument("task", type=int, metavar="ID")
            one.add_argument("--run", type=int, metavar="N", help="default: the newest that is recorded")
            if verb == "export":
                one.add_argument("file", type=Path, metavar="FILE")
            else:
                one.add_argument(
                    "--branch",
                    default="",
                    choices=recordings.BRANCHES,
                    help="ask again from this stage on, which costs",
                )
        load = verbs.add_parser("import", help="file a task that replays the recording in a file")
        load.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        try:
            {"list": self.list, "replay": self.replay, "export": self.export, "import": self.load}[verb](
                options
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error

    def list(self, options: dict[str, Any]) -> None:
        runs = RecordedExchange.objects.values("task", "task__topic", "run").order_by("task", "run")
        found = list(runs.annotate(count=Count("id"), at=Max("recorded_at")))
        for row in found:
            self.stdout.write(
                f"{row['task']:>6}  run {row['run']}  {row['count']} exchanges  "
                f"{row['at']:%Y-%m-%d %H:%M %Z}  {row['task__topic']}"
            )
        if not found:
            self.stdout.write("Nothing is recorded: set RECORD_RUNS.")

    def replay(self, options: dict[str, Any]) -> None:
        task = recordings.replay(
            self._task(options["task"]), by=None, run=options["run"], branch=options["branch"]
        )
        self.stdout.write(f"Task {task.pk} repeats task {options['task']}.")

    def export(self, options: dict[str, Any]) -> None:
        recording = recordings.exported(self._task(options["task"]), options["run"])
        try:
            options["file"].write_text(json.dumps(recording, ensure_ascii=False), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{len(recording['exchanges'])} exchanges were written to {options['file']}.")

    def load(self, options: dict[str, Any]) -> None:
        try:
            recording = json.loads(options["file"].read_text(encoding="utf-8"))
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise CommandError(f"{options['file']} is no JSON: {error}") from error
        task = recordings.imported(recording, by=None)
        self.stdout.write(f"Task {task.pk} replays {options['file']}.")

    def _task(self, pk: int) -> ContentTask:
        task = ContentTask.objects.filter(pk=pk).first()
        if task is None:
            raise CommandError(f"There is no task {pk}.")
        return task
