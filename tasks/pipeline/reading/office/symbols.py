"""Characters of the fonts Symbol and Wingdings, which are no Unicode."""

from __future__ import annotations

# Adobe's encoding of Symbol, from 0x20, and from 0xA0.
_SYMBOL = " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"
_SYMBOL_UPPER = "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑"
_WINGDINGS = {
    0x4A: "☺",
    0x4C: "☹",
    0x6C: "●",
    0x6E: "■",
    0x6F: "□",
    0x71: "❑",
    0x75: "◆",
    0x76: "❖",
    0x9F: "•",
    0xA7: "▪",
    0xA8: "◻",
    0xD8: "➢",
    0xDF: "←",
    0xE0: "→",
    0xE1: "↑",
    0xE2: "↓",
    0xE8: "➔",
    0xEF: "⇦",
    0xF0: "⇨",
    0xFB: "✗",
    0xFC: "✓",
    0xFD: "☒",
    0xFE: "☑",
}


def symbol(font: str, code: str) -> str | None:
    """The character at a hexadecimal place of a font; None when it is not known."""
    try:
        place = int(code, 16)
    except ValueError:
        return None
    if not 0xF000 <= place <= 0xF0FF and place > 0xFF:
        return chr(place) if place <= 0x10FFFF and not 0xD800 <= place <= 0xDFFF else None
    place &= 0xFF
    name = font.strip().lower()
    if name == "symbol":
        if 0x20 <= place < 0x20 + len(_SYMBOL):
            return _SYMBOL[place - 0x20]
        return _SYMBOL_UPPER[place - 0xA0] if 0xA0 <= place < 0xA0 + len(_SYMBOL_UPPER) else None
    if name == "wingdings":
        return _WINGDINGS.get(place)
    if name.startswith(("wingdings", "webdings")):
        return None
    return chr(place) if 0x20 <= place < 0x7F or place >= 0xA0 else None
