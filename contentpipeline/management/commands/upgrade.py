"""Says what an upgrade to this version would do to the desk as it runs now. Changes nothing."""

from __future__ import annotations

import shutil
import sys
from argparse import ArgumentParser
from typing import Any

import django
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from contentpipeline.backups.manifest import server_version
from contentpipeline.migration_history import why_too_old
from contentpipeline.upgrades.plan import MigrationEffect, Plan, pending, plan_of
from contentpipeline.upgrades.statements import Effect

ON_THE_SITE = {
    Effect.NOTHING: "nobody waits",
    Effect.A_MOMENT: "a moment of an exclusive lock",
    Effect.WRITERS_WAIT: "the site reads on, writers of the table wait",
    Effect.READERS_WAIT: "READERS OF THE TABLE WAIT until it has ended",
    Effect.UNKNOWN: "UNKNOWN: read it",
}
MEGABYTE = 1_000_000
SMALL_BYTES = 64 * MEGABYTE
"""A table that is read through in well under a second: who waits for it does not notice."""
LONG_SECONDS = 5


class Command(BaseCommand):
    help = (
        "Says which migrations are pending, what each does to readers and writers meanwhile, which long "
        "transactions would hold it up, what room it needs, and whether processes of the version before may "
        "go on next to it. Exit status: 0 go ahead, 1 read what it says first, 2 impossible as things are."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="say it; `manage.py migrate` does it")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        if not check:
            raise CommandError("Give --check: it changes nothing. `manage.py migrate` runs the migrations.")
        sys.exit(self._check())

    def _check(self) -> int:
        version = server_version()
        self.stdout.write(
            f"Versions: PostgreSQL {version // 10_000}.{version % 10_000}, Python "
            f"{sys.version_info[0]}.{sys.version_info[1]}, Django {django.get_version()}."
        )
        minimum = connection.features.minimum_database_version or (14,)
        if version // 10_000 < minimum[0]:
            self.stdout.write(f"IMPOSSIBLE: PostgreSQL {minimum[0]} or newer is needed.")
            return 2
        if too_old := why_too_old():
            self.stdout.write(f"IMPOSSIBLE: {too_old}")
            return 2
        plan = plan_of(pending())
        if not plan.migrations:
            self.stdout.write("Nothing to migrate: restart the processes with the new code.")
            return 0
        self.stdout.write(f"{len(plan.migrations)} migrations are pending:")
        described = [self._describe(one) for one in plan.migrations]
        has_room = self._room(plan)
        is_free = self._long_transactions()
        older_go_on = self._older_processes(plan)
        return 0 if all(described) and has_room and is_free and older_go_on else 1

    def _describe(self, one: MigrationEffect) -> bool:
        """Whether no reader will notice."""
        worst = one.worst
        where = f" ({worst.why}{f' of {worst.table}' if worst.table else ''})" if worst.why else ""
        size = one.bytes_of.get(worst.table, 0)
        is_small = worst.effect is Effect.READERS_WAIT and size <= SMALL_BYTES
        about = f", {size / MEGABYTE:,.1f} MB" if worst.effect >= Effect.WRITERS_WAIT and worst.table else ""
        short = ": a moment, as it is small" if is_small else ""
        self.stdout.write(f"  {one.name}: {ON_THE_SITE[worst.effect]}{where}{about}{short}")
        if one.note:
            self.stdout.write(f"    {one.note}")
        return worst.effect < Effect.READERS_WAIT or is_small

    def _room(self, plan: Plan) -> bool:
        needed = plan.bytes_needed
        self.stdout.write(f"Room: up to {needed / MEGABYTE:,.0f} MB more in the database, for a while.")
        if not settings.USES_EMBEDDED_DATABASE:
            self.stdout.write("  How much its server has is not seen from here: look there.")
            return True
        free = shutil.disk_usage(settings.DATA_DIR).free
        self.stdout.write(f"  {free / MEGABYTE:,.0f} MB are free in {settings.DATA_DIR}.")
        return free > 2 * needed

    def _long_transactions(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid, extract(epoch FROM now() - xact_start)::int, application_name "
                "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
                "AND xact_start < now() - make_interval(secs => %s) ORDER BY xact_start LIMIT 5",
                [LONG_SECONDS],
            )
            found = cursor.fetchall()
        for pid, seconds, name in found:
            self.stdout.write(
                f"Long transaction: process {pid} {f'({name}) ' if name else ''}for {seconds} s. A migration "
                "would wait for it, and everybody else for the migration: let it end first."
            )
        if not found:
            self.stdout.write("Long transactions: none.")
        return not found

    def _older_processes(self, plan: Plan) -> bool:
        breaks = [(one.name, what) for one in plan.migrations for what in one.breaks_older]
        if not breaks:
            self.stdout.write("Older processes: may go on next to it, until you restart them.")
            return True
        self.stdout.write("Older processes would fail: stop web servers and clusters before you migrate.")
        for name, what in breaks:
            self.stdout.write(f"  {name}: {what}")
        return False
