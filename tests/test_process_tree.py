"""Any process may die or freeze. No role is named here: a process that is added later is covered by that.

`manage.py bench faults` prints the same as a table, with goals. The bounds here are wider, and grow with the
time that work takes without a fault, since other tests run at the same time.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from benchmarks import faults
from benchmarks.faults_rig import FaultResult, FaultRig
from benchmarks.installation import an_installation, installed, leaves_first, open_directory
from benchmarks.process_walk import FoundProcess, lasting, walk
from benchmarks.slow_model import slow_model
from contentpipeline.processes.ports import free_port
from contentpipeline.processes.supervisor import wait_until
from tasks.lifecycle import Status
from tasks.models import ContentTask, Worker
from tests.factories import make_task
from tests.live import database_url

BASE_DIR = Path(__file__).resolve().parent.parent
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SITE_SECONDS, KILLED_SECONDS, FROZEN_SECONDS = 10.0, 8.0, 20.0
USUAL_SECONDS = 2.5
"""How long the work takes without a fault, on a machine that does nothing else."""
ENDS_SECONDS = 5.0
ALONE_SECONDS = 6.0
"""Twice the goal: other tests run at the same time."""


def problem_with(row: FaultResult, slowness: float) -> str:
    """What is wrong with how an installation took a fault; empty when nothing is."""
    site_limit = SITE_SECONDS * slowness
    work_limit = (FROZEN_SECONDS if row.fault == "frozen" else KILLED_SECONDS) * slowness
    problems = [
        row.lost and f"{row.lost} tasks lost",
        row.repeated and f"{row.repeated} finished stages run again",
        row.extra and f"{row.extra} processes too many",
        row.missing and f"{row.missing} processes missing",
        (row.site_seconds is None or row.site_seconds > site_limit) and f"site {row.site_seconds}",
        (row.work_seconds is None or row.work_seconds > work_limit) and f"work {row.work_seconds}",
        row.ended_seconds is None and "work did not end",
    ]
    return ", ".join(str(problem) for problem in problems if problem)


def problems(rows: list[FaultResult], undisturbed: FaultResult) -> list[str]:
    """Of all rows; `undisturbed` is one without a fault, on the same machine at about the same time."""
    slowness = max(1.0, (undisturbed.ended_seconds or 0.0) / USUAL_SECONDS)
    found = [(row, problem_with(row, slowness)) for row in rows]
    return [f"{row.role} {row.fault}: {problem}" for row, problem in found if problem]


def undisturbed(rig: FaultRig) -> FaultResult:
    return rig.during("(none)", "nothing", bool)


@pytest.mark.long
def test_whatever_is_killed_the_work_goes_on_and_up_itself_leaves_nothing_behind() -> None:
    with open_directory() as directory, slow_model() as model:
        with installed(directory / "data", model) as up:
            rig = FaultRig(up, model)
            rig.settle()
            usual, rows = undisturbed(rig), list(faults.each_role(rig, "killed"))
            assert len(rows) >= 8, "the walk has found the tree"
            assert problems(rows, usual) == [], up.output[-4000:]
            everything = up.processes()
            up.process.kill()
            up.process.wait()
            gone = wait_until(lambda: not any(found.is_alive() for found in everything), ENDS_SECONDS)
            left = [found.role for found in everything if found.is_alive()]
            assert gone, f"{left} outlived `up`"
        with installed(directory / "data", model) as again:
            assert again.status_of() == 200


@pytest.mark.long
def test_whatever_freezes_is_noticed_and_replaced_and_its_waking_is_harmless() -> None:
    with an_installation() as (up, model):
        rig = FaultRig(up, model)
        rig.settle()
        usual, rows = undisturbed(rig), list(faults.each_role(rig, "frozen"))
        assert len(rows) >= 8, "the walk has found the tree"
        found = problems(rows, usual)
        assert found == [], f"{found}\n{up.output[-4000:]}"
        never = [row.role for row in rows[:-1] if row.replaced_seconds is None]
        assert never == [], "nobody noticed"


# --- Commands that a service manager runs ---------------------------------------------------------------


@contextmanager
def alone(log: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """One of the commands by itself, on the tests' database."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *command],
            cwd=BASE_DIR, env=os.environ | {"DATABASE_URL": database_url(settings.APPLICATION_ROLE)},
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, process_group=0,
        )  # fmt: skip
    try:
        yield process
    finally:
        everything = walk(process.pid, Path("/nowhere"))
        process.kill()
        process.wait()
        assert wait_until(lambda: not any(found.is_alive() for found in everything), 5)


def tree_of(process: subprocess.Popen[bytes], count: int) -> list[FoundProcess]:
    """Its processes, once there are this many and no more come."""
    found: list[FoundProcess] = []

    def is_settled() -> bool:
        before = {each.pid for each in found}
        time.sleep(0.5)
        found[:] = lasting(walk(process.pid, Path("/nowhere")))
        return len(found) >= count and {each.pid for each in found} == before

    assert wait_until(is_settled, 60), [each.role for each in found]
    return found


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("command", "least"), [("qcluster", 7), ("serve", 4)])
def test_a_command_alone_replaces_what_is_killed_or_ends_so_that_it_is_started_again(
    tmp_path: Path, command: str, least: int
) -> None:
    log, done = tmp_path / "alone.log", set[tuple[str, str, int]]()
    arguments = [command] if command == "qcluster" else [command, "--port", str(free_port())]
    places = {("", "", 0)}
    while places - done:
        with alone(log, *arguments) as process:
            whole = tree_of(process, least)
            places = {found.place for found in whole if found.pid != process.pid}
            for victim in leaves_first(whole):
                if victim.place in done or victim.pid == process.pid:
                    continue
                done.add(victim.place)
                if not victim.signal(signal.SIGKILL):
                    continue
                recovered = has_recovered(process, len(whole))
                if process.poll() is not None:
                    assert process.returncode != 0, f"{victim.role}: a status of 0 is not started again"
                    break
                assert recovered, f"{victim.role} died; {command} lives on without it"


def has_recovered(process: subprocess.Popen[bytes], count: int) -> bool:
    """Whether it has ended, or has as many processes again, in time."""

    def has() -> bool:
        return process.poll() is not None or len(lasting(walk(process.pid, Path("/nowhere")))) >= count

    return wait_until(has, ALONE_SECONDS)


@pytest.mark.django_db(transaction=True)
def test_a_web_server_alone_takes_tasks_back_from_workers_that_are_gone(tmp_path: Path) -> None:
    gone = Worker.objects.create(host="desk", pid=1, max_in_flight=1)
    make_task(status=Status.IN_PROGRESS, lease_owner=gone.pk)
    with alone(tmp_path / "serve.log", "serve", "--port", str(free_port())):
        assert wait_until(ContentTask.objects.filter(status=Status.PENDING).exists, 60)
    assert not Worker.objects.exists()
