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
from django.core.management.base import BaseCommand

from contentpipeline import embedded

NAMES = ("engine", "review", "search", "site", "versions")
INSIDE = "BENCH_INSIDE"
"""Set for the process that measures: its DATA_DIR is a temporary one."""


class Command(BaseCommand):
    help = "Prints figures and ratios against baselines of the same run, on this machine."
    requires_system_checks: list[str] = []  # type: ignore[assignment]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=NAMES)
        parser.add_argument("--quick", action="store_true", help="few samples: for a look, not for a record")

    def handle(self, *args: Any, name: str, quick: bool, **options: Any) -> None:
        if os.environ.get(INSIDE):
            self._measure(name, quick)
            return
        with tempfile.TemporaryDirectory(prefix="desk-bench-") as directory:
            os.chmod(directory, 0o711)  # root's database server runs as another account
            inside = {name: value for name, value in os.environ.items() if "DATABASE_URL" not in name}
            inside |= {INSIDE: "1", "DATA_DIR": str(Path(directory) / "data"), "LOG_LEVEL": "CRITICAL"}
            command = [sys.executable, sys.argv[0], "bench", name, *(["--quick"] if quick else [])]
            sys.exit(subprocess.run(command, env=inside).returncode)

    def _measure(self, name: str, quick: bool) -> None:
        database = embedded.use(settings.DATA_DIR)
        try:
            call_command("migrate", verbosity=0)
            importlib.import_module(f"contentpipeline.benchmarks.{name}").run(self._say, quick=quick)
        finally:
            database.release()

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
