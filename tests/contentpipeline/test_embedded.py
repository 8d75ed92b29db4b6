import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contentpipeline import embedded
from contentpipeline.embedded import queries
from contentpipeline.embedded.paths import Files

pytestmark = pytest.mark.slow

# Uses the server until its standard input is closed, then leaves in order.
USER_PROCESS = """
import sys
from pathlib import Path
from contentpipeline import embedded
embedded.use(Path(sys.argv[1]))
print("in use", flush=True)
sys.stdin.read()
"""

Start = Callable[[], subprocess.Popen[str]]


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Where root's server can reach it: it runs as another account, and pytest's own are private."""
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o711)
        path = Path(directory) / "data"
        yield path
        stop_at_once(path)


def stop_at_once(data_dir: Path) -> None:
    if pid := embedded.postmaster(data_dir):
        os.kill(pid, signal.SIGQUIT)
        while embedded.is_running(data_dir):
            time.sleep(0.05)


@pytest.fixture
def start_user(data_dir: Path) -> Iterator[Start]:
    """Start a process that uses the server, and wait until it does."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", USER_PROCESS, str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "in use\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def leave(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=30)


def postmaster(data_dir: Path) -> int:
    pid = embedded.postmaster(data_dir)
    assert pid is not None
    return pid


def query(data_dir: Path, sql: str) -> list[tuple[object, ...]] | None:
    return queries.query(Files(data_dir), queries.DATABASE, sql)


def test_the_last_process_to_leave_stops_the_server(data_dir: Path, start_user: Start) -> None:
    first, second = start_user(), start_user()
    leave(first)
    assert embedded.is_running(data_dir)
    leave(second)
    assert not embedded.is_running(data_dir)


def test_data_survives_a_stop(data_dir: Path) -> None:
    in_use = embedded.use(data_dir)
    query(data_dir, "CREATE TABLE example AS SELECT 42 AS answer")
    in_use.release()
    in_use = embedded.use(data_dir)
    assert query(data_dir, "SELECT answer FROM example") == [(42,)]
    in_use.release()


def test_what_works_in_it_owns_nothing_and_may_use_what_the_owner_made(data_dir: Path) -> None:
    in_use = embedded.use(data_dir)
    found = "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'desk_app'"
    assert query(data_dir, found) == [(False, False, False)]
    for may in ("has_schema_privilege('desk_app', 'public', 'CREATE')",
                "has_database_privilege('desk_app', 'desk', 'TEMPORARY')"):  # fmt: skip
        assert query(data_dir, f"SELECT {may}") == [(False,)]
    in_use.release()


@pytest.mark.parametrize("is_running", [True, False])
def test_a_database_from_before_there_was_an_application_gets_its_role(
    data_dir: Path, is_running: bool
) -> None:
    """Also when a process of the earlier version still has its server running."""
    in_use = embedded.use(data_dir)
    query(data_dir, "DROP OWNED BY desk_app")
    query(data_dir, "DROP ROLE desk_app")
    query(data_dir, "CREATE TABLE example AS SELECT 42 AS answer")
    if not is_running:
        in_use.release()
    second = embedded.use(data_dir)
    assert query(data_dir, "SELECT has_table_privilege('desk_app', 'example', 'SELECT, UPDATE')") == [(True,)]
    second.release()
    in_use.release()


def test_it_carries_the_extensions_that_search_needs(data_dir: Path) -> None:
    in_use = embedded.use(data_dir)
    names = "('pg_trgm', 'unaccent', 'vector')"
    assert query(data_dir, f"SELECT count(*) FROM pg_available_extensions WHERE name IN {names}") == [(3,)]
    in_use.release()


def test_a_server_killed_with_its_users_is_started_again_with_its_data(
    data_dir: Path, start_user: Start
) -> None:
    for round_ in range(3):
        user = start_user()
        query(data_dir, f"CREATE TABLE round_{round_} ()")
        for pid in (user.pid, postmaster(data_dir)):
            os.kill(pid, signal.SIGKILL)
        user.wait()
    leave(start_user())
    in_use = embedded.use(data_dir)
    assert query(data_dir, "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'round_%'") == [(3,)]
    in_use.release()


def test_a_server_whose_users_were_killed_is_found_and_then_stopped(
    data_dir: Path, start_user: Start
) -> None:
    killed = start_user()
    server = postmaster(data_dir)
    killed.kill()
    killed.wait()
    successor = start_user()
    assert postmaster(data_dir) == server
    leave(successor)
    assert not embedded.is_running(data_dir)


def test_another_process_that_got_the_servers_number_is_not_taken_for_it(data_dir: Path) -> None:
    embedded.use(data_dir).release()
    pid_file = data_dir / "postgres" / "data" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{data_dir}\n")
    in_use = embedded.use(data_dir)
    assert embedded.is_running(data_dir)
    in_use.release()


def test_a_creation_that_was_interrupted_is_begun_again(data_dir: Path) -> None:
    embedded.use(data_dir).release()
    home = data_dir / "postgres"
    (home / "data").rename(home / "data.new")
    (home / "data.new" / "PG_VERSION").unlink()
    in_use = embedded.use(data_dir)
    assert embedded.is_running(data_dir)
    in_use.release()


def test_processes_that_start_at_once_share_one_server(data_dir: Path) -> None:
    command = [sys.executable, "-c", USER_PROCESS, str(data_dir)]
    users = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    assert [user.stdout.readline() for user in users if user.stdout] == ["in use\n"] * 3
    for user in users:
        leave(user)
        assert user.returncode == 0
    assert not embedded.is_running(data_dir)


def test_a_socket_directory_open_to_others_is_refused(data_dir: Path) -> None:
    directory = Path(embedded.connection_settings(data_dir)["HOST"])
    directory.mkdir(mode=0o777)
    directory.chmod(0o777)
    with pytest.raises(embedded.DatabaseUnavailable, match="open to others"):
        embedded.use(data_dir)
    directory.rmdir()


def test_nobody_else_can_reach_the_data_or_the_socket(data_dir: Path) -> None:
    in_use = embedded.use(data_dir)
    socket_dir = Path(embedded.connection_settings(data_dir)["HOST"])
    for private in (socket_dir, data_dir / "postgres"):
        assert private.stat().st_mode & 0o077 == 0
    in_use.release()


def test_the_socket_path_is_short_however_long_the_data_directory_is(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-long-directory-name"] * 8)
    assert len(embedded.connection_settings(deep)["HOST"]) < 90


def test_a_data_directory_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    with pytest.raises(embedded.DatabaseUnavailable, match="set DATA_DIR to one you can write to"):
        embedded.use(in_the_way / "data")


def test_data_of_another_version_is_left_alone(data_dir: Path) -> None:
    embedded.use(data_dir).release()
    version = data_dir / "postgres" / "data" / "PG_VERSION"
    version.write_text("12\n")
    with pytest.raises(embedded.DatabaseUnavailable, match="created by PostgreSQL 12"):
        embedded.use(data_dir)


def test_root_needs_no_directory_that_others_may_enter_where_user_namespaces_exist(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    if os.geteuid() == 0 and not may_make_namespaces():
        with pytest.raises(embedded.DatabaseUnavailable, match="Run this as an ordinary user"):
            embedded.use(private / "data")
        return
    in_use = embedded.use(private / "data")
    assert (private / "data" / "postgres").stat().st_uid == os.geteuid()
    in_use.release()
    assert not embedded.is_running(private / "data")


def may_make_namespaces() -> bool:
    code = "from contentpipeline.processes.lifetime import enter_user_namespace as enter; enter(65534, 65534)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0
