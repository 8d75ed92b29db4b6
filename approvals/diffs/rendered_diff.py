"""What changed between two rendered texts: blocks first, then the words inside blocks that changed.

Works on the HTML of `tasks.pipeline.text.markdown.render`; its result is sanitised again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from approvals.diffs.alignment import align
from approvals.diffs.line_diff import ChangeKind
from approvals.diffs.moves import LineChange, changes
from approvals.diffs.word_diff import WORDS, DiffBudget
from tasks.pipeline.lazy_import import LazyModule
from tasks.pipeline.text import markdown

if TYPE_CHECKING:
    import nh3
else:
    nh3 = LazyModule("nh3")

TOKEN = re.compile(r"""<(?:"[^"]*"|[^">])*>|[^<]+""")
TAG_NAME = re.compile(r"</?(\w+)")
ID = re.compile(r' id="[^"]*"')
WORDS_OF_HTML = re.compile(rf"&#?\w+;\s*|{WORDS.pattern}")
"""An HTML entity is one word."""
BETWEEN_INSERTED = re.compile("</ins>( *)<ins>")
VOID = frozenset({"br", "hr", "img", "source"})
INLINE = frozenset({"a", "em", "strong", "s", "code", "sup", "span"})
"""A word in another inline element is another word: newly bold, or a link to another address."""
CONTAINERS = frozenset({"ul", "ol", "blockquote", "table", "thead", "tbody", "tr", "section"})
TABLE = frozenset({"table", "thead", "tbody", "tr"})
"""Inside a table a move cannot be marked: rows are removed and added."""

CLASSES: dict[str, str] = {
    ChangeKind.ADDED: "desk-added", ChangeKind.REMOVED: "desk-removed", ChangeKind.MOVED_HERE: "desk-moved",
    ChangeKind.MOVED_AWAY: "desk-moved-away",
}  # fmt: skip
ALLOWED_CLASSES = markdown.CLASSES | {
    name: markdown.CLASSES.get(name, set()) | set(CLASSES.values()) for name in ("li", "p", "figure")
}
CHANGED = "±"
PICTURE = "<img "


@dataclass(frozen=True)
class DiffBlock:
    """A block as readers see it, with what happened to it. `html` is safe to show.

    CHANGED has `<ins>` and `<del>` inside; both ends of a move have the same number.
    """

    kind: str
    html: str
    move: int = 0


def diff_rendered(old_html: str, new_html: str) -> list[DiffBlock]:
    """Every block of both texts, in display order."""
    old, new = _elements(TOKEN.findall(old_html)), _elements(TOKEN.findall(new_html))
    blocks = _compare(old, new, DiffBudget())
    # Sanitised as a whole: parts of a table would lose their tags.
    return [
        block if block.kind == ChangeKind.SAME else replace(block, html=_safe(block.html)) for block in blocks
    ]


@dataclass(frozen=True)
class _Element:
    """One element as tokens: tags, and the text between them."""

    tokens: tuple[str, ...] = field(repr=False)

    @property
    def tag(self) -> str:
        return _name(self.tokens[0])

    @cached_property
    def html(self) -> str:
        return "".join(self.tokens)

    @cached_property
    def key(self) -> str:
        return ID.sub("", self.html)

    @cached_property
    def text(self) -> str:
        """Its words, with tags as words of their own: other emphasis makes another text."""
        return " ".join([self.tag, *(ID.sub("", token) for token in self.tokens[1:-1])])

    @property
    def children(self) -> list[_Element]:
        return _elements(self.tokens[1:-1])


def _elements(tokens: Sequence[str]) -> list[_Element]:
    """The sibling elements in `tokens`; white space between them is left out."""
    found: list[_Element] = []
    depth = start = 0
    for index, token in enumerate(tokens):
        if not token.startswith("<"):
            if depth == 0 and not token.isspace():
                found.append(_Element(("<p>", token, "</p>")))
            continue
        if token.startswith("</"):
            depth -= 1
        elif _name(token) not in VOID:
            if depth == 0:
                start = index
            depth += 1
            continue
        elif depth == 0:
            start = index
        if depth == 0:
            found.append(_Element(tuple(tokens[start : index + 1])))
    return found


def _compare(
    old: Sequence[_Element], new: Sequence[_Element], allowance: DiffBudget, *, moves: bool = True
) -> list[DiffBlock]:
    stretches = align([element.key for element in old], [element.key for element in new])
    found = changes([element.text for element in old], [element.text for element in new], stretches)
    return [_block(change if moves else _unmoved(change), old, new, allowance) for change in found]


def _unmoved(change: LineChange) -> LineChange:
    if not change.move:
        return change
    return LineChange(None, change.new) if change.is_here else LineChange(change.old, None)


def _block(
    change: LineChange, old: Sequence[_Element], new: Sequence[_Element], allowance: DiffBudget
) -> DiffBlock:
    if change.old is None or change.new is None:
        if change.old is None:
            return DiffBlock(ChangeKind.ADDED, _wrapped(new[change.new or 0], "ins"))
        return DiffBlock(ChangeKind.REMOVED, _wrapped(old[change.old], "del"))
    before, after = old[change.old], new[change.new]
    if change.move and not change.is_here:
        return DiffBlock(ChangeKind.MOVED_AWAY, before.key, change.move)
    if before.key == after.key:
        return DiffBlock(ChangeKind.MOVED_HERE if change.move else ChangeKind.SAME, after.html, change.move)
    html = _changed(before, after, allowance)
    return DiffBlock(ChangeKind.MOVED_HERE if change.move else CHANGED, html, change.move)


def _changed(before: _Element, after: _Element, allowance: DiffBudget) -> str:
    """The element as it is now, with inserted and deleted words marked in place."""
    if before.tag == after.tag and after.tag in CONTAINERS:
        blocks = _compare(before.children, after.children, allowance, moves=after.tag not in TABLE)
        inside = "".join(_as_child(block, after.tag) for block in blocks)
        return f"{after.tokens[0]}{inside}{after.tokens[-1]}"
    if PICTURE in before.html + after.html and _pictures(before) != _pictures(after):
        return _with_class(_wrapped(before, "del"), ChangeKind.REMOVED) + _with_class(
            _wrapped(after, "ins"), ChangeKind.ADDED
        )
    return _marked(before, after, allowance)


def _pictures(element: _Element) -> list[str]:
    return [token for token in element.tokens if token.startswith(PICTURE)]


def _with_class(html: str, kind: str) -> str:
    """On the element itself, for what has no words that could be marked."""
    return re.sub(r"\A<(figure|p|li)(?=>)", rf'<\1 class="{CLASSES[kind]}"', html, count=1)


def _as_child(block: DiffBlock, container: str) -> str:
    """An added, removed or moved list item gets a class; in a table only its words are marked."""
    if block.kind not in CLASSES or container in TABLE:
        return block.html
    return re.sub(r"\A<(\w+)", rf'<\1 class="{CLASSES[block.kind]}"', block.html, count=1)


def _wrapped(element: _Element, mark: str) -> str:
    html = "".join(
        token if token.startswith("<") or token.isspace() else f"<{mark}>{token}</{mark}>"
        for token in element.tokens
    )
    return ID.sub("", html) if mark == "del" else html  # an id may be on the page only once


class _Word(NamedTuple):
    text: str
    around: str
    """The inline tags around it."""
    at: int
    """Index of the token it is part of."""


def _words(tokens: Sequence[str]) -> list[_Word]:
    found: list[_Word] = []
    around: list[str] = []
    for index, token in enumerate(tokens):
        if not token.startswith("<"):
            context = "".join(around)
            found += [_Word(text, context, index) for text in WORDS_OF_HTML.findall(token)]
        elif _name(token) in INLINE:
            if token.startswith("</"):
                around.pop()
            else:
                around.append(token)
    return found


def _marked(before: _Element, after: _Element, allowance: DiffBudget) -> str:
    old, new = _words(before.tokens), _words(after.tokens)
    bare_old, bare_new = ([(word.text.strip(), word.around) for word in side] for side in (old, new))
    if not new or not allowance.covers(bare_old, bare_new):
        return _wrapped(before, "del") + _wrapped(after, "ins")
    gone: list[Sequence[_Word]] = [()] * (len(new) + 1)
    is_new = [False] * len(new)
    for is_same, i1, i2, j1, j2 in align(bare_old, bare_new):
        if not is_same:
            gone[j1] = old[i1:i2]
            is_new[j1:j2] = [True] * (j2 - j1)
    return _written(after.tokens, new, gone, is_new)


def _written(
    tokens: Sequence[str], words: Sequence[_Word], gone: Sequence[Sequence[_Word]], is_new: Sequence[bool]
) -> str:
    """The tokens, with inserted words marked, and deleted words before the word that follows them."""
    texts: dict[int, list[str]] = {word.at: [] for word in words}
    for index, word in enumerate(words):
        if gone[index]:
            texts[_place(gone[index][0], words[max(index - 1, 0)], word)].append(_taken_out(gone[index]))
        texts[word.at].append(_mark("ins", word.text) if is_new[index] else word.text)
    if gone[-1]:
        texts[words[-1].at].append(_taken_out(gone[-1]))
    html = "".join("".join(texts.get(index, [token])) for index, token in enumerate(tokens))
    return BETWEEN_INSERTED.sub(r"\1", html)


def _taken_out(words: Sequence[_Word]) -> str:
    return _mark("del", "".join(word.text for word in words))


def _mark(mark: str, text: str) -> str:
    """Marks the text without its trailing space."""
    words = text.rstrip(" ")
    return f"<{mark}>{words}</{mark}>{text[len(words) :]}" if words else text


def _place(gone: _Word, before: _Word, after: _Word) -> int:
    """Of two tokens, the one with the same inline tags as `gone`, or else the one with fewer."""
    if gone.around == after.around:
        return after.at
    if gone.around == before.around:
        return before.at
    return before.at if len(before.around) <= len(after.around) else after.at


def _safe(html: str) -> str:
    return nh3.clean(
        html,
        tags=markdown.TAGS | {"ins", "del"},
        attributes=markdown.ATTRIBUTES | {"pre": {"tabindex"}, "table": {"tabindex"}},
        allowed_classes=ALLOWED_CLASSES,
        url_schemes={"http", "https"},
        link_rel=None,
    )


def _name(tag: str) -> str:
    found = TAG_NAME.match(tag)
    return found[1] if found else ""
