"""What a body shows that is stored elsewhere: pictures by their hash, and cards of pages by their address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tasks.pipeline.lazy_import import LazyModule
from tasks.pipeline.text.body_images import BodyImages, are_figures, figures_html
from tasks.pipeline.text.link_lines import CardTexts, card_html

if TYPE_CHECKING:
    from markdown_it import token as markup
    from markdown_it.token import Token
else:
    markup = LazyModule("markdown_it.token")


@dataclass(frozen=True)
class Attachments:
    images: BodyImages = field(default_factory=dict)
    cards: CardTexts = field(default_factory=dict)

    def placed(self, tokens: Iterable[Token]) -> list[Token]:
        """The blocks, where a paragraph of images or of one link alone is what it stands for, as HTML."""
        found: list[Token] = []
        is_placed = False
        for token in tokens:
            html = self._html(token) if found and found[-1].type == "paragraph_open" else None
            if html is not None:
                block = found.pop()
                found.append(markup.Token("block_html", "", 0, content=html, map=block.map, block=True))
                is_placed = True
            elif is_placed:
                is_placed = False  # the end of the paragraph
            else:
                found.append(token)
        return found

    def _html(self, token: Token) -> str | None:
        """None for an ordinary paragraph."""
        children = token.children or []
        if are_figures(children):
            return figures_html(children, self.images)
        return (card_html(children, self.cards) or None) if self.cards and token.level == 1 else None
