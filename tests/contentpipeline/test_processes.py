"""What processes share and how they end, without a whole installation."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from contentpipeline.processes import process_tree
from contentpipeline.processes.process_tree import FrozenProcesses, descendants
from contentpipeline.processes.restarts import CrashLoop, Restarts
from contentpipeline.processes.stop_flag import StopFlag

fork = multiprocessing.get_context("fork")


# --- The flag -----------------------------------------------------------------------------------------


def test_a_flag_that_is_set_stays_set_in_every_fork():
    flag, seen = StopFlag(), StopFlag()
    child = fork.Process(target=lambda: flag.wait(10) and seen.set())
    child.start()
    assert not flag.is_set()
    flag.set()
    flag.set()
    child.join(10)
    assert seen.is_set()
    assert flag.wait(0)


def test_a_flag_can_be_set_although_a_process_that_waited_was_killed():
    flag = StopFlag()
    waiting = fork.Process(target=flag.wait)
    waiting.start()
    time.sleep(0.2)
    waiting.kill()
    waiting.join()
    setting = threading.Thread(target=flag.set, daemon=True)
    setting.start()
    setting.join(5)
    assert not setting.is_alive()
    assert flag.is_set()


def test_waiting_for_a_flag_ends_in_time():
    began_at = time.monotonic()
    assert not StopFlag().wait(0.05)
    assert time.monotonic() - began_at >= 0.05


# --- Starting again -----------------------------------------------------------------------------------


def test_pauses_grow_and_the_fifth_death_within_a_minute_is_the_last(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("contentpipeline.processes.restarts.time.monotonic", lambda: clock[0])
    restarts, pauses = Restarts("The cluster"), []
    for _ in range(4):
        clock[0] += 10
        said = restarts.record_exit(-signal.SIGKILL)
        pauses.append(restarts.pause_seconds)
    assert pauses == [0.0, 0.5, 1.0, 2.0]
    assert said == "The cluster was killed by SIGKILL: starting it again in 2 s."
    with pytest.raises(CrashLoop, match="ended with status 1, for the 5th time within 60 seconds"):
        restarts.record_exit(1)


def test_deaths_of_more_than_a_minute_ago_do_not_count(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("contentpipeline.processes.restarts.time.monotonic", lambda: clock[0])
    restarts = Restarts("The cluster")
    for _ in range(12):
        clock[0] += 61
        assert restarts.record_exit(0) == "The cluster ended with status 0: starting it again."


# --- Frozen processes ---------------------------------------------------------------------------------


@pytest.fixture
def sleeper():
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


def test_a_process_that_stays_stopped_is_killed_and_one_that_runs_is_not(sleeper, monkeypatch):
    monkeypatch.setattr(process_tree, "CHECK_SECONDS", 0.0)
    frozen = FrozenProcesses(frozen_seconds=0.2)
    assert frozen.end() == []
    os.kill(sleeper.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, sleeper.pid, os.WSTOPPED)
    assert frozen.end() == [], "it may go on in a moment"
    time.sleep(0.3)
    (ended,) = frozen.end()
    assert ended.pid == sleeper.pid
    assert sleeper.wait(5) == -signal.SIGKILL
    assert "time.sleep(60)" in ended.title(), "the caller can still say what it was"


def test_a_process_that_goes_on_in_time_is_left_alone(sleeper, monkeypatch):
    monkeypatch.setattr(process_tree, "CHECK_SECONDS", 0.0)
    frozen = FrozenProcesses(frozen_seconds=0.2)
    os.kill(sleeper.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, sleeper.pid, os.WSTOPPED)
    frozen.end()
    os.kill(sleeper.pid, signal.SIGCONT)
    os.waitid(os.P_PID, sleeper.pid, os.WCONTINUED)
    frozen.end()
    time.sleep(0.3)
    assert frozen.end() == []
    assert sleeper.poll() is None


def test_descendants_are_those_below_and_have_titles(sleeper):
    found = {process.pid: process for process in descendants(os.getpid())}
    assert "time.sleep(60)" in found[sleeper.pid].title()
    assert os.getpid() not in found
