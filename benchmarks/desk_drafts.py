"""Fills the database of a checkout with drafts in all states, for desk_steps.py, which runs it.

It uses only what this version and the earlier commits have that are compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, User
from django.db import connection, models

from approvals.decisions import decide
from approvals.models import DraftComment, Verdict
from contentpipeline.ownership import as_owner
from publishing.models import Post, Schedule
from publishing.publish import publish
from tasks.actions import file_brief
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft, QualityReport

PARAGRAPH = (
    "A row of street trees cools the pavement below it by several degrees on a summer day [1], partly by "
    "shade and partly by the water that its leaves give off. Roots need room, and soil that is loose [2]."
)
BODY = "\n\n".join(
    f"## Part {part}\n\n" + "\n\n".join(f"{PARAGRAPH} See {part}.{number}." for number in range(4))
    for part in range(1, 7)
)
SOURCES = [{"title": f"Study {number}", "text": f"{PARAGRAPH} " * 20} for number in (1, 2)]
CITATIONS = [{"number": number, "title": f"Study {number}", "url": ""} for number in (1, 2)]
PASSED = {"status": "passed", "severity": "advisory", "message": "Is fine.", "evidence": [], "points": 0}
CHECKS = [{"check": f"check_{number}", **PASSED} for number in range(12)]
SHARES = {
    "published": 0.58, "awaiting": 0.13, "own": 0.03, "sent back": 0.03, "approved": 0.02,
    "scheduled": 0.01, "rejected": 0.10, "failed": 0.03, "pending": 0.02, "in progress": 0.01,
    "on hold": 0.01, "cancelled": 0.03,
}  # fmt: skip
"""How many of the drafts are in which state; the rest are published, too."""
SUBJECTS = (
    "Trees",
    "Rivers",
    "Roofs",
    "Markets",
    "Trams",
    "Schools",
    "Parks",
    "Bridges",
    "Harbours",
    "Night",
)
PLACES = ("the city", "old towns", "the coast", "the north", "a hot summer", "hard winters", "small budgets")
CATEGORIES = ("City", "Climate", "Culture", "Science", "Sport", "Travel", "Work", "Food")


def fill(amount: int) -> None:
    """One draft of each state by the product's own verbs, then copies of their rows.

    The triggers are off meanwhile, which would look at each copy: for a database that is thrown away.
    """
    people = [User.objects.create(username=f"bench-{number}", is_staff=True) for number in range(8)]
    for person in people:
        person.groups.set(Group.objects.exclude(name="Integrations"))
    editor, other = (User.objects.get(pk=person.pk) for person in people[:2])
    root = User.objects.create_superuser("bench-root")
    examples = {state: make_example(state, editor, other, root) for state in SHARES}
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        shift = 100_000  # numbers of copies begin here
        for state, share in SHARES.items():
            many = max(int(amount * share), 1)
            copy_task(examples[state], shift, many)
            shift += many
        spread(people)
        for model in apps.get_models():
            go_on_counting(cursor, model)
        cursor.execute("RESET session_replication_role")
        cursor.execute("ANALYZE")


def make_example(state: str, editor: User, other: User, root: User) -> ContentTask:
    brief = {"topic": f"Street trees, {state}", "category": "City", "tags": ["Heat", "Shade"]}
    task = file_brief(brief, SOURCES, by=editor if state == "own" else other)
    if state == "pending":
        return task
    if state == "on hold":
        task.move_to(Status.ON_HOLD)
        return task
    if state == "cancelled":
        task.move_to(Status.CANCELLED)
        return task
    task.move_to(Status.IN_PROGRESS)
    if state == "in progress":
        return task
    draft = write(task, state, editor if state == "own" else None)
    if state == "failed":
        task.move_to(Status.FAILED)
        return task
    task.move_to(Status.AWAITING_APPROVAL)
    verdicts = {"sent back": Verdict.REQUEST_CHANGES, "rejected": Verdict.REJECT}
    if state in {"published", "approved", "scheduled", *verdicts}:
        verdict = verdicts.get(state, Verdict.APPROVE)
        no: dict[str, Any] = (
            {"reason_code": "style", "reason": "Too stiff for our readers."} if state in verdicts else {}
        )
        text: dict[str, Any] = {"version": draft.version, "content_sha256": draft.content_sha256}
        decide(draft, verdict, **text, by=root, via="api", **({"reason_code": "", "reason": ""} | no))
    if state == "published":
        publish(draft, by=root)
    return task


def write(task: ContentTask, state: str, author: User | None) -> Draft:
    draft = Draft(task=task)
    for number in range(3):
        content = {
            "title": task.topic, "slug": f"bench-{task.pk}", "body": f"{BODY}\n\nNo. {number}",
            "summary": "What a tree does for a hot street.", "category": "City", "tags": ["Heat", "Shade"],
            "citations": CITATIONS,
        }  # fmt: skip
        draft.save_version(content, reason=f"draft {number}", author=author, written_by="bench", score=80)
    QualityReport.objects.create(draft=draft, version=draft.version, score=80, results=CHECKS)
    for number in range(2):
        DraftComment.objects.create(
            draft=draft, version=draft.version, text="Says who?", author_name="bench-1",
            author=User.objects.get(username="bench-1"), quote=f"{PARAGRAPH} See 1.{number}.",
        )  # fmt: skip
    return draft


def copy_task(task: ContentTask, shift: int, many: int) -> None:
    """A task and everything that belongs to it, the numbers of its copies from `shift` on.

    Each table that refers to a task or a draft; a post has the number of its draft.
    """
    draft = Draft.objects.filter(task=task).first()
    copy = partial(copy_rows, shift=shift, many=many)
    copy(ContentTask, f"row.id = {task.pk}", {"id": "n", "topic": title_of("n")})
    for model in _tables():
        columns = {str(field.column): _new_value(field) for field in model._meta.concrete_fields}
        key = model._meta.pk
        if key is not None and key.get_internal_type().endswith("AutoField"):
            counter = f"nextval(pg_get_serial_sequence('{model._meta.db_table}', '{key.column}'))"
            columns[str(key.column)] = columns[str(key.column)] or counter
        new = {column: value for column, value in columns.items() if value}
        for condition in _belongs_to(model, task, draft):
            copy(model, condition, new)
    if draft is None:
        return
    copy(Draft, f"row.id = {draft.pk}", {"id": "n", "task_id": "n", "title": title_of("n"), "slug": SLUG})
    if post := Post.objects.filter(draft=draft).first():
        approval = "(SELECT max(id) FROM approvals_decision WHERE draft_id = n)"
        earlier = "row.published_at - (n - 100000) * interval '1 hour'"
        new = {"id": "n", "draft_id": "n", "slug": SLUG, "title": title_of("n"), "approval_id": approval,
               "published_at": earlier, "updated_at": earlier, "feed_id": "''"}  # fmt: skip
        copy(Post, f"row.id = {post.pk}", new)
    if task.topic.endswith("scheduled"):
        add_schedules(draft, shift, many)


SLUG = "'bench-' || n"


def title_of(number: str) -> str:
    subjects, places = (", ".join(f"'{word}'" for word in words) for words in (SUBJECTS, PLACES))
    return (
        f"(ARRAY[{subjects}])[1 + {number} % {len(SUBJECTS)}] || ' of ' || "
        f"(ARRAY[{places}])[1 + {number} % {len(PLACES)}] || ', part ' || {number}"
    )


def _tables() -> Iterable[type[models.Model]]:
    names = (
        "tasks.Source", "tasks.TaskEvent", "tasks.HistoricalContentTask", "tasks.HistoricalDraft",
        "tasks.QualityReport", "approvals.DraftComment", "approvals.Decision", "approvals.AuditEntry",
    )  # fmt: skip
    return [apps.get_model(name) for name in names]


def _new_value(field: Any) -> str:
    """SQL for a column of a copy; empty where it stays."""
    table = field.model._meta.db_table
    if table == "approvals_auditentry" and field.column == "seq":
        return "(row.seq - (SELECT min(seq) FROM approvals_auditentry) + 1000000 + n * 20)"
    if table == "approvals_auditentry" and field.column == "hash":
        return "encode(sha256((row.hash || n)::bytea), 'hex')"
    if field.column in {"task_id", "draft_id"}:
        return "n"
    if table.startswith("tasks_historical") and field.column == "id":
        return "n"
    return ""


def _belongs_to(model: type[models.Model], task: ContentTask, draft: Draft | None) -> list[str]:
    columns = {field.column for field in model._meta.concrete_fields}
    table = model._meta.db_table
    if table == "tasks_historicalcontenttask":
        return [f"row.id = {task.pk}"]
    if table == "tasks_historicaldraft":
        return [f"row.id = {draft.pk}"] if draft else []
    if "task_id" in columns:
        return [f"row.task_id = {task.pk}"]
    return [f"row.draft_id = {draft.pk}"] if draft else []


def copy_rows(
    model: type[models.Model], condition: str, new: dict[str, str], *, shift: int, many: int
) -> None:
    table = model._meta.db_table
    columns = [str(field.column) for field in model._meta.concrete_fields]
    values = [new.get(column, f'row."{column}"') for column in columns]
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {', '.join(values)}"
            f" FROM {table} row, generate_series({shift}, {shift + many - 1}) n WHERE {condition}"
        )


def add_schedules(draft: Draft, shift: int, many: int) -> None:
    columns = {field.column for field in Schedule._meta.concrete_fields}
    example = Schedule.objects.create(
        draft=draft, version=draft.version, content_sha256=draft.content_sha256, zone="UTC",
        publish_at=draft.updated_at, by_id=draft.author_id or 1, by_name="bench-1",
        **({"try_at": draft.updated_at} if "try_at" in columns else {}),
    )  # fmt: skip
    new = {"id": "n", "draft_id": "n", "publish_at": "now() + (n % 60) * interval '11 hours'"}
    if "slug" in columns:
        new["slug"] = SLUG
    copy_rows(Schedule, f"row.id = {example.pk}", new, shift=shift, many=many)
    example.delete()


def spread(people: list[User]) -> None:
    """Categories, times and people, so that they are not the same for all."""
    categories = ", ".join(f"'{word}'" for word in CATEGORIES)
    category = f"(ARRAY[{categories}])[1 + id % {len(CATEGORIES)}]"
    first, amount = people[0].pk, len(people)
    has_people = any(field.name == "assignee" for field in ContentTask._meta.concrete_fields)
    assigned = (
        f", assignee_id = CASE WHEN id % 3 = 0 THEN {first} + id % {amount} END"
        f", reviewer_id = CASE WHEN id % 5 = 0 THEN {first} + id % {amount} END" * has_people
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE tasks_contenttask SET category = {category}, priority = id % 3,"
            " status_changed_at = status_changed_at - (id % 700) * interval '1 hour',"
            " created_at = created_at - (id % 9000) * interval '1 hour',"
            " due_at = CASE WHEN id % 4 = 0 THEN now() + (id % 400 - 40) * interval '6 hours' END"
            f"{assigned} WHERE id >= 100000"
        )
        cursor.execute(f"UPDATE tasks_draft SET category = {category} WHERE id >= 100000")
        cursor.execute(
            "UPDATE approvals_decision SET decided_at = decided_at - (draft_id % 9000) * interval '1 hour'"
            " WHERE draft_id >= 100000"
        )


def go_on_counting(cursor: Any, model: type[models.Model]) -> None:
    key = model._meta.pk
    if key is not None and key.get_internal_type().endswith("AutoField") and model._meta.managed:
        table = model._meta.db_table
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', '{key.column}'), max({key.column}))"
            f" FROM {table} HAVING max({key.column}) IS NOT NULL"
        )
