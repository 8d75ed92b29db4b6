"""How long it takes to compare two versions of 50 KB, and to say who wrote what of the last of 200."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import reverse

from approvals.diffs.blame import blame_paragraphs
from approvals.diffs.line_diff import diff_text
from approvals.diffs.rendered_diff import diff_rendered
from benchmarks.figures import MeasuredFigure, milliseconds, show
from tasks.models import ContentTask, Draft
from tasks.pipeline.text.markdown import render

DIFF_GOAL_MS = (50, 100)
PAGE_GOAL_MS = (300, 600)
VERSIONS = 200
# No files were collected for this database.
PLAIN_STATIC_FILES = {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
SYLLABLES = (
    "tre",
    "wa",
    "sha",
    "roo",
    "lea",
    "ci",
    "sum",
    "gar",
    "bu",
    "sto",
    "ri",
    "pla",
    "ne",
    "ter",
    "den",
)


def run(say: Callable[[str], object], *, quick: bool) -> None:
    times = 5 if quick else 25
    article = GeneratedText(random.Random(1))
    say(f"Two texts of {len(article.body) / 1000:.0f} KB, {times} times each")
    figures = _diffs(article, times)
    say(f"A draft with {VERSIONS} versions")
    with override_settings(STORAGES=settings.STORAGES | PLAIN_STATIC_FILES):
        show(figures + _pages(article, 3 if quick else 9), say)


class GeneratedText:
    """Paragraphs of words with natural frequencies, and edited versions of them."""

    def __init__(self, chooser: random.Random) -> None:
        self.chooser = chooser
        self.words = ["".join(chooser.choices(SYLLABLES, k=chooser.randrange(1, 4))) for _ in range(3000)]
        self.weights = [1 / (rank + 2) for rank in range(len(self.words))]
        self.paragraphs = [self.paragraph() for _ in range(120)]

    @property
    def body(self) -> str:
        return "\n\n".join(self.paragraphs)

    def paragraph(self) -> str:
        sentences = (" ".join(self.some(self.chooser.randrange(8, 20))) for _ in range(5))
        return ". ".join(sentence.capitalize() for sentence in sentences) + " [1]."

    def some(self, count: int) -> list[str]:
        return self.chooser.choices(self.words, self.weights, k=count)

    def edited(self, share: float, edits: int, moves: int) -> GeneratedText:
        """Another with `edits` words changed in a `share` of the paragraphs, and some of them moved."""
        other = GeneratedText.__new__(GeneratedText)
        other.__dict__ = self.__dict__ | {"paragraphs": list(self.paragraphs)}
        for index in self.chooser.sample(range(len(self.paragraphs)), int(share * len(self.paragraphs))):
            words = other.paragraphs[index].split(" ")
            for place in self.chooser.sample(range(len(words)), edits):
                words[place] = self.some(1)[0]
            other.paragraphs[index] = " ".join(words)
        for _ in range(moves):
            paragraph = other.paragraphs.pop(self.chooser.randrange(len(other.paragraphs)))
            other.paragraphs.insert(self.chooser.randrange(len(other.paragraphs)), paragraph)
        return other


def _diffs(article: GeneratedText, times: int) -> list[MeasuredFigure]:
    others = {
        "a tenth edited, 5 moved": (article.edited(0.1, 4, 5).body, DIFF_GOAL_MS),
        "every paragraph edited": (article.edited(1, 4, 0).body, DIFF_GOAL_MS),
        "another text": (GeneratedText(random.Random(2)).body, None),
        "one word a thousand times": ("word " * 10_000, None),
    }
    figures = []
    for name, (other, goal) in others.items():
        pages = render(article.body), render(other)
        figures += [
            milliseconds(f"{name}, Markdown", _seconds(times, diff_text, article.body, other), goal),
            milliseconds(f"{name}, rendered", _seconds(times, diff_rendered, *pages), goal),
        ]
    return figures


def _pages(article: GeneratedText, times: int) -> list[MeasuredFigure]:
    editor = get_user_model().objects.create_superuser("bench")
    draft = Draft(task=ContentTask.objects.create(topic="Trees", created_by=editor))
    for number in range(VERSIONS):
        article = article.edited(0.03, 3, number % 3)
        content = {"title": "Trees", "slug": "trees", "body": article.body}
        author = {"author": editor} if number % 3 else {"written_by": "openai:m"}
        draft.save_version(content, reason=f"Version {number}", **author)
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(editor)
    compare = f"{reverse('desk:compare', args=[draft.pk])}?from={VERSIONS - 1}&to={VERSIONS}&view="

    def look(address: str) -> None:
        answer = client.get(address)
        if answer.status_code != HTTPStatus.OK:
            raise RuntimeError(f"{address} answered {answer.status_code}.")

    def uncached() -> None:
        cache.clear()
        blame_paragraphs(draft)

    return [
        milliseconds("who wrote what, computed", _seconds(times, uncached)),
        milliseconds("who wrote what, cached", _seconds(times, blame_paragraphs, draft)),
        milliseconds(
            "the page of it",
            _seconds(times, look, reverse("desk:blame", args=[draft.pk])),
            PAGE_GOAL_MS,
        ),
        milliseconds("comparing, Markdown", _seconds(times, look, f"{compare}source"), PAGE_GOAL_MS),
        milliseconds("comparing, rendered", _seconds(times, look, f"{compare}rendered"), PAGE_GOAL_MS),
    ]


def _seconds(times: int, call: Callable[..., Any], *arguments: Any) -> list[float]:
    found = []
    for _ in range(times):
        start = time.perf_counter()
        call(*arguments)
        found.append(time.perf_counter() - start)
    return found
