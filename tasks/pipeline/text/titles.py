"""Short forms of a text: titles and descriptions with a limit."""

from __future__ import annotations


def is_shortened(short: str, text: str) -> bool:
    """Whether a text is another one, or the beginning of it up to an ellipsis."""
    short, text = " ".join(short.split()), " ".join(text.split())
    if short == text:
        return bool(text)
    start = short.removesuffix("…").removesuffix("...").rstrip()
    return start != short and bool(start) and text.startswith(start)


def shortened(text: str, limit: int) -> str:
    """The text, cut at a word and marked with an ellipsis where it exceeds the limit."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    whole = cut.rpartition(" ")[0] if " " in cut[limit // 2 :] else cut
    return whole.rstrip(" ,;:–—-.") + "…"
