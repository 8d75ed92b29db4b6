"""Faults of what an installation stands on: its disk, its clock, its database, its Redis.

Each begins while tasks are under way; one more brief is filed once the cause has ended.
Times count from then.
"""

from __future__ import annotations

import shutil
import signal
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.fault_table import FaultTable, Say, worst
from benchmarks.faults_rig import FaultResult, FaultRig
from benchmarks.figures import at_most, show
from benchmarks.installation import Installation, an_installation, installed, open_directory
from benchmarks.process_walk import FoundProcess
from benchmarks.redis_server import find_redis_server
from benchmarks.slow_model import slow_model
from contentpipeline import embedded
from contentpipeline.processes.supervisor import wait_until

FROZEN_SECONDS, EXHAUSTED_SECONDS, FULL_SECONDS, REDIS_SECONDS = 15.0, 10.0, 10.0, 10.0
CONNECTIONS = 10
"""Fewer than the workers and the web server want together."""
DISK_MB = 256
HOUR = 3600
GOAL_SECONDS = 5.0


class NotSupported(Exception):
    """The reason why a fault cannot be produced here."""


def run(say: Say) -> None:
    """Print what each fault did; where one cannot be brought about, why not."""
    say("Environment, 6 tasks under way and one filed once the cause has ended …")
    table = FaultTable(say)
    for some in (of_the_database, of_redis, of_the_disk, of_the_clock):
        try:
            for row in some():
                table.add(row)
        except NotSupported as why:
            say(f"{some.__name__.replace('_', ' ')}: not tried, {why}")
    rows = table.rows
    bad = sum(not row.is_harmless for row in rows)
    show(
        [
            at_most("site answers again after the cause", worst(rows, "site_seconds"), GOAL_SECONDS, "s"),
            at_most("work goes on after the cause", worst(rows, "work_seconds"), GOAL_SECONDS, "s"),
            at_most("faults with something lost, run again or left over", bad, 0, f"of {len(rows)}"),
        ],
        say,
    )


# --- The database ---------------------------------------------------------------------------------------


def of_the_database() -> Iterator[FaultResult]:
    with an_installation() as (installation, model):
        rig = FaultRig(installation, model)
        rig.settle()
        yield frozen_database(rig)
        yield exhausted_connections(rig)


def frozen_database(rig: FaultRig, seconds: float = FROZEN_SECONDS) -> FaultResult:
    frozen: list[FoundProcess] = []

    def freeze() -> None:
        frozen[:] = [each for each in rig.installation.processes() if each.role.startswith("postgres")]
        for each in frozen:
            each.signal(signal.SIGSTOP)

    def thaw() -> None:
        for each in frozen:
            each.signal(signal.SIGCONT)

    return rig.during(
        "PostgreSQL, all of it", f"frozen {seconds:g} s", freeze, after=thaw, lasts_seconds=seconds
    )


def exhausted_connections(rig: FaultRig, seconds: float = EXHAUSTED_SECONDS) -> FaultResult:
    """All are cut, and only a few may come back."""

    def limit(count: int) -> None:
        owner(rig.installation, f"ALTER DATABASE desk CONNECTION LIMIT {count}")

    def exhaust() -> None:
        limit(CONNECTIONS)
        owner(
            rig.installation,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'desk_app'",
        )

    return rig.during(
        "connections",
        f"{CONNECTIONS} for {seconds:g} s",
        exhaust,
        after=lambda: limit(-1),
        lasts_seconds=seconds,
    )


def owner(installation: Installation, sql: str) -> None:
    given = embedded.owner_settings(installation.data_dir)
    with psycopg.connect(
        dbname=given["NAME"], user=given["USER"], host=given["HOST"], port=given["PORT"], connect_timeout=5,
        autocommit=True,
    ) as connection:  # fmt: skip
        connection.execute(sql)


# --- Redis ----------------------------------------------------------------------------------------------


def of_redis() -> Iterator[FaultResult]:
    with (
        open_directory() as directory,
        Redis(directory) as redis,
        slow_model() as model,
        installed(directory / "data", model, REDIS_URL=redis.url) as installation,
    ):
        rig = FaultRig(installation, model)
        rig.settle()
        yield from redis_faults(rig, redis)


def redis_faults(rig: FaultRig, redis: Redis, seconds: float = REDIS_SECONDS) -> Iterator[FaultResult]:
    yield rig.during("Redis", f"killed {seconds:g} s", redis.kill, after=redis.start, lasts_seconds=seconds)
    yield rig.during("Redis", f"frozen {seconds:g} s", redis.freeze, after=redis.thaw, lasts_seconds=seconds)


class Redis:
    """A real server of this machine, on a Unix socket."""

    def __init__(self, directory: Path, binary: str | None = None) -> None:
        found = binary or find_redis_server()
        if found is None:
            raise NotSupported("there is no Redis or Valkey server")
        self._socket = directory / "redis"
        self._command = [found, "--port", "0", "--unixsocket", str(self._socket), "--unixsocketperm", "777"]
        self._command += ["--save", "", "--appendonly", "no", "--dir", str(directory)]
        self.url = f"unix://{self._socket}?db=0"

    def __enter__(self) -> Redis:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.thaw()
        self.kill()

    def start(self) -> None:
        self._socket.unlink(missing_ok=True)
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        if not wait_until(self._socket.exists, 10, 0.02):
            raise NotSupported("the Redis server did not start")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)


# --- The disk -------------------------------------------------------------------------------------------


def of_the_disk() -> Iterator[FaultResult]:
    with (
        open_directory() as directory,
        small_disk(directory / "disk") as disk,
        slow_model() as model,
        installed(disk / "data", model) as installation,
    ):
        rig = FaultRig(installation, model)
        rig.settle()
        yield from disk_faults(rig, disk)


def disk_faults(rig: FaultRig, disk: Path, seconds: float = FULL_SECONDS) -> Iterator[FaultResult]:
    filler = disk / "filler"

    def fill() -> None:
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 65536)
            except OSError:
                pass

    def remove() -> None:
        filler.unlink(missing_ok=True)

    def fill_and_use_up_the_log() -> None:
        """What PostgreSQL has of its log in store is soon used up; then it must make a new file."""
        fill()
        for _ in range(20):
            try:
                owner(rig.installation, "SELECT pg_logical_emit_message(false, 'full', repeat('x', 8000000))")
            except psycopg.Error:
                return

    yield rig.during("disk", f"full {seconds:g} s", fill, after=remove, lasts_seconds=seconds)
    yield rig.during(
        "disk, and the log used up", f"full {seconds:g} s", fill_and_use_up_the_log, after=remove,
        lasts_seconds=seconds,
    )  # fmt: skip


@contextmanager
def small_disk(path: Path) -> Iterator[Path]:
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=0711", "none", str(path)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode != 0:
        raise NotSupported("mounting a small disk takes root's rights")
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", str(path)], capture_output=True)


# --- The clock ------------------------------------------------------------------------------------------


def of_the_clock() -> Iterator[FaultResult]:
    """The wall clock of every process of the installation, PostgreSQL's included; the machine's stays."""
    with (
        open_directory() as directory,
        slow_model() as model,
        MovedClock(directory) as clock,
        installed(directory / "data", model, **clock.environment) as installation,
    ):
        rig = FaultRig(installation, model)
        rig.settle()
        yield from clock_faults(rig, clock)


class MovedClock:
    """By how many seconds the installation's wall clock differs from the machine's: see moved_clock.c."""

    def __init__(self, directory: Path) -> None:
        self._file, library = directory / "clock", directory / "moved_clock.so"
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            raise NotSupported("there is no C compiler for what moves the clock of a process")
        source = Path(__file__).with_name("moved_clock.c")
        command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(source)]
        made = subprocess.run(command, capture_output=True, text=True)
        if made.returncode:
            raise NotSupported(f"moved_clock.c does not compile: {made.stderr[-200:]}")
        self._file.write_bytes(struct.pack("=q", 0))
        self._file.chmod(0o644)
        self.environment = {"LD_PRELOAD": str(library), "MOVED_CLOCK": str(self._file)}

    def __enter__(self) -> MovedClock:
        return self

    def __exit__(self, *_: object) -> None:
        self.set(0)

    def set(self, seconds: int) -> None:
        """Every process sees it at once."""
        with self._file.open("r+b", buffering=0) as file:
            file.write(struct.pack("=q", seconds))


def clock_faults(rig: FaultRig, clock: MovedClock) -> Iterator[FaultResult]:
    jumps: list[tuple[str, int]] = [
        ("hour ahead", HOUR), ("put right", 0), ("hour back", -HOUR), ("put right", 0),
    ]  # fmt: skip
    for fault, seconds in jumps:
        yield rig.during("wall clock", fault, _setting(clock, seconds), clock_offset=seconds)


def _setting(clock: MovedClock, seconds: int) -> Callable[[], None]:
    return lambda: clock.set(seconds)
