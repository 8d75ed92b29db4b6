"""Asks the desk's pages of the checkout that is the working directory; answers each line of input with JSON.

A script and no module of this version, because it also runs on earlier commits: it uses only what both have.
"""

from __future__ import annotations

import gc
import json
import os
import re
import runpy
import sys
import time
from pathlib import Path
from typing import Any

sys.path[0] = os.getcwd()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contentpipeline.settings")

import django

django.setup()

from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse

from contentpipeline import embedded
from tasks.lifecycle import Status
from tasks.models import ContentTask

DRAFTS = Path(__file__).with_name("desk_drafts.py")
QUEUES = (
    "mine", "others", "assigned", "mentions", "changes", "overdue", "approved", "scheduled", "failed",
    "at-work",
)  # fmt: skip


def _queue(name: str) -> tuple[str, list[Any], dict[str, str]]:
    return "desk:queue", [], {"queue": name}


def pages() -> dict[str, list[tuple[str, str, list[Any], dict[str, str]]]]:
    """By name, who opens what: the first address that this checkout has is measured."""
    awaiting = ContentTask.objects.filter(status=Status.AWAITING_APPROVAL, pk__gte=100_000).first()
    assert awaiting is not None
    draft = awaiting.draft.pk
    done = ContentTask.objects.filter(status=Status.PUBLISHED, pk__gte=100_000).first()
    assert done is not None
    month = {"month": time.strftime("%Y-%m")}
    editor, root = "bench-0", "bench-root"
    found = {
        "Home": [(editor, "admin:index", [], {})],
        **{f"Desk, queue {name}": [(editor, *_queue(name))] for name in QUEUES},
        "Desk, filtered": [(editor, "desk:queue", [], {"queue": "mine", "category": "City"})],
        "Review page": [(editor, "desk:review", [draft], {})],
        "Review, changes": [(editor, "desk:review", [draft], {"view": "changes"})],
        "Threads of a draft": [(editor, "desk:threads", [draft], {})],
        "Edit page": [(editor, "desk:edit", [draft], {})],
        "Versions compared": [(editor, "desk:compare", [draft], {"from": "1", "to": "3"})],
        "Task page, awaiting": [(editor, "admin:tasks_contenttask_change", [awaiting.pk], {})],
        "Task page, published": [(editor, "admin:tasks_contenttask_change", [done.pk], {})],
        "Briefs": [(editor, "admin:tasks_contenttask_changelist", [], {})],
        "Briefs, searched": [(editor, "admin:tasks_contenttask_changelist", [], {"q": "Rivers part"})],
        "File a brief": [(editor, "admin:tasks_contenttask_add", [], {})],
        "Calendar": [(editor, "publishing_desk:calendar", [], month)],
        "Published": [
            (editor, "publishing_desk:published", [], {}),
            (editor, "admin:publishing_post_changelist", [], {}),
        ],
        "Published, searched": [
            (editor, "publishing_desk:published", [], {"q": "rivers"}),
            (editor, "admin:publishing_post_changelist", [], {"q": "rivers"}),
        ],
        "Media": [(editor, "publishing_desk:images", [], {})],
        "Decisions": [(editor, "admin:audit_dashboard", [], {})],
        "Guidelines": [(editor, "desk:guidance", [], {})],
        "Work": [(editor, "admin:tasks_dashboard", [], {})],
        "Palette, a word": [(editor, "admin:search", [], {"q": "rivers", "format": "json"})],
        "Palette, two words": [(editor, "admin:search", [], {"q": "trams winter", "format": "json"})],
        "Palette, no match": [(editor, "admin:search", [], {"q": "xylophone", "format": "json"})],
        "People": [(root, "admin:people", [], {}), (root, "admin:auth_user_changelist", [], {})],
    }  # fmt: skip
    return found  # type: ignore[return-value]


def address(
    choices: list[tuple[str, str, list[Any], dict[str, str]]],
) -> tuple[str, str, dict[str, str]] | None:
    for who, name, arguments, query in choices:
        try:
            return who, reverse(name, args=arguments), query
        except NoReverseMatch:
            continue
    return None


class Statements:
    """What the database was asked meanwhile, and for how long this process only waited for it."""

    def __init__(self) -> None:
        self.count, self.waited = 0, 0.0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        began, cpu = time.perf_counter(), time.process_time()
        try:
            return execute(sql, params, many, context)
        finally:
            self.waited += max(0.0, time.perf_counter() - began - (time.process_time() - cpu))


def ask(client: Client, path: str, query: dict[str, str], *, is_cold: bool) -> dict[str, Any]:
    """Seconds are its CPU time and its waiting for the database, so that neighbours count less."""
    if is_cold:
        for cache in caches.all():
            cache.clear()
    statements = Statements()
    with connection.execute_wrapper(statements):
        began = time.process_time()
        answer = client.get(path, query)
        seconds = time.process_time() - began + statements.waited
    return {
        "status": answer.status_code, "seconds": seconds, "queries": statements.count,
        "waited": statements.waited, "bytes": len(answer.content),
    }  # fmt: skip


def serve() -> None:
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    known = {name: found for name, choices in pages().items() if (found := address(choices))}
    clients = {}
    for name in {who for who, *_ in known.values()}:
        clients[name] = Client(SERVER_NAME="localhost")
        clients[name].force_login(User.objects.get(username=name))
    gc.collect()
    gc.freeze()  # as the processes that answer do: a collection of all that was loaded takes 100 ms
    say({"pages": list(known)})
    for line in sys.stdin:
        name, is_cold = re.fullmatch(r"(.*?)( \(cold\))?\n?", line).groups()  # type: ignore[union-attr]
        who, path, query = known[name]
        say(ask(clients[who], path, query, is_cold=bool(is_cold)))


def say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


def main() -> None:
    # Static files are not what is measured, and building them takes longer than all of it.
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    database = embedded.use(settings.DATA_DIR)
    try:
        call_command("migrate", verbosity=0)
        if not User.objects.filter(username="bench-root").exists():
            runpy.run_path(str(DRAFTS))["fill"](int(sys.argv[1]))
        serve()
    finally:
        database.release()


if __name__ == "__main__":
    main()
