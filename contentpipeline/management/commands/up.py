"""Runs everything: the database, the site, the workers and, the first time, a sample brief."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from multiprocessing import RawValue
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from contentpipeline import embedded
from contentpipeline.processes import loading, preparation
from contentpipeline.processes.cluster import run_cluster
from contentpipeline.processes.database import run_database
from contentpipeline.processes.ports import PortUnavailable, check_port
from contentpipeline.processes.restarts import CrashLoop
from contentpipeline.processes.sample_progress import show_progress
from contentpipeline.processes.startup_step import StartupStep
from contentpipeline.processes.stop_flag import StopFlag
from contentpipeline.processes.supervisor import Supervisor

CHECK_SECONDS, START_CHECK_SECONDS = 1.0, 0.02
"""How often this process checks what it started, and during the start, what it waits for."""
START_SECONDS = 60
MIGRATED = "DESK_MIGRATED"
"""Set by `up` for its own next image, once it has migrated with an account that nothing else may have."""


class Stopped(Exception):
    """Ctrl-C, or another signal that asks for the end."""


class StartFailed(Exception):
    """The message for the person at the terminal; empty when it was printed already."""


class Command(BaseCommand):
    help = "Runs everything: database, web server, workers and, on an empty database, a sample brief."
    requires_system_checks: list[str] = []  # half of a start's time; `make test` runs them

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--host", default="127.0.0.1", help="0.0.0.0 is every network; set ALLOWED_HOSTS too."
        )
        parser.add_argument(
            "--data-dir", help="The data directory. Default: DATA_DIR, or .data next to manage.py."
        )
        parser.add_argument("--no-sample", action="store_true", help="Do not file a sample brief.")

    def handle(self, *args: Any, **options: Any) -> None:
        self.must_stop = StopFlag()
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, self._stop_soon)
        try:
            check_port(options["host"], options["port"])
            _migrate_as_owner()
            self._run(options)
        except (StartFailed, PortUnavailable, CrashLoop, embedded.DatabaseUnavailable) as problem:
            if str(problem):
                self.stderr.write(str(problem))
            sys.exit(1)
        except Stopped:
            self._say("Stopped.")

    def _stop_soon(self, *_: Any) -> None:
        # No exception: one that is raised by a signal while a module is imported, or in a fork, can be lost.
        self.must_stop.set()

    def _run(self, options: dict[str, Any]) -> None:
        host, port = options["host"], options["port"]
        self.supervisor = Supervisor(self._say)
        self.is_ready = False
        # In use by this process, and so by all of its forks, before anything starts it.
        self._database = embedded.hold(settings.DATA_DIR) if settings.USES_EMBEDDED_DATABASE else None
        try:
            task_id = self._prepare(with_sample=not options["no_sample"])
            self._start_children(host, port)
            self._say(f"\nReady: {settings.SITE_URL}/ (the site), {settings.SITE_URL}/admin/ (log in)\n")
            self._say(_next_steps(self._show_sample(task_id) if task_id else 0))
            while True:
                self._check()
        finally:
            if self.is_ready:
                self._say("\nStopping …")
            self.supervisor.stop()
            if self._database is not None:
                self._database.release()

    def _show_sample(self, task_id: int) -> int:
        return self._wait_for(StartupStep("sample", partial(show_progress, task_id)))

    # --- Starting ---

    def _prepare(self, *, with_sample: bool) -> int:
        """Return the id of the task to show the progress of, or 0. The project is loaded meanwhile."""
        database = StartupStep("database", preparation.prepare_server)
        loading.load_pipeline()
        self._wait_for(database)
        files = StartupStep("static files", preparation.prepare_static_files)
        work = partial(
            preparation.prepare_database, migrate=MIGRATED not in os.environ, with_sample=with_sample
        )
        database = StartupStep("preparing", work)
        self._wait_for(files)
        loading.load_site()  # not before: it reads once which static files there are
        task_id = self._wait_for(database)
        loading.settle_memory()
        return task_id

    def _start_children(self, host: str, port: int) -> None:
        if self._database is not None:
            run = partial(run_database, settings.DATA_DIR, self._database, server := RawValue("i"))
            self.supervisor.start(
                "The database", "manage.py up: database", run, stop_last=True, server=server
            )
        cluster_runs = StopFlag()
        self.supervisor.start("The cluster", _title("qcluster"), partial(_run_cluster, cluster_runs))
        command = ["serve", "--host", host, "--port", str(port)]
        self.supervisor.start("The web server", _title(*command), partial(_run_server, command))
        deadline = time.monotonic() + START_SECONDS

        def is_up() -> bool:
            if time.monotonic() > deadline:
                raise StartFailed(f"Not up after {START_SECONDS} seconds: see the messages above.")
            return cluster_runs.is_set() and _answers(_local(host), port)

        self._wait_until(is_up)
        self.is_ready = True

    # --- Waiting ---

    def _wait_for(self, step: StartupStep) -> int:
        """What the step returned. Raises Failed when it failed."""
        self._wait_until(step.has_ended)
        if (result := step.result()) is None:
            raise StartFailed
        return result

    def _wait_until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._check()

    def _check(self) -> None:
        if self.must_stop.is_set():
            raise Stopped
        if not self.is_ready and self.supervisor.has_dead():
            raise StartFailed
        self.supervisor.check()
        self.supervisor.wait([self.must_stop], CHECK_SECONDS if self.is_ready else START_CHECK_SECONDS)

    def _say(self, text: str) -> None:
        try:
            self.stdout.write(text)
            self.stdout.flush()
        except OSError:
            pass  # the terminal was closed: no reason to leave processes behind


def _migrate_as_owner() -> None:
    """Migrate in a process of its own with the owner's account, and go on as one that never had it."""
    if not any(name.startswith("MIGRATION_") for name in os.environ):
        return
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    if subprocess.run([*manage, "migrate", "--verbosity", "0", "--skip-checks"]).returncode:
        raise StartFailed
    ours = {name: value for name, value in os.environ.items() if not name.startswith("MIGRATION_")}
    os.execve(sys.executable, sys.orig_argv, ours | {MIGRATED: "1"})


def _title(*command: str) -> str:
    return " ".join([sys.executable, str(settings.BASE_DIR / "manage.py"), *command])


def _run_cluster(runs: StopFlag) -> None:
    run_cluster(on_start=runs.set)


def _run_server(command: list[str]) -> None:
    # A reload executes this command line again, which must not be another `up`.
    sys.orig_argv = _title(*command).split(" ")
    call_command(*command)


def _answers(host: str, port: int) -> bool:
    """Whether the site answers there; a refusal of our Host header is an answer too."""
    web = http.client.HTTPConnection(host.strip("[]"), port, timeout=5)
    try:
        web.request("GET", "/health/live/", headers={"Host": urlsplit(settings.SITE_URL).netloc})
        return web.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        web.close()


def _local(host: str) -> str:
    """An address of this machine at which a server on `host` answers."""
    if host in ("0.0.0.0", ""):
        return "127.0.0.1"
    if host == "::":
        return "[::1]"
    return f"[{host}]" if ":" in host else host


def _next_steps(draft_id: int) -> str:
    site_url = settings.SITE_URL
    lines = [f"Log in:          {site_url}/admin/"]
    if draft_id:
        lines.append(f"Review the draft: {site_url}/admin/desk/{draft_id}/")
    lines += [
        f"All drafts:      {site_url}/admin/desk/",
        f'File a brief:    {site_url}/admin/tasks/contenttask/add/   or   manage.py write "TOPIC"',
        f"API:             {site_url}/api/docs/",
        "Ctrl-C stops everything; all data is kept.",
    ]
    return "\n".join(lines)
