"""Everything at once: the database, the site, the workers and, the first time, a sample to look at."""

from __future__ import annotations

import http.client
import os
import secrets
import signal
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from contentpipeline import embedded
from contentpipeline.probes import why_unreachable
from contentpipeline.processes.presence import running_clusters
from contentpipeline.processes.supervisor import PortUnavailable, Supervisor, check_port, wait_until
from contentpipeline.static_build import build_static_files

LOOK_SECONDS = 0.2
START_SECONDS = 60


class Problem(Exception):
    """One sentence for the person at the terminal."""


class Command(BaseCommand):
    help = "Runs everything: database, web server, workers and, on an empty database, a sample brief."
    requires_system_checks: list[str] = []  # type: ignore[assignment]  # half of a start's time; `make test` runs them

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--host", default="127.0.0.1", help="0.0.0.0 is every network; set ALLOWED_HOSTS too."
        )
        parser.add_argument(
            "--data-dir", help="Where data is kept. Default: DATA_DIR, or .data beside manage.py."
        )
        parser.add_argument("--no-sample", action="store_true", help="File no sample brief.")

    def handle(self, *args: Any, **options: Any) -> None:
        self.must_stop = self.is_stopping = False
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, self._interrupt)
        try:
            self._run(options)
        except (Problem, PortUnavailable, embedded.DatabaseUnavailable) as problem:
            self.stderr.write(str(problem))
            sys.exit(1)
        except KeyboardInterrupt:
            self._say("Stopped.")

    def _interrupt(self, *_: Any) -> None:
        # Stopping is bounded, and another signal would only leave it half done.
        if not self.is_stopping:
            self.must_stop = True
            raise KeyboardInterrupt

    def _run(self, options: dict[str, Any]) -> None:
        host, port = options["host"], options["port"]
        check_port(host, port)
        site_url = os.environ.get("SITE_URL") or f"http://{_local(host)}:{port}"
        database = self._start_database()
        try:
            self._prepare()
            task = self._first_content(with_sample=not options["no_sample"])
            supervisor = Supervisor(_environment(SITE_URL=site_url, DATA_DIR=str(settings.DATA_DIR)))
            try:
                self._start_children(supervisor, host, port)
                self._say(f"\nReady: {site_url}/ (the site), {site_url}/admin/ (log in)\n")
                if task is not None:
                    self._show_progress(task, supervisor)
                self._say(_what_next(site_url, task))
                self._watch(supervisor)
            finally:
                self.is_stopping = True
                self._say("\nStopping …")
                supervisor.stop()
        finally:
            self.is_stopping = True
            connection.close()
            if database is not None:
                database.release()

    # --- Preparing ---

    def _start_database(self) -> embedded.Use | None:
        if settings.USES_EMBEDDED_DATABASE:
            where = f"embedded PostgreSQL in {settings.DATA_DIR}"
            return self._step(f"Database: {where}", lambda: embedded.use(settings.DATA_DIR))
        self._step("Database: DATABASE_URL", _check_given_database)
        return None

    def _prepare(self) -> None:
        self._step(
            "Migrations", lambda: call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
        )
        try:
            self._step("Static files", build_static_files)
        except OSError as error:
            raise Problem(
                f"The data directory {settings.DATA_DIR} cannot be used ({error}): "
                "set DATA_DIR to one you can write to."
            ) from error

    def _first_content(self, *, with_sample: bool) -> Any:
        """Make the first admin and the sample brief; return the sample's task while it is being written."""
        from tasks.models import ContentTask
        from tasks.sample import file_sample_brief

        admin = self._first_admin()
        if with_sample and not ContentTask.objects.exists():
            self._say("Sample brief: filed")
            return file_sample_brief(admin)
        unfinished = ContentTask.objects.filter(status__in=["pending", "in_progress"])
        return unfinished.first() if ContentTask.objects.count() == 1 else None

    def _first_admin(self) -> Any:
        users = get_user_model().objects
        found = users.filter(is_superuser=True).order_by("pk").first()
        if found:
            return found
        name = "admin"
        while users.filter(username=name).exists():
            name = f"admin-{secrets.token_hex(2)}"
        password = secrets.token_urlsafe(12)
        admin = users.create_superuser(name, password=password)
        self._say(
            f"\n    First login:  {name}\n    Password:     {password}\n"
            "    (shown once; manage.py changepassword sets another)\n"
        )
        return admin

    # --- Running ---

    def _start_children(self, supervisor: Supervisor, host: str, port: int) -> None:
        connection.close()
        manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
        supervisor.start("The cluster", [*manage, "qcluster"])
        supervisor.start("The web server", [*manage, "serve", "--host", host, "--port", str(port)])

        def is_up() -> bool:
            self._check(supervisor)
            return _answers(_local(host), port) and running_clusters() > 0

        if not wait_until(is_up, seconds=START_SECONDS):
            raise Problem(
                f"The site and the workers were not up after {START_SECONDS} seconds: see the messages above."
            )

    def _show_progress(self, task: Any, supervisor: Supervisor) -> None:
        self._say(f"Writing the sample: {task.topic}")
        shown = None
        started = time.monotonic()
        while task.status in ("pending", "in_progress"):
            self._check(supervisor)
            task.refresh_from_db(fields=["status", "stage", "progress", "error"])
            state = (task.status, task.stage, task.progress)
            if state != shown or self.stdout.isatty():
                self._progress_line(task, time.monotonic() - started)
                shown = state
            time.sleep(LOOK_SECONDS)
        if self.stdout.isatty():
            self._say("")
        if task.error:
            self._say(f"The sample was not written: {task.error}")

    def _progress_line(self, task: Any, seconds: float) -> None:
        filled = task.progress * 24 // 100
        doing = task.stage or task.status.replace("_", " ")
        line = f"  [{'█' * filled}{'·' * (24 - filled)}] {task.progress:3d} %  {doing:<18} {seconds:5.1f} s"
        # In a terminal one line that changes; in a file one line for each change.
        self._say(f"\r{line}" if self.stdout.isatty() else line, end="" if self.stdout.isatty() else "\n")

    def _watch(self, supervisor: Supervisor) -> None:
        while True:
            self._check(supervisor)
            time.sleep(LOOK_SECONDS)

    def _check(self, supervisor: Supervisor) -> None:
        if self.must_stop:
            # Python swallows an exception that a signal raises in a destructor or while a module is imported.
            raise KeyboardInterrupt
        if dead := supervisor.dead_child():
            raise Problem(f"{dead}: stopping everything, see the messages above.")
        if settings.USES_EMBEDDED_DATABASE and not embedded.is_running(settings.DATA_DIR):
            raise Problem(
                f"The database ended: stopping everything, see {settings.DATA_DIR}/postgres/server.log."
            )

    # --- Saying ---

    def _step(self, name: str, work: Callable[[], Any]) -> Any:
        started = time.monotonic()
        result = work()
        how = "unchanged" if result is False else "ready"
        self._say(f"{name}: {how} ({time.monotonic() - started:.1f} s)")
        return result

    def _say(self, text: str, end: str = "\n") -> None:
        self.stdout.write(text, ending=end)
        self.stdout.flush()


def _environment(**ours: str) -> dict[str, str]:
    """What the children get: not the owner's way into the database, which only migrations need."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MIGRATION_")} | ours


def _check_given_database() -> None:
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise Problem(
            f"The database in DATABASE_URL cannot be reached ({why_unreachable(error) or error}): "
            "correct it, or unset it to use the embedded one."
        ) from error


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


def _what_next(site_url: str, task: Any) -> str:
    lines = [f"Log in:          {site_url}/admin/"]
    draft = getattr(task, "draft", None) if task is not None and task.status == "awaiting_approval" else None
    if draft is not None:
        lines.append(f"Review the draft: {site_url}/admin/desk/{draft.pk}/")
    lines += [
        f"All drafts:      {site_url}/admin/desk/",
        f'File a brief:    {site_url}/admin/tasks/contenttask/add/   or   manage.py write "TOPIC"',
        f"API:             {site_url}/api/docs/",
        "Ctrl-C stops everything; all data is kept.",
    ]
    return "\n".join(lines)
