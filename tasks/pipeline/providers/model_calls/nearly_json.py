"""Reads what is JSON but for its notation: Python's and JavaScript's objects, comments, a bracket too few."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

MOST_CHARACTERS = 60_000
TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\]|\\.)*")
    |'(?P<single>(?:[^'\\\n]|\\.|'(?=\w)){0,20000})'
    |[“„](?P<curly>[^“”„"\n]{0,2000})[”“"]
    |(?P<comment>(?<!:)//[^\n]{0,2000}|/\*.{0,500}?\*/|\#[^\n]{0,2000})
    |(?P<number>-?\d[\d.eE+-]{0,40})
    |(?P<word>[^\W\d][\w-]{0,60})
    |(?P<sign>[{}\[\],:])""",
    re.VERBOSE | re.DOTALL,
)
CONSTANTS = {
    "True": "true",
    "False": "false",
    "None": "null",
    "undefined": "null",
    "nan": "null",
    "NaN": "null",
}
CLOSING = {"{": "}", "[": "]"}


def as_json(text: str) -> str:
    """The first object in the text, in JSON's notation; "" if there is none. What it lacks is closed."""
    start = text.find("{")
    if start < 0:
        return ""
    tokens: list[str] = []
    open_brackets: list[str] = []
    for token in _tokens(text[start : start + MOST_CHARACTERS]):
        if token in CLOSING:
            open_brackets.append(CLOSING[token])
        elif token in ("}", "]"):
            if tokens and tokens[-1] == ",":
                tokens.pop()
            if not open_brackets or open_brackets.pop() != token:
                return ""
        tokens.append(token)
        if not open_brackets:
            break
    while tokens and tokens[-1] in (",", ":"):
        tokens.pop()
    return "".join([*tokens, *reversed(open_brackets)])


def _tokens(text: str) -> Iterator[str]:
    for found in TOKEN.finditer(text):
        match found.lastgroup:
            case "string" | "number" | "sign":
                yield found[0]
            case "single":
                yield json.dumps(found["single"].replace("\\'", "'").replace("\\n", "\n"))
            case "curly":
                yield json.dumps(found["curly"])
            case "word":
                word = CONSTANTS.get(found[0], found[0])
                yield word if word in ("true", "false", "null") else json.dumps(word)
