"""The marks that stand around outside text in a prompt: how they are recognised wherever they turn up."""

from __future__ import annotations

import re

# As they may be written: escaped for Markdown, HTML or JSON, in other characters that look so, apart.
_LT = (
    r"(?:\\?(?:<|&lt;?|&#0{0,5}60;?|&#x0{0,5}3c;?|\\?u003c|＜|‹|〈|⟨|《|«)[\s\u200b-\u200d\u2060\ufeff]{0,2})"
)
_GT = (
    r"(?:[\s\u200b-\u200d\u2060\ufeff]{0,2}\\?(?:>|&gt;?|&#0{0,5}62;?|&#x0{0,5}3e;?|\\?u003e|＞|›|〉|⟩|》|»))"
)
_NONCE = r"(?-i:[0-9a-f]{16}|[0-9A-F]{16})"
_WORD = r"(?:begin|end)"
_MARK = re.compile(
    # Either half of a mark with its word; `<<<END` alone at the end of a line opens a here-document.
    rf"{_LT}{{3,9}}begin\b[^\n<>]{{0,200}}{_GT}{{0,9}}"
    rf"|{_LT}{{3,9}}(?:end\b(?!\s{{0,9}}(?:\n|\Z))|(?-i:end)\b)[^\n<>]{{0,200}}{_GT}{{0,9}}"
    rf"|\b{_WORD}[ \t]{{1,9}}{_NONCE}\b[^\n<>]{{0,200}}{_GT}{{0,9}}"
    # Without its opening brackets, and with a shorter number than ours.
    rf"|\b{_WORD}[ \t]{{1,9}}[0-9a-f]{{6,64}}\b[^\n<>]{{0,200}}{_GT}{{2,9}}"
    # The number between brackets, with whatever word: a mark that was translated or cut off.
    rf"|{_LT}[^\n<>]{{0,30}}\b{_NONCE}\b[^\n<>]{{0,200}}{_GT}{{0,9}}"
    rf"|\b{_NONCE}(?:: ?[^\n<>]{{1,200}})?{_GT}{{2,9}}"
    # The beginning of a mark with which a text breaks off.
    rf"|{_LT}{{3}}(?:b|be|beg|begi|e|en)?\Z",
    re.IGNORECASE,
)


# Without any of these there is no mark, which is found out faster.
_BRACKET_CHARACTERS = "<>＜‹〈⟨《«＞›〉⟩》»&"
_HINT = re.compile(r"\b(?:begin|end)[ \t]{1,9}[0-9a-f]{6}|[0-9a-f]{16}|u003", re.IGNORECASE)


def enclosure_marks(text: str) -> list[str]:
    """Every mark, or part of one, that is in a text: of whichever prompt, escaped, in whichever case."""
    if not any(one in text for one in _BRACKET_CHARACTERS) and not _HINT.search(text):
        return []
    return [match[0].strip() for match in _MARK.finditer(text)]


def without_enclosure_marks(text: str) -> str:
    """The text with each mark as mere words, so that a source cannot end its own enclosure."""
    return _MARK.sub(lambda match: f"({_BRACKETS.sub('', match[0]).strip()})", text)


_BRACKETS = re.compile(f"{_LT}|{_GT}", re.IGNORECASE)
