"""The dialect of Markdown: CommonMark, with tables, footnotes, task lists, citations and formulas as written.

docs/decisions/0070-one-dialect-of-markdown.md says what belongs to it, and why.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, MutableMapping
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tasks.pipeline.lazy_import import LazyModule
from tasks.pipeline.text import body_images, delimiters, inline_rules
from tasks.pipeline.text.page_phrases import ENGLISH
from tasks.pipeline.text.scripts import joins_without_blank

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it import token as markup
    from markdown_it.ruler import RuleOptionsType
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token
else:
    markup = LazyModule("markdown_it.token")

VERSION = 3
"""Raised when an unchanged text gets another page; `manage.py render_posts` makes the pages again."""
CITATION = re.compile(r"\[(\d{1,3})\]")
# XML, and so every feed, refuses them.
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_BYTE_ORDER_MARK = re.compile(r"^\ufeff", re.MULTILINE)  # before a heading it would make it text
LINE_END = re.compile(r"\r\n?|\n")  # as the parser counts lines
# Models like to end a text with these, by which "[1]" would become an ordinary link.
_REFERENCE_LINE = re.compile(
    r"\[(\d{1,3})\]:[ \t]{0,20}<?(?=[^\s<>]{0,200}(?:[/#@]|\w\.\w))([^\s<>]{1,2000})>?"
    r"""(?:[ \t]{1,20}["'(][^\n]{0,500}["')])?[ \t]{0,20}$"""
)
_TITLE = re.compile(r"""[ \t]{0,20}(?:"[^"]{1,500}"|'[^']{1,500}'|\([^()]{1,500}\))[ \t]{0,20}$""")
_NUMBERED = re.compile(r"\[\d{1,3}\]:")
_NO_REFERENCE = re.compile(r"\[(?:\d{1,3}\]:|\^)")
_CODE_LANGUAGE = re.compile(r"\s{0,9}\{?\s{0,9}\.?([\w+#.-]{1,40})")
_TASK = re.compile(r"\[([ xX])\](?=\s)")
Environment = MutableMapping[str, Any]


@lru_cache(maxsize=1)
def parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.anchors import anchors_plugin
    from mdit_py_plugins.footnote import footnote_plugin
    from mdit_py_plugins.footnote.index import footnote_def

    made = MarkdownIt("commonmark", {"html": False, "linkify": True})
    made.enable(["table", "strikethrough", "linkify"])
    made.core.ruler.disable("linkify")  # finds "example.org" too; the rule of the same name needs "https://"
    delimiters.install(made)
    made.use(footnote_plugin, inline=False, move_to_end=False)
    # What ends a quotation ends a table too.
    below_anything: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote"]}
    made.block.ruler.at("footnote_def", footnote_def, below_anything)
    made.block.ruler.before("reference", "reference_line", _reference_line, below_anything)
    made.block.ruler.at("reference", _reference)
    inline_rules.install(made)
    made.core.ruler.push("code_languages", _code_languages)
    made.core.ruler.push("outline", _outline)
    made.core.ruler.push("tables", _tables)
    made.core.ruler.push("tasks", _tasks)
    made.core.ruler.push("wrapped_lines", _wrapped_lines)
    made.core.ruler.push("source_lists", _source_lists)
    made.add_render_rule("not_shown", _not_shown)
    made.add_render_rule("formula", _formula_as_written)
    made.add_render_rule("block_html", _block_html)
    made.add_render_rule("image", body_images.render_image)
    return made.use(anchors_plugin, min_level=2, max_level=4, slug_func=heading_id)


def parse(body: str, env: Environment | None = None) -> list[Token]:
    """The tokens of a body. Footnotes stand where they are written."""
    return parser().parse(_parsed(body), {} if env is None else env)


def parse_blocks(body: str) -> list[Token]:
    """The same without what is inside paragraphs, which takes a fraction of the time."""
    found: list[Token] = []
    made = parser()
    made.block.parse(_parsed("\n".join(lines_of(body))), made, {}, found)
    return found


def _parsed(body: str) -> str:
    return _BYTE_ORDER_MARK.sub("", CONTROL_CHARACTERS.sub("", body))


def lines_of(body: str) -> list[str]:
    return LINE_END.split(body)


def top_level(tokens: list[Token]) -> Iterator[list[Token]]:
    """The tokens of each block that is inside no other."""
    start = depth = 0
    for index, token in enumerate(tokens, start=1):
        depth += token.nesting
        if depth == 0:
            yield tokens[start:index]
            start = index


def heading_id(text: str) -> str:
    """`section-…`: no heading can take the id of a source or of a part of the page."""
    words = re.sub(r"[^\w\s-]", "", CITATION.sub("", text).lower()).split()
    return "-".join(["section", *words])


def heading_ids(tokens: Iterable[Token]) -> list[str]:
    """Those that links on the page can lead to."""
    opened = (token for token in tokens if token.type == "heading_open" and not token.hidden)
    return [str(token.attrs["id"]) for token in opened if "id" in token.attrs]


def heading_of_anchor(anchor: str, ids: Iterable[str]) -> str:
    """The id that a link within the text means: as it is on the page, or as most programs write it.

    `water-for-trees` is `section-water-for-trees`. Empty when there is no such heading.
    """
    words = _words_of_anchor(anchor)
    by_words = {_words_of_anchor(one.removeprefix("section-")): one for one in reversed(list(ids))}
    found = by_words.get(_words_of_anchor(anchor.removeprefix("section-"))) or by_words.get(words)
    return found if words and found else ""


def _words_of_anchor(anchor: str) -> str:
    return "-".join(re.findall(r"\w+", unquote(anchor).lower()))


# --- Blocks ---------------------------------------------------------------------------------------------


def _reference_line(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`[1]: https://…` is neither a link nor text, also at the end of a paragraph."""
    line = start
    while line < end and (line == start or state.sCount[line] >= state.blkIndent):
        after = _after_reference(state, line, end, silent)
        if silent or after == line:
            line = after
            break
        line = after
    if line == start or silent:
        return line > start
    token = state.push("reference_line", "", 0)
    token.map = [start, line]
    token.hidden = True
    state.line = line
    return True


def _after_reference(state: StateBlock, line: int, end: int, silent: bool) -> int:
    """The line after that of a reference, whose address or title may be in the next; else the same line.

    It may be indented less: it ends a list or a quotation, as a heading does.
    """
    text = _line(state, line)
    if not text.startswith("[") or state.sCount[line] - state.blkIndent > 3:
        return line
    has_next = line + 1 < end and state.sCount[line + 1] >= state.blkIndent
    found, after = _REFERENCE_LINE.match(text), line + 1
    if found is None and has_next and _NUMBERED.fullmatch(text.rstrip()):
        found, after = _REFERENCE_LINE.match(f"{text} {_line(state, after)}"), line + 2
    elif found and has_next and _TITLE.match(_line(state, after)):
        after = line + 2
    if found is None:
        return line
    if not silent:
        href = state.md.normalizeLink(found[2])
        reference = {"title": "", "href": href, "map": [line, after]}
        state.env.setdefault("references", {}).setdefault(found[1], reference)
    return after


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _reference(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    from markdown_it.rules_block import reference

    begin = state.bMarks[start] + state.tShift[start]
    if _NO_REFERENCE.match(state.src, begin) or not reference(state, start, end, silent):
        return False
    above = state.tokens[-1] if state.tokens else None
    if above and above.map and above.meta.get("is_named") and above.map[1] == start:
        above.map[1] = state.line
    else:
        token = state.push("reference_line", "", 0)
        token.map, token.hidden, token.meta = [start, state.line], True, {"is_named": True}
    return True


# --- The whole ------------------------------------------------------------------------------------------


def _code_languages(state: StateCore) -> None:
    """The language of code stands alone, also where it was written as `{.python .numberLines}`."""
    for token in state.tokens:
        if token.type == "fence" and token.info.strip():
            found = _CODE_LANGUAGE.match(token.info)
            rest = token.info[found.end() :] if found else token.info
            token.info = found[1] if found else ""
            token.meta = {
                **token.meta,
                "beyond_language": rest.removesuffix("}").strip()
                if rest.count("{") < rest.count("}")
                else rest.strip(),
            }


def _outline(state: StateCore) -> None:
    """Headings go down step by step from h2, whatever their marks say: the page's own title is the h1."""
    above: list[int] = []
    for index, token in enumerate(state.tokens):
        if token.type == "heading_open":
            if not _has_words(state.tokens[index + 1]):
                _hide(token, state.tokens[index + 2])
                continue
            level = max(2, int(token.tag[1]))
            while above and above[-1] >= level:
                above.pop()
            above.append(level)
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(1 + len(above), 4)}"


def _has_words(inline: Token) -> bool:
    return any(child.content.strip() and child.type != "image" for child in inline.children or [])


def _tables(state: StateCore) -> None:
    """Alignment by class, which the site's policy allows, and headings of columns by name."""
    for index, token in enumerate(state.tokens):
        if token.type not in {"th_open", "td_open"}:
            continue
        align = str(token.attrs.pop("style", "")).removeprefix("text-align:")
        if align:
            token.attrs["class"] = f"align-{align}"
        if token.type == "th_open":
            if state.tokens[index + 1].content:
                token.attrs["scope"] = "col"
            else:  # a heading without words is read out as one
                token.tag = state.tokens[index + 2].tag = "td"


def _tasks(state: StateCore) -> None:
    """`- [x] done` has a sign: a box that can be clicked would promise more than a page keeps."""
    phrases = state.env.get("phrases", ENGLISH)
    for index in range(2, len(state.tokens)):
        item, _, inline = state.tokens[index - 2 : index + 1]
        if item.type != "list_item_open" or inline.type != "inline" or not inline.children:
            continue
        text = inline.children[0]
        # Of what is written, because the text does not say that a bracket was escaped.
        found = _TASK.match(inline.content) if text.type == "text" else None
        if found:
            is_done = found[1] != " "
            label = phrases.done if is_done else phrases.to_do
            text.content = text.content[found.end() :].lstrip()
            attributes: dict[str, str | int | float] = {"role": "img", "aria-label": label}
            inline.children[:0] = [
                markup.Token("task_open", "span", 1, attrs=attributes),
                markup.Token("text", "", 0, content="☑" if is_done else "☐", meta={"is_sign": True}),
                markup.Token("task_close", "span", -1),
                markup.Token("text", "", 0, content=" "),
            ]
            item.attrs["class"] = "task"


def _wrapped_lines(state: StateCore) -> None:
    """Lines of Chinese and Japanese are joined without a blank."""
    for token in state.tokens:
        children = token.children or []
        if any(child.type == "softbreak" for child in children):
            token.children = [
                child
                for index, child in enumerate(children)
                if child.type != "softbreak"
                or not joins_without_blank(_text_near(children, index, -1), _text_near(children, index, 1))
            ]


def _text_near(children: list[Token], index: int, step: int) -> str:
    """What stands next to it, in an emphasis or before one."""
    for near in range(index + step, index + 9 * step, step):
        if not 0 <= near < len(children):
            break
        if children[near].content:
            return children[near].content
    return ""


def _source_lists(state: StateCore) -> None:
    """Points of a list that are lines of references leave no empty points."""
    lists: list[list[Token]] = []
    is_empty: list[bool] = []
    for index, token in enumerate(state.tokens):
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            lists.append([token])
            is_empty.append(True)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            if is_empty.pop():
                _hide_references(*lists[-1], token)
            lists.pop()
        elif token.type == "list_item_open":
            line, close = state.tokens[index + 1], state.tokens[min(index + 2, len(state.tokens) - 1)]
            if line.type == "reference_line" and close.type == "list_item_close":
                _hide_references(token, close)
            else:
                is_empty[-1] = False


def _hide(*tokens: Token) -> None:
    for token in tokens:
        token.hidden = True


def _hide_references(*tokens: Token) -> None:
    _hide(*tokens)
    for token in tokens:
        token.meta = {**token.meta, "is_of_references": True}


def _formula_as_written(renderer: Any, tokens: list[Token], index: int, options: Any, env: Any) -> str:
    return escape(tokens[index].content, quote=False)


def _block_html(renderer: Any, tokens: list[Token], index: int, options: Any, env: Any) -> str:
    return tokens[index].content


def _not_shown(renderer: Any, tokens: list[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    html = f'<{token.tag} class="not-shown">{escape(token.content)}</{token.tag}>'
    return f"{html}\n" if token.tag == "p" else f" {html}"
