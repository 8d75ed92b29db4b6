"""The articles of the demonstration site: Markdown files with fields before the text."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

DIRECTORY = Path(__file__).parent / "articles"


class LaterChange(NamedTuple):
    """What was changed after publication: the first version has `was` where the text has `now`."""

    kind: str
    note: str
    was: str
    now: str


@dataclass(frozen=True, eq=False)
class DemonstrationArticle:
    slug: str
    title: str
    summary: str
    body: str
    category: str
    tags: list[str]
    citations: list[dict[str, Any]]
    language: str
    days: int
    """How long ago it was published; negative for what is to be published."""
    subject: str
    """What it is about, in words that fit into a sentence; empty where its parts are not used for others."""

    state: str
    """"scheduled" or "withdrawn"; empty for what is live."""
    reason: str
    """Why it was withdrawn."""
    change: LaterChange | None

    @property
    def first_body(self) -> str:
        return self.body.replace(self.change.now, self.change.was) if self.change else self.body

    @property
    def content(self) -> dict[str, Any]:
        """The fields of a draft."""
        names = ("slug", "title", "summary", "body", "category", "tags", "citations")
        return {name: getattr(self, name) for name in names}


def articles() -> list[DemonstrationArticle]:
    """Those that are live, the newest first."""
    return [article for article in _all() if not article.state]


def others() -> list[DemonstrationArticle]:
    """Those that are scheduled or withdrawn."""
    return [article for article in _all() if article.state]


@cache
def _all() -> list[DemonstrationArticle]:
    found = [_read(path) for path in sorted(DIRECTORY.glob("*.md"))]
    return sorted(found, key=lambda article: article.days)


def _read(path: Path) -> DemonstrationArticle:
    _, fields, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    given = tomllib.loads(fields)
    return DemonstrationArticle(
        slug=path.stem,
        body=body.strip(),
        language=given.pop("language", "en"),
        subject=given.pop("subject", ""),
        state=given.pop("state", ""),
        reason=given.pop("reason", ""),
        change=LaterChange(**change) if (change := given.pop("change", None)) else None,
        citations=[
            {"number": number, "title": source["title"], "url": source.get("url", "")}
            for number, source in enumerate(given.pop("sources"), start=1)
        ],
        **given,
    )
