"""Backup and restore next to PostgreSQL's own pg_dump and pg_restore, in turn, on the same database."""

from __future__ import annotations

import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from django.conf import settings
from django.db import connection

from benchmarks.figures import MeasuredFigure, at_most, show
from contentpipeline.backups import database_clients
from contentpipeline.backups.encryption import make_key
from contentpipeline.backups.making import make_backup
from contentpipeline.backups.manifest import server_version
from contentpipeline.backups.restoring import RestoreOptions, restore_backup
from contentpipeline.backups.scratch import server
from contentpipeline.ownership import as_owner
from publishing.demonstration.site import seed

Say = Callable[[str], object]

POSTS, QUICK_POSTS = 100_000, 1_000
ROUNDS, QUICK_ROUNDS = 3, 1
GOAL = 1.3
MEMORY_MB = 100


def run(say: Say, *, quick: bool, posts: int | None = None) -> None:
    """Measure everything and print it. `quick` has fewer posts and one round."""
    amount, rounds = posts or (QUICK_POSTS if quick else POSTS), QUICK_ROUNDS if quick else ROUNDS
    seed(amount, lambda done: None)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("SELECT pg_database_size(current_database())")
        size = cursor.fetchone()[0]
    say(f"{amount:,} posts, {size / 1e6:,.0f} MB of database; load {os.getloadavg()[0]:.1f} before the run.")
    with tempfile.TemporaryDirectory(prefix="desk-backups-", dir=settings.DATA_DIR) as name:
        show(_figures(Path(name), rounds, say), say)


def _figures(directory: Path, rounds: int, say: Say) -> list[MeasuredFigure]:
    key = directory / "key"
    make_key(key)
    before = _peak_mb()
    seconds: dict[str, list[float]] = {name: [] for name in ("pg_dump", "backup", "pg_restore", "restore")}
    for number in range(rounds):
        dump, file = directory / f"{number}.dump", directory / f"{number}.backup"
        steps: list[tuple[str, Callable[[], object]]] = [
            ("pg_dump", partial(_pg_dump, dump)),
            ("backup", partial(make_backup, file, key=key)),
            ("pg_restore", partial(_pg_restore, dump)),
            ("restore", partial(_restore, file, key)),
        ]
        for name, step in steps:
            started = time.perf_counter()
            step()
            seconds[name].append(time.perf_counter() - started)
            say(f"Run {number + 1}: {name}, {seconds[name][-1]:.1f} s")
    sizes = f"{dump.stat().st_size / 1e6:,.0f} MB and {file.stat().st_size / 1e6:,.0f} MB with pictures"
    return [
        *_compared("backup", "pg_dump", seconds),
        *_compared("restore", "pg_restore", seconds),
        MeasuredFigure("size of pg_dump's file, and of the encrypted backup", sizes),
        at_most("memory that this process took for it", round(_peak_mb() - before), MEMORY_MB, "MB"),
    ]


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _compared(name: str, other: str, seconds: dict[str, list[float]]) -> list[MeasuredFigure]:
    mine, theirs = median(seconds[name]), median(seconds[other])
    return [
        MeasuredFigure(name, f"{mine:.1f} s"),
        MeasuredFigure(f"    {other}", f"{theirs:.1f} s"),
        at_most("    ratio", mine / theirs, GOAL, "×"),
    ]


def _pg_dump(file: Path) -> None:
    """As its manual says: the custom format with its default compression."""
    program = database_clients.client("pg_dump", server_version() // 10_000)
    with as_owner(), database_clients.dump(program, ["--format=custom"]) as output, file.open("wb") as target:
        shutil.copyfileobj(output, target)


def _pg_restore(file: Path) -> None:
    """With as many jobs as ours."""
    program = database_clients.client("pg_restore", server_version() // 10_000)
    with as_owner(), server() as where:
        name = where.create()
        connection.close()
        try:
            jobs = f"--jobs={min(os.cpu_count() or 1, 8)}"
            database_clients.restore(program, ["--no-owner", "--no-privileges", jobs, str(file)], name)
        finally:
            where.drop(name)


def _restore(file: Path, key: Path) -> None:
    connection.close()
    restore_backup(RestoreOptions(file, key, replace=True, drop_former=True), lambda text: None)
