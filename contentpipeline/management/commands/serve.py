"""The web server. It loads the application once, before it forks: a quicker start, and less memory."""

from __future__ import annotations

import importlib
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections
from granian import Granian
from granian.constants import Interfaces

from contentpipeline import processes

APPLICATION = "contentpipeline.wsgi:application"
KILL_SECONDS = 3
"""How long a request may go on once the server stops."""


class Command(BaseCommand):
    help = "Serves the site."
    requires_system_checks: list[str] = []  # type: ignore[assignment]  # half of a start's time

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--processes", type=int, default=2)
        parser.add_argument(
            "--threads", type=int, default=8, help="Of each process. An open stream of events holds one."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        processes.tie_forks_to_their_parent()
        for module in (APPLICATION.partition(":")[0], settings.ROOT_URLCONF):
            importlib.import_module(module)
        connections.close_all()  # a connection shared with a fork breaks
        Granian(
            APPLICATION,
            address=options["host"],
            port=options["port"],
            interface=Interfaces.WSGI,
            websockets=False,
            workers=options["processes"],
            blocking_threads=options["threads"],
            respawn_failed_workers=True,
            workers_kill_timeout=KILL_SECONDS,
            log_level="error",  # its warnings are advice on the number of threads
            working_dir=settings.BASE_DIR,
        ).serve()
