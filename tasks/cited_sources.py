"""The citations of a text that a person changed: what it newly cites of its task's sources joins them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tasks.models import Draft, StageRun
from tasks.pipeline.text.cited_numbers import cited_numbers
from tasks.rendered_bodies import of_text


@dataclass(frozen=True)
class CitableSource:
    """A source by the number that `[n]` in the text refers to."""

    number: int
    title: str
    url: str
    is_cited: bool


def citable_sources(draft: Draft) -> list[CitableSource]:
    """What the text may cite: its citations, and every source of its task that could be used."""
    found = {row["number"]: row for row in _sources_of(draft)}
    cited = {citation["number"]: citation for citation in draft.citations}
    sources = []
    for number in sorted(found.keys() | cited.keys()):
        shown = cited.get(number) or found[number]
        title, url = str(shown.get("title") or ""), str(shown.get("url") or "")
        sources.append(CitableSource(number, title, url, number in cited))
    return sources


def citations_for(draft: Draft, body: str) -> list[dict[str, Any]]:
    """The draft's citations, and one for each other source of its task that `body` cites, by number."""
    known = {citation["number"] for citation in draft.citations}
    new = set(of_text(cited_numbers, body)) - known
    if not new:
        return list(draft.citations)
    added = [row for row in _sources_of(draft) if row["number"] in new]
    return sorted([*draft.citations, *added], key=lambda citation: citation["number"])


def _sources_of(draft: Draft) -> list[dict[str, Any]]:
    """Number, title and address; the title as the latest run read it, where the brief has none."""
    rows: list[dict[str, Any]] = [
        dict(row) for row in draft.task.sources.filter(problem="").values("number", "title", "url")
    ]
    if all(row["title"] for row in rows):
        return rows
    research = StageRun.objects.filter(task=draft.task_id, key="research", output__isnull=False).last()
    output = (research.output if research else None) or {}
    titles = {read["number"]: read.get("title", "") for read in output.get("sources", [])}
    return [row | {"title": row["title"] or titles.get(row["number"], "")} for row in rows]
