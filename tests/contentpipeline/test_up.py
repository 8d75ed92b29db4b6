"""`manage.py up` as a person meets it: a process, its output, and what is left when it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contentpipeline import embedded
from contentpipeline.embedded import server
from contentpipeline.embedded.accounts import account_of
from contentpipeline.embedded.paths import Files
from contentpipeline.processes.ports import free_port
from contentpipeline.processes.process_tree import descendants, send
from tests.installation import READY, own_environment
from tests.processes import are_gone, tree_of

BASE_DIR = Path(__file__).resolve().parent.parent.parent
pytestmark = [pytest.mark.timeout(240), pytest.mark.slow]


class Up:
    """A running `manage.py up`."""

    def __init__(self, data_dir: Path, *options: str, **environment: str) -> None:
        self.data_dir, self.port = data_dir, free_port()
        self.log = data_dir.parent / f"up-{self.port}.log"
        self.process = start(
            ["up", "--port", str(self.port), "--data-dir", str(data_dir), *options], self.log, **environment
        )

    @property
    def output(self) -> str:
        return self.log.read_text()

    def wait_for(self, text: str, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while text not in self.output:
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, f"no {text!r} in:\n{self.output}"
            time.sleep(0.05)

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.read()

    def descendants(self) -> set[int]:
        return tree_of(self.process.pid)

    def wait_for_descendants(self, count: int, seconds: float = 60) -> set[int]:
        deadline = time.monotonic() + seconds
        while len(found := self.descendants()) < count:
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, f"only {len(found)} processes:\n{self.output}"
            time.sleep(0.05)
        return found

    def children(self) -> dict[str, int]:
        """Those recognised by their titles; of the database its supervising process."""
        titles = {"qcluster": "The cluster", "serve": "The web server", "database": "The database"}
        found = {}
        for child in descendants(self.process.pid):
            words = child.title().split()
            name = next((name for word, name in titles.items() if word in words), "")
            if child.parent == self.process.pid and name:
                found[name] = child.pid
        return found

    def wait_for_child(self, name: str, seconds: float = 10) -> None:
        deadline = time.monotonic() + seconds
        while name not in self.children():
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)

    def wait_until_ready(self, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while True:
            try:
                if json.loads(self.get("/health/ready/"))["status"] == "ready":
                    return
            except OSError:
                pass
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.1)

    def end(self, sign: signal.Signals) -> int:
        self.process.send_signal(sign)
        return self.process.wait(30)


def start(arguments: list[str], log: Path, **environment: str) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=own_environment() | environment,
        )


def refusal(tmp_path: Path, *arguments: str, **environment: str) -> str:
    """What a command that must not start says."""
    log = tmp_path / "refused.log"
    assert start(list(arguments), log, **environment).wait(60) == 1
    return log.read_text()


@pytest.fixture
def up(data_dir: Path) -> Iterator[Callable[..., Up]]:
    started: list[Up] = []

    def start_up(*options: str, **environment: str) -> Up:
        started.append(Up(data_dir, *options, **environment))
        return started[-1]

    yield start_up
    for running in started:
        everything = running.descendants()
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait()
        assert are_gone(everything, seconds=15)


def test_the_first_run_shows_a_sample_being_written_and_where_to_review_it(up: Callable[..., Up]) -> None:
    first = up()
    first.wait_for(READY)
    assert first.output.count("Password:") == 1
    assert "100 %  awaiting approval" in first.output
    assert re.search(rf"Review the draft: http://127.0.0.1:{first.port}/admin/desk/\d+/\n", first.output)
    health = json.loads(first.get("/health/ready/"))
    assert health["status"] == "ready"
    assert health["checks"]["workers"]["clusters"] == 1
    assert b"csrfmiddlewaretoken" in first.get("/admin/login/")


@pytest.mark.usefixtures("installed")
def test_a_second_run_keeps_everything_and_builds_nothing_again(up: Callable[..., Up]) -> None:
    first = up()
    first.wait_for(READY)
    assert first.end(signal.SIGINT) == 0
    second = up()
    second.wait_for(READY)
    assert "Static files: unchanged" in second.output
    assert "Password:" not in second.output
    assert "Sample" not in second.output


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_every_process_and_the_database(up: Callable[..., Up], sign: signal.Signals) -> None:
    running = up("--no-sample")
    running.wait_for(READY)
    everything = running.wait_for_descendants(9)  # the cluster's workers come last
    assert running.end(sign) == 0
    assert are_gone(everything, seconds=1)
    assert not embedded.is_running(running.data_dir)


@pytest.mark.usefixtures("installed")
def test_a_terminal_that_was_closed_keeps_nothing_from_ending(data_dir: Path) -> None:
    command = [sys.executable, "manage.py", "up", "--port", str(free_port()), "--no-sample"]
    process = subprocess.Popen(
        [*command, "--data-dir", str(data_dir)],
        cwd=BASE_DIR, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    with process.stdout as lines:
        assert any(READY.encode() in line for line in lines)
    everything = {process.pid} | {child.pid for child in descendants(process.pid)}
    process.send_signal(signal.SIGHUP)
    assert are_gone(everything, seconds=10)
    process.wait(1)


@pytest.mark.usefixtures("installed")
def test_kill_9_leaves_no_process_behind_and_the_next_run_starts(up: Callable[..., Up]) -> None:
    running = up("--no-sample")
    running.wait_for(READY)
    everything = running.descendants()
    assert embedded.postmaster(running.data_dir) in everything
    running.end(signal.SIGKILL)
    assert are_gone(everything, seconds=5)
    up("--no-sample").wait_for(READY)


@pytest.mark.usefixtures("installed")
def test_a_sample_interrupted_by_kill_9_of_everything_is_finished_by_the_next_run(
    up: Callable[..., Up], data_dir: Path
) -> None:
    first = up()
    first.wait_for("Writing the sample")
    server = embedded.postmaster(data_dir)
    assert server is not None
    # Some may have ended with their parent by the time it is their turn.
    send(signal.SIGKILL, {*first.descendants(), server})
    first.process.wait()
    second = up()
    second.wait_for(READY)
    assert "Password:" not in second.output
    waiting = json.loads(second.get("/health/ready/"))["checks"]["queue"]["waiting"]
    assert waiting == 0


@pytest.mark.usefixtures("installed")
def test_whatever_dies_is_named_and_started_again(up: Callable[..., Up]) -> None:
    running = up("--no-sample")
    running.wait_for(READY)
    for name, pid in {**running.children(), "The database": embedded.postmaster(running.data_dir)}.items():
        os.kill(pid, signal.SIGKILL)
        running.wait_for(f"{name} was killed by SIGKILL: starting it again", seconds=5)
    running.wait_until_ready()


@pytest.mark.usefixtures("installed")
def test_what_is_frozen_is_replaced(up: Callable[..., Up]) -> None:
    running = up("--no-sample")
    running.wait_for(READY)
    frozen = [*running.children().values(), embedded.postmaster(running.data_dir)]
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    assert are_gone(set(frozen), seconds=15)
    running.wait_until_ready()


@pytest.mark.usefixtures("installed")
def test_a_child_that_dies_five_times_within_a_minute_ends_the_rest(up: Callable[..., Up]) -> None:
    running = up("--no-sample")
    running.wait_for(READY)
    for pause in ("again.", "again in 0.5 s.", "again in 1 s.", "again in 2 s."):
        os.kill(running.children()["The web server"], signal.SIGKILL)
        running.wait_for(f"The web server was killed by SIGKILL: starting it {pause}", seconds=5)
        running.wait_for_child("The web server")
    everything = running.descendants()
    os.kill(running.children()["The web server"], signal.SIGKILL)
    assert running.process.wait(30) == 1
    assert "The web server was killed by SIGKILL, for the 5th time within 60 seconds" in running.output
    assert are_gone(everything, seconds=1)


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refusal(tmp_path, "up", "--port", str(port), "--data-dir", str(tmp_path / "data"))
    assert said.startswith(f"Port {port} is in use")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"DATABASE_URL": "postgresql://someone:hunter2@127.0.0.1:1/desk"}, "cannot be reached"),
        ({"DATABASE_URL": "mysql://someone:hunter2@127.0.0.1/desk"}, "must be an address that begins with"),
        ({"DATABASE_URL": "postgresql://someone:hunter2@127.0.0.1"}, "names no database"),
        ({"DATABASE_URL": "postgresql://127.0.0.1/desk", "SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY_FILE": "/nowhere"}, "SECRET_KEY_FILE names /nowhere"),
        ({"MAX_ATTEMPTS": "often"}, "MAX_ATTEMPTS must be a whole number"),
        ({"PIPELINE_MODELS": "gpt"}, "PIPELINE_MODELS must list models as vendor:name"),
        ({"DATA_DIR": "/proc/nowhere"}, "set DATA_DIR to one you can write to"),
    ],
)
def test_a_setting_that_is_wrong_is_one_sentence_without_its_secret(
    tmp_path: Path, environment: dict[str, str], words: str
) -> None:
    defaults = {"DATA_DIR": str(tmp_path / "data")}
    if "DATABASE_URL" in environment:
        defaults["SECRET_KEY"] = "long enough to be accepted as a key"
    said = refusal(tmp_path, "up", "--port", str(free_port()), **defaults | environment)
    assert words in said
    assert len(said.splitlines()) == 1
    assert "hunter2" not in said


def test_every_command_says_in_one_sentence_that_the_database_is_away(tmp_path: Path) -> None:
    said = refusal(
        tmp_path,
        "showmigrations",
        DATABASE_URL="postgresql://someone:hunter2@127.0.0.1:1/desk",
        SECRET_KEY="long enough to be accepted as a key",
    )
    assert said.startswith("The database cannot be reached")
    assert len(said.splitlines()) == 1


def test_a_command_alone_starts_the_database_and_stops_it(data_dir: Path, tmp_path: Path) -> None:
    log = tmp_path / "command.log"
    code = "from django.db import connection as c; c.ensure_connection(); print('connected')"
    assert start(["shell", "-v", "0", "-c", code], log, DATA_DIR=str(data_dir)).wait(60) == 0
    assert "connected" in log.read_text()
    assert not embedded.is_running(data_dir)


def test_a_cluster_goes_on_when_its_database_was_restarted(installed: Path, tmp_path: Path) -> None:
    own = {"DATA_DIR": str(installed)}
    log = tmp_path / "cluster.log"
    cluster = start(["qcluster"], log, **own)
    try:
        write_an_article(tmp_path, own)
        files = Files(installed)
        server.stop(files)
        server.start(files, account_of(files), {})
        write_an_article(tmp_path, own)
        assert cluster.poll() is None, log.read_text()
    finally:
        cluster.terminate()
        cluster.wait(30)


def write_an_article(tmp_path: Path, environment: dict[str, str]) -> None:
    notes, log = tmp_path / "notes.md", tmp_path / "write.log"
    notes.write_text("A row of street trees cools the pavement below it by several degrees in summer. " * 3)
    command = ["write", "Street trees", "--source", str(notes), "--wait"]
    assert start(command, log, **environment).wait(60) == 0, log.read_text()


def test_help_starts_no_database(data_dir: Path, tmp_path: Path) -> None:
    assert start(["help"], tmp_path / "help.log", DATA_DIR=str(data_dir)).wait(60) == 0
    assert not (data_dir / "postgres").exists()
