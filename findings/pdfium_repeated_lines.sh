#!/usr/bin/env bash
# pdfium: of equal lines below each other, in a font without outlines, only the first is read if they are long.
#
# Expected: the text layer of a scanned page comes back line by line. A line that stands there twice (a form, minutes, a
#   refrain, a table) comes back twice. A reader may leave out text painted twice at one place, as some fake bold is.
# Happens: pypdfium2 gives the long line once, though its copies stand twenty points apart, and one even after
#   another line. A short line comes back as often as it stands there, and so does the long one in Helvetica. Text
#   layers of scans are commonly set in a font with empty glyphs, as only the words and their places matter. There, two
#   equal lines are "the same" to pdfium up to a distance of an eighth of their width, downwards too: a line across the
#   page swallows its copies for two or three lines below. pypdf and pdfminer.six read all of them.
# Matters: text of a scan vanishes with no sign, and a test with short lines does not show it. Both ways of reading that
#   pypdfium2 offers are hit, and Chromium's viewer shares the code.
# Versions: pypdfium2 5.15.2; made with fpdf2 2.8.9 and fonttools 4.68.0, compared with pypdf 7.1.1 and pdfminer.six
#   20260107
# Contradicts: what fpdf_text.h says of FPDFText_CountChars and FPDFText_GetText. The documentation of pypdfium2 warns
#   (PdfTextPage.get_text_range) that single characters may be left out or put in, rarely; not that lines are.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    pypdfium2==5.15.2 fpdf2==2.8.9 fonttools==4.68.0 pypdf==7.1.1 pdfminer.six==20260107
"$folder/venv/bin/python" - "$folder/layer.ttf" <<'PYTHON'
import importlib.metadata
import io
import sys

import pdfminer.high_level
import pypdf
import pypdfium2
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fpdf import FPDF

FONT = sys.argv[1]
LONG = "The council met in the town hall and adjourned without a vote."
SHORT = "No vote."


def save_font_without_outlines() -> None:
    codes = range(32, 127)
    glyphs = [".notdef", *(f"uni{code:04X}" for code in codes)]
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder(glyphs)
    font.setupCharacterMap({code: f"uni{code:04X}" for code in codes})
    font.setupGlyf({glyph: TTGlyphPen(None).glyph() for glyph in glyphs})
    font.setupHorizontalMetrics({glyph: (500, 0) for glyph in glyphs})
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": "Layer", "styleName": "Regular"})
    font.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
    font.setupPost()
    font.save(FONT)


def pdf_of(lines: list[str], family: str, leading: float = 20) -> bytes:
    """A page of these lines, so many points apart."""
    pdf = FPDF()
    pdf.add_font("Layer", fname=FONT)
    pdf.add_page()
    pdf.set_font(family, size=12)
    pdf.text_mode = "INVISIBLE"
    for row, line in enumerate(lines):
        pdf.text(20, 20 + leading / pdf.k * row, line)
    return bytes(pdf.output())


READERS = {
    "pypdfium2 bounded": lambda pdf: pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_bounded(),
    "pypdfium2 range": lambda pdf: pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range(),
    "pypdf": lambda pdf: pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text(),
    "pdfminer.six": lambda pdf: pdfminer.high_level.extract_text(io.BytesIO(pdf)),
}
changed = []
for name in ("pypdfium2", "fpdf2", "fonttools", "pypdf", "pdfminer.six"):
    print(name, importlib.metadata.version(name))
save_font_without_outlines()
print("\ntimes that a line which stands there four times is read:")
for line, family in ((LONG, "Layer"), (SHORT, "Layer"), (LONG, "helvetica")):
    pdf = pdf_of([line, line, line, "Then the members of the council went home in the rain.", line], family)
    for name, read in READERS.items():
        times = read(pdf).count(line)
        print(f"  {times}  {name:18} {family:10} {line}")
        lost = line is LONG and family == "Layer" and name.startswith("pypdfium2")
        if times != (1 if lost else 4):
            changed.append(f"{name}, {family}, {line}: {times}")
print("\ndistance from which both of two equal lines are read:")
for letters in (20, 40, 60):
    line, width = "a" * letters, letters * 6
    read = READERS["pypdfium2 bounded"]
    apart = next(points for points in range(2, 200) if read(pdf_of([line, line], "Layer", points)).count(line) == 2)
    print(f"  {apart} points, for a line of {width} points")
    if abs(apart - width / 8) > 1:
        changed.append(f"the distance is no longer an eighth of {width}")
sys.exit("CHANGED: " + "; ".join(changed) if changed else 0)
PYTHON
echo "SAME: pdfium still reads long equal lines of a text layer once."
