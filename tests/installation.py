"""An installation that is complete but empty: made once for all tests of a run, each of which gets a copy.

Making one takes as much processor time as ten of the tests that need one.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from contentpipeline import embedded
from contentpipeline.processes.ports import free_port
from tests.processes import are_gone

BASE_DIR = Path(__file__).resolve().parent.parent
READY = "Ctrl-C stops everything"
START_SECONDS = 120


def own_environment() -> dict[str, str]:
    """A developer's database, or the tests' own settings, must not reach the product that is started."""
    foreign = {"DATABASE_URL", "SECRET_KEY", "DATA_DIR"}
    return {name: value for name, value in os.environ.items() if name not in foreign}


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Not there yet, and not where pytest has its own: the server of root runs as another account."""
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o711)
        path = Path(directory) / "data"
        yield path
        if pid := embedded.postmaster(path):
            os.kill(pid, signal.SIGQUIT)
            assert are_gone({pid}, seconds=15)


@pytest.fixture(scope="session")
def _complete(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one that is copied: all workers of a run share it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    made = shared / "installation"
    with (shared / "installation.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not made.exists():
            with tempfile.TemporaryDirectory() as directory:
                os.chmod(directory, 0o711)
                _make(Path(directory))
                _copy(Path(directory) / "data", shared / "installation.new")
            (shared / "installation.new").rename(made)
    return made


def _make(directory: Path) -> None:
    log = directory / "up.log"
    command = ["up", "--no-sample", "--port", str(free_port()), "--data-dir", str(directory / "data")]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *command],
            cwd=BASE_DIR, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            env=own_environment(),
        )  # fmt: skip
    deadline = time.monotonic() + START_SECONDS
    while READY not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0, log.read_text()


def _copy(made: Path, to: Path) -> None:
    # The server's files belong to its own account.
    subprocess.run(["cp", "-a", str(made), str(to)], check=True)


@pytest.fixture
def installed(_complete: Path, data_dir: Path) -> Path:
    """The data directory of an installation of one's own, which is not running."""
    _copy(_complete, data_dir)
    return data_dir
