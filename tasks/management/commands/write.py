from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.urls import reverse
from django.utils import timezone
from tqdm import tqdm

from tasks.actions import cancel, file_brief
from tasks.briefs import BriefUnreadable, read_brief_file, read_source
from tasks.engine.worker import write_one
from tasks.errors import TransitionRefused
from tasks.lifecycle import Status
from tasks.models import ContentTask
from tasks.pipeline.stages.source_notes import not_used
from tasks.source_records import newest_readings, warnings_about

CLUSTER_WAIT_SECONDS = 3.0
"""How long a task waits for a cluster before --wait writes it in this process."""
POLL_SECONDS = 0.2
FOLLOWED_FIELDS = ("status", "run_after", "stage", "progress", "error")


class Command(BaseCommand):
    help = "File a brief; with --wait, follow the work and print the address of the draft."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("topic", nargs="?", metavar="TOPIC", help="may be left out when --brief has one")
        parser.add_argument("--brief", type=Path, metavar="FILE.toml", help="fields and sources of a brief")
        parser.add_argument(
            "--source", action="append", default=[], metavar="URL|FILE", help="a source; may be repeated"
        )
        parser.add_argument(
            "--wait", action="store_true", help="wait for the draft; it is written here when no cluster runs"
        )

    def handle(
        self, *args: Any, topic: str | None, brief: Path | None, source: list[str], wait: bool, **_: Any
    ) -> None:
        task = self.file(topic, brief, source)
        known = self.warn(task, ())
        if not wait:
            self.stderr.write(f"Task {task.pk} is queued for a running cluster. Use --wait to follow it.")
            self.stdout.write(_address("admin:tasks_contenttask_change", task.pk))
            return
        self.follow(task)
        self.warn(task, known)
        if task.status in {Status.FAILED, Status.CANCELLED, Status.ON_HOLD}:
            raise CommandError(task.error or f"Task {task.pk} is {task.get_status_display().lower()}.")
        self.stdout.write(_address("desk:review", task.draft.pk))

    def file(self, topic: str | None, brief: Path | None, places: list[str]) -> ContentTask:
        try:
            fields, sources = read_brief_file(brief) if brief else ({}, [])
            sources += [read_source(place) for place in places]
            if topic:
                fields["topic"] = topic
            return file_brief(fields, sources, by=None)
        except BriefUnreadable as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            raise CommandError(_sentence(error)) from error

    def warn(self, task: ContentTask, known: Sequence[str]) -> list[str]:
        """Print what is missing or doubtful in the sources, or not used, as far as it was not printed yet."""
        warnings = warnings_about(newest_readings(task))
        for source in task.sources.exclude(problem="").defer("text"):
            warnings.append(not_used(source.number, source.problem))
        for warning in warnings:
            if warning not in known:
                self.stderr.write(warning)
        return warnings

    def follow(self, task: ContentTask) -> None:
        """Show the progress until the work is over; write the task here when no cluster does."""
        with ThreadPoolExecutor(max_workers=1) as here, _bar() as bar:
            try:
                self._follow(task, here, bar)
            except KeyboardInterrupt:
                _stop(task)
                raise CommandError(f"Task {task.pk} was cancelled.") from None

    def _follow(self, task: ContentTask, here: ThreadPoolExecutor, bar: tqdm[Any]) -> None:
        deadline = time.monotonic() + CLUSTER_WAIT_SECONDS
        work: Future[None] | None = None
        while True:
            # First the work, then the row: work that has ended has written its result there.
            is_idle = work is None or work.done()
            task.refresh_from_db(fields=FOLLOWED_FIELDS)
            _show(bar, task)
            if task.status not in {Status.PENDING, Status.IN_PROGRESS}:
                return
            if work is not None and is_idle:
                work.result()
            if is_idle and _is_ours_to_start(task, deadline):
                work = here.submit(_run, task.pk)
            time.sleep(POLL_SECONDS)


def _is_ours_to_start(task: ContentTask, deadline: float) -> bool:
    is_due = task.run_after is None or task.run_after <= timezone.now()
    return task.status == Status.PENDING and is_due and time.monotonic() >= deadline


def _bar() -> tqdm[Any]:
    return tqdm(total=100, bar_format="{desc} {percentage:3.0f} % |{bar}| {elapsed}")


def _show(bar: tqdm[Any], task: ContentTask) -> None:
    """On a terminal the clock advances; a log file gets a line for each change only."""
    name = f"{task.get_stage_display() or task.get_status_display():<17}"
    if (bar.desc, bar.n) == (name, task.progress) and not sys.stderr.isatty():
        return
    bar.set_description_str(name, refresh=False)
    bar.n = task.progress
    bar.refresh()


def _run(task_id: int) -> None:
    try:
        write_one(task_id)
    finally:
        connections.close_all()  # this thread's own


def _stop(task: ContentTask) -> None:
    """The worker that writes the task notices within a second."""
    task.refresh_from_db(fields=FOLLOWED_FIELDS)
    try:
        cancel(task, by=None, reason="Interrupted.")
    except TransitionRefused:
        pass  # it ended in the same moment


def _address(name: str, pk: int) -> str:
    return settings.SITE_URL.rstrip("/") + reverse(name, args=[pk])


def _sentence(error: ValidationError) -> str:
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    parts = [
        " ".join(messages) if name == "__all__" else f"{name}: {' '.join(messages)}"
        for name, messages in error.message_dict.items()
    ]
    return " ".join(parts)
