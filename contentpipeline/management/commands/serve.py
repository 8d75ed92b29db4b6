"""The web server: pages and event streams on one port. SIGHUP reloads it without losing a request.

It loads the application once, before it forks: a quicker start, and less memory.
"""

from __future__ import annotations

import resource
import socket
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from granian.constants import Interfaces
from setproctitle import getproctitle

from contentpipeline.counters import counters
from contentpipeline.processes import lifetime, loading, maintenance, serving
from contentpipeline.processes.supervisor import is_supervised

APPLICATION = "contentpipeline.asgi:application"
KILL_SECONDS = 3
"""How long a request may go on once the server stops. Streams end at once."""
BACKLOG = 2048
MAX_CONNECTIONS = 10_000
"""Of each process. A stream is a connection too, so the server's own limit of some hundred is too low."""


class Command(BaseCommand):
    help = "Serves the site."
    requires_system_checks: list[str] = []  # half of a start's time

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--processes", type=int, default=2)
        parser.add_argument(
            "--threads",
            type=int,
            default=8,
            help="Threads per process, for pages; an event stream holds none.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        serving.check_granian()
        try:
            listener, retiring = serving.listen(options["host"], options["port"], BACKLOG)
        except OSError as error:
            raise CommandError(f"{options['host']}:{options['port']}: {error.strerror or error}.") from error
        lifetime.end_forks_with_parent()
        application = loading.load_site().application
        application.thread_count = options["threads"]
        counters.share()
        _allow_many_connections()
        connections.close_all()  # a connection shared with a fork breaks
        server = serving.Server(
            APPLICATION,
            listener,
            maintenance=_maintenance(listener),
            retiring=retiring,
            address=options["host"],
            port=options["port"],
            interface=Interfaces.ASGI,
            websockets=False,
            workers=options["processes"],
            backlog=BACKLOG,
            backpressure=MAX_CONNECTIONS,
            respawn_failed_workers=True,
            workers_kill_timeout=KILL_SECONDS,
            process_name=getproctitle(),
            log_level="error",  # its warnings are advice on the number of threads
            working_dir=settings.BASE_DIR,
        )
        application.report_ready, application.stop_accepting = server.report_ready, server.stop_accepting
        server.serve()


def _maintenance(listener: socket.socket) -> maintenance.NoMaintenanceProcess:
    if is_supervised():
        return maintenance.NoMaintenanceProcess()
    return maintenance.MaintenanceProcess(listener.close)


def _allow_many_connections() -> None:
    """Every connection is an open file; most systems allow 1,024 unless asked."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + 1000
    if soft != resource.RLIM_INFINITY and soft < wanted:
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, limit), hard))
