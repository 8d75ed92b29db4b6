"""Which characters an RTF file stands for: code pages, fonts and names."""

from __future__ import annotations

from typing import Final

from tasks.pipeline.reading.charset_labels import charset_named, decode_as

_CHARSETS_OF_FONTS: Final = {
    77: "macintosh", 128: "shift_jis", 129: "euc-kr", 134: "gbk", 136: "big5", 161: "windows-1253",
    162: "windows-1254", 163: "windows-1258", 177: "windows-1255", 178: "windows-1256", 186: "windows-1257",
    204: "windows-1251", 222: "windows-874", 238: "windows-1250", 255: "ibm850",
}  # fmt: skip
SYMBOL_FONT: Final = 2
_CODE_PAGES: Final = {
    932: "shift_jis", 936: "gbk", 949: "euc-kr", 950: "big5", 874: "windows-874", 866: "ibm866",
    437: "ibm437",
    850: "ibm850", 852: "ibm852", 10000: "macintosh", 10007: "x-mac-cyrillic", 65001: "utf-8",
}  # fmt: skip
_GREEK: Final = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "αβχδεφγηιϕκλμνοπθρστυϖωξψζΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ",
        strict=True,
    )
)
_SIGNS: Final = {
    0xB7: "•",
    0xB0: "°",
    0xB1: "±",
    0xB4: "×",
    0xA3: "≤",
    0xB3: "≥",
    0xB9: "≠",
    0xBB: "≈",
    0xA7: "•",
}

NAMED: Final = {
    "tab": " ", "line": " ", "lbr": " ", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’",
    "ldblquote": "“", "rdblquote": "”", "bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " ",
    "zwj": "\u200d", "zwnj": "\u200c", "zwbo": "\u200b", "rtlmark": "\u200f", "ltrmark": "\u200e",
    "softline": " ",
}  # fmt: skip
SYMBOLS: Final = {"~": "\u00a0", "_": "\u2011", "-": "", "{": "{", "}": "}", "\\": "\\", "\t": " "}


def charset_of_code_page(number: int) -> str:
    return _CODE_PAGES.get(number) or charset_named(f"windows-{number}") or "windows-1252"


def charset_of_font(number: int, document: str) -> str:
    """Of a font's `fcharset`; 0 and 1 are the document's own, whatever the specification says of 0."""
    return _CHARSETS_OF_FONTS.get(number, document)


def decoded(data: bytes, charset: str, *, is_symbol: bool) -> str:
    if is_symbol:
        return "".join(_symbol(byte) for byte in data)
    text = decode_as(data, charset)
    return data.decode("gb18030" if charset == "gbk" else "cp1252", "replace") if text is None else text


def from_code_units(units: list[int]) -> str:
    """UTF-16, as `\\u` writes it: pairs of surrogates are one character."""
    data = b"".join((unit % 65536).to_bytes(2, "little") for unit in units)
    text = data.decode("utf-16-le", "replace")
    # Word keeps characters of symbol fonts in a private area.
    return "".join(_symbol(ord(one) - 0xF000) if "\uf020" <= one <= "\uf0ff" else one for one in text)


def _symbol(byte: int) -> str:
    return _SIGNS.get(byte) or (_GREEK.get(chr(byte), chr(byte)) if byte < 0x80 else "")
