"""The names of character sets, as the WHATWG encoding standard has browsers read them.

The names on pages are wrong in the same ways everywhere: what is called ISO-8859-1 is Windows-1252.
"""

from __future__ import annotations

import codecs
from typing import Final

_LABELS: Final[dict[str, str]] = {
    "utf-8": "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8",
    "ibm866": "866 cp866 csibm866 ibm866",
    "iso-8859-2": "csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2",
    "iso-8859-3": "csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3",
    "iso-8859-4": "csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4",
    "iso-8859-5": "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 "
    "iso_8859-5:1988",
    "iso-8859-6": "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e "
    "iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987",
    "iso-8859-7": "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 "
    "iso_8859-7 iso_8859-7:1987 sun_eu_greek",
    "iso-8859-8": "csiso88598e csiso88598i csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-8859-8-i "
    "iso-ir-138 iso8859-8 iso88598 iso_8859-8 iso_8859-8:1988 logical visual",
    "iso-8859-10": "csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6",
    "iso-8859-13": "iso-8859-13 iso8859-13 iso885913",
    "iso-8859-14": "iso-8859-14 iso8859-14 iso885914",
    "iso-8859-15": "csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9 latin9",
    "iso-8859-16": "iso-8859-16",
    "koi8-r": "cskoi8r koi koi8 koi8-r koi8_r",
    "koi8-u": "koi8-ru koi8-u",
    "macintosh": "csmacintosh mac macintosh x-mac-roman",
    "windows-874": "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874 cp874",
    "windows-1250": "cp1250 windows-1250 x-cp1250",
    "windows-1251": "cp1251 windows-1251 x-cp1251",
    "windows-1252": "ansi_x3.4-1968 ascii us-ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 "
    "iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 windows-1252 x-cp1252",
    "windows-1253": "cp1253 windows-1253 x-cp1253",
    "windows-1254": "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 "
    "l5 latin5 windows-1254 x-cp1254",
    "windows-1255": "cp1255 windows-1255 x-cp1255",
    "windows-1256": "cp1256 windows-1256 x-cp1256",
    "windows-1257": "cp1257 windows-1257 x-cp1257",
    "windows-1258": "cp1258 windows-1258 x-cp1258",
    "x-mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "gbk": "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk",
    "gb18030": "gb18030",
    "big5": "big5 big5-hkscs cn-big5 csbig5 x-x-big5",
    "euc-jp": "cseucpkdfmtjapanese euc-jp x-euc-jp",
    "iso-2022-jp": "csiso2022jp iso-2022-jp",
    "shift_jis": "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis cp932",
    "euc-kr": "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 "
    "ksc_5601 windows-949 cp949 uhc",
    "utf-16be": "unicodefffe utf-16be",
    "utf-16le": "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le",
    # Not in the standard, as no browser reads them; files of old systems and mail have them.
    "ibm437": "cp437 ibm437 437",
    "ibm850": "cp850 ibm850 850",
    "ibm852": "cp852 ibm852 852",
    "utf-32": "utf-32 utf-32le utf-32be",
}
_BY_LABEL: Final = {label: name for name, labels in _LABELS.items() for label in labels.split()}
# Python's codec where its name differs, or where the one of that name knows fewer characters than
# browsers do.
_CODECS: Final = {
    "macintosh": "mac_roman", "x-mac-cyrillic": "mac_cyrillic", "windows-874": "cp874", "gbk": "gb18030",
    "big5": "big5hkscs", "shift_jis": "cp932", "euc-kr": "cp949", "utf-8": "utf-8-sig",
    "iso-2022-jp": "iso2022_jp_ext",
}  # fmt: skip
MULTI_BYTE: Final = frozenset((
    "gbk", "gb18030", "big5", "euc-jp", "iso-2022-jp", "shift_jis", "euc-kr", "utf-8", "utf-16le",
    "utf-16be", "utf-32",
))  # fmt: skip


def charset_named(label: str) -> str:
    """The name of a character set in the standard; "" for what is none of it, as UTF-7 is."""
    return _BY_LABEL.get(label.strip().strip("\"'").lower(), "")


def charset_of_codec(codec: str) -> str:
    """The same for the name of one of Python's codecs."""
    name = codec.lower().replace("iso8859", "iso-8859")
    names = {python: standard for standard, python in _CODECS.items() if standard != "gbk"}
    names |= {
        "macroman": "macintosh", "mac-roman": "macintosh", "maccyrillic": "x-mac-cyrillic", "big5": "big5",
        "mac-cyrillic": "x-mac-cyrillic", "euc_jis_2004": "euc-jp", "euc-jis-2004": "euc-jp",
        "gb18030": "gb18030",
        "shift_jis_2004": "shift_jis",
    }  # fmt: skip
    return names.get(name) or charset_named(name)


def codec_of(charset: str) -> str:
    """Python's codec for a name of the standard."""
    return _CODECS.get(charset, charset)


def decode_as(data: bytes, charset: str) -> str | None:
    """The text, as browsers decode it; None where the bytes cannot be this character set's.

    Bytes that a code page leaves free are control characters to browsers (U+0081), and errors to Python.
    """
    errors = "strict" if charset in MULTI_BYTE else "browsers"
    try:
        return data.decode(codec_of(charset), errors)
    except (UnicodeDecodeError, LookupError):
        return None


def _as_browsers(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    free = error.object[error.start : error.end]
    return "".join(chr(byte) if byte < 0xA0 else "\ufffd" for byte in free), error.end


codecs.register_error("browsers", _as_browsers)
