"""How a body in Markdown becomes HTML that is safe to show, and plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING, Any

from tasks.pipeline.lazy_import import LazyModule

if TYPE_CHECKING:
    import nh3
    from markdown_it import MarkdownIt
    from markdown_it import token as markup
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token
else:
    nh3, markup = LazyModule("nh3"), LazyModule("markdown_it.token")

CITATION = re.compile(r"\[(\d{1,3})\]")
WITH_SPACE_BEFORE = re.compile(rf"\s*{CITATION.pattern}")
# XML, and so every feed, refuses them.
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
LINE_END = re.compile(r"\r\n?|\n")  # as the parser counts lines
TAGS = {
    "p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "em", "strong", "s", "code", "pre", "hr", "br",
    "a", "table", "thead", "tbody", "tr", "th", "td", "sup",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title", "aria-label", "rel"}, "h2": {"id"}, "h3": {"id"}, "h4": {"id"}, "ol": {"start"},
}  # fmt: skip


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.anchors import anchors_plugin

    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    # A list of "[1]: address" lines, which models like to write, would turn citations into ordinary links.
    parser.disable("reference")
    parser.core.ruler.push("outline", _outline)
    return parser.use(anchors_plugin, min_level=2, max_level=4, slug_func=heading_id)


def _outline(state: StateCore) -> None:
    """Headings go down step by step from h2, whatever their marks say: the page's own title is the h1."""
    above: list[int] = []
    for token in state.tokens:
        if token.type == "heading_open":
            level = max(2, int(token.tag[1]))
            while above and above[-1] >= level:
                above.pop()
            above.append(level)
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(1 + len(above), 4)}"


def heading_id(text: str) -> str:
    """`section-…`: no heading can take the id of a source or of a part of the page."""
    words = re.sub(r"[^\w\s-]", "", CITATION.sub("", text).lower()).split()
    return "-".join(["section", *words])


def render(body: str, citations: Iterable[Mapping[str, Any]] = ()) -> str:
    """Return sanitised HTML: `[n]` links to `#source-n`, other links to cited sources or this site only.

    Code and tables can be focused, so that they can be scrolled with the keyboard where they are too wide.
    """
    tokens, addresses = _linked(body, citations)
    return _html(tokens, addresses)


@dataclass(frozen=True)
class BodyBlock:
    """A paragraph, heading, list or other part of a body: its Markdown, and its HTML as `render` has it."""

    source: str
    html: str


def render_blocks(body: str, citations: Iterable[Mapping[str, Any]] = ()) -> list[BodyBlock]:
    """The same HTML, part by part."""
    tokens, addresses = _linked(body, citations)
    lines = LINE_END.split(CONTROL_CHARACTERS.sub("", body))
    blocks: list[BodyBlock] = []
    start = 0
    for index, token in enumerate(tokens, start=1):
        if token.level or token.nesting > 0:
            continue
        first, end = tokens[start].map or (0, 0)
        blocks.append(BodyBlock("\n".join(lines[first:end]).strip(), _html(tokens[start:index], addresses)))
        start = index
    return blocks


def _linked(body: str, citations: Iterable[Mapping[str, Any]]) -> tuple[list[Token], set[str]]:
    """The body's tokens with citations as links, and the addresses of other sites it may lead to."""
    known = {citation["number"]: citation for citation in citations}
    addresses = {
        _parser().normalizeLink(citation["url"]) for citation in known.values() if citation.get("url")
    }
    tokens = _parse(body)
    for block in tokens:
        if block.children:
            block.children = list(_with_citation_links(block.children, known.keys()))
            for token in block.children:
                _mark_foreign(token)
    return tokens, addresses


def _html(tokens: list[Token], addresses: set[str]) -> str:
    return nh3.clean(
        _parser().renderer.render(tokens, _parser().options, {}),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https"},
        link_rel=None,
        set_tag_attribute_values={"pre": {"tabindex": "0"}, "table": {"tabindex": "0"}},
        attribute_filter=lambda tag, name, value: _allowed(tag, name, value, addresses),
    )


def plain_text(body: str) -> str:
    """The words of the body without markup or citation marks."""
    tokens = _parse(body)
    for token in (child for block in tokens for child in block.children or ()):
        if token.type == "text":
            token.content = WITH_SPACE_BEFORE.sub("", token.content)
    html = nh3.clean(_parser().renderer.render(tokens, _parser().options, {}), tags=set())
    return re.sub(r"\s+", " ", unescape(html)).strip()


def _parse(body: str) -> list[Token]:
    return _parser().parse(CONTROL_CHARACTERS.sub("", body))


def _with_citation_links(tokens: Iterable[Token], known: Iterable[int]) -> Iterator[Token]:
    """Replace `[n]` in running text, so neither in code nor inside another link."""
    open_links = 0
    for token in tokens:
        open_links += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type == "text" and not open_links:
            yield from _cited(token.content, known)
        else:
            yield token


def _cited(text: str, known: Iterable[int]) -> Iterator[Token]:
    end = 0
    for match in CITATION.finditer(text):
        number = int(match[1])
        if number in known:
            yield markup.Token("text", "", 0, content=text[end : match.start()].rstrip(" "))
            yield from _citation_link(number)
            end = match.end()
    yield markup.Token("text", "", 0, content=text[end:])


def _citation_link(number: int) -> list[Token]:
    attributes: dict[str, str | int | float] = {"href": f"#source-{number}", "aria-label": f"Source {number}"}
    return [
        markup.Token("sup_open", "sup", 1),
        markup.Token("link_open", "a", 1, attrs=attributes),
        markup.Token("text", "", 0, content=f"[{number}]"),
        markup.Token("link_close", "a", -1),
        markup.Token("sup_close", "sup", -1),
    ]


def _mark_foreign(token: Token) -> None:
    if token.type == "link_open" and not _is_local(str(token.attrs.get("href", ""))):
        token.attrs["rel"] = "noopener nofollow"


def _allowed(tag: str, name: str, value: str, addresses: set[str]) -> str | None:
    """Drop links that lead anywhere but to a cited source, a heading or a page of this site."""
    if (tag, name) != ("a", "href"):
        return value
    return value if _is_local(value) or value in addresses else None


def _is_local(address: str) -> bool:
    return address.startswith("#") or (address.startswith("/") and not address.startswith(("//", "/\\")))
