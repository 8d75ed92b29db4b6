"""Takes the addresses out of a text that are none of its sources': what they were written on stays."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, partial

_FENCED = re.compile(
    r"^ {0,3}(```|~~~)[^\n]*\n.*?(?:^ {0,3}\1[`~]{0,20}[ \t]*$|\Z)", re.MULTILINE | re.DOTALL
)
_CODE_SPAN = re.compile(r"(?<!`)(`{1,3})(?!`)([^`\n]{1,2000})(?<!`)\1(?!`)")
_TARGET = (
    r"\(\s{0,9}(?:<([^<>\n]{0,2000})>|((?:[^\s()<>]|\([^\s()]{0,500}\)){0,2000}))"
    r"(?:\s{1,9}[^()\n]{0,500})?\s{0,9}\)"
)
_WORDS = r"\[((?:[^\[\]\\\n]|\\.|\[[^\[\]\n]{0,200}\]|\n(?!\n)){0,1000})\]"
_IMAGE = re.compile(rf"!{_WORDS}{_TARGET}")
_LINK = re.compile(rf"{_WORDS}{_TARGET}")
_REFERENCE = re.compile(
    r"^ {0,3}\[(?!\^)([^\]\n]{1,200})\]:[ \t]{0,9}\n?[ \t]{0,9}<?(\S{1,2000}?)>?"
    r"(?:[ \t]{1,9}[\"'(][^\n]{0,300})?[ \t]*$\n?",
    re.MULTILINE,
)
_BY_NAME = re.compile(rf"!?{_WORDS}(?:\[([^\]\n]{{0,200}})\])?")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]{0,30})((?:\s[^<>]{0,3000})?)/?>")
_ATTRIBUTE = re.compile(
    r"""\b(?:href|src|srcset|action|data|poster|cite)\s{0,5}=\s{0,5}["']?([^"'\s>]{1,2000})""", re.IGNORECASE
)
_MAIL = re.compile(r"<(?:mailto:)?[\w.+-]{1,64}@[\w.-]{1,255}>", re.IGNORECASE)
# What follows the scheme, up to a blank, a mark that is no part of addresses, emphasis or a citation.
_REST = r"(?:(?!\*\*|~~|\[\d{1,3}\])[^\s<>|\"`“”«»「」『』（）【】《》〈〉〔〕、。，；：！？]){1,2000}"
_BARE = re.compile(
    rf"<?(?:(?<![A-Za-z0-9])(?:https?|ftps?|wss?|file)\\?:\\?/\\?/{_REST}|(?<![\w@/.-])www\.{_REST}"
    rf"|(?<![\w@/.-])(?:mailto|javascript|data|tel):(?=[^\s]{{3}}){_REST}"
    rf"|(?<![\w@/.:-])(?:[a-z0-9-]{{1,63}}\.){{1,5}}[a-z]{{2,24}}/{_REST})>?",
    re.IGNORECASE,
)
_NO_SCHEME = re.compile(r"(?:[a-z0-9-]{1,63}\.){1,5}([a-z]{2,24})/", re.IGNORECASE)
ENDS_OF_FILES = {"py", "md", "rs"}
"""Countries whose domain is more often the end of a file's name."""
_EMPTY = re.compile(r"\[([^\[\]\n]{0,500})\]\(\s{0,9}\)")
_NOTHING_LEFT = re.compile(r"[ \t]?(?:\([\s:,;]{0,9}\)|（[\s：，]{0,9}）|\[[ \t]{0,9}\]|<[ \t]{0,9}>)")
ENDS = ".,;:!?…。，；：！？)]"
_LOST_BLANKS = re.compile(r"(?<=\S)[ \t]{1,9}(?=[.,;:!?…。，；：！？)\]](?:\s|$))|(?<=\S)[ \t]{2,}(?=\S)")
_EMPTY_LINE = re.compile(
    r"^[ \t]{0,20}(?:[-*+]|\d{1,9}[.)]|>|\[\^[^\]\n]{1,60}\]:)?[ \t]{0,20}[.,;:!?]?[ \t]*$"
)
_EMPTY_EMPHASIS = re.compile(r"\*\*[ \t]{0,9}\*\*|(?<!\w)__[ \t]{0,9}__(?!\w)|(?<!\S)\*\*(?!\S)")
OPEN, CLOSE = "\ue004", "\ue005"
_PUT_ASIDE = re.compile(f"{OPEN}(\\d{{1,6}}){CLOSE}")


def without_unknown_addresses(body: str, known: Iterable[str]) -> str:
    """The Markdown with links and bare addresses only to what is known and to its own headings.

    Words that were a link stay; bare addresses, images and lines with addresses below the text do not.
    Blocks of code are left alone.
    """
    remover = _Remover({_plain(address) for address in known if address})
    parts, done = list[str](), 0
    for block in _FENCED.finditer(body):
        parts += [remover.cleaned(body[done : block.start()]), block[0]]
        done = block.end()
    return "".join([*parts, remover.cleaned(body[done:])])


class _Remover:
    def __init__(self, known: set[str]) -> None:
        self._known = known

    def cleaned(self, text: str) -> str:
        """The text of a body between two blocks of code."""
        spans, removed = list[str](), set[str]()
        without = _CODE_SPAN.sub(partial(self._put_aside, spans), text)
        without = _IMAGE.sub(self._image, without)
        without = _LINK.sub(self._link, _LINK.sub(self._link, without))  # again: an image may be in a link
        without = _REFERENCE.sub(partial(self._reference, removed), without)
        if removed:
            without = _BY_NAME.sub(partial(_by_name, removed), without)
        without = _BARE.sub(self._bare, _MAIL.sub("", _TAG.sub(self._tag, without)))
        if _with_spans(without, spans) == text:
            return text
        return _with_spans(_tidied(text, without), spans)

    def _is_known(self, address: str) -> bool:
        return address.startswith("#") or _plain(address) in self._known

    def _put_aside(self, spans: list[str], span: re.Match[str]) -> str:
        """Code is no link; but an address that is only set as code is an address."""
        if _BARE.fullmatch(span[2].strip()) and self._bare_text(span[2].strip()) != span[2].strip():
            return ""
        spans.append(span[0])
        return f"{OPEN}{len(spans) - 1}{CLOSE}"

    def _image(self, image: re.Match[str]) -> str:
        return image[0] if self._is_known(image[2] or image[3] or "") else ""

    def _link(self, link: re.Match[str]) -> str:
        address = link[2] if link[2] is not None else link[3]
        if self._is_known(address):
            return link[0]
        return f"[{link[1]}]" if link[1].isdecimal() else link[1]  # a citation that was made a link

    def _reference(self, removed: set[str], line: re.Match[str]) -> str:
        if self._is_known(line[2]):
            return line[0]
        removed.add(_label(line[1]))
        return ""

    def _tag(self, tag: re.Match[str]) -> str:
        addresses = _ATTRIBUTE.findall(tag[3])
        if tag[2].lower() == "a" and tag[1]:
            return ""
        return tag[0] if all(map(self._is_known, addresses)) and tag[2].lower() != "a" else ""

    def _bare(self, found: re.Match[str]) -> str:
        return self._bare_text(found[0])

    def _bare_text(self, written: str) -> str:
        """What stays of a bare address: all of it when it is known, else what follows it."""
        inner = written.removeprefix("<").removesuffix(">")
        address = _without_end(inner)
        domain = _NO_SCHEME.match(address)
        if self._is_known(address) or (domain and domain[1].lower() not in _top_level_domains()):
            return written
        return inner[len(address) :]


def _with_spans(text: str, spans: list[str]) -> str:
    return _PUT_ASIDE.sub(
        lambda match: spans[int(match[1])] if int(match[1]) < len(spans) else match[0], text
    )


def _without_end(address: str) -> str:
    """Without the punctuation of the sentence that it stands in."""
    while address and (
        address[-1] in ".,;:!?'’*_~…\\"
        or (address[-1] == ")" and address.count(")") > address.count("("))
        or (address[-1] == "]" and address.count("]") > address.count("["))
    ):
        address = address[:-1]
    return address


def _by_name(removed: set[str], match: re.Match[str]) -> str:
    label = _label(match[2] or match[1])
    if label not in removed or (match[2] is None and label.isdecimal()):
        return match[0]
    return "" if match[0].startswith("!") else match[1]


def _label(name: str) -> str:
    return " ".join(name.casefold().split())


def _plain(address: str) -> str:
    return address.replace("\\", "").rstrip("/")


def _tidied(before: str, text: str) -> str:
    """Without what only made sense with an address: empty brackets, blanks, empty lines."""
    text = _NOTHING_LEFT.sub("", _EMPTY.sub(r"\1", text))
    lines, known = list[str](), set(before.split("\n"))
    for line in text.split("\n"):
        if line in known:
            lines.append(line)
            continue
        line = _LOST_BLANKS.sub(_one_or_none, re.sub(r"^ (?=\S)", "", _EMPTY_EMPHASIS.sub("", line))).rstrip()
        if not _EMPTY_LINE.match(line):
            lines.append(line)
    return "\n".join(lines)


def _one_or_none(blanks: re.Match[str]) -> str:
    """No blank before punctuation, one between words."""
    return "" if blanks.end() < len(blanks.string) and blanks.string[blanks.end()] in ENDS else " "


@cache
def _top_level_domains() -> frozenset[str]:
    from linkify_it.tlds import TLDS

    return frozenset(name.lower() for name in TLDS) - ENDS_OF_FILES
