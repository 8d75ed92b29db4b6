"""Small pages for the tests of the HTML reader."""

from __future__ import annotations

from tasks.pipeline.reading.html import read
from tasks.pipeline.reading.types import Declared, Reading

FILLER = (
    "<p>The crew of each ship signed one paper before it left.</p>"
    "<p>The office kept these papers for ten years and then burned them.</p>"
    "<p>A storm in April closed the harbour for six days.</p>"
)


def reading_of(markup: str, *, lang: str = "en", head: str = "") -> Reading:
    start = f'<!doctype html><html lang="{lang}"><head><title>Harbour</title>{head}</head>'
    page = f"{start}<body>{markup}</body></html>"
    return read(page.encode(), Declared("text/html", "utf-8"))


def texts(markup: str, *, lang: str = "en") -> list[str]:
    return [block.text for block in reading_of(markup, lang=lang).blocks]


def kinds(markup: str, *, lang: str = "en") -> list[tuple[str, str]]:
    return [(block.kind.value, block.text) for block in reading_of(markup, lang=lang).blocks]


def paragraph(markup: str, *, lang: str = "en") -> str:
    """The one paragraph of a page."""
    (text,) = texts(f"<p>{markup}</p>", lang=lang)
    return text
