"""What a page says about itself in its head: the words of a card of it."""

from __future__ import annotations

from tasks.pipeline.reading.charsets import decode
from tasks.pipeline.reading.html.metadata import metadata_of
from tasks.pipeline.reading.html.tree import page_of
from tasks.pipeline.text.dialect import CONTROL_CHARACTERS
from tasks.pipeline.text.link_lines import CardText
from tasks.pipeline.text.titles import shortened

MAX_HEAD_BYTES = 300_000
"""Of a page. What it says about itself stands at its beginning."""
MOST_TITLE, MOST_SITE, MOST_DESCRIPTION = 200, 100, 300


def card_of(data: bytes, declared_charset: str = "") -> CardText:
    """Plain words, each within its bound; without a title where the page has none. Raises UnreadableText."""
    page, _ = page_of(decode(data[:MAX_HEAD_BYTES], declared_charset, is_markup=True).text)
    about = metadata_of(page)
    return CardText(
        title=_plain(about.headline or about.window_title, MOST_TITLE),
        site=_plain(about.site, MOST_SITE),
        description=_plain(about.description, MOST_DESCRIPTION),
    )


def _plain(words: str, most: int) -> str:
    return shortened(" ".join(CONTROL_CHARACTERS.sub("", words).split()), most)
