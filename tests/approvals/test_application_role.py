"""What raw SQL can do with the application's role, which owns nothing: add to the evidence, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import Error, connection
from django.utils import timezone
from simple_history.utils import get_history_manager_for_model

from approvals.links.sharing import give_feedback, make_link, revoke
from approvals.models import AuditEntry, Decision, PreviewLink, ReviewRule, SignOffFeedback, Verdict
from contentpipeline import grants
from publishing import schedule
from publishing.models import Post
from publishing.publish import publish, unpublish
from tasks import actions
from tasks.briefs import source_from_bytes
from tasks.housekeeping import delete_old_rows
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft
from tasks.pipeline.text.paragraphs import paragraph_sha256, paragraphs
from tests.factories import approve, decide_on, make_draft, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def histories() -> Iterator[Any]:
    """Every model's history, as the models say."""
    for model in apps.get_models():
        if hasattr(model._meta, "simple_history_manager_attribute"):
            yield get_history_manager_for_model(model).model


AT_LEAST = {
    model._meta.db_table for model in {*histories(), Decision, AuditEntry, SignOffFeedback, PreviewLink}
}

TO_LOSE = {
    "approvals_auditentry", "approvals_decision", "approvals_historicaldecision", "approvals_opinion",
    "approvals_previewlink", "publishing_historicalpost", "tasks_historicalcontenttask",
    "tasks_historicaldraft",
}  # fmt: skip

# {table} is each table with evidence in turn, {trigger} one that protects it, {column} one of its columns.
UPDATING = [
    "UPDATE {table} SET {column} = {column}",
    "UPDATE {table} SET {column} = {column} WHERE false",
    "INSERT INTO {table} SELECT * FROM {table} LIMIT 1 ON CONFLICT ({column}) DO UPDATE SET {column} = 0",
    "SELECT 1 FROM {table} FOR UPDATE",
]
ON_EVIDENCE = [
    "DELETE FROM {table}",
    "DELETE FROM {table} WHERE false",
    "TRUNCATE {table}",
    "TRUNCATE {table} CASCADE",
    "ALTER TABLE {table} DISABLE TRIGGER {trigger}",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "ALTER TABLE {table} DISABLE TRIGGER USER",
    "ALTER TABLE {table} ENABLE REPLICA TRIGGER {trigger}",
    "ALTER TABLE {table} OWNER TO CURRENT_USER",
    "ALTER TABLE {table} RENAME TO elsewhere",
    "ALTER TABLE {table} ADD COLUMN more text",
    "ALTER TABLE {table} DROP COLUMN {column}",
    "ALTER TRIGGER {trigger} ON {table} RENAME TO gone",
    "DROP TRIGGER {trigger} ON {table}",
    "DROP TABLE {table} CASCADE",
    "CREATE TRIGGER mine BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER mine BEFORE DELETE ON {table} FOR EACH ROW "
    "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE RULE mine AS ON INSERT TO {table} DO INSTEAD NOTHING",
    "CREATE POLICY mine ON {table} USING (false)",
    "CREATE INDEX mine ON {table} ({column})",
]
GRANTS = ["GRANT UPDATE ON {table} TO CURRENT_USER", "GRANT ALL ON {table} TO CURRENT_USER, PUBLIC"]
"""PostgreSQL warns that these grant nothing, and does not refuse them."""
MAY_BE_UPDATED = {"approvals_previewlink"}
"""To be revoked, that is; a trigger of its own refuses all else."""
MAY_BE_DELETED = {"tasks_sourcebytes", "tasks_sourcereading", "tasks_sourcesnapshot"}
"""With their source, which editors may remove until the work begins."""

IN_GENERAL = [
    "SET session_replication_role = replica",
    "SET LOCAL session_replication_role = replica",
    "SELECT set_config('session_replication_role', 'replica', false)",
    "ALTER ROLE CURRENT_USER SET session_replication_role = replica",
    "ALTER DATABASE {database} SET session_replication_role = replica",
    "ALTER SYSTEM SET session_replication_role = replica",
    "GRANT SET ON PARAMETER session_replication_role TO CURRENT_USER",
    "SET ROLE {owner}",
    "SET SESSION AUTHORIZATION {owner}",
    "GRANT {owner} TO CURRENT_USER",
    "GRANT pg_write_all_data TO CURRENT_USER",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "CREATE ROLE another SUPERUSER LOGIN",
    "ALTER DATABASE {database} OWNER TO CURRENT_USER",
    "DROP DATABASE {database}",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE OR REPLACE FUNCTION is_approved(draft bigint, of_version integer, of_sha256 text) "
    "RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "ALTER FUNCTION refuse_change() RENAME TO gone",
    "ALTER FUNCTION is_approved(bigint, integer, text) RESET search_path",
    "DROP FUNCTION refuse_change() CASCADE",
    "CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "ALTER TABLE tasks_draft DISABLE TRIGGER hash_is_true",
    "ALTER TABLE publishing_post DISABLE TRIGGER approved_bytes_only",
    "ALTER TABLE approvals_decision DROP CONSTRAINT approvals_no_says_why",
    "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION refuse_change()",
    "CREATE EXTENSION hstore",
    "CREATE TABLE mine (id integer)",
    "CREATE VIEW mine AS SELECT 1",
    "CREATE TEMPORARY TABLE tasks_historicaldraft (id bigint)",
    "CREATE SCHEMA mine",
    "ALTER SCHEMA {schema} OWNER TO CURRENT_USER",
    "DROP SCHEMA {schema} CASCADE",
    "DELETE FROM django_migrations",
    "INSERT INTO django_migrations (app, name, applied) VALUES ('tasks', '9999', now())",
    "COPY approvals_decision TO '/tmp/decisions'",
    "COPY approvals_decision TO PROGRAM 'true'",
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT lo_export(0, '/tmp/nothing')",
]


@pytest.fixture
def published() -> Post:
    """A post with all the evidence that leads to one, made by the product's verbs."""
    editor, writer = make_user("erika", "Editors", "Publishers", is_staff=True), make_user("wim", "Writers")
    ReviewRule.objects.create(category="City", four_eyes=True, approvals_needed=1)
    source = source_from_bytes(b"Shade cools a street by several degrees.", "shade.txt")
    task = actions.file_brief({"topic": "Street trees", "category": "City"}, [source], by=writer)
    draft = make_draft(task)
    decide_on(draft, Verdict.REQUEST_CHANGES, by=editor)
    draft.task.move_to(Status.IN_PROGRESS)
    draft.task.move_to(Status.AWAITING_APPROVAL)
    actions.edit_draft(draft, {"summary": "Shorter."}, by=writer)
    paragraph = paragraph_sha256(paragraphs(draft.body)[0])
    actions.lock_paragraph(draft, paragraph, by=editor)
    actions.unlock_paragraph(draft, paragraph, by=editor)
    _, path = make_link(draft, version=draft.version, kind="sign_off", person="Ada", by=editor)
    give_feedback(path.split("/")[2], choice="agree")
    approve(draft, by=editor)
    return publish(draft, by=editor)


def refused(statement: str) -> bool:
    """Whether it is refused for want of a right, and not because it was put wrongly."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    except Error as error:
        return isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege)
    return False


def asked(statement: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def evidence() -> list[str]:
    """The tables that a trigger says are evidence."""
    with connection.cursor() as cursor:
        role = connection.settings_dict["USER"]
        return [found.name for found in grants.relations(cursor, role) if found.is_evidence]


def everything() -> list[Any]:
    """All rows of evidence, and all that protects them."""
    rows = {table: asked(f"SELECT t::text FROM {table} t ORDER BY 1") for table in evidence()}
    triggers = "SELECT pg_get_triggerdef(oid), tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
    functions = (
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"
    )
    rights = "SELECT relname, relacl::text FROM pg_class WHERE relname = ANY(%s) ORDER BY 1"
    return [
        rows,
        asked(triggers),
        asked(f"{functions} AND prokind = 'f' ORDER BY 1"),
        asked(rights, list(rows)),
    ]


def test_no_decision_feedback_or_history_is_without_its_trigger(as_application: Any) -> None:
    assert set(evidence()) >= AT_LEAST


def test_evidence_is_added_to_and_never_changed(as_application: dict[str, Any], published: Post) -> None:
    before = everything()
    assert {table for table, rows in before[0].items() if rows} >= TO_LOSE | MAY_BE_DELETED, (
        "there is something to lose"
    )
    allowed = []
    for table in evidence():
        trigger = "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal LIMIT 1"
        names = {"table": table, "trigger": asked(trigger, table)[0][0], "column": key_of(table)}
        with connection.cursor() as cursor:
            cursor.execute("; ".join(GRANTS).format(**names))
        statements = ON_EVIDENCE + UPDATING * (table not in MAY_BE_UPDATED)
        if table in MAY_BE_DELETED:
            statements = [each for each in statements if not each.startswith("DELETE")]
        asked_for = [statement.format(**names) for statement in statements]
        allowed += [statement for statement in asked_for if not refused(statement)]
    assert allowed == []
    assert everything() == before


def key_of(table: str) -> str:
    return next(model for model in apps.get_models() if model._meta.db_table == table)._meta.pk.column


def test_the_role_becomes_nothing_else_and_makes_nothing(
    as_application: dict[str, Any], published: Post
) -> None:
    before = everything()
    names = {
        "owner": as_application["USER"],
        "database": connection.settings_dict["NAME"],
        "schema": asked("SELECT current_schema()")[0][0],
    }
    statements = [statement.format(**names) for statement in IN_GENERAL]
    assert [statement for statement in statements if not refused(statement)] == []
    assert everything() == before


def test_a_link_is_revoked_by_the_application_and_not_otherwise_changed(
    as_application: dict[str, Any], published: Post
) -> None:
    link = PreviewLink.objects.get()
    with pytest.raises(Error, match="can be revoked"):
        PreviewLink.objects.update(version=2)
    assert revoke(link, by=make_user("erika"))
    with pytest.raises(Error, match="can be revoked"):
        PreviewLink.objects.update(revoked_at=None)


def test_ordinary_work_needs_no_more_than_this_role_may(
    as_application: dict[str, Any], published: Post
) -> None:
    editor = make_user("erika")
    unpublish(published, by=editor)
    draft = Draft.objects.get()
    planned = schedule.schedule(draft, timezone.now() + timedelta(hours=1), zone="UTC", by=editor)
    schedule.unschedule(planned, by=editor)
    publish(draft, by=editor)
    second = make_draft()
    decide_on(second, Verdict.REJECT, by=editor)
    actions.retry(second.task, by=editor)
    actions.cancel(second.task, by=editor, reason="No longer wanted")
    ReviewRule.objects.all().delete()
    delete_old_rows()
    for command in ("clearsessions", "index_search", "relate_posts"):
        call_command(command, stdout=StringIO())
    for check in ("verify", "reconcile"):
        call_command("audit", check, stdout=StringIO())
    statuses = ContentTask.objects.order_by("id").values_list("status", flat=True)
    assert list(statuses) == [Status.PUBLISHED, Status.CANCELLED]


def test_no_function_of_the_database_has_its_owners_rights() -> None:
    found = asked(
        "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = current_schema()::regnamespace"
    )
    assert found == [], "one that has must also have a fixed search_path"


def test_no_function_of_a_trigger_reads_tables_that_its_caller_made() -> None:
    found = asked(
        "SELECT DISTINCT proname FROM pg_trigger t JOIN pg_proc ON pg_proc.oid = tgfoid"
        " WHERE NOT tgisinternal AND pronamespace = current_schema()::regnamespace"
        " AND coalesce(array_to_string(proconfig, ','), '') NOT LIKE '%%search_path=%%'"
        " AND proname <> 'refuse_change'"
    )
    assert found == [], "without a fixed search_path a temporary table of the same name comes first"
