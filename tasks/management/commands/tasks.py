from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.template.defaultfilters import pluralize
from django.utils import timezone

from tasks import actions, bulk
from tasks.alerts.breaches import in_words
from tasks.bulk import VERBS
from tasks.lifecycle import Status
from tasks.models import ContentTask
from tasks.pipeline.errors import KINDS


def setting(text: str) -> tuple[str, str | None]:
    name, is_set, value = text.partition("=")
    if name not in actions.LIMITS or not is_set:
        raise ArgumentTypeError(f"write NAME=VALUE, with one of {', '.join(actions.LIMITS)}, not {text!r}")
    return name, value or None


class Command(BaseCommand):
    help = (
        "List, cancel, hold, resume or retry tasks. Exit status: 0 all were changed, 1 one of them refused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["list", *VERBS])
        parser.add_argument(
            "ids", nargs="*", type=int, metavar="ID", help="these tasks; list: or all of them"
        )
        parser.add_argument("--status", choices=Status.values, help="all tasks in this state")
        parser.add_argument(
            "--all-waiting",
            action="store_true",
            help="all tasks that wait for a worker: --status pending",
        )
        parser.add_argument("--error-kind", choices=list(KINDS), help="of those, the ones with this cause")
        parser.add_argument(
            "--breached", action="store_true", help="of those, the ones that exceeded a time limit"
        )
        parser.add_argument(
            "--yes", action="store_true", help="change the selected tasks without confirmation"
        )
        parser.add_argument("--reason", default="", help="recorded in the audit trail")
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            type=setting,
            metavar="NAME=VALUE",
            help=f"for retry: change a setting, one of {', '.join(actions.LIMITS)}; may be repeated",
        )

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        if options["all_waiting"]:
            if options["status"] not in {None, Status.PENDING}:
                raise CommandError("--all-waiting selects pending tasks: leave out --status.")
            options["status"] = Status.PENDING
        if verb == "list":
            self.print_tasks(_selected(options))
            return
        limits = _limits(verb, options["set"])
        ids = options["ids"] if _is_plain(options) else self._confirmed(verb, options)
        self.move(verb, ids, options["reason"], limits)

    def print_tasks(self, tasks: QuerySet[ContentTask]) -> None:
        for task in tasks.defer("brief").iterator(500):
            line = (
                f"{task.pk:>6}  {task.status:<17}  {task.progress:>3} %  {task.stage or '-':<8}  {task.topic}"
            )
            self.stdout.write("  ".join([line, *_remarks(task)]))

    def _confirmed(self, verb: str, options: dict[str, Any]) -> list[int]:
        """What the options select, once a person has typed their number. Raises CommandError."""
        selected = _selected(options)
        if not options["status"]:
            selected = selected.filter(status__in=VERBS[verb].states)
        ids = list(selected.values_list("pk", flat=True))
        if not ids or options["yes"]:
            return ids
        tasks = f"{len(ids)} task{pluralize(len(ids))}"
        if not sys.stdin.isatty():
            raise CommandError(f"This would {verb} {tasks}: add --yes.")
        if input(f"This will {verb} {tasks}. Type {len(ids)} to continue: ").strip() != str(len(ids)):
            raise CommandError("Nothing was changed.")
        return ids

    def move(self, verb: str, ids: list[int], reason: str, limits: dict[str, Any]) -> None:
        """Every task is tried; the exit status is 1 when one of them refused."""
        if not ids:
            self.stdout.write("No matching tasks.")
            return
        more: dict[str, Any] = {"limits": limits} if limits else {}
        result = bulk.move_each(verb, ids, by=None, reason=reason, **more)
        for task_id, _ in result.done:
            self.stdout.write(f"Task {task_id} was {VERBS[verb].done}.")
        for refusal in result.refused:
            self.stderr.write(refusal)
        if result.refused:
            raise CommandError(f"{len(result.refused)} of {len(ids)} tasks could not be changed.")


def _is_plain(options: dict[str, Any]) -> bool:
    """Whether the tasks are named one by one. Raises CommandError when nothing says which are meant."""
    selects = options["status"] or options["error_kind"] or options["breached"]
    if not options["ids"] and not selects:
        raise CommandError("Select tasks by ID …, --status STATE, --all-waiting, --error-kind or --breached.")
    return not selects


def _selected(options: dict[str, Any]) -> QuerySet[ContentTask]:
    tasks = ContentTask.objects.order_by("id")
    if options["ids"]:
        tasks = tasks.filter(pk__in=options["ids"])
    if options["status"]:
        tasks = tasks.filter(status=options["status"])
    if options["error_kind"]:
        tasks = tasks.filter(error_kind=options["error_kind"])
    if options["breached"]:
        tasks = tasks.filter(breached_at__isnull=False)
    return tasks


def _limits(verb: str, settings: list[tuple[str, str | None]]) -> dict[str, Any]:
    if settings and verb != "retry":
        raise CommandError(f"--set can only be used with retry, not with {verb}.")
    try:
        return actions.checked_limits(dict(settings))
    except ValidationError as error:
        sentences = [f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items()]
        raise CommandError(" ".join(sentences)) from error


def _remarks(task: ContentTask) -> list[str]:
    remarks = []
    if task.status == Status.PENDING and task.run_after and task.run_after > timezone.now():
        remarks.append(f"[not before {task.run_after:%Y-%m-%d %H:%M:%S %Z}]")
    if task.lateness is not None:
        remarks.append(f"[{task.breached_stage}: {in_words(task.lateness)} late]")
    if task.error:
        remarks.append(f"({task.error})")
    return remarks
