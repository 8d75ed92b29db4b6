"""A whole installation to try faults on: `manage.py up` on a directory of its own, seen from outside."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from benchmarks.process_walk import FoundProcess, walk
from benchmarks.slow_model import SOURCE, SlowModel, slow_model
from contentpipeline import embedded
from contentpipeline.processes import lifetime
from contentpipeline.processes.ports import free_port

READY = "Ctrl-C stops everything"
START_SECONDS = 240
PROBE_SECONDS = 0.1
ANSWER_SECONDS = 2.0
"""A site that takes longer does not answer."""
LIBPQ_SECONDS = "2"
OURS = ("DATABASE_URL", "SECRET_KEY", "DATA_DIR", "BENCH_INSIDE", "REDIS_URL", "PIPELINE_MODELS")


class NotAccepted(Exception):
    """A brief could not be filed, however often it was tried."""


class Installation:
    """A process that was started, and what can be learnt about it from outside."""

    def __init__(self, data_dir: Path, *command: str, **environment: str) -> None:
        self.data_dir, self.port = data_dir, free_port()
        self.log = data_dir.parent / f"{command[0] if command else 'up'}-{self.port}.log"
        self._environment = {k: v for k, v in os.environ.items() if k not in OURS} | environment
        self._command = command or (
            "up",
            "--port",
            str(self.port),
            "--data-dir",
            str(data_dir),
            "--no-sample",
        )
        self._token, parent = "", os.getpid()
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", *(part.format(port=self.port) for part in self._command)],
                cwd=settings.BASE_DIR, env=self._environment | {"DATA_DIR": str(data_dir)},
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, process_group=0,
                # The measuring process may be killed, too.
                preexec_fn=lambda: lifetime.die_with_parent(parent=parent),
            )  # fmt: skip

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while READY not in self.output:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"It did not start:\n{self.output[-4000:]}")
            time.sleep(0.05)
        self._token = self.manage("api_token", "rig", "--role", "integration")

    def processes(self) -> list[FoundProcess]:
        return walk(self.process.pid, self.data_dir)

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR, env=self._environment | {"DATA_DIR": str(self.data_dir)},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        return done.stdout.strip()

    # --- The site ---

    def status_of(self, path: str = "/health/ready/", timeout: float = ANSWER_SECONDS) -> int:
        """The status of the answer; 0 when there is none."""
        return self._ask("GET", path, timeout=timeout)[0]

    def file(self, topic: str, *, until: float) -> int:
        """File a brief over the API, again and again until it is accepted; return the task's id.

        Raises NotAccepted.
        """
        body = {
            "topic": topic,
            "sources": [{"title": "Street trees", "text": SOURCE}],
            "quality_threshold": 0,
            "max_refinements": 0,
        }
        headers = {
            "Authorization": f"Token {self._token}",
            "Content-Type": "application/json",
            "Idempotency-Key": topic,
        }
        while True:
            status, answer = self._ask("POST", "/api/tasks/", json.dumps(body), headers, timeout=5)
            if status == 201:
                return int(json.loads(answer)["id"])
            if time.monotonic() > until or status in (400, 401, 403, 422):
                raise NotAccepted(f"The brief was not accepted ({status}): {answer[:500]!r}")
            time.sleep(PROBE_SECONDS)

    def _ask(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None,
        *, timeout: float,
    ) -> tuple[int, bytes]:  # fmt: skip
        web = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            web.request(method, path, body, headers or {})
            answer = web.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            web.close()

    # --- Its database ---

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Raises psycopg.Error when the database does not answer."""
        given = embedded.connection_settings(self.data_dir)
        with psycopg.connect(
            dbname=given["NAME"], user=given["USER"], host=given["HOST"], port=given["PORT"],
            connect_timeout=int(LIBPQ_SECONDS), options="-c statement_timeout=2s", autocommit=True,
        ) as connection:  # fmt: skip
            return connection.execute(sql, values).fetchall()

    # --- The end ---

    def end(self) -> None:
        """Leave nothing behind, whatever state it is in."""
        everything = {found.pid: found for found in self.processes()}
        for found in everything.values():
            found.signal(signal.SIGCONT)
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        everything |= {found.pid: found for found in self.processes()}
        deadline = time.monotonic() + 5
        while any(found.is_alive() for found in everything.values()) and time.monotonic() < deadline:
            time.sleep(0.05)
        for found in everything.values():
            found.signal(signal.SIGKILL)


@contextmanager
def open_directory() -> Iterator[Path]:
    """A temporary one, through which the other account may pass as which root's database server runs."""
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as directory:
        Path(directory).chmod(0o711)
        yield Path(directory)


@contextmanager
def installed(data_dir: Path, model: SlowModel, **environment: str) -> Iterator[Installation]:
    """`manage.py up` with this model behind it, until the block ends."""
    installation = Installation(
        data_dir, PIPELINE_MODELS="openai:slow", OPENAI_BASE_URL=model.url, **environment
    )
    try:
        installation.wait_until_ready()
        yield installation
    finally:
        installation.end()


@contextmanager
def an_installation(**environment: str) -> Iterator[tuple[Installation, SlowModel]]:
    with (
        open_directory() as directory,
        slow_model() as model,
        installed(directory / "data", model, **environment) as installation,
    ):
        yield installation, model


@dataclass
class ProbeOutcome:
    began_at: float
    ended_at: float
    is_well: bool


class SiteProbe:
    """Requests a page repeatedly in a thread, and records when that last failed."""

    def __init__(self, ask: Callable[[], int]) -> None:
        self._ask, self._must_stop = ask, threading.Event()
        self._probes: list[ProbeOutcome] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._must_stop.set()
        self._thread.join(10)

    def seconds_until_well(self, since: float) -> float | None:
        """From then to the first answer after the last failure; None when it still fails."""
        probes = [probe for probe in self._probes if probe.ended_at >= since]
        if not probes or not probes[-1].is_well:
            return None
        bad = [number for number, probe in enumerate(probes) if not probe.is_well]
        return probes[bad[-1] + 1].ended_at - since if bad else 0.0

    def _run(self) -> None:
        while not self._must_stop.wait(PROBE_SECONDS):
            began_at = time.monotonic()
            self._probes.append(ProbeOutcome(began_at, time.monotonic(), self._ask() == 200))
            self._probes[-1].ended_at = time.monotonic()


def leaves_first(processes: Sequence[FoundProcess]) -> list[FoundProcess]:
    return sorted(processes, key=lambda found: (-found.depth, found.started, found.pid))
