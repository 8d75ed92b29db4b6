"""The lines that plain text repeats on each of its pages."""

from __future__ import annotations

import re
from collections import Counter

_PAGE_NUMBER = re.compile(
    r"\W{0,5}(?:page|seite|p\.|s\.)?\s{0,3}\d{1,4}\W{0,5}|.{0,90}\[page \d{1,4}\]", re.IGNORECASE
)


def without_page_heads(text: str) -> str:
    """Without the lines that stand at the top and bottom of each page, where form feeds divide pages."""
    pages = text.split("\f")
    if len(pages) < 2:
        return text
    pages_lines = [page.split("\n") for page in pages]
    edges = Counter(
        _without_number(line) for lines in pages_lines for line in set(_edge(lines)) if line.strip()
    )

    def repeated(line: str) -> bool:
        return edges[_without_number(line)] > 1 and len(pages) > 2

    rest = list[str]()
    for lines in pages_lines:
        edge = set(_edge(lines))
        rest += [
            line for line in lines
            if not (line in edge and (repeated(line) or _PAGE_NUMBER.fullmatch(line.strip())))
        ]  # fmt: skip
    return "\n".join(rest)


def _edge(lines: list[str]) -> list[str]:
    filled = [line for line in lines if line.strip()]
    return filled[:2] + filled[-2:]


def _without_number(line: str) -> str:
    return " ".join(re.sub(r"\d+", "#", line).split())
