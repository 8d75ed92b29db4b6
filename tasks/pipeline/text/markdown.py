"""How a body in Markdown becomes HTML that is safe to show, and plain text: in one dialect everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tasks.pipeline.lazy_import import LazyModule
from tasks.pipeline.text import unshown_parts
from tasks.pipeline.text.allowed_html import ATTRIBUTES, CLASSES, CODE_LANGUAGE, TAGS
from tasks.pipeline.text.attachments import Attachments
from tasks.pipeline.text.body_images import are_figures
from tasks.pipeline.text.dialect import (
    CITATION,
    CONTROL_CHARACTERS,
    Environment,
    heading_ids,
    heading_of_anchor,
    lines_of,
    parse,
    parser,
    top_level,
)
from tasks.pipeline.text.footnotes import MARK, OPEN, Footnotes, at_lines, boxed
from tasks.pipeline.text.inline_words import inline_words
from tasks.pipeline.text.page_phrases import page_phrases
from tasks.pipeline.text.paragraphs import source_of
from tasks.pipeline.text.unshown_parts import Unshown

if TYPE_CHECKING:
    import nh3
    from markdown_it import token as markup
    from markdown_it.token import Token
else:
    nh3, markup = LazyModule("nh3"), LazyModule("markdown_it.token")

__all__ = ["ATTRIBUTES", "CITATION", "CLASSES", "CONTROL_CHARACTERS", "TAGS", "BodyBlock", "plain_text",
           "render", "render_blocks", "unshown"]  # fmt: skip


@dataclass(frozen=True)
class BodyBlock:
    """A paragraph, heading, list or other part of a body: its Markdown, and its HTML as `render` has it."""

    source: str
    html: str


def render(
    body: str,
    citations: Iterable[Mapping[str, Any]] = (),
    *,
    language: str = "en",
    for_editors: bool = False,
    prefix: str = "",
    attachments: Attachments | None = None,
) -> str:
    """Return sanitised HTML: `[n]` links to `#source-n`, other links to cited sources or this site only.

    Code and tables can be focused, so that they can be scrolled with the keyboard where they are too wide.
    `language` is the code of the text's: what a page adds to be read out is in it, such as "Footnote 1".
    `for_editors` adds a note where something is not shown; `prefix` is for the ids of footnotes where a page
    shows several bodies. `attachments` are its images and link cards: see `tasks.attachments`.
    """
    attached = attachments or Attachments()
    page = _Page(body, citations, language, attached, for_editors=for_editors, prefix=prefix)
    return page.html([*page.tokens, *page.footnotes.section()])


def render_blocks(
    body: str,
    citations: Iterable[Mapping[str, Any]] = (),
    *,
    language: str = "en",
    attachments: Attachments | None = None,
) -> list[BodyBlock]:
    """The same for editors, part by part, each footnote where it is written."""
    attached = attachments or Attachments()
    page = _Page(body, citations, language, attached, for_editors=True, footnotes_in_place=True)
    lines = lines_of(body)
    return [BodyBlock(source_of(block, lines), page.html(block)) for block in top_level(page.tokens)]


def unshown(
    body: str, citations: Iterable[Mapping[str, Any]] = (), *, attachments: Attachments | None = None
) -> list[Unshown]:
    """What readers will not see, or not as it was meant, in the order of the text."""
    return _Page(body, citations, attachments=attachments or Attachments()).unshown


def plain_text(body: str) -> str:
    """The words of the body without markup, citation marks, struck-out text and lines of references."""
    env: Environment = {}
    footnotes = Footnotes()
    tokens = footnotes.placed(parse(body, env), env)
    tokens += [token for number in sorted(footnotes.notes) for token in footnotes.notes[number]]
    return " ".join("".join(_words(tokens)).split())


def _words(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if token.children is not None:
            yield inline_words(token.children)
        elif token.type in {"fence", "code_block"}:
            yield token.content
        yield "\n"


@dataclass
class _Page:
    """A body on its way to HTML."""

    body: str
    citations: Iterable[Mapping[str, Any]]
    language: str = ""
    attachments: Attachments = field(default_factory=Attachments)
    for_editors: bool = False
    footnotes_in_place: bool = False
    prefix: str = ""
    tokens: list[Token] = field(init=False)
    unshown: list[Unshown] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.phrases = page_phrases(self.language)
        self.footnotes = Footnotes(self.prefix, self.phrases)
        self.numbers = set()
        self.addresses: dict[str, str] = {}
        for citation in self.citations:
            self.numbers.add(citation["number"])
            if address := citation.get("url"):
                self.addresses[parser().normalizeLink(address)] = address
        self.env: Environment = {"addresses": self.addresses.values(), "phrases": self.phrases}
        by_link = {parser().normalizeLink(url): card for url, card in self.attachments.cards.items()}
        self.attachments = Attachments(self.attachments.images, by_link)
        self.images = self.env["images"] = self.attachments.images
        self.folders = tuple({image.folder for image in self.images.values()})
        self.used: set[str] = set()
        tokens = parse(self.body, self.env)
        self.headings = heading_ids(tokens)
        self._note_blocks(tokens)
        for token in tokens:
            if token.children:
                self._connect(token)
        self._note_references(tokens)
        self.unshown.sort(key=lambda one: one.line)
        blocks = self.attachments.placed(self._placed(tokens))
        self.tokens = self.footnotes.placed(blocks, self.env, in_place=self.footnotes_in_place)

    def html(self, tokens: list[Token]) -> str:
        return nh3.clean(
            parser().renderer.render(tokens, parser().options, self.env),
            tags=TAGS,
            attributes=ATTRIBUTES,
            allowed_classes=CLASSES,
            url_schemes={"http", "https"},
            link_rel=None,
            set_tag_attribute_values={"pre": {"tabindex": "0"}, "table": {"tabindex": "0"}},
            attribute_filter=self._allowed,
        )

    def _allowed(self, tag: str, name: str, value: str) -> str | None:
        """Drop links that lead anywhere but to a cited source, a heading or a page of this site."""
        if (tag, name) == ("code", "class"):
            return value if CODE_LANGUAGE.fullmatch(value) else None
        if name in {"src", "srcset"}:
            return value if value.startswith(self.folders) else None
        if (tag, name) != ("a", "href"):
            return value
        return value if self._is_known(value) else None

    def _is_known(self, address: str) -> bool:
        return _is_local(address) or address in self.addresses or address in self.attachments.cards

    # --- Inside paragraphs ------------------------------------------------------------------------------

    def _connect(self, block: Token) -> None:
        """Links for citations and marks of footnotes; words for links that lead nowhere."""
        line = block.map[0] + 1 if block.map else 1
        found: list[Token] = []
        notes: list[Token] = []  # of the link that is open
        is_bare = False  # it was found in running text, and leads nowhere
        children = block.children or []
        for index, token in enumerate(children):
            if token.type == "citation":
                self._cite(found, token, line)
            elif token.type == MARK:
                found += self.footnotes.mark(token)
            elif token.type == "link_open":
                is_bare, notes = self._opened(token, line, has_words=_has_words(children, index))
                found += [] if is_bare else [token]
            elif token.type == "link_close":
                found += [*([] if is_bare else [token]), *notes]
            elif token.type == "image":
                found.append(token)
                for what in unshown_parts.of_image(token, self.images, is_figure=are_figures(children)):
                    found += self._noted(line, what)
            else:
                line += token.type in {"softbreak", "hardbreak"}
                found.append(token)
                found += self._as_written(token, line)
                line += token.content.count("\n") if token.type == "formula" else 0
        first_line = block.map[0] + 1 if block.map else 1
        for what in unshown_parts.of_first_words(block.content):
            found += self._noted(first_line, what)
        block.children = found

    def _as_written(self, token: Token, line: int) -> list[Token]:
        if token.type == "formula":
            return self._noted(line, unshown_parts.of_formula(token.content))
        if token.type != "text" or not unshown_parts.MARKS.search(token.content):
            return []
        return [note for what in unshown_parts.of_text(token.content) for note in self._noted(line, what)]

    def _cite(self, found: list[Token], citation: Token, line: int) -> None:
        """Add what is shown of a citation to what stands before it."""
        numbers = citation.meta["numbers"]
        if not numbers or not self.numbers.issuperset(numbers):
            as_written = markup.Token("text", "", 0, content=citation.content)
            found += [as_written, *self._noted(line, unshown_parts.of_citation(citation.content))]
            return
        if found and found[-1].type == "text":
            found[-1].content = found[-1].content.rstrip(" ")
        for number in numbers:
            found += self._citation_link(number)

    def _citation_link(self, number: int) -> list[Token]:
        attributes: dict[str, str | int | float] = {
            "href": f"#source-{number}",
            "aria-label": f"{self.phrases.source} {number}",
        }
        return [
            markup.Token("sup_open", "sup", 1),
            markup.Token("link_open", "a", 1, attrs=attributes),
            markup.Token("text", "", 0, content=f"[{number}]"),
            markup.Token("link_close", "a", -1),
            markup.Token("sup_close", "sup", -1),
        ]

    def _opened(self, link: Token, line: int, *, has_words: bool) -> tuple[bool, list[Token]]:
        """Whether it is to be words alone, and the notes for editors."""
        address = str(link.attrs.get("href", ""))
        self.used.add(address)
        if address.startswith("#") and (heading := heading_of_anchor(address[1:], self.headings)):
            link.attrs["href"] = address = parser().normalizeLink(f"#{heading}")
        if not has_words:
            return True, self._noted(line, unshown_parts.of_empty_link(address))
        is_known = self._is_known(address)
        notes = [] if is_known else self._noted(line, unshown_parts.of_link(address))
        if not _is_local(address):
            link.attrs["rel"] = "noopener nofollow"
        return not is_known and link.markup == "linkify", notes

    # --- What is not shown ------------------------------------------------------------------------------

    def _noted(self, line: int, what: str) -> list[Token]:
        self.unshown.append(Unshown(line, what))
        return [_note("span", what)] if self.for_editors else []

    def _note_blocks(self, tokens: list[Token]) -> None:
        """Lines of references, notes that nothing refers to, and cells beyond the last column."""
        for token, what in unshown_parts.of_footnotes(tokens, self.env):
            self._note_block(token, what)
        lines, columns, is_head = lines_of(self.body), 0, False
        if tokens and tokens[0].type == "hr" and unshown_parts.is_front_matter(lines):
            self._note_block(tokens[0], "Fields at the beginning are shown as text.")
        for token in tokens:
            if token.type == "heading_open" and token.hidden:
                self._note_block(token, "A heading without words is not shown.")
            elif token.type == "fence":
                if what := unshown_parts.of_code(token, lines):
                    self._note_block(token, what)
            elif token.type == "reference_line" and not token.meta:
                self._note_block(token, "The line is not shown: the sources stand below the text anyway.")
            elif token.type == "thead_open":
                columns, is_head = 0, True
            elif token.type == "thead_close":
                is_head = False
            elif token.type in {"th_open", "td_open"}:
                columns += is_head
            elif token.type == "tr_open" and not is_head:
                beyond = unshown_parts.of_cells(token, lines, columns)
                if beyond:
                    self._note_block(token, beyond)

    def _note_block(self, token: Token, what: str) -> None:
        self.unshown.append(Unshown(token.map[0] + 1 if token.map else 1, what))
        token.meta = {**token.meta, "not_shown": what}

    def _note_references(self, tokens: list[Token]) -> None:
        """Addresses that no link uses, of which several may stand in one block."""
        blocks = [token for token in tokens if token.type == "reference_line" and token.map]
        for line, what in unshown_parts.of_references(self.env, self.used):
            self.unshown.append(Unshown(line, what))
            block = next(one for one in blocks if one.map and one.map[0] < line <= one.map[1])
            block.meta["not_shown"] = "\n".join([*block.meta.get("not_shown", "").splitlines(), what])

    def _placed(self, tokens: list[Token]) -> list[Token]:
        """The blocks in their places, with notes for editors."""
        found: list[Token] = []
        row = ""
        for token in tokens:
            what = token.meta.get("not_shown", "") if self.for_editors else ""
            if token.type == "tr_open":
                row = what
            elif token.type == "td_close" and row:
                found[-1].children = [*(found[-1].children or []), _note("span", row)]
                row = ""
            if self.for_editors and token.meta.get("is_of_references"):
                token.hidden = False
            if token.type in {"hr", "fence"} and what:
                found += at_lines(boxed([_note("p", what), token]), token.map)
                continue
            if token.type == "reference_line" and (what or token.meta):
                notes = [_note("p", each) for each in what.splitlines()]
                found += at_lines(boxed(notes), token.map) if notes else []
                continue
            if token.type == "heading_open" and what:
                found += [token, _note("p", what)]
                continue
            if token.type == OPEN and what:
                note = [token, _note("p", what)]
                found += note if self.footnotes_in_place else reversed(note)
                continue
            found.append(token)
        return found


def _note(tag: str, what: str) -> Token:
    return markup.Token("not_shown", tag, 0, content=what)


def _has_words(children: list[Token], opened: int) -> bool:
    """Whether anything is shown of the link that is opened at this index."""
    for index in range(opened + 1, len(children)):
        token = children[index]
        if token.type == "link_close":
            return False
        if token.type not in {"image", "softbreak", "hardbreak"} and token.content.strip():
            return True
    return False


def _is_local(address: str) -> bool:
    return address.startswith("#") or (address.startswith("/") and not address.startswith(("//", "/\\")))
