"""Which characters the bytes of a text stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tasks.pipeline.errors import UnreadableText

_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffd]")


@dataclass(frozen=True)
class Decoded:
    text: str
    charset: str
    found_by: str
    """As `Reading.charset_from` names it."""


def decode(data: bytes, declared: str) -> Decoded:
    """Decode, or refuse what is not text at all. Raises UnreadableText."""
    has_mark = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for charset, found_by in (
        (declared, "header"),
        ("utf-16" if has_mark else "", "byte order mark"),
        ("utf-8-sig", "valid UTF-8"),
        ("cp1252", "detected"),
    ):
        if not charset:
            continue
        try:
            text = data.decode(charset)
        except (UnicodeDecodeError, LookupError):
            continue
        if len(_CONTROL.findall(text[:20_000])) <= min(len(text), 20_000) // 200:
            return Decoded(text.replace("\r\n", "\n").replace("\r", "\n"), charset, found_by)
    raise UnreadableText("The document is not text; give HTML, Markdown, PDF or plain text.")
