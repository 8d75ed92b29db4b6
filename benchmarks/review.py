"""The review page of a draft with a long past, and the comparison of two of its versions."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from difflib import SequenceMatcher
from statistics import median

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from approvals.comments.threads import comment
from approvals.diffs.line_diff import diff_text
from benchmarks.figures import MeasuredFigure, at_most, milliseconds, show
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft, QualityReport

Say = Callable[[str], object]

CHARACTERS, VERSIONS, COMMENTS, SOURCES = 50_000, 200, 20, 5
PAGE_MS, DIFF_MS, QUERIES = 300, 50, 25
EDITED_BETWEEN = 30
"""How many paragraphs differ between the two versions that are compared."""
# Static files are not what is measured, and building them takes longer than all of it.
PLAIN_STATIC = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


def run(say: Say, *, quick: bool) -> None:
    """Measure everything and print it. `quick` takes few samples: for a rough check, not for a record."""
    samples = 10 if quick else 50
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns about a missing one
    chance = random.Random(7)
    say(f"A draft of {VERSIONS} versions of {CHARACTERS // 1000} KB …")
    editor = make_editor()
    paragraphs = make_paragraphs(chance)
    long, short = (make_draft(paragraphs, versions, editor, chance) for versions in (VERSIONS, 1))
    with override_settings(STORAGES=settings.STORAGES | PLAIN_STATIC):
        client = Client(SERVER_NAME="localhost")
        client.force_login(editor)
        baseline = _pages(client, short, "rendered", samples)
        figures = [milliseconds("baseline: review page, 1 version", baseline)]
        for view in ("rendered", "changes", "markdown"):
            taken = _pages(client, long, view, samples)
            figures.append(milliseconds(f"review page, {VERSIONS} versions, {view}", taken))
            figures.append(at_most("  its median", 1000 * median(taken), PAGE_MS, "ms"))
            figures.append(MeasuredFigure("  ratio to 1 version", f"{median(taken) / median(baseline):.2f}×"))
            figures.append(at_most("  its queries", _queries(client, long, view), QUERIES, ""))
    figures += _comparisons(paragraphs, samples, chance)
    show(figures, say)


def _comparisons(paragraphs: list[str], samples: int, chance: random.Random) -> list[MeasuredFigure]:
    """Ours, and the words of the whole text compared at once, which is what difflib offers."""
    edited = list(paragraphs)
    for index in chance.sample(range(len(edited)), EDITED_BETWEEN):
        edited[index] = _reworded(edited[index], chance)
    old, new = "\n\n".join(paragraphs), "\n\n".join(edited)
    ours = [_seconds(lambda: diff_text(old, new)) for _ in range(samples)]
    old_words, new_words = (re.findall(r"\s+|\w+|[^\w\s]", text) for text in (old, new))
    whole = _seconds(lambda: SequenceMatcher(None, old_words, new_words, autojunk=False).get_opcodes())
    return [
        milliseconds("baseline: difflib over all words", [whole]),
        milliseconds(f"comparison, {EDITED_BETWEEN} paragraphs reworded", ours),
        at_most("  its median", 1000 * median(ours), DIFF_MS, "ms"),
        MeasuredFigure("  ratio: difflib / ours", f"{whole / median(ours):.0f}×"),
    ]


def _pages(client: Client, draft: Draft, view: str, samples: int) -> list[float]:
    """Seconds a page takes, from the request to the last byte, without the network."""
    _open(client, draft, view)
    return [_seconds(lambda: _open(client, draft, view)) for _ in range(samples)]


def _queries(client: Client, draft: Draft, view: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        _open(client, draft, view)
    return len(queries)


def _open(client: Client, draft: Draft, view: str) -> None:
    answer = client.get(reverse("desk:review", args=[draft.pk]), {"view": view})
    assert answer.status_code == 200, answer.status_code


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


# --- What is looked at ----------------------------------------------------------------------------------


def make_editor() -> User:
    editor = User.objects.create(username="bench-editor", is_staff=True)
    editor.groups.add(Group.objects.get(name="Editors"))
    return User.objects.get(pk=editor.pk)


def make_paragraphs(chance: random.Random) -> list[str]:
    """Paragraphs of sentences that cite, CHARACTERS long together."""
    words = ["".join(chance.choices("abcdefghilmnoprstuv", k=chance.randint(3, 9))) for _ in range(3000)]
    often = [1 / rank for rank in range(1, len(words) + 1)]  # as in any language: a few words are everywhere
    paragraphs: list[str] = []
    while sum(map(len, paragraphs)) + 2 * len(paragraphs) < CHARACTERS:
        sentences = (
            f"{' '.join(chance.choices(words, often, k=12)).capitalize()} [{chance.randint(1, SOURCES)}]."
            for _ in range(4)
        )
        paragraphs.append(" ".join(sentences))
    return paragraphs


def _reworded(paragraph: str, chance: random.Random) -> str:
    words = paragraph.split()
    for _ in range(3):
        words[chance.randrange(len(words))] = f"other{chance.randrange(1000)}"
    return " ".join(words)


def make_draft(paragraphs: list[str], versions: int, editor: User, chance: random.Random) -> Draft:
    """A draft before its reviewer, with sources, a report and comments."""
    task = ContentTask.objects.create(topic=f"A text of {versions} versions", status=Status.PENDING)
    for number in range(1, SOURCES + 1):
        task.sources.create(title=f"Source {number}", text="Words of a source. " * 500)
    task.move_to(Status.IN_PROGRESS)
    draft, body = Draft(task=task), list(paragraphs)
    citations = [
        {"number": number, "title": f"Source {number}", "url": ""} for number in range(1, SOURCES + 1)
    ]
    for number in range(versions):
        if number:
            index = chance.randrange(len(body))
            body[index] = _reworded(body[index], chance)
        content = {"title": task.topic, "slug": f"bench-{task.pk}", "body": "\n\n".join(body)}
        draft.save_version(content | {"citations": citations}, reason=f"draft {number}", written_by="a model")
    for index in range(COMMENTS):
        comment(draft, version=versions, text="Says who?", by=editor, quote=body[index])
    QualityReport.objects.create(draft=draft, version=draft.version, score=80, results=[])
    task.move_to(Status.AWAITING_APPROVAL)
    return draft
