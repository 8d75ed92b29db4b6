"""An e-mail that was saved as a file: its headers and the best of its parts."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading.charsets import Decoded, decode
from tasks.pipeline.reading.plain import blocks_of
from tasks.pipeline.reading.types import Block, Declared, Reading
from tasks.pipeline.types import BlockKind

READER = "mail 1"

MAX_PARTS = 200
MAX_DEPTH = 20

_SIGNATURE = re.compile(r"\n-- \n.{0,4000}\Z", re.DOTALL)
_HEADER_OF_QUOTED = re.compile(
    r"\s{0,3}(?:-{2,}\s?(?:Original Message|Ursprüngliche Nachricht|Message d'origine|Mensaje original"
    r"|Forwarded message)"
    r"\s?-{2,}|On .{5,200} wrote:|Am .{5,200} schrieb .{1,200}:|Le .{5,200} a écrit\s?:|El .{5,200} escribió:"
    r"|Op .{5,200} schreef .{1,200}:|Il .{5,200} ha scritto:)\s{0,3}$",
    re.IGNORECASE,
)


def read(data: bytes, declared: Declared) -> Reading:
    """Raises UnreadableText when no part of the message is text."""
    try:
        message = email.message_from_bytes(_from_first_header(data), policy=policy.default)
        parts = list(_parts(message, 0))
    except (RecursionError, UnreadableText):
        raise
    except Exception as error:
        # The parser leaks errors of many kinds on headers that are broken.
        raise UnreadableText("The message is damaged and cannot be read; paste its text instead.") from error
    body = _best(parts)
    if body is None:
        raise UnreadableText("The message has no text, only attachments; give those instead.")
    decoded = _decoded(body)
    blocks = (
        _html_blocks(decoded) if body.get_content_subtype() == "html" else _plain_blocks(decoded.text, body)
    )
    attachments = [name for part in parts if part is not body and (name := _attachment(part))]
    warnings = [*decoded.warnings]
    if attachments:
        named = ", ".join(f"“{name}”" for name in attachments[:10])
        warnings.append(f"The attachments of the message were not read: {named}. Give them as sources.")
    if any(block.kind == BlockKind.QUOTATION for block in blocks):
        warnings.append("The message quotes earlier ones: what it quotes is marked as a quotation.")
    return Reading(
        blocks=tuple(blocks),
        media_type="message/rfc822",
        reader=READER,
        title=_header(message, "subject"),
        author=_author(message),
        published=_date(message),
        charset=decoded.charset,
        charset_from=decoded.found_by,
        warnings=tuple(warnings),
    )


def _from_first_header(data: bytes) -> bytes:
    """Without the mark and the `From ` line that some mailboxes put above a message."""
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    return data.partition(b"\n")[2] if data.startswith((b"From ", b">From ")) else data


def _parts(message: EmailMessage, depth: int) -> Iterator[EmailMessage]:
    """The parts that are no containers, first to last. An attached message is one part, not read."""
    pending, count = [(message, depth)], 0
    while pending:
        part, level = pending.pop()
        count += 1
        if count > MAX_PARTS or level > MAX_DEPTH:
            return
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            inner = [one for one in part.get_payload() if isinstance(one, EmailMessage)]
            pending += [(one, level + 1) for one in reversed(inner)]
        else:
            yield part


def _best(parts: list[EmailMessage]) -> EmailMessage | None:
    """The first plain text that says something, else HTML: a plain part may only point to the other."""
    texts = {
        kind: next((part for part in parts if _is_body(part, kind) and _size(part) > 0), None)
        for kind in ("plain", "html")
    }
    plain, html = texts["plain"], texts["html"]
    # A part without headers has the length 0, so it is false as a condition.
    if plain is None or html is None:
        return html if plain is None else plain
    return html if _size(plain) < 200 and _size(html) > 10 * _size(plain) else plain


def _is_body(part: EmailMessage, kind: str) -> bool:
    return part.get_content_type() == f"text/{kind}" and part.get_content_disposition() != "attachment"


def _bytes(part: EmailMessage) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _size(part: EmailMessage) -> int:
    data = _bytes(part)
    if part.get_content_subtype() == "html":
        data = re.sub(rb"<(style|script|head)\b.{0,100000}?</\1", b"", data, flags=re.DOTALL | re.IGNORECASE)
        data = re.sub(rb"<[^<>]{0,2000}>", b"", data)
    return len(data.strip())


def _decoded(part: EmailMessage) -> Decoded:
    charset = part.get_content_charset() or ""
    return decode(_bytes(part), charset, is_markup=part.get_content_subtype() == "html")


def _html_blocks(decoded: Decoded) -> list[Block]:
    from tasks.pipeline.reading import html

    page = decoded.text.encode("utf-8", "replace")
    return list(html.read(page, Declared("text/html", "utf-8")).blocks)


def _plain_blocks(text: str, part: EmailMessage) -> list[Block]:
    if str(part.get_param("format") or "").lower() == "flowed":
        text = _unflowed(text, is_deleting=str(part.get_param("delsp") or "").lower() == "yes")
    # Trailing blanks matter to format=flowed and to the mark of a signature alone.
    text = _SIGNATURE.sub("", f"\n{text.rstrip()}\n").strip("\n")
    lines = [line for line in text.split("\n") if not _HEADER_OF_QUOTED.fullmatch(line)]
    return blocks_of("\n".join(lines))


def _unflowed(text: str, *, is_deleting: bool) -> str:
    """RFC 3676: a line that ends in a blank goes on in the next one of the same depth of quoting."""
    result, current, depth = list[str](), "", 0
    is_open = False
    for line in text.split("\n"):
        marks = re.match(r">{0,50}", line)
        level = len(marks[0]) if marks else 0
        content = line[level:].removeprefix(" ")
        if is_open and level == depth and content != "-- ":
            current += content
        else:
            if is_open or current:
                result.append("> " * depth + current)
            current, depth = content, level
        is_open = content.endswith(" ") and content != "-- "
        if is_open and is_deleting:
            current = current[:-1]
        if not is_open:
            result.append("> " * depth + current)
            current = ""
    return "\n".join([*result, current] if current else result)


def _attachment(part: EmailMessage) -> str:
    try:
        name = part.get_filename() or ""
    except Exception:  # a file's name that breaks the rules of headers
        name = ""
    is_attached = part.get_content_disposition() == "attachment" or bool(name)
    if part.get_content_type() == "message/rfc822":
        return name or "a message"
    return (name or part.get_content_type()) if is_attached else ""


def _header(message: EmailMessage, name: str) -> str:
    try:
        value = message.get(name)
    except Exception:  # malformed headers raise errors of many kinds when they are parsed
        value = None
    text = " ".join(str(value or "").split())
    if any("\udc80" <= character <= "\udcff" for character in text):
        # Bytes that were sent without an encoded word.
        text = decode(text.encode("utf-8", "surrogateescape")).text
    return text[:300]


def _author(message: EmailMessage) -> str:
    names = [name or address for name, address in getaddresses([_header(message, "from")])]
    return ", ".join(filter(None, names))[:300]


def _date(message: EmailMessage) -> str:
    try:
        return parsedate_to_datetime(_header(message, "date")).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""
