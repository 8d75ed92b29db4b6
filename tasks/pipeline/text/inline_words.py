"""The words inside a paragraph, without marks, citations and what is struck out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tasks.pipeline.text.body_images import are_figures, caption_of
from tasks.pipeline.text.footnotes import MARK

if TYPE_CHECKING:
    from markdown_it.token import Token

BETWEEN_CITATIONS = re.compile(r" ?[,;–-]? ?")
IGNORED_IN_TEXT = {"citation", "image", MARK}


def inline_words(children: Sequence[Token]) -> str:
    if are_figures(children):
        return "\n".join(caption_of(child).caption for child in children if child.type == "image")
    found: list[str] = []
    struck, cited_at = 0, -1
    for token in children:
        struck += {"s_open": 1, "s_close": -1}.get(token.type, 0)
        if struck or token.meta.get("is_sign"):
            continue
        if token.type == "citation":
            # A dash or a comma between two belongs to them.
            if found and cited_at == len(found) - 1 and BETWEEN_CITATIONS.fullmatch(found[-1]):
                found.pop()
            elif found:
                found[-1] = found[-1].rstrip()
            cited_at = len(found)
        elif token.type in {"softbreak", "hardbreak"}:
            found.append("\n")
        elif token.content and token.type not in IGNORED_IN_TEXT:
            found.append(token.content)
    return "".join(found)
