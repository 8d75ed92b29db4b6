"""Images that people put into a text stay in it when a machine writes it again."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.pipeline.text.body_images import (
    alt_of,
    are_figures,
    caption_of,
    figure_markdown,
    name_of,
    names_in,
)
from tasks.pipeline.text.dialect import parse
from tasks.pipeline.text.locked_paragraphs import most_alike, place_of
from tasks.pipeline.text.paragraphs import heading_text, joined, paragraphs
from tasks.pipeline.types import LockedParagraph


def with_lost_images(revised: str, base: str) -> str:
    """The revised text with each image of `base`, the text before, that it does not have any more.

    A figure gets its place between its neighbours, or at the end of its section or of the text; an image
    within a paragraph follows the new wording of that. What a machine changed of the description or the
    caption of an image stays, for people to judge.
    """
    if not set(names_in(base)) - set(names_in(revised)):
        return revised
    blocks, before, section = paragraphs(revised), "", ""
    in_base = paragraphs(base)
    for index, block in enumerate(in_base):
        missing = set(names_in(block)) - set(names_in(*blocks))
        if missing:
            after = in_base[index + 1] if index + 1 < len(in_base) else ""
            found = LockedParagraph(text=block, before=before, after=after, section=section)
            _put_back(blocks, found, missing)
        before, section = block, heading_text(block) or section
    return joined(blocks)


def _put_back(blocks: list[str], one: LockedParagraph, missing: set[str]) -> None:
    images = list(_images_of(one.text, missing))
    if not _is_figure(one.text):
        home = 0 if len(blocks) == 1 else most_alike(blocks, one.text)
        if home is not None:
            blocks[home] = " ".join([blocks[home], *images])
            return
    place = place_of(blocks, one)
    blocks.insert(len(blocks) if place is None else place, "\n".join(images))


def _is_figure(block: str) -> bool:
    inline = [token for token in parse(block) if token.type == "inline"]
    return bool(inline) and all(are_figures(token.children) for token in inline)


def _images_of(block: str, names: set[str]) -> Iterator[str]:
    for token in parse(block):
        for child in token.children or ():
            if child.type == "image" and (name := name_of(child)) in names:
                yield figure_markdown(name, alt_of(child), *caption_of(child))
