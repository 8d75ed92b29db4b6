"""Builds PDF files for tests: text at exact places, in the habits of many producers.

Every text is one operator at a position that the test names, so a page can be painted in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

A4 = (595.0, 842.0)

# Advance widths of Helvetica, from its public metrics, for space to tilde.
HELVETICA = [
    "278",
    "278",
    "355",
    "556",
    "556",
    "889",
    "667",
    "191",
    "333",
    "333",
    "389",
    "584",
    "278",
    "333",
    "278",
    "278",
    "556",
    "556",
    "556",
    "556",
    "556",
    "556",
    "556",
    "556",
    "556",
    "556",
    "278",
    "278",
    "584",
    "584",
    "584",
    "556",
    "1015",
    "667",
    "667",
    "722",
    "722",
    "667",
    "611",
    "778",
    "722",
    "278",
    "500",
    "667",
    "556",
    "833",
    "722",
    "778",
    "667",
    "778",
    "722",
    "667",
    "611",
    "722",
    "667",
    "944",
    "667",
    "667",
    "611",
    "278",
    "278",
    "278",
    "469",
    "556",
    "333",
    "556",
    "556",
    "500",
    "556",
    "556",
    "278",
    "556",
    "556",
    "222",
    "222",
    "500",
    "222",
    "833",
    "556",
    "556",
    "556",
    "556",
    "333",
    "500",
    "278",
    "556",
    "500",
    "722",
    "500",
    "500",
    "500",
    "334",
    "260",
    "334",
    "584",
]
_WIDTH = {chr(32 + place): int(width) for place, width in enumerate(HELVETICA)}

FONTS = {
    "F1": "/Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding",
    "B": "/Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding",
    "I": "/Type /Font /Subtype /Type1 /BaseFont /Helvetica-Oblique /Encoding /WinAnsiEncoding",
    "M": "/Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding",
    "S": "/Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /StandardEncoding",
}


def width(text: str, size: float) -> float:
    """Of a text in Helvetica, in points; other characters count as half their height."""
    return sum(_WIDTH.get(character, 500) for character in text) * size / 1000


def escaped(text: str) -> bytes:
    """A literal string in the encoding of the standard fonts."""
    data = text.encode("cp1252")
    return b"(" + data.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") + b")"


def hexadecimal(text: str) -> bytes:
    """A string of two-byte codes for the composite font, one for each UTF-16 unit."""
    return b"<" + text.encode("utf-16-be").hex().encode() + b">"


@dataclass
class Page:
    """Operators of one page; y counts from its foot, as in the file."""

    size: tuple[float, float] = A4
    extra: str = ""
    """More entries of the page's dictionary, as /Rotate 90."""
    operators: list[bytes] = field(default_factory=list)

    def raw(self, operators: str | bytes) -> Page:
        self.operators.append(operators.encode("latin-1") if isinstance(operators, str) else operators)
        return self

    def text(
        self,
        x: float,
        y: float,
        text: str | bytes,
        size: float = 10,
        font: str = "F1",
        *,
        before: str = "",
        matrix: str = "1 0 0 1",
    ) -> Page:
        """One piece of text; bytes are a string operand as it stands, `before` more operators, as `3 Tr`."""
        operand = text if isinstance(text, bytes) else hexadecimal(text) if font in "UV" else escaped(text)
        head = f"q {before} BT /{font} {size:g} Tf {matrix} {x:.2f} {y:.2f} Tm ".encode()
        return self.raw(head + operand + b" Tj ET Q")

    def lines(
        self,
        x: float,
        y: float,
        lines: Iterable[str],
        size: float = 10,
        leading: float = 0,
        font: str = "F1",
    ) -> float:
        """Lines below each other; returns the y of the line that would follow."""
        for line in lines:
            if line:
                self.text(x, y, line, size, font)
            y -= leading or size * 1.2
        return y

    def box(self, x: float, y: float, wide: float, high: float, colour: str = "0 0 0") -> Page:
        return self.raw(f"q {colour} rg {x} {y} {wide} {high} re f Q")


def wrapped(text: str, wide: float, size: float = 10) -> list[str]:
    """Lines of a text in Helvetica that are no wider."""
    lines, line = list[str](), ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and width(longer, size) > wide:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line]


def build(
    pages: Sequence[Page],
    *,
    info: str = "",
    catalog: str = "",
    fonts: dict[str, str] | None = None,
    objects: Sequence[bytes] = (),
    xobjects: str = "",
) -> bytes:
    """The file. `objects` are numbered from 1, for fonts, pictures and metadata that refer to them."""
    bodies = list(objects)

    def add(body: bytes) -> int:
        bodies.append(body)
        return len(bodies)

    names = {name: add(f"<< {body} >>".encode()) for name, body in {**FONTS, **(fonts or {})}.items()}
    names["U"] = _add_composite_font(add, "H")
    names["V"] = _add_composite_font(add, "V")
    resources = " ".join(f"/{name} {number} 0 R" for name, number in names.items())
    kids, parent = list[int](), len(bodies) + 2 * len(pages) + 1
    for page in pages:
        content = add(_stream(b"\n".join(page.operators)))
        wide, high = page.size
        kids.append(
            add(
                f"<< /Type /Page /Parent {parent} 0 R /MediaBox [0 0 {wide:g} {high:g}] {page.extra} "
                f"/Resources << /Font << {resources} >> /XObject << {xobjects} >> >> "
                f"/Contents {content} 0 R >>".encode()
            )
        )
    refs = " ".join(f"{kid} 0 R" for kid in kids)
    add(f"<< /Type /Pages /Kids [{refs}] /Count {len(kids)} >>".encode())
    root = add(f"<< /Type /Catalog /Pages {parent} 0 R {catalog} >>".encode())
    about = add(f"<< {info} >>".encode("latin-1"))
    return _file(bodies, root, about)


def picture(wide: int = 8, high: int = 8) -> bytes:
    """An object for `build`: a grey picture."""
    return _stream(
        b"\x80" * (wide * high),
        f"/Type /XObject /Subtype /Image /Width {wide} /Height {high} /ColorSpace /DeviceGray "
        "/BitsPerComponent 8",
    )


def _stream(data: bytes, entries: str = "") -> bytes:
    return f"<< {entries} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def _add_composite_font(add: Callable[[bytes], int], direction: str) -> int:
    """A font whose codes are UTF-16 units, each as wide as it is high, said by a ToUnicode map.

    `direction` is H or V, as vertical writing needs it.
    """
    to_unicode = add(
        _stream(
            b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
            b"1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
            b"1 beginbfrange <0000> <FFFF> <0000> endbfrange endcmap end end"
        )
    )
    descriptor = add(
        b"<< /Type /FontDescriptor /FontName /Made /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 "
        b"/Ascent 900 /Descent -200 /CapHeight 700 /StemV 80 >>"
    )
    # Latin, Hebrew and Arabic letters are half as wide as the others.
    descendant = add(
        f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Made /FontDescriptor {descriptor} 0 R /DW 1000 "
        "/W [32 1791 500 64256 65279 500] /CIDToGIDMap /Identity "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>".encode()
    )
    return add(
        f"<< /Type /Font /Subtype /Type0 /BaseFont /Made /Encoding /Identity-{direction} /DescendantFonts "
        f"[{descendant} 0 R] /ToUnicode {to_unicode} 0 R >>".encode()
    )


def _file(bodies: Sequence[bytes], root: int, info: int) -> bytes:
    out, places = bytearray(b"%PDF-1.7\n"), list[int]()
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    out += f"trailer << /Size {len(bodies) + 1} /Root {root} 0 R /Info {info} 0 R >>\n".encode()
    return bytes(out + f"startxref\n{start}\n%%EOF\n".encode())
