"""Times filing, approving and publishing in the checkout that is the working directory; prints JSON.

A script and no module of this version, because it also runs on earlier commits: it uses only what both have.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

sys.path[0] = os.getcwd()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contentpipeline.settings")

import django

django.setup()

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.decisions import decide
from approvals.models import Verdict
from contentpipeline import embedded
from publishing.publish import publish
from tasks.actions import file_brief
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft

WARM_UP, COUNTED = 10, 3
PARAGRAPH = (
    "A row of street trees cools the pavement below it by several degrees on a summer day [1], partly by "
    "shade and partly by the water that its leaves give off. Roots need room, and soil that is loose [2]."
)
BODY = "\n\n".join(f"## Part {number}\n\n" + "\n\n".join([PARAGRAPH] * 4) for number in range(1, 4))
SOURCES = [{"title": f"Study {number}", "text": "Shade cools a street."} for number in (1, 2)]
CITATIONS = [
    {"number": number, "title": f"Study {number}", "url": f"https://example.org/{number}"}
    for number in (1, 2)
]
TAGS = ("Heat", "Shade", "Trees")


def write(task: ContentTask, number: int) -> Draft:
    """What the engine does in between, which is not timed."""
    task.move_to(Status.IN_PROGRESS)
    draft = Draft(task=task)
    content = {
        "title": f"Street trees {number}", "slug": f"street-trees-{number}", "body": BODY,
        "summary": "What a tree does for a hot street.", "category": "City", "tags": list(TAGS),
        "citations": CITATIONS,
    }  # fmt: skip
    draft.save_version(content, reason="draft", written_by="bench")
    task.move_to(Status.AWAITING_APPROVAL)
    return draft


def make_article(number: int, users: dict[str, User], run: Callable[[str, Callable[[], Any]], Any]) -> None:
    brief = {"topic": f"Street trees {number}", "category": "City", "tags": list(TAGS)}
    task = run("file", lambda: file_brief(brief, SOURCES, by=users["file"]))
    draft = write(task, number)
    text: dict[str, Any] = {"version": draft.version, "content_sha256": draft.content_sha256}
    run(
        "approve",
        lambda: decide(
            draft, Verdict.APPROVE, **text, by=users["approve"], via="api", reason_code="", reason=""
        ),
    )
    run("publish", lambda: publish(draft, by=users["publish"]))


def measure(amount: int) -> dict[str, Any]:
    # One for each step, since no one approves what they filed.
    users = {step: User.objects.create_superuser(f"bench-{step}") for step in ("file", "approve", "publish")}
    seconds: dict[str, float] = defaultdict(float)
    statements: dict[str, int] = {}

    def timed(step: str, act: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        result = act()
        seconds[step] += time.perf_counter() - began
        return result

    def counted(step: str, act: Callable[[], Any]) -> Any:
        with CaptureQueriesContext(connection) as captured:
            result = act()
        statements[step] = len(captured)
        return result

    for number in range(WARM_UP):
        make_article(number, users, lambda step, act: act())
    for number in range(WARM_UP, WARM_UP + COUNTED):
        make_article(number, users, counted)
    first = WARM_UP + COUNTED
    for number in range(first, first + amount):
        make_article(number, users, timed)
    return {"articles": amount, "seconds": dict(seconds), "statements": statements}


def main() -> None:
    database = embedded.use(settings.DATA_DIR)
    try:
        call_command("migrate", verbosity=0)
        print(json.dumps(measure(int(sys.argv[1]))), flush=True)
    finally:
        database.release()


if __name__ == "__main__":
    main()
