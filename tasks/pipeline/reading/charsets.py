"""Which characters the bytes of a text stand for.

The bytes overrule what is declared: valid UTF-8 is UTF-8 whatever a header says, and a declared character set
that gives no words is doubted. See docs/decisions/0063-let-bytes-overrule-declared-charsets.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.lazy_import import LazyModule
from tasks.pipeline.reading.charset_labels import (
    MULTI_BYTE,
    charset_named,
    charset_of_codec,
    codec_of,
    decode_as,
)
from tasks.pipeline.reading.formats import formats_in_words
from tasks.pipeline.reading.text_problems import improbability, is_binary

if TYPE_CHECKING:
    import chardet
    import chardetng_py
else:
    chardet, chardetng_py = LazyModule("chardet"), LazyModule("chardetng_py")

DETECTED_FROM_BYTES = 50_000
DECLARED_WITHIN_BYTES = 4096
SURE = 0.3
"""The detector's confidence from which its answer needs no second opinion."""
CLEAR, AGREED = 0.5, 0.03
"""The same for an answer that contradicts what is declared, by one detector and by both."""
PROBABLE = 0.02
"""The share of words that may look improbable in a text that is read right."""

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16le"),
    (b"\xfe\xff", "utf-16be"),
)
_DECLARED = re.compile(
    rb"<meta\b[^>]{0,300}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{1,40})"
    rb"|<\?xml\b[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([\w.:-]{1,40})",
    re.IGNORECASE,
)
_ISO_2022_JP = re.compile(rb"\x1b(?:\$[@B]|\([BIJ])")
_LINE_ENDS = re.compile("\r\n?|[\x85\u2028]")
_COMMENT = re.compile(rb"<!--.{0,4096}?-->", re.DOTALL)
_TAG = re.compile(rb"<[a-zA-Z/!?][^<>]{0,1000}>")
_SCRIPT = re.compile(rb"<(script|style)\b.{0,20000}?</\1", re.DOTALL | re.IGNORECASE)

# What chardet may answer with: of the charsets that browsers know, those that texts are found in.
_DETECTABLE = [
    "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874",
    "iso8859-1", "iso8859-2", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-15",
    "koi8-r", "koi8-u", "cp866", "mac_roman", "mac_cyrillic", "gb18030", "big5hkscs", "cp949", "cp932",
    "euc_jis_2004", "utf-8",
]  # fmt: skip


@dataclass(frozen=True)
class Decoded:
    text: str
    charset: str
    """By its WHATWG name."""
    found_by: str
    """As `Reading.charset_from` names it."""
    warnings: tuple[str, ...] = ()


def decode(data: bytes, declared: str = "", *, is_markup: bool = False) -> Decoded:
    """Decode, or refuse what is no text, or whose characters cannot be recognised. Raises UnreadableText.

    Of HTML and XML (`is_markup`) the declaration in the document counts where the header has none.
    """
    found = (
        _by_mark(data)
        or _as_utf_16(data)
        or _as_utf_8(data, declared)
        or _as_declared(data, declared, is_markup)
        or _as_detected(data)
    )
    if is_binary(found.text):
        raise UnreadableText(f"The document is not text; give {formats_in_words()}.")
    text = _LINE_ENDS.sub("\n", found.text.removeprefix("\ufeff")).replace("\u2029", "\n\n")
    return Decoded(text, found.charset, found.found_by, found.warnings)


def declared_in(data: bytes) -> str:
    """The label that a page or an XML document gives itself, or ""."""
    match = _DECLARED.search(_COMMENT.sub(b"", data[:DECLARED_WITHIN_BYTES]))
    return (match[1] or match[2]).decode("ascii", "replace") if match else ""


def _by_mark(data: bytes) -> Decoded | None:
    for mark, charset in _MARKS:
        if data.startswith(mark):
            # A truncated last character is no reason to doubt a mark.
            return Decoded(data.decode(codec_of(charset), "replace"), charset, "byte order mark")
    return None


def _as_utf_16(data: bytes) -> Decoded | None:
    """UTF-16 without a mark: every other byte of its blanks, digits and Latin letters is zero."""
    sample = data[:4000]
    if len(sample) < 4 or sample.count(0) < len(sample) // 20:
        return None
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    charset = "utf-16le" if odd > 9 * even else "utf-16be" if even > 9 * odd else ""
    text = decode_as(data[: len(data) // 2 * 2], charset) if charset else None
    return Decoded(text, charset, "detected") if text and not is_binary(text) else None


def _as_utf_8(data: bytes, declared: str) -> Decoded | None:
    named = charset_named(declared)
    # Its escapes have no other use: a header that calls it anything else is a server's standard setting.
    if data.isascii() and _ISO_2022_JP.search(data):
        text = decode_as(data, "iso-2022-jp")
        return (
            text and Decoded(text, "iso-2022-jp", "header" if named == "iso-2022-jp" else "detected")
        ) or None
    try:
        return Decoded(data.decode("utf-8"), "utf-8", "header" if named == "utf-8" else "valid UTF-8")
    except UnicodeDecodeError as error:
        is_cut = error.end == len(data) and len(data) - error.start < 4 and error.start > 100
    text = data.decode("utf-8", "ignore" if is_cut else "replace")
    if is_cut and not text.isascii():
        return Decoded(text, "utf-8", "valid UTF-8")
    # A few broken characters among many that are whole: no other character set gives those by chance.
    whole = sum(1 for character in text if character > "\x7f" and character != "\ufffd")
    bad = text.count("\ufffd")
    return Decoded(text, "utf-8", "detected") if whole >= 10 and whole > 10 * bad else None


def _as_declared(data: bytes, header: str, is_markup: bool) -> Decoded | None:
    for label, found_by in (
        (header, "header"),
        (declared_in(data) if is_markup else "", "document"),
    ):
        charset = charset_named(label)
        # What could be decoded as UTF-8 was, and a page that names UTF-16 within its first bytes is not it.
        if not charset or charset.startswith("utf-"):
            continue
        text = decode_as(data, charset)
        if text is None and charset in MULTI_BYTE:
            text = _mostly(data, charset)
        if text is not None and charset == "windows-1252" and (other := _clearly_another(data, text)):
            return other
        if text is not None and improbability(_visible(text), charset) <= PROBABLE:
            return Decoded(_with_euro(text, charset), charset, found_by)
        if text is not None:
            return _less_improbable(data, Decoded(text, charset, found_by))
    return None


def _less_improbable(data: bytes, declared: Decoded) -> Decoded:
    """What is declared gives no words: what the detector says, if that gives them."""
    try:
        detected = _as_detected(data)
    except UnreadableText:
        detected = declared
    ours, theirs = (improbability(_visible(one.text), one.charset) for one in (detected, declared))
    if detected.charset == declared.charset or ours >= theirs:
        if theirs > 0.2 and not declared.text.isascii():
            raise _unrecognised(f"declared as {declared.charset}, which gives no words")
        return declared
    warning = f"The document is declared as {declared.charset} and was read as {detected.charset}."
    return Decoded(detected.text, detected.charset, "detected", (*detected.warnings, warning))


def _mostly(data: bytes, charset: str) -> str | None:
    """A declared multi-byte text with a few broken characters, such as a cut end."""
    text = data.decode(codec_of(charset), "replace")
    return text if text.count("\ufffd") <= max(1, len(text) // 1000) else None


def _clearly_another(data: bytes, as_declared: str) -> Decoded | None:
    """What a text is in truth that is called ISO-8859-1, as many servers call all that they send."""
    if data.isascii() or _has_signs_only(data):
        return None
    first, second, confidence = _opinions(data)
    is_clear = confidence >= (AGREED if first == second else CLEAR)
    text = decode_as(data, first) if is_clear and first not in ("", "windows-1252", "macintosh") else None
    if text is None or text == as_declared or improbability(_visible(text), first) > PROBABLE:
        return None
    warning = f"The document is declared as windows-1252 and was read as {first}."
    return Decoded(text, first, "detected", (warning,))


def _opinions(data: bytes) -> tuple[str, str, float]:
    """What two detectors say, and how sure the first is. The second is right more often on few characters."""
    sample = _TAG.sub(b" ", _SCRIPT.sub(b" ", data[:DETECTED_FROM_BYTES]))
    if sample.isascii():
        sample = data
    answer = chardet.detect(sample, include_encodings=_DETECTABLE, compat_names=False)
    first = charset_of_codec(str(answer["encoding"] or ""))
    if first == "iso-8859-15":
        first = "windows-1252" if not _EURO.search(data.decode("cp1252", "replace")) else first
    return first, _by_chardetng(sample), float(answer["confidence"] or 0)


def _has_signs_only(data: bytes) -> bool:
    """Whether Windows-1252 gives English letters, and signs next to them where such signs stand.

    Detectors take a pound sign before a figure for a Polish letter, and an apostrophe for a Macintosh's.
    """
    text = data[:DETECTED_FROM_BYTES].decode("cp1252", "replace")
    return not text.isascii() and _SIGN_IN_PLACE.sub("", text).isascii()


def _as_detected(data: bytes) -> Decoded:
    if _has_signs_only(data):
        return Decoded(data.decode("cp1252", "replace"), "windows-1252", "detected")
    first, second, confidence = _opinions(data)
    readings = [
        (improbability(_visible(text), charset), place, charset, text)
        for place, charset in enumerate(dict.fromkeys((first, second, "windows-1252")))
        if charset and (text := decode_as(data, charset)) is not None
    ]
    # The first that is probable; of none that is, the least improbable.
    best = next((reading for reading in readings if reading[0] <= PROBABLE), None) or min(readings)
    doubt, _, charset, text = best
    if doubt > 10 * PROBABLE and not is_binary(text):
        raise _unrecognised(f"perhaps {charset}")
    agreed = first == second or (bool(second) and decode_as(data, second) == text)
    is_certain = doubt <= PROBABLE and (agreed or (confidence >= SURE and charset == first))
    warning = (
        f"The document does not say which characters its bytes stand for; it was read as {charset}, "
        "which is not certain. Compare names and quotation marks, or save it as UTF-8."
    )
    named = "iso-8859-15" if charset == "windows-1252" and _EURO.search(text) else charset
    return Decoded(_with_euro(text, charset), named, "detected", () if is_certain else (warning,))


def _by_chardetng(data: bytes) -> str:
    detector = chardetng_py.EncodingDetector()
    detector.feed(data, last=True)
    return charset_named(detector.guess(tld=None, allow_utf8=False))


_SIGN_IN_PLACE = re.compile(
    r"[£€](?=\s?\d)|(?<=\d)[£€]|(?<=\d\s)[£€]|(?<=[a-zA-Z.])’(?=[a-z\s.,;:?!)]|$)|‘(?=[a-zA-Z])|“(?=[\w(‘])"
    r"|(?<=[\w.,;:?!)’…])”|(?<=\w)…|(?<=\s)[–—…](?=\s)|(?<=[a-zA-Z\d])[–—](?=[a-zA-Z\d])|(?<=\d)\s?°"
    r"|(?<=\bm)[²³]|(?<=[kcm]m)[²³]|[©§](?=\s?[\dA-Z])|(?<=[a-zA-Z])[®™]|[½¼¾](?=\s)|(?<=\n)•(?=\s)"
)
_EURO = re.compile("¤(?=\\s?\\d)|(?<=\\d)\\s?¤|(?<=\\d\\s)¤")


def _with_euro(text: str, charset: str) -> str:
    """Where Windows-1252 has a currency sign before a figure, ISO-8859-15 has the euro that was meant."""
    return _EURO.sub(lambda match: match[0].replace("¤", "€"), text) if charset == "windows-1252" else text


def _visible(text: str) -> str:
    return re.sub(r"<[a-zA-Z/!?][^<>]{0,1000}>", " ", text[:DETECTED_FROM_BYTES])


def _unrecognised(why: str) -> UnreadableText:
    return UnreadableText(
        f"The characters of the document could not be recognised ({why}); save it as UTF-8 and give it again."
    )
