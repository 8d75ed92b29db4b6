"""Lines that are only a link to a page: readers see a card of it, made of words alone.

The words of the link and its title win over what was read from the page: `[title](address "description")`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from markdown_it.token import Token

_ADDRESS = r"https?://[^\s<>()]{1,600}"
LINE = re.compile(
    rf"^ {{0,3}}(?:<({_ADDRESS})>|({_ADDRESS})"
    rf"|\[[^\[\]\n]{{1,300}}\]\(<?({_ADDRESS})>?(?:[ \t]{{1,9}}\"[^\"\n]{{0,500}}\")?\))[ \t]{{0,20}}$",
    re.MULTILINE | re.IGNORECASE,
)


@dataclass(frozen=True)
class CardText:
    """What was read from a page, as plain words; all empty where it could not be read."""

    title: str = ""
    site: str = ""
    description: str = ""


CardTexts = Mapping[str, CardText]
"""By address."""


def addresses_in(*bodies: str) -> list[str]:
    """Those of the lines that are only a link, in their order."""
    found = (match[1] or match[2] or match[3] for body in bodies for match in LINE.finditer(body))
    return list(dict.fromkeys(found))


def card_html(children: Iterable[Token], cards: CardTexts) -> str:
    """Of a paragraph that is one link with a card; empty for any other, and where there is nothing to say."""
    tokens = [one for one in children if one.type != "not_shown" and (one.content.strip() or one.nesting)]
    opened, inside, closed = tokens[:1], tokens[1:-1], tokens[-1:]
    if not inside or opened[0].type != "link_open" or closed[0].type != "link_close":
        return ""
    address = str(opened[0].attrs.get("href", ""))
    if address not in cards or any(one.type != "text" for one in inside):
        return ""
    words = "" if opened[0].markup in {"linkify", "autolink"} else "".join(one.content for one in inside)
    card, about = cards[address], str(opened[0].attrs.get("title", ""))
    title, description = words or card.title, about or card.description
    if not title or not (card.title or about):
        return ""
    host = (urlsplit(address).hostname or "").removeprefix("www.")
    site = f"{card.site} · {host}" if card.site and card.site.lower() != host else host
    parts = [f'<a href="{escape(address)}" rel="noopener nofollow">{escape(title)}</a>']
    parts += [f'<span class="about">{escape(description)}</span>'] if description else []
    parts += [f'<span class="site">{escape(site)}</span>']
    return f'<p class="link-card">{" ".join(parts)}</p>\n'
