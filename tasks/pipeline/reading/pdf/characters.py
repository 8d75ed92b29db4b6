"""The characters that a page shows, with their places: what pdfium gives, without what nobody sees.

Hidden text is where instructions to language models are planted, and no editor would see them. The text that
recognition lays invisibly over the picture of a page is the exception: there, it is the text.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from ctypes import addressof, byref, c_double, c_int, create_string_buffer
from dataclasses import dataclass, field
from typing import Any

import pypdfium2.raw as pdfium

from tasks.pipeline.reading.pdf.types import Glyph, PageContent, Rectangle, Style
from tasks.pipeline.reading.pdf.visibility import Colour, Painted, fill_colour, is_seen, painted_on

MAX_GLYPHS = 60_000
"""Of one page: a full page of a newspaper has 30,000."""
FLAT = math.tan(math.radians(1))
PICTURE_OF_TEXT = 0.5
"""The share of a page from which a picture may be the picture of its text."""
TINY = 0.3
"""Of the size that most characters of the page have."""

_INVISIBLE_MODES = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
_FIXED_PITCH = 1
_BLANKS = frozenset(" \u00a0\t\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000")
_BOLD = ("bold", "black", "heavy", "demi", "cmbx")
_ITALIC = ("italic", "oblique", "cmti")
_MONOSPACED = ("courier", "mono", "consol", "typewriter", "cmtt", "menlo", "lettergothic")

Place = tuple[float, float, float, float, str, int]
"""x0, y0, x1, y1 and the text of a glyph, as the file has it, and whether its shape is raised or lowered."""


@dataclass
class _Run:
    """Characters that one operator paints: one font, size, colour and direction."""

    style: Style
    quarter: int | None
    """Its direction in quarters of a turn; None: slanted or mirrored."""
    colour: Colour
    is_invisible: bool
    handle: int
    origin: tuple[float, float]
    places: list[Place] = field(default_factory=list)


def content_of(page: Any, number: int) -> PageContent:
    """Read one page that pdfium has loaded."""
    crop = _visible_part(page)
    painted = painted_on(page, crop)
    text_page = pdfium.FPDFText_LoadPage(page)
    if not text_page:
        return PageContent(number, crop.x1 - crop.x0, crop.y1 - crop.y0)
    try:
        count = pdfium.FPDFText_CountChars(text_page)
        runs = _runs(text_page, min(count, MAX_GLYPHS))
    finally:
        pdfium.FPDFText_ClosePage(text_page)
    seen = _seen(runs, painted, crop)
    content = _composed(seen, painted.rules, crop, number)
    content.hidden = _count(runs) - _count(seen)
    content.picture_share = painted.picture_share
    content.is_cut = count > MAX_GLYPHS
    return content


def _visible_part(page: Any) -> Rectangle:
    box = pdfium.FS_RECTF()
    if pdfium.FPDF_GetPageBoundingBox(page, byref(box)) and box.right > box.left and box.top > box.bottom:
        return Rectangle(box.left, box.bottom, box.right, box.top)
    return Rectangle(0, 0, pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page))


def _runs(text_page: Any, count: int) -> list[_Run]:
    """Goes through up to a million characters of a document: hence few calls for each."""
    get_unicode, get_object = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetTextObject
    get_box, box = pdfium.FPDFText_GetLooseCharBox, pdfium.FS_RECTF()
    reference = byref(box)
    runs, run, handle, high = list[_Run](), None, 0, 0
    for index in range(count):
        code = get_unicode(text_page, index)
        pointer = get_object(text_page, index)
        if not pointer:
            continue  # a blank or a line's end that pdfium made up
        present = addressof(pointer.contents)
        if run is None or present != handle:
            handle = present
            run = _new_run(text_page, index, pointer)
            runs.append(run)
        if code in (10, 13) or (code == 32 and pdfium.FPDFText_IsGenerated(text_page, index)):
            continue
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0xFFFD
            high = 0
        get_box(text_page, index, reference)
        # pdfium has U+0002 for a hyphen at what it takes for a line's end.
        shift = _shift_of_shape(text_page, index, run) if 48 <= code < 58 else 0
        run.places.append((box.left, box.bottom, box.right, box.top, "-" if code == 2 else chr(code), shift))
    return runs


def _shift_of_shape(text_page: Any, index: int, run: _Run) -> int:
    """1 or -1 for a digit that the font itself draws raised or lowered, at the usual size and baseline."""
    if run.quarter != 0:
        return 0
    left, right, bottom, top = c_double(), c_double(), c_double(), c_double()
    pdfium.FPDFText_GetCharBox(text_page, index, byref(left), byref(right), byref(bottom), byref(top))
    size = run.style.size
    low, high = (bottom.value - run.origin[1]) / size, (top.value - run.origin[1]) / size
    if not 0.15 < high - low < 0.53:
        return 0
    return 1 if low >= 0.2 else -1 if low <= -0.05 and high <= 0.4 else 0


def _new_run(text_page: Any, index: int, thing: Any) -> _Run:
    matrix, x, y, flags = pdfium.FS_MATRIX(), c_double(), c_double(), c_int()
    pdfium.FPDFText_GetMatrix(text_page, index, byref(matrix))
    pdfium.FPDFText_GetCharOrigin(text_page, index, byref(x), byref(y))
    name_buffer = create_string_buffer(128)
    pdfium.FPDFText_GetFontInfo(text_page, index, name_buffer, 128, byref(flags))
    colour, alpha = fill_colour(thing)
    mode = pdfium.FPDFTextObj_GetTextRenderMode(thing)
    if mode == pdfium.FPDF_TEXTRENDERMODE_STROKE:
        colour = (0, 0, 0)
    return _Run(
        style=_style(
            pdfium.FPDFText_GetFontSize(text_page, index) * math.hypot(matrix.c, matrix.d),
            name_buffer.value.decode("latin-1").lower(),
            flags.value,
            pdfium.FPDFText_GetFontWeight(text_page, index),
        ),
        quarter=_quarter(matrix.a, matrix.b, matrix.c, matrix.d),
        colour=colour,
        is_invisible=mode in _INVISIBLE_MODES or alpha < 16,
        handle=addressof(thing.contents),
        origin=(x.value, y.value),
    )


def _style(size: float, font: str, flags: int, weight: int) -> Style:
    return Style(
        round(size * 4) / 4 if size >= 1 else size,
        is_bold=weight >= 600 or any(name in font for name in _BOLD),
        is_italic=any(name in font for name in _ITALIC),
        is_monospaced=bool(flags & _FIXED_PITCH) or any(name in font for name in _MONOSPACED),
    )


def _quarter(a: float, b: float, c: float, d: float) -> int | None:
    if a * d - b * c < 0:
        return None
    if abs(b) <= FLAT * abs(a):
        return 0 if a > 0 else 2
    if abs(a) <= FLAT * abs(b):
        return 1 if b > 0 else 3
    return None


def _seen(runs: Iterable[_Run], painted: Painted, crop: Rectangle) -> list[_Run]:
    """The runs without the characters that nobody sees."""
    seen, invisible = list[_Run](), list[_Run]()
    for run in runs:
        order = painted.texts.get(run.handle)
        inside = run.places
        if not (inside and crop.holds(*_middle(inside[0])) and crop.holds(*_middle(inside[-1]))):
            inside = [place for place in inside if crop.holds(*_middle(place))]
        shown = inside
        if run.is_invisible:
            shown = []
        elif painted.shapes or min(run.colour) > 255 - 24:
            shown = [place for place in inside if is_seen(*_middle(place), order, run.colour, painted.shapes)]
        if shown:
            seen.append(_of(run, shown))
        if len(shown) < len(inside):
            known = set(shown)
            invisible.append(_of(run, [place for place in inside if place not in known]))
    if painted.picture_share >= PICTURE_OF_TEXT and _count(seen) < 0.1 * _count(invisible):
        return seen + invisible
    usual = _usual_size(seen)
    return [run for run in seen if run.style.size >= TINY * usual]


def _of(run: _Run, places: list[Place]) -> _Run:
    if len(places) == len(run.places):
        return run
    return _Run(run.style, run.quarter, run.colour, run.is_invisible, run.handle, run.origin, places)


def _count(runs: Iterable[_Run]) -> int:
    return sum(len(run.places) for run in runs)


def _usual_size(runs: Iterable[_Run]) -> float:
    sizes = Counter[float]()
    for run in runs:
        sizes[run.style.size] += len(run.places)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _middle(place: Place) -> tuple[float, float]:
    return (place[0] + place[2]) / 2, (place[1] + place[3]) / 2


def _composed(runs: list[_Run], rules: list[Rectangle], crop: Rectangle, number: int) -> PageContent:
    """The glyphs in the direction that most have, with places as if that were the usual one."""
    counts = Counter[int | None]()
    for run in runs:
        if run.quarter == 0 and _runs_down(run):
            run.quarter = 3
            run.origin = (run.places[0][0], run.origin[1])
        counts[run.quarter] += len(run.places)
    quarter = max((each for each in counts if each is not None), key=lambda each: counts[each], default=0)
    box = _turned_box(crop, quarter)
    content = PageContent(number, box.x1 - box.x0, box.y1 - box.y0)
    content.rules = [_moved(_turned_box(rule, quarter), -box.x0, -box.y0) for rule in rules]
    content.turned = sum(count for each, count in counts.items() if each != quarter)
    for run in runs:
        if run.quarter == quarter:
            content.glyphs.extend(_glyphs(run, quarter, box))
    content.letters = sum(glyph.text != " " for glyph in content.glyphs)
    return content


def _runs_down(run: _Run) -> bool:
    """Whether it is vertical writing, as in Japanese."""
    first, last = run.places[0], run.places[-1]
    return len(run.places) > 1 and first[1] - last[1] > run.style.size * 0.5 * (len(run.places) - 1)


def _glyphs(run: _Run, quarter: int, box: Rectangle) -> Iterable[Glyph]:
    _, baseline = _turned(*run.origin, quarter)
    baseline -= box.y0
    style, left, is_first = run.style, box.x0, True
    before: Glyph | None = None
    for x0, y0, x1, y1, text, shift in run.places:
        if quarter:
            x0, x1 = ((y0, y1), (-x1, -x0), (-y1, -y0))[quarter - 1]
        x0 -= left
        x1 -= left
        if text in _BLANKS:
            text = " "
        glyph = Glyph(x0, x1, baseline, text, style, is_first, shift)
        is_first = False
        if before is not None and before.x0 == x0 and before.x1 == x1 and text != " ":
            # The letters of a ligature, all at the place of the one glyph.
            before = before._replace(text=before.text + text)
            continue
        if before is not None:
            yield before
        before = glyph
    if before is not None:
        yield before


def _turned(x: float, y: float, quarter: int) -> tuple[float, float]:
    return ((x, y), (y, -x), (-x, -y), (-y, x))[quarter]


def _turned_box(box: Rectangle, quarter: int) -> Rectangle:
    (xa, ya), (xb, yb) = _turned(box.x0, box.y0, quarter), _turned(box.x1, box.y1, quarter)
    return Rectangle(min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb))


def _moved(box: Rectangle, right: float, up: float) -> Rectangle:
    return Rectangle(box.x0 + right, box.y0 + up, box.x1 + right, box.y1 + up)
