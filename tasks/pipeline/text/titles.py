"""Short forms of a text: slugs, titles and descriptions with a limit."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "Æ": "ae",
        "œ": "oe",
        "Œ": "oe",
        "ø": "o",
        "Ø": "o",
        "ł": "l",
        "Ł": "l",
        "đ": "d",
        "þ": "th",
    }
)


def slug(text: str, limit: int = 80) -> str:
    """An ASCII slug that ends at a whole word; a text without Latin letters gets a name of its own."""
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS)).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain.lower().replace("'", ""))
    short = ""
    for word in words:
        if len(short) + len(word) + 1 > limit:
            break
        short = f"{short}-{word}" if short else word
    return short or "article-" + hashlib.sha256(text.encode()).hexdigest()[:10]


def shortened(text: str, limit: int) -> str:
    """The text, cut at a word and marked with an ellipsis where it exceeds the limit."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    whole = cut.rpartition(" ")[0] if " " in cut[limit // 2 :] else cut
    return whole.rstrip(" ,;:–—-.") + "…"
