"""What is found inside paragraphs: citations, links, addresses, formulas and tags of HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline

CITATIONS = re.compile(r"\[(\d{1,3}(?: ?[,;–-] ?\d{1,3}){0,20})\]")
_FOOTNOTE_MARK = re.compile(r"\[\^([^\]\s]{1,100})\]")
_FORMULAS = {
    "\\(": re.compile(r"\\\((?:[^\\\n]|\\[^()\[\]]){1,500}\\\)"),
    "\\[": re.compile(
        r"\\\[(?=\s|[^\]\n]{0,500}?(?:[\^_=+{}<>]|\\[a-zA-Z]))(?:[^\\]|\\[^()\[\]]){1,2000}\\\]"
    ),
    "\\b": re.compile(r"\\begin\{([a-z]{1,20}\*?)\}[\s\S]{1,2000}?\\end\{\1\}"),
    "$$": re.compile(r"\$\$[^$]{1,2000}\$\$"),
    "$": re.compile(r"\$(?=[^$\n]{0,300}[\^_\\{}])[^\s$](?:[^$\n]{0,300}[^\s$])?\$(?!\d)"),
}
_TAG = re.compile(
    r"<(?:/?[a-zA-Z][a-zA-Z0-9-]{0,30}(?:\s{1,20}[a-zA-Z_:][\w:.-]{0,50}"
    r"""(?:\s{0,5}=\s{0,5}(?:"[^"]{0,2000}"|'[^']{0,2000}'|[^\s"'=<>`]{1,500}))?){0,20}\s{0,20}/?>"""
    r"|!--)"
)
MAX_COMMENT, MAX_ADDRESS = 5_000, 2_000
_SCHEME = re.compile(r"(?<![a-zA-Z0-9+.-])(?:https?|ftp)$", re.IGNORECASE)
# Marks of emphasis, a citation and Chinese or Japanese punctuation end an address in running text.
_AFTER_ADDRESS = re.compile(
    r"\*\*|~~|\[\d{1,3}(?: ?[,;–-] ?\d{1,3}){0,20}\](?![\w=&/])"
    "|[、。，；：！？「」『』（）【】《》〈〉〔〕“”]"
)


def install(parser: MarkdownIt) -> None:
    parser.inline.ruler.before("escape", "formula", _formula)
    parser.inline.ruler.at("linkify", _bare_address)
    parser.inline.ruler.at("link", _link)
    parser.inline.ruler.after("image", "citation", _citation)
    parser.inline.ruler.at("html_inline", _tag)


def numbers_of(citations: str) -> list[int]:
    """Of "1, 3-5" all that are meant; none where a range does not rise, or is of very many."""
    found: list[int] = []
    for part in re.split(r" ?[,;] ?", citations):
        first, *last = map(int, re.split(r" ?[–-] ?", part))
        if last and not first < last[-1] <= first + 20:
            return []
        found += range(first, last[-1] + 1) if last else [first]
    return found


def _formula(state: StateInline, silent: bool) -> bool:
    """A formula is shown as it is written: it has no emphasis, and keeps its backslashes."""
    text, start = state.src, state.pos
    pattern = _FORMULAS.get(text[start : start + 2]) or _FORMULAS.get(text[start])
    found = pattern.match(text, start, state.posMax) if pattern else None
    if found is None:
        return False
    if not silent:
        state.push("formula", "", 0).content = found[0]
    state.pos = found.end()
    return True


def _citation(state: StateInline, silent: bool) -> bool:
    """`[1]`, where it is no link and not in one. What follows below the text makes it none."""
    if silent or state.src[state.pos] != "[" or state.linkLevel:
        return False  # silent, it would be taken for a link, in which there can be no other
    found = CITATIONS.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    token = state.push("citation", "", 0)
    token.content = found[0]
    token.meta = {"numbers": numbers_of(found[1])}
    state.pos = found.end()
    return True


def _link(state: StateInline, silent: bool) -> bool:
    """As CommonMark has it, but citations and marks of footnotes are no text of a link by name."""
    from markdown_it.rules_inline import link

    if state.src[state.pos] == "[":
        found = CITATIONS.match(state.src, state.pos, state.posMax)
        if found and state.src[found.end() : found.end() + 1] != "(":
            return False
        mark = _FOOTNOTE_MARK.match(state.src, state.pos, state.posMax)
        if mark and f":{mark[1]}" in state.env.get("footnotes", {}).get("refs", {}):
            return False
    return link(state, silent)


def _tag(state: StateInline, silent: bool) -> bool:
    """A tag or comment of HTML is text as a whole: an address in it is no link, an asterisk no mark."""
    start = state.pos
    found = _TAG.match(state.src, start, state.posMax) if state.src[start] == "<" else None
    end = found.end() if found else 0
    if found and found[0] == "<!--":
        end = state.src.find("-->", end, min(state.posMax, end + MAX_COMMENT)) + 3
    if end <= start:
        return False
    if not silent:
        state.push("text", "", 0).content = state.src[start:end]
    state.pos = end
    return True


# --- Addresses ------------------------------------------------------------------------------------------


def _bare_address(state: StateInline, silent: bool) -> bool:
    """An address in running text. Those of sources, in `env`, end where their words go on without a blank."""
    if state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme = _SCHEME.search(state.pending, max(0, len(state.pending) - 9))
    if scheme is None:
        return False
    url = _address(state, state.src[state.pos - len(scheme[0]) : min(state.posMax, state.pos + MAX_ADDRESS)])
    href = state.md.normalizeLink(url)
    if not url or not state.md.validateLink(href):
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme[0])]
        token = state.push("link_open", "a", 1)
        token.attrs, token.markup, token.info = {"href": href}, "linkify", "auto"
        state.push("text", "", 0).content = state.md.normalizeLinkText(url)
        token = state.push("link_close", "a", -1)
        token.markup, token.info = "linkify", "auto"
    state.pos += len(url) - len(scheme[0])
    return True


def _address(state: StateInline, text: str) -> str:
    """The address that the text begins with, or nothing."""
    if known := _known_address(state.env.get("addresses", ()), text):
        return known
    end = _AFTER_ADDRESS.search(text)
    found = (
        state.md.linkify.match_at_start(text[: end.start()] if end else text) if state.md.linkify else None
    )
    return found.url.rstrip("*") if found else ""


def _known_address(addresses: Iterable[str], text: str) -> str:
    """That of a source, before what belongs to no address."""
    found = [
        address
        for address in addresses
        if text.startswith(address) and not text[len(address) : len(address) + 1].isascii()
    ]
    return max(found, key=len, default="")
