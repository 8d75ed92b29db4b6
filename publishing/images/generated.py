"""Draws a cover from a title and a category: the same bytes for the same input and version of Pillow.

A title in a script that the font lacks gives a pattern without text, never boxes.
"""

from __future__ import annotations

import hashlib
import unicodedata
from bisect import bisect_right
from functools import cache, partial
from itertools import product
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tasks.pipeline.lazy_import import LazyModule
from tasks.pipeline.text.titles import shortened

if TYPE_CHECKING:
    from PIL import Image as Pillow
    from PIL import ImageDraw, ImageFont
else:
    Pillow, ImageDraw, ImageFont = map(LazyModule, ("PIL.Image", "PIL.ImageDraw", "PIL.ImageFont"))

FONT = Path(__file__).parent / "fonts" / "Literata-Bold.ttf"
WIDTH, HEIGHT = 1600, 1067
"""Three to two, as cards show covers. Text stays where a preview of 1.91 to 1 shows it as well."""
TILE = 200
LEFT, TEXT_WIDTH, TEXT_HEIGHT = 110, 1050, 680
PATTERN_LEFT = 1200
CATEGORY_SIZE, CATEGORY_HEIGHT = 38, 84
SIZES = range(112, 51, -6)
BREAKS_FROM = 76
"""From this size on a word may be broken rather than set smaller."""
LINE_HEIGHT = 1.16
MOST_CHARACTERS = 200
PAPER = "#fbfaf6"


class Palette(NamedTuple):
    """Colours on each of which PAPER has a contrast of at least 4.5 to 1."""

    ground: str
    shapes: tuple[str, str]


PALETTES = (
    Palette("#7c2d0f", ("#93400f", "#5f200a")),
    Palette("#1f4037", ("#2f5b4d", "#143029")),
    Palette("#27375a", ("#3a4d78", "#1a2744")),
    Palette("#55264a", ("#703863", "#401a37")),
    Palette("#554312", ("#6d591f", "#3f310b")),
    Palette("#164350", ("#245b6b", "#0d323d")),
    Palette("#3f3a34", ("#58524a", "#2c2824")),
    Palette("#6b2033", ("#863147", "#521626")),
)


def draw_cover(title: str, category: str) -> Pillow.Image:
    """Takes about 50 ms."""
    text = drawable(title)
    # What is of one category has one colour; a pattern is of the title alone.
    palette = PALETTES[_digest(_key(category))[0] % len(PALETTES)]
    picture = _with_pattern(palette, _digest(title), PATTERN_LEFT if text else 0)
    if text:
        _write(ImageDraw.Draw(picture), text, drawable(category))
    return picture


def _key(category: str) -> str:
    return " ".join(category.casefold().replace("-", " ").split())


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def drawable(text: str) -> str:
    """What of a text is drawn: without symbols that the font lacks. Empty when it lacks any letter."""
    composed = unicodedata.normalize("NFC", text)
    # A headline can do without ornaments such as emoji, and invisible marks are no letters.
    plain = "".join(char for char in composed if not (_is_ornament(char) and not _has_glyph(char)))
    shown = shortened(plain, MOST_CHARACTERS)
    if not any(char.isalnum() for char in shown):
        return ""
    return shown if all(char == " " or _has_glyph(char) for char in shown) else ""


def _is_ornament(char: str) -> bool:
    return char in "\ufe0e\ufe0f\u20e3" or (
        unicodedata.category(char) in {"Cc", "Cf", "Cn", "Co", "Cs", "Sk", "So"} and not char.isspace()
    )


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    # Another layout engine is there or not, by what else is installed, and would give other bytes.
    return ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _has_glyph(char: str) -> bool:
    """False also for what the layout cannot place: signs above or below letters, and text to the left."""
    if unicodedata.category(char)[0] in "CM" or unicodedata.bidirectional(char) in {"R", "AL"}:
        return False
    font = _font(CATEGORY_SIZE)
    mask, missing = font.getmask(char), font.getmask("\ufffe")
    return mask.size != missing.size or bytes(mask) != bytes(missing)


def _with_pattern(palette: Palette, digest: bytes, left: int) -> Pillow.Image:
    """Quarters of circles in tiles, from `left` to the right edge; drawn twice as large, for smooth edges."""
    tile = 2 * TILE
    picture = Pillow.new("RGB", (2 * WIDTH, 2 * HEIGHT), palette.ground)
    for place, (x, y) in enumerate(product(range(2 * left, 2 * WIDTH, tile), range(0, 2 * HEIGHT, tile))):
        chance = digest[place % len(digest)] ^ (37 * place & 0xFF)
        corner_x, corner_y = x + tile * (chance & 1), y + tile * (chance >> 1 & 1)
        # The last bits: no shape, a quarter, or a quarter with a smaller one in it.
        kind, colour = chance >> 2 & 3, palette.shapes[chance >> 4 & 1]
        if not kind:
            continue
        scene = Pillow.new("RGB", (tile, tile), palette.ground)
        shape = ImageDraw.Draw(scene)
        middle_x, middle_y = corner_x - x, corner_y - y
        shape.ellipse((middle_x - tile, middle_y - tile, middle_x + tile, middle_y + tile), fill=colour)
        if kind == 3:
            half = tile // 2
            inner = palette.shapes[1 - (chance >> 4 & 1)]
            shape.ellipse((middle_x - half, middle_y - half, middle_x + half, middle_y + half), fill=inner)
        picture.paste(scene, (x, y))
    return picture.resize((WIDTH, HEIGHT), Pillow.Resampling.BOX)


def _write(draw: ImageDraw.ImageDraw, text: str, category: str) -> None:
    size, lines = _set_in_lines(text)
    line_height = round(size * LINE_HEIGHT)
    font, small = _font(size), _font(CATEGORY_SIZE)
    top = (HEIGHT - len(lines) * line_height + (CATEGORY_HEIGHT if category else 0)) // 2
    if category:
        draw.text((LEFT, top - CATEGORY_HEIGHT), _fitting(category, small), PAPER, font=small)
    for number, line in enumerate(lines):
        draw.text((LEFT, top + number * line_height), line, PAPER, font=font)


def _set_in_lines(text: str) -> tuple[int, list[str]]:
    """The largest size in which the text fits, and its lines; the text is cut where it fits in none."""
    for size in SIZES:
        font = _font(size)
        if max(map(font.getlength, text.split(" "))) > TEXT_WIDTH and size > BREAKS_FROM:
            continue
        lines, most = wrapped(text, font, TEXT_WIDTH), int(TEXT_HEIGHT / (size * LINE_HEIGHT))
        if len(lines) <= most:
            return size, lines
    return size, [*lines[: most - 1], _fitting(" ".join(lines[most - 1 :]), font)]


def wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Lines no wider than `width` pixels; a word that is wider by itself is broken."""
    lines, line = [], ""
    for word in text.split(" "):
        if line and font.getlength(f"{line} {word}") <= width:
            line = f"{line} {word}"
            continue
        if line:
            lines.append(line)
        line = word
        while font.getlength(line) > width:
            lengths = range(1, len(line))
            count = max(1, bisect_right(lengths, width, key=partial(_broken_length, line, font)))
            lines.append(f"{line[:count]}-")
            line = line[count:]
    return [*lines, line]


def _broken_length(word: str, font: ImageFont.FreeTypeFont, count: int) -> int:
    return ceil(font.getlength(f"{word[:count]}-"))


def _fitting(text: str, font: ImageFont.FreeTypeFont) -> str:
    """The text in one line, shortened where it is too wide."""
    if font.getlength(text) <= TEXT_WIDTH:
        return text
    lengths = range(1, len(text))
    limit = bisect_right(lengths, TEXT_WIDTH, key=lambda n: ceil(font.getlength(f"{text[: n - 1]}…")))
    return shortened(text, limit)
