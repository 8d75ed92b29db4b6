"""Footnotes: their marks in the text, and the notes in a list at its end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tasks.pipeline.lazy_import import LazyModule
from tasks.pipeline.text.page_phrases import ENGLISH, PagePhrases

if TYPE_CHECKING:
    from markdown_it import token as markup
    from markdown_it.token import Token
else:
    markup = LazyModule("markdown_it.token")

OPEN, CLOSE, MARK = "footnote_reference_open", "footnote_reference_close", "footnote_ref"


@dataclass
class Footnotes:
    """The notes of a body by the number of their first mark. `prefix` sets their ids apart on a page."""

    prefix: str = ""
    phrases: PagePhrases = ENGLISH
    notes: dict[int, list[Token]] = field(default_factory=dict)
    marks: dict[int, int] = field(default_factory=dict)
    """How often each is referred to."""

    def placed(
        self, tokens: Iterable[Token], env: Mapping[str, Any], *, in_place: bool = False
    ) -> list[Token]:
        """The tokens with each note where it is written, or without notes: `section` has them then.

        A note that nothing refers to is left out, or stands in a box of its own.
        """
        numbers = numbers_by_label(env)
        opened: list[Token] = []
        levels: list[list[Token]] = [[]]
        for token in tokens:
            if token.type == OPEN:
                opened.append(token)
                levels.append([])
            elif token.type == CLOSE:
                inner, start = levels.pop(), opened.pop()
                number = numbers.get(start.meta["label"], 0)
                is_shown = bool(number) and number not in self.notes
                if is_shown:
                    self.notes[number] = inner
                if in_place:
                    note = self._section(self._item(number), start=number) if is_shown else boxed(inner)
                    levels[-1] += at_lines(note, start.map)
            else:
                levels[-1].append(token)
        return levels[0]

    def mark(self, token: Token) -> Iterator[Token]:
        """A link to the note, from the mark."""
        number = int(token.meta["id"]) + 1
        self.marks[number] = time = self.marks.get(number, 0) + 1
        attributes = {
            "href": f"#{self._id(number)}",
            "id": self._mark_id(number, time),
            "role": "doc-noteref",
            "aria-label": self._name(number),
        }
        yield markup.Token("sup_open", "sup", 1)
        yield from _link(str(number), attributes)
        yield markup.Token("sup_close", "sup", -1)

    def section(self) -> Iterator[Token]:
        """All notes, in the order of their marks."""
        if self.notes:
            yield from self._section(inner for number in sorted(self.notes) for inner in self._item(number))

    def _section(self, items: Iterable[Token], start: int = 1) -> Iterator[Token]:
        names = {"class": "footnotes", "role": "doc-endnotes", "aria-label": self.phrases.footnotes}
        yield _block("section_open", "section", 1, **names)
        yield _block("ordered_list_open", "ol", 1, **({"start": str(start)} if start > 1 else {}))
        yield from items
        yield _block("ordered_list_close", "ol", -1)
        yield _block("section_close", "section", -1)

    def _item(self, number: int) -> Iterator[Token]:
        tokens = list(self.notes[number])
        last = tokens[-2] if tokens and tokens[-1].type == "paragraph_close" else None
        back = list(self._back(number))
        if last is not None and last.children is not None:
            last.children = [*last.children, *back]
        else:
            tokens += [_block("paragraph_open", "p", 1), _inline(back), _block("paragraph_close", "p", -1)]
        yield _block("list_item_open", "li", 1, id=self._id(number))
        yield from tokens
        yield _block("list_item_close", "li", -1)

    def _back(self, number: int) -> Iterator[Token]:
        times = self.marks.get(number, 1)
        for time in range(1, times + 1):
            which = f" ({time})" if times > 1 else ""
            yield markup.Token("text", "", 0, content=" ", meta={"is_sign": True})
            attributes = {
                "href": f"#{self._mark_id(number, time)}",
                "role": "doc-backlink",
                "aria-label": f"{self.phrases.back}: {self._name(number)}{which}",
            }
            yield from _link("↩\ufe0e", attributes)

    def _name(self, number: int) -> str:
        return f"{self.phrases.footnote} {number}"

    def _id(self, number: int) -> str:
        return f"{self.prefix}footnote-{number}"

    def _mark_id(self, number: int, time: int) -> str:
        return f"{self._id(number)}-mark{f'-{time}' if time > 1 else ''}"


def numbers_by_label(env: Mapping[str, Any]) -> dict[str, int]:
    """Those that anything refers to."""
    found: Mapping[str, int] = env.get("footnotes", {}).get("refs", {})
    return {label[1:]: number + 1 for label, number in found.items() if number >= 0}


def boxed(inner: Iterable[Token]) -> Iterator[Token]:
    """In a box of its own, which is one block with what is in it."""
    yield _block("section_open", "section", 1)
    yield from inner
    yield _block("section_close", "section", -1)


def at_lines(tokens: Iterable[Token], lines: list[int] | None) -> list[Token]:
    found = list(tokens)
    found[0].map = lines
    return found


def _block(name: str, tag: str, nesting: int, **attributes: str) -> Token:
    return markup.Token(name, tag, nesting, attrs=dict(attributes), block=True)  # type: ignore[arg-type]


def _inline(children: list[Token]) -> Token:
    return markup.Token("inline", "", 0, children=children, block=True)


def _link(text: str, attributes: Mapping[str, str]) -> Iterator[Token]:
    yield markup.Token("link_open", "a", 1, attrs=dict(attributes), meta={"is_own": True})
    yield markup.Token("text", "", 0, content=text, meta={"is_sign": True})
    yield markup.Token("link_close", "a", -1)
