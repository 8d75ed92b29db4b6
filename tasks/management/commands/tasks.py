from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tasks import actions
from tasks.errors import TransitionRefused
from tasks.lifecycle import Status
from tasks.models import ContentTask

VERBS = {"cancel": (actions.cancel, "cancelled"), "retry": (actions.retry, "queued again")}


class Command(BaseCommand):
    help = "List, cancel or retry tasks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["list", *VERBS])
        parser.add_argument(
            "ids", nargs="*", type=int, metavar="ID", help="list: these tasks, or all of them"
        )
        parser.add_argument("--reason", default="", help="kept in the audit trail")
        parser.add_argument("--status", choices=Status.values, help="list: only tasks in this state")

    def handle(
        self, *args: Any, verb: str, ids: list[int], reason: str, status: str | None, **_: Any
    ) -> None:
        if verb == "list":
            self.list(ids, status)
        elif not ids:
            raise CommandError(f"Say which tasks to {verb}: manage.py tasks {verb} ID ….")
        else:
            self.move(verb, ids, reason)

    def list(self, ids: list[int], status: str | None) -> None:
        tasks = ContentTask.objects.order_by("id")
        if ids:
            tasks = tasks.filter(pk__in=ids)
        if status:
            tasks = tasks.filter(status=status)
        for task in tasks:
            line = (
                f"{task.pk:>6}  {task.status:<17}  {task.progress:>3} %  {task.stage or '-':<8}  {task.topic}"
            )
            self.stdout.write(f"{line}  ({task.error})" if task.error else line)

    def move(self, verb: str, ids: list[int], reason: str) -> None:
        """Every task is tried; the exit status is 1 when one of them refused."""
        act, done = VERBS[verb]
        refused = 0
        for task_id in ids:
            try:
                act(ContentTask.objects.get(pk=task_id), by=None, reason=reason)
            except ContentTask.DoesNotExist:
                refused += 1
                self.stderr.write(f"There is no task {task_id}.")
            except TransitionRefused as error:
                refused += 1
                self.stderr.write(str(error))
            else:
                self.stdout.write(f"Task {task_id} was {done}.")
        if refused:
            raise CommandError(f"{refused} of {len(ids)} tasks could not be moved.")
