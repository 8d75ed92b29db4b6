"""Two roles of the database: `migrate` is the owner and grants, everything else is granted."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg.conninfo import make_conninfo

from contentpipeline import grants, ownership
from contentpipeline.probes import State, database_roles
from contentpipeline.processes.ports import free_port
from contentpipeline.processes.process_tree import descendants
from contentpipeline.processes.supervisor import wait_until
from tests.live import BASE_DIR, database_url

# --- What is granted ------------------------------------------------------------------------------------


def run(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def granted(role: str, table: str) -> set[str]:
    with connection.cursor() as cursor:
        return next(set(each.granted) for each in grants.relations(cursor, role) if each.name == table)


def grant(role: str) -> None:
    with connection.cursor() as cursor:
        grants.grant(cursor, role)


@pytest.mark.django_db
def test_what_a_trigger_refuses_is_not_granted(application_role: dict[str, str]) -> None:
    role = application_role["USER"]
    run("CREATE TABLE example (id bigserial)")
    grant(role)
    assert {"SELECT", "INSERT", "UPDATE", "DELETE"} <= granted(role, "example")
    assert granted(role, "example_id_seq") == {"USAGE"}
    for kinds, left in (("DELETE", {"SELECT", "INSERT", "UPDATE"}), ("UPDATE", {"SELECT", "INSERT"})):
        trigger = f"CREATE TRIGGER no_{kinds} BEFORE {kinds} ON example"
        run(f"{trigger} FOR EACH ROW EXECUTE FUNCTION refuse_change()")
        grant(role)
        assert granted(role, "example") == left


@pytest.mark.django_db
def test_what_was_granted_beyond_is_taken_back(application_role: dict[str, str]) -> None:
    role = application_role["USER"]
    run(f"GRANT ALL ON approvals_decision, django_migrations TO {role} WITH GRANT OPTION")
    run(f"GRANT UPDATE (hash) ON approvals_auditentry TO {role}; GRANT CREATE ON SCHEMA public TO PUBLIC")
    grant(role)
    assert granted(role, "approvals_decision") == {"SELECT", "INSERT"}
    assert granted(role, "approvals_auditentry") == {"SELECT", "INSERT"}
    assert granted(role, "django_migrations") == {"SELECT"}
    assert run(f"SELECT has_schema_privilege('{role}', current_schema(), 'CREATE')") == [(False,)]


@pytest.mark.django_db
def test_granting_again_changes_nothing(application_role: dict[str, str]) -> None:
    versions = """
        SELECT relname, xmin::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace
        UNION ALL SELECT nspname, xmin::text FROM pg_namespace
        UNION ALL SELECT datname, xmin::text FROM pg_database
        ORDER BY 1, 2"""
    grant(application_role["USER"])
    before = run(versions)
    grant(application_role["USER"])
    assert run(versions) == before


@pytest.mark.django_db
def test_a_role_that_does_not_exist_is_named() -> None:
    with pytest.raises(grants.UnfitRole, match=r"no role Nobody's.*production"):
        grant("Nobody's")


@pytest.mark.django_db
def test_nothing_is_migrated_where_the_application_would_own_tables(
    application_role: dict[str, str], settings: Any
) -> None:
    settings.APPLICATION_ROLE = application_role["USER"]
    run(f"ALTER TABLE tasks_source OWNER TO {application_role['USER']}")
    run("DELETE FROM django_migrations WHERE app = 'knox'")
    with pytest.raises(CommandError, match="owns tasks_source there: give DATABASE_URL a role"):
        call_command("migrate", verbosity=0)
    assert run("SELECT count(*) FROM django_migrations WHERE app = 'knox'") == [(0,)]


# --- Being the owner for a moment -----------------------------------------------------------------------


def test_only_migrating_is_done_as_the_owner(as_application: dict[str, Any], settings: Any) -> None:
    settings.DATABASE_OWNER = {"USER": as_application["USER"], "PASSWORD": as_application["PASSWORD"]}
    application = connection.settings_dict["USER"]
    with ownership.as_owner():
        assert run("SELECT current_user") == [(as_application["USER"],)]
    assert run("SELECT current_user") == [(application,)]


def test_an_owner_that_cannot_log_in_is_one_sentence(as_application: dict[str, Any], settings: Any) -> None:
    settings.DATABASE_OWNER = {"USER": "no_such_owner", "PASSWORD": "hunter2"}
    with pytest.raises(CommandError, match="correct MIGRATION_DATABASE_URL") as refused, ownership.as_owner():
        pass
    assert "hunter2" not in str(refused.value)
    assert run("SELECT current_user") == [(connection.settings_dict["USER"],)]


# --- What the doctor says -------------------------------------------------------------------------------


def test_the_doctor_finds_nothing_about_a_role_that_only_works(as_application: dict[str, Any]) -> None:
    found = database_roles()
    assert (found.state, "owns nothing" in found.message) == (State.OK, True), found.message


@pytest.mark.django_db
def test_the_doctor_warns_of_a_superuser_with_the_remedy() -> None:
    found = database_roles()
    assert found.state == State.DEGRADED
    assert "superuser" in found.message
    assert "docs/production.md" in found.message


AS_OWNER = {
    "UPDATE approvals_decision": "GRANT UPDATE ON approvals_decision TO {role}",
    "UPDATE approvals_auditentry": "GRANT UPDATE (hash) ON approvals_auditentry TO PUBLIC",
    "TRUNCATE tasks_historicaldraft": "GRANT TRUNCATE ON tasks_historicaldraft TO {role}",
    "TRIGGER approvals_opinion": "GRANT TRIGGER ON approvals_opinion TO {role}",
    "owns the tables": "ALTER TABLE approvals_opinion OWNER TO {role}",
    "can create roles": "ALTER ROLE {role} CREATEROLE",
    "can create tables": "GRANT CREATE ON SCHEMA public TO {role}",
    "write files": "GRANT pg_write_server_files TO {role}",
}


@pytest.mark.django_db
@pytest.mark.parametrize("words", AS_OWNER)
def test_the_doctor_warns_of_every_way_to_the_evidence(application_role: dict[str, str], words: str) -> None:
    role = application_role["USER"]
    run(AS_OWNER[words].format(role=role))
    run(f"SET ROLE {role}")
    found = database_roles()
    run("RESET ROLE")
    assert (found.state, words in found.message) == (State.DEGRADED, True), found.message


@pytest.mark.django_db
def test_the_doctor_says_which_right_is_missing(application_role: dict[str, str]) -> None:
    role = application_role["USER"]
    run(f"REVOKE INSERT ON tasks_source FROM {role}; SET ROLE {role}")
    found = database_roles()
    run("RESET ROLE")
    assert found.state == State.DOWN
    assert "INSERT of tasks_source: run manage.py migrate" in found.message


# --- From end to end ------------------------------------------------------------------------------------


class Installation:
    """A database of its own, with an owner who is no superuser, and a role for the application."""

    def __init__(self, directory: Path) -> None:
        self.name = f"desk_{secrets.token_hex(4)}"
        self.owner, self.application = f"{self.name}_owner", f"{self.name}_app"
        self.directory = directory
        (directory / "owner").write_text(self.url(self.owner) + "\n")

    def url(self, role: str) -> str:
        """The tests' database server, by another name and with another account."""
        server = database_url().partition("@")[2]
        host, _, options = server.partition("/")
        return f"postgres://{role}:secret@{host}/{self.name}?{options.partition('?')[2]}"

    def manage(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        ours = {"DATABASE_URL": self.url(self.application), "DATA_DIR": str(self.directory)}
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE_DIR, env=os.environ | ours | environment, capture_output=True, text=True, timeout=110,
        )  # fmt: skip


@pytest.fixture
def installation(transactional_db: None, tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    with connection.cursor() as cursor:
        # As docs/production.md says.
        cursor.execute(f"CREATE ROLE {made.owner} LOGIN PASSWORD 'secret'")
        cursor.execute(f"CREATE ROLE {made.application} LOGIN PASSWORD 'secret'")
        cursor.execute(f"CREATE DATABASE {made.name} OWNER {made.owner}")
    yield made
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {made.name} WITH (FORCE)")
        cursor.execute(f"DROP ROLE {made.owner}; DROP ROLE {made.application}")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_an_installation_with_two_roles(installation: Installation) -> None:
    owner = {"MIGRATION_DATABASE_URL_FILE": str(installation.directory / "owner")}
    refused = installation.manage("migrate", "-v", "0")
    assert "permission denied for schema public" in refused.stderr, "the application makes no tables"
    assert "set MIGRATION_DATABASE_URL" in refused.stderr

    migrated = installation.manage("migrate", "-v", "0", **owner)
    assert (migrated.returncode, migrated.stderr) == (0, "")
    owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
    with psycopg.connect(make_conninfo(installation.url(installation.owner))) as as_owner:
        assert as_owner.execute(owners).fetchall() == [(installation.owner,)]

    assert "owns nothing" in installation.manage("doctor").stdout
    wanted = installation.manage("write", "Street trees")
    assert wanted.returncode == 0, wanted.stderr
    again = installation.manage("migrate", "-v", "0")
    assert again.returncode == 0, f"with nothing to do anybody may migrate: {again.stderr}"


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_up_migrates_as_the_owner_and_then_forgets_how(installation: Installation) -> None:
    log, port = installation.directory / "up.log", free_port()
    owner = {"MIGRATION_DATABASE_URL_FILE": str(installation.directory / "owner")}
    application = {"DATABASE_URL": installation.url(installation.application)}
    with log.open("wb") as output, subprocess.Popen(
        [sys.executable, "manage.py", "up", "--no-sample", "--port", str(port)],
        cwd=BASE_DIR, env=os.environ | application | owner | {"DATA_DIR": str(installation.directory)},
        stdout=output, stderr=subprocess.STDOUT,
    ) as up:  # fmt: skip
        try:
            wait_until(lambda: "Ctrl-C stops" in log.read_text() or up.poll() is not None, seconds=120)
            assert up.poll() is None, log.read_text()
            everything = [up.pid, *(process.pid for process in descendants(up.pid))]
            environments = [Path(f"/proc/{pid}/environ").read_bytes() for pid in everything]
        finally:
            up.send_signal(signal.SIGINT)
            assert up.wait(30) == 0
    assert len(environments) > 8
    assert not [found for found in environments if b"MIGRATION_" in found]
