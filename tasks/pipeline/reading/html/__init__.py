"""Reads a web page: its visible text as typed blocks, without the menus and notices around it.

What a page hides is removed first. Then one walk gives all blocks, and only after it is chosen which of them
are the document: whatever the choice, the text of a block is what the page shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import dataclass

from lxml import etree

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading.charsets import decode
from tasks.pipeline.reading.coverage import ENOUGH, missing_words, share_of, words_in
from tasks.pipeline.reading.html.blocks import PageWalker
from tasks.pipeline.reading.html.hidden import remove_hidden
from tasks.pipeline.reading.html.kinds import is_block
from tasks.pipeline.reading.html.main_content import select_main_content
from tasks.pipeline.reading.html.metadata import PageMetadata, metadata_of
from tasks.pipeline.reading.html.placed import PlacedBlock
from tasks.pipeline.reading.html.tree import Element, page_of
from tasks.pipeline.reading.types import Block, Declared, Reading
from tasks.pipeline.types import BlockKind

READER = f"html 2 (lxml {'.'.join(map(str, etree.LXML_VERSION[:3]))})"

MANY_WORDS = 100
"""Fewer hidden words than these are no matter for a warning."""
MUCH_LEFT_OUT = 0.2
"""Prose outside menus and the like that is left out, per prose taken, of which a reading warns."""


def read(data: bytes, declared: Declared) -> Reading:
    """The blocks may be none. Raises UnreadableText for bytes that are no text, and for a page of frames."""
    decoded = decode(data, declared.charset, is_markup=True)
    page, is_bare = page_of(decoded.text)
    about = metadata_of(page)
    frames = [frame.get("src", "") for frame in page.iter("frame")]
    hidden_words = remove_hidden(page)
    found = _taken_from(page, about.language)
    if frames and not found.blocks:
        raise UnreadableText(
            f"The page only shows others in frames; give the address of one: {', '.join(frames[:5])}."
        )
    warnings = [*decoded.warnings, *found.warnings]
    if is_bare:
        warnings.append("The page is nested too deeply, so its text was read without regard to its markup.")
    if hidden_words > max(MANY_WORDS, sum(len(block.text.split()) for block in found.blocks)):
        warnings.append(f"The page hides about {hidden_words} words from its readers; they were left out.")
    return Reading(
        blocks=tuple(found.blocks),
        media_type="text/html",
        reader=READER,
        title=_title(about, found.blocks),
        author=about.author,
        published=about.published,
        language=about.language,
        charset=decoded.charset,
        charset_from=decoded.found_by,
        share_taken=found.share,
        warnings=tuple(warnings),
    )


def blocks_of_markup(text: str, *, language: str = "") -> list[Block]:
    """All blocks of a document without a site around it: a chapter of a book, a letter, rendered Markdown.

    What it hides is left out. Bounded in depth; lxml raises nothing for broken markup.
    """
    page, _ = page_of(text)
    remove_hidden(page)
    found, _ = PageWalker(page, language=language or metadata_of(page).language).walk(page)
    return [placed.block for placed in found]


@dataclass(frozen=True)
class _Taken:
    blocks: list[Block]
    share: float | None
    warnings: tuple[str, ...]


def _taken_from(page: Element, language: str) -> _Taken:
    found, containers = PageWalker(page, language=language).walk(page)
    if not found:
        return _Taken([], None, ())
    selection = select_main_content(found, containers)
    plain = words_in(_visible_lines(page, selection.site_parts))
    blocks, share = _measured(found, selection.main, plain)
    warnings = []
    if share < ENOUGH and selection.prose_left_out > selection.prose_taken:
        # The document was not found: all that is no menu and no footer is taken instead.
        blocks, share = _measured(found, selection.outside_site_parts, plain)
        warnings.append(
            "The main text could not be distinguished from the rest of the page, so all of it was read."
        )
    if share < ENOUGH or selection.prose_left_out > MUCH_LEFT_OUT * selection.prose_taken:
        taken = {id(block) for block in blocks}
        first = next((
            placed.block.text
            for placed, is_outside in zip(found, selection.outside_site_parts, strict=True)
            if is_outside and id(placed.block) not in taken
        ), "")  # fmt: skip
        warnings.append(missing_words(share, first))
    return _Taken(blocks, share, tuple(warnings))


def _measured(found: list[PlacedBlock], chosen: list[bool], plain: Counter[str]) -> tuple[list[Block], float]:
    blocks = [placed.block for placed, is_chosen in zip(found, chosen, strict=True) if is_chosen]
    return blocks, share_of(words_in(block.text for block in blocks), plain)


def _visible_lines(page: Element, left_out: Set[Element]) -> Iterator[str]:
    """The plain reading: all text that is visible outside the parts of the site, but for raised signs."""
    parts = list[str]()
    walk = etree.iterwalk(page, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event == "start":
            is_left_out = element in left_out or element.tag in ("head", "title", "sup", "sub", "rt", "rp")
            if is_block(element) or element.tag == "br":
                yield "".join(parts)
                parts.clear()
            if is_left_out:
                walk.skip_subtree()
            elif element.text:
                parts.append(element.text)
            continue
        if event == "end" and is_block(element):
            yield "".join(parts)
            parts.clear()
        if element.tail:
            parts.append(element.tail)
    yield "".join(parts)


def _title(about: PageMetadata, blocks: list[Block]) -> str:
    headings = [block for block in blocks if block.kind == BlockKind.HEADING]
    headlines = [block.text for block in headings if block.level == 1]
    # Of several, the one that the page names to machines: another may be the name of the site.
    headline = about.headline if about.headline in headlines else next(iter(headlines), "")
    return (
        headline[:300] or about.headline or about.window_title or (headings[0].text[:300] if headings else "")
    )
