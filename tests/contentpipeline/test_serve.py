"""The web server as it starts, reloads and stops: no request is lost on the way."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from contentpipeline.processes.process_tree import descendants
from publishing.models import Post
from tests.live import Server, database_url, serving
from tests.publishing.factories import make_post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(300)]
RELOADED = 90
"""Seconds within which a reload is over, on a busy machine."""


@contextmanager
def server(tmp_path: Path, **environment: str) -> Iterator[Server]:
    given = {"DATABASE_URL": database_url(), "PROCESSES": "2", **environment}
    with serving(tmp_path / "log", "-m", "tests.live", **given) as started:
        assert eventually(lambda: len(children(started)) == 3), "two workers and the maintenance process"
        yield started


@pytest.fixture
def post() -> Post:
    return make_post("Street trees")


def children(server: Server) -> set[int]:
    return {each.pid for each in descendants(server.process.pid)}


def eventually(holds: Callable[[], bool], seconds: float = RELOADED) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def reload(server: Server) -> set[int]:
    """Have it reload and wait until none of its processes is an old one; return the new ones."""
    before = children(server)
    server.process.send_signal(signal.SIGHUP)
    assert eventually(lambda: not before & children(server)), server.log.read_text()
    assert eventually(lambda: len(children(server)) == len(before)), server.log.read_text()
    return children(server)


class Load:
    """Readers that ask without a pause, some on one connection, others on a new one each time."""

    def __init__(self, server: Server, path: str) -> None:
        self._server, self._path = server, path
        self._is_over = threading.Event()
        self.answers = 0
        self.failures: list[str] = []

    def __enter__(self) -> Load:
        readers = [self._stay] * 4 + [self._come_again] * 4
        self._threads = [threading.Thread(target=self._until_over, args=(reader,)) for reader in readers]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join(30)

    def _until_over(self, read: Callable[[], None]) -> None:
        while not self._is_over.is_set():
            try:
                read()
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(repr(error))

    def _stay(self) -> None:
        browser = self._server.connect(30)
        closed = False
        while not closed and not self._is_over.is_set():
            closed = self._ask(browser)
        browser.close()

    def _come_again(self) -> None:
        browser = self._server.connect(30)
        self._ask(browser)
        browser.close()

    def _ask(self, browser: http.client.HTTPConnection) -> bool:
        browser.request("GET", self._path)
        answer = browser.getresponse()
        body = answer.read()
        if answer.status != 200 or b"Street trees" not in body:
            self.failures.append(f"{answer.status}")
        self.answers += 1
        return answer.will_close


@pytest.mark.parametrize("query", ["", "?fresh=1"])
def test_a_reload_under_load_fails_no_request(tmp_path: Path, post: Post, query: str) -> None:
    """Kept pages, and pages that are made for each request."""
    with server(tmp_path) as site, Load(site, post.get_absolute_url() + query) as load:
        assert eventually(lambda: load.answers > 100)
        for _ in range(2):
            reload(site)
            answered = load.answers
            assert eventually(lambda answered=answered: load.answers > answered + 100)
        assert site.process.poll() is None
    assert load.failures == []


def test_a_slow_request_is_answered_by_the_worker_that_began_it(tmp_path: Path, post: Post) -> None:
    with server(tmp_path) as site, psycopg.connect(database_url()) as blocker, ThreadPoolExecutor(4) as pool:
        site.ask("GET", "/health/live/")
        blocker.execute("LOCK TABLE publishing_post IN ACCESS EXCLUSIVE MODE")
        answers = [pool.submit(patiently, site, f"/?fresh={number}") for number in range(4)]
        assert eventually(lambda: waiting_for_posts(blocker) > 0), "one is being answered"
        time.sleep(0.5)  # and the others have arrived
        before = children(site)
        site.process.send_signal(signal.SIGHUP)
        assert eventually(lambda: len(children(site) - before) == 3), "the new ones are there"
        time.sleep(2)
        assert len(children(site) & before) > 0, "and the old ones wait for their last answers"
        assert site.ask("GET", "/health/live/").status == 200
        blocker.rollback()
        assert [answer.result(30) for answer in answers] == [200] * 4
        assert eventually(lambda: not children(site) & before)


def patiently(site: Server, path: str) -> int:
    """Ask, and wait for longer than a reload takes on a busy machine."""
    connection = site.connect(2 * RELOADED)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


def waiting_for_posts(connection: psycopg.Connection[Any]) -> int:
    query = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'publishing_post'::regclass"
    (count,) = connection.execute(query).fetchone()
    return count


def test_it_stays_the_same_process_with_the_same_socket(tmp_path: Path, post: Post) -> None:
    with server(tmp_path) as site:
        before, pid = children(site), site.process.pid
        after = reload(site)
        assert not before & after
        assert site.process.pid == pid
        assert site.process.poll() is None
        assert reload(site), "and again"
        site.process.terminate()
        assert site.process.wait(10) == 0
    assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in after), 5)


def test_code_that_does_not_load_is_not_reloaded(tmp_path: Path, post: Post) -> None:
    """The settings are read again; here a file that one of them names is gone by then."""
    secret = tmp_path / "secret"
    secret.write_text("x" * 50)
    with server(tmp_path, SECRET_KEY="", SECRET_KEY_FILE=str(secret)) as site:
        before = children(site)
        secret.unlink()
        site.process.send_signal(signal.SIGHUP)
        assert eventually(lambda: "Not reloaded" in site.log.read_text()), site.log.read_text()
        assert children(site) == before
        assert site.ask("GET", "/").status == 200
        secret.write_text("y" * 50)
        reload(site)
        assert site.ask("GET", "/").status == 200


def test_a_stop_does_not_wait_for_new_code_that_hangs(tmp_path: Path, post: Post) -> None:
    """The settings read a pipe that nobody writes to."""
    secret = tmp_path / "secret"
    secret.write_text("x" * 50)
    with server(tmp_path, SECRET_KEY="", SECRET_KEY_FILE=str(secret)) as site:
        before = children(site)
        secret.unlink()
        os.mkfifo(secret)
        site.process.send_signal(signal.SIGHUP)
        assert eventually(lambda: len(children(site) - before) == 1), "the new code is tried"
        site.process.terminate()
        assert site.process.wait(10) == 0
    assert "Not reloaded" not in site.log.read_text()


def test_signals_that_come_while_it_loads_do_no_harm(tmp_path: Path, post: Post) -> None:
    with server(tmp_path) as site:
        before = children(site)
        for _ in range(20):
            site.process.send_signal(signal.SIGHUP)
            time.sleep(0.1)
        assert eventually(lambda: not before & children(site))
        assert eventually(lambda: len(children(site)) == 3), "no old process stays"
        assert site.ask("GET", "/").status == 200
        site.process.send_signal(signal.SIGHUP)
        time.sleep(1)
        site.process.terminate()
        assert site.process.wait(20) == 0


def test_a_stop_answers_what_was_asked_and_takes_nothing_new(tmp_path: Path, post: Post) -> None:
    with server(tmp_path) as site, psycopg.connect(database_url()) as blocker, ThreadPoolExecutor(4) as pool:
        site.ask("GET", "/health/live/")
        blocker.execute("LOCK TABLE publishing_post IN ACCESS EXCLUSIVE MODE")
        answers = [pool.submit(patiently, site, f"/?fresh={number}") for number in range(4)]
        assert eventually(lambda: waiting_for_posts(blocker) > 0), "one is being answered"
        time.sleep(0.5)  # and the others have arrived
        site.process.terminate()
        time.sleep(0.5)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", site.port), timeout=2)
        blocker.rollback()
        assert [answer.result(30) for answer in answers] == [200] * 4
        assert site.process.wait(10) == 0


def test_a_worker_that_was_killed_is_replaced_and_its_queue_is_not_lost(tmp_path: Path, post: Post) -> None:
    with server(tmp_path) as site, Load(site, post.get_absolute_url()) as load:
        assert eventually(lambda: load.answers > 100)
        workers = sorted(children(site))[-2:]
        os.kill(workers[0], signal.SIGKILL)
        assert eventually(lambda: len(children(site)) == 3 and workers[0] not in children(site))
        answered = load.answers
        assert eventually(lambda: load.answers > answered + 100)
    # What it was answering in that moment is gone; at most one of each of the readers.
    assert len(load.failures) <= 8


def test_a_killed_maintenance_process_is_replaced_and_the_next_one_ends_with_the_server(
    tmp_path: Path, post: Post
) -> None:
    with server(tmp_path) as site:
        workers, maintenance = workers_and_maintenance(site)
        for number in range(2):
            os.kill(maintenance, signal.SIGKILL)
            assert eventually(
                lambda before=maintenance: workers_and_maintenance(site)[1] not in (before, 0), 30
            ), number
            assert workers_and_maintenance(site)[0] == workers, "no worker is disturbed"
            maintenance = workers_and_maintenance(site)[1]
        assert site.log.read_text().count("The maintenance process ended with status -9") == 2
        assert site.ask("GET", "/").status == 200
        assert maintenance not in reload(site), "a reload ends it, too"
        last = workers_and_maintenance(site)[1]
        site.process.terminate()
        assert site.process.wait(20) == 0
    assert eventually(lambda: not Path(f"/proc/{last}").exists(), 5)


def workers_and_maintenance(server: Server) -> tuple[set[int], int]:
    """The maintenance process alone does not listen; 0 while there is none."""
    listener = f"{server.port:04X} 00000000:0000 0A"
    inode = next(
        line.split()[9] for line in Path("/proc/net/tcp").read_text().splitlines() if listener in line
    )
    workers, maintenance = set(), 0
    for pid in children(server):
        try:
            held = {os.readlink(file) for file in Path(f"/proc/{pid}/fd").iterdir()}
        except OSError:
            continue  # it has just ended
        if f"socket:[{inode}]" in held:
            workers.add(pid)
        elif held:
            maintenance = pid
    return workers, maintenance


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    import subprocess
    import sys

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        given = os.environ | {"DATABASE_URL": database_url()}
        command = [sys.executable, "manage.py", "serve", "--port", port]
        tried = subprocess.run(command, env=given, capture_output=True, text=True, timeout=60)
    assert tried.returncode != 0
    assert f"127.0.0.1:{port}" in tried.stderr
    assert "in use" in tried.stderr
