"""Measures speed, on a database of its own that is thrown away afterwards."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from benchmarks.collection import InvalidCollection, read
from contentpipeline import embedded

NAMES = (
    "backup",
    "boot",
    "desk",
    "digests",
    "engine",
    "faults",
    "quality",
    "review",
    "search",
    "site",
    "sources",
    "throughput",
    "versions",
)
WITHOUT_DATABASE = {"boot", "desk", "digests", "quality", "sources", "throughput"}
"""They need none, or compare checkouts, each with a database of its own."""
WITH_BASELINE = (WITHOUT_DATABASE - {"digests"}) | {"search"}
WITH_POSTS = {"backup", "search"}
INSIDE = "BENCH_INSIDE"
"""Set for the process that measures: its DATA_DIR is a temporary one."""


class Command(BaseCommand):
    help = "Prints figures and ratios against baselines of the same run, on this machine."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=NAMES)
        parser.add_argument("--posts", type=int, metavar="N", help="for backup, search: how many posts")
        parser.add_argument(
            "--judged",
            type=Path,
            metavar="DIR",
            nargs="+",
            help="for search: collections with judgements to measure on, instead of made-up posts",
        )
        parser.add_argument(
            "--language",
            metavar="CODE",
            help="for search --judged: of all collections, instead of what each says in its info.json",
        )
        parser.add_argument(
            "--baseline",
            type=Path,
            metavar="DIR",
            help="for boot, desk, quality, search, sources, throughput: a checkout to compare with",
        )
        parser.add_argument(
            "--documents",
            type=Path,
            metavar="DIR",
            help="for digests: documents to quote from, instead of those that packages brought",
        )
        parser.add_argument(
            "--split", choices=("dev", "test"), help="for quality: which drafts; by default, test"
        )
        parser.add_argument(
            "--kind", metavar="WORDS", help="for quality: only kinds of defects with these words"
        )
        parser.add_argument(
            "--misses", action="store_true", help="for quality: print what was missed or doubted"
        )
        parser.add_argument(
            "--json", type=Path, metavar="FILE", help="for quality: write the figures as JSON"
        )
        parser.add_argument(
            "--quick", action="store_true", help="few samples: for a rough check, not for a record"
        )

    def handle(
        self,
        *args: Any,
        name: str,
        quick: bool,
        posts: int | None,
        judged: list[Path] | None,
        language: str | None,
        baseline: Path | None,
        documents: Path | None,
        **options: Any,
    ) -> None:
        if posts is not None and (name not in WITH_POSTS or judged or posts < 1):
            raise CommandError("--posts is for `bench backup`, `search` without --judged, and at least 1.")
        if language and not judged:
            raise CommandError("--language is for `bench search --judged`.")
        for directory in judged or ():
            self._check_collection(name, directory)
        if baseline is not None and not (name in WITH_BASELINE and (baseline / "manage.py").is_file()):
            raise CommandError(
                "--baseline is for `bench boot`, `desk`, `quality`, `search`, `sources`, `throughput`:"
                " a checkout."
            )
        if documents is not None and not (name == "digests" and documents.is_dir()):
            raise CommandError("--documents is for `bench digests`: a directory.")
        given = {
            "quick": quick,
            "posts": posts,
            "judged": judged,
            "language": language,
            "baseline": baseline and baseline.resolve(),
            "documents": documents,
            **self._of_quality(name, options),
        }
        given = {option: value for option, value in given.items() if value is not None}
        if name in WITHOUT_DATABASE:
            self._run(name, given)
            return
        if os.environ.get(INSIDE):
            self._measure(name, given)
            return
        self._run_apart(name, given)

    def _of_quality(self, name: str, options: dict[str, Any]) -> dict[str, Any]:
        found = {
            "split": options["split"],
            "kind": options["kind"],
            "misses": options["misses"] or None,
            "json_file": options["json"],
        }
        if name != "quality" and any(found.values()):
            raise CommandError("--split, --kind, --misses and --json are for `bench quality`.")
        return found

    def _run_apart(self, name: str, given: dict[str, Any]) -> None:
        """In a process whose data directory is a temporary one."""
        with tempfile.TemporaryDirectory(prefix="desk-bench-") as directory:
            os.chmod(directory, 0o711)  # root's database server runs as another account
            inside = {name: value for name, value in os.environ.items() if "DATABASE_URL" not in name}
            inside |= {INSIDE: "1", "DATA_DIR": str(Path(directory) / "data"), "LOG_LEVEL": "CRITICAL"}
            chosen = ["--quick"] if given["quick"] else []
            for option in ("posts", "language", "baseline"):
                chosen += [f"--{option}", str(given[option])] if option in given else []
            chosen += ["--judged", *map(str, given["judged"])] if "judged" in given else []
            command = [sys.executable, sys.argv[0], "bench", name, *chosen]
            sys.exit(subprocess.run(command, env=inside).returncode)

    def _check_collection(self, name: str, directory: Path) -> None:
        """Before a database is made for it."""
        if name != "search":
            raise CommandError("--judged is for `bench search`.")
        try:
            read(directory)
        except InvalidCollection as error:
            raise CommandError(f"--judged: {error}") from error

    def _measure(self, name: str, given: dict[str, Any]) -> None:
        database = embedded.use(settings.DATA_DIR)
        try:
            call_command("migrate", verbosity=0)
            self._run(name, given)
        finally:
            database.release()

    def _run(self, name: str, given: dict[str, Any]) -> None:
        try:
            module = importlib.import_module(f"benchmarks.{name}")
        except ModuleNotFoundError as error:
            raise CommandError(
                f"`bench {name}` needs requirements-dev.lock: {error.name} is missing."
            ) from error
        module.run(self._say, **given)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
