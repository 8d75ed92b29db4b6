"""Whether a reader of the page sees what is painted: not white on white, not under a box or a picture."""

from __future__ import annotations

from ctypes import addressof, byref, c_float, c_int, c_uint
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from tasks.pipeline.reading.pdf.types import Rectangle

Colour = tuple[int, int, int]

MAX_OBJECTS = 30_000
MAX_SHAPES = 1_500
WHITE: Colour = (255, 255, 255)
LEAST_CONTRAST = 24
"""In one of the three colours, of 255: less cannot be told from the ground."""
OPAQUE = 250
THIN = 2.5
"""Points: what is thinner is a rule and not a box."""


class Shape(NamedTuple):
    """A filled box or a picture, and its place in the order of painting."""

    order: int
    box: Rectangle
    colour: Colour | None
    """None: a picture, which may have any colour."""


@dataclass
class Painted:
    """What stands on a page besides its text."""

    rules: list[Rectangle] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    texts: dict[int, int] = field(default_factory=dict)
    """The place in the order of painting, by the address of a text object."""
    picture_share: float = 0.0


def painted_on(page: Any, crop: Rectangle) -> Painted:
    """Look at the objects of a page; what forms paint is on top of what they stand on, and not looked at."""
    painted = Painted()
    area = max((crop.x1 - crop.x0) * (crop.y1 - crop.y0), 1.0)
    for order in range(min(pdfium.FPDFPage_CountObjects(page), MAX_OBJECTS)):
        thing = pdfium.FPDFPage_GetObject(page, order)
        kind = pdfium.FPDFPageObj_GetType(thing)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            painted.texts[addressof(thing.contents)] = order
        elif kind == pdfium.FPDF_PAGEOBJ_PATH and len(painted.shapes) + len(painted.rules) < MAX_SHAPES:
            _add_path(painted, thing, order)
        elif (
            kind == pdfium.FPDF_PAGEOBJ_IMAGE and len(painted.shapes) < MAX_SHAPES and (box := _bounds(thing))
        ):
            painted.shapes.append(Shape(order, box, None))
            wide = min(box.x1, crop.x1) - max(box.x0, crop.x0)
            high = min(box.y1, crop.y1) - max(box.y0, crop.y0)
            share = max(wide, 0.0) * max(high, 0.0) / area
            painted.picture_share = max(painted.picture_share, share)
    return painted


def is_seen(x: float, y: float, order: int | None, colour: Colour, shapes: list[Shape]) -> bool:
    """Whether a character with this middle is seen, among the shapes near it in the order of painting."""
    ground: Colour | None = WHITE
    for shape in shapes:
        if not shape.box.holds(x, y):
            continue
        if order is not None and shape.order > order:
            return False
        ground = shape.colour
    return ground is None or max(abs(a - b) for a, b in zip(colour, ground, strict=True)) >= LEAST_CONTRAST


def fill_colour(thing: Any) -> tuple[Colour, int]:
    """Red, green and blue, and how opaque it is: all of 255."""
    red, green, blue, alpha = c_uint(), c_uint(), c_uint(), c_uint()
    if not pdfium.FPDFPageObj_GetFillColor(thing, byref(red), byref(green), byref(blue), byref(alpha)):
        return (0, 0, 0), 255
    return (red.value, green.value, blue.value), alpha.value


def _add_path(painted: Painted, thing: Any, order: int) -> None:
    box = _bounds(thing)
    if box is None:
        return
    if min(box.x1 - box.x0, box.y1 - box.y0) <= THIN:
        painted.rules.append(box)
        return
    mode, is_stroked = c_int(), c_int()
    pdfium.FPDFPath_GetDrawMode(thing, byref(mode), byref(is_stroked))
    if is_stroked.value and not mode.value:
        painted.rules.extend(_sides(box))
    # A path of more corners may cover much less than its bounds.
    if mode.value and pdfium.FPDFPath_CountSegments(thing) <= 6:
        colour, alpha = fill_colour(thing)
        if alpha >= OPAQUE:
            painted.shapes.append(Shape(order, box, colour))


def _sides(box: Rectangle) -> list[Rectangle]:
    return [
        Rectangle(box.x0, box.y0, box.x1, box.y0),
        Rectangle(box.x0, box.y1, box.x1, box.y1),
        Rectangle(box.x0, box.y0, box.x0, box.y1),
        Rectangle(box.x1, box.y0, box.x1, box.y1),
    ]


def _bounds(thing: Any) -> Rectangle | None:
    left, bottom, right, top = c_float(), c_float(), c_float(), c_float()
    if not pdfium.FPDFPageObj_GetBounds(thing, byref(left), byref(bottom), byref(right), byref(top)):
        return None
    return Rectangle(left.value, bottom.value, right.value, top.value)
