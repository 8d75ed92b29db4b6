#!/usr/bin/env bash
# typst with pypdf or pdfminer.six: one word divided at a line's end takes the hyphens out of every later number range.
#
# Expected: "2019-2024", "pages 12-15" and "well-known" in a PDF come back with their hyphens, whatever stands before
#   them on the page; a word that typst divides at a line's end may come back with a soft hyphen.
# Happens: once typst has divided a word, all real hyphens after it come back as soft hyphens (U+00AD) too, in mid-line
#   as well. Both are the same glyph of the font; the PDF can give a glyph one text for the whole file, typst gives it
#   that of its first use, and writes what the later ones mean beside them, as /ActualText. pypdf and pdfminer.six do
#   not heed that; pdfium does. If a real hyphen comes first, it is the other way round: then the divided words seem to
#   have real ones. The setting of one line decides over the numbers on all later pages.
# Matters: soft hyphens are invisible, and the usual clean-up removes them: 2019-2024 becomes 20192024, 12-15 becomes
#   1215. Justified text is divided by default, so many reports made with typst are such.
# Versions: typst 0.15.2, pypdf 7.1.1, pdfminer.six 20260107; pypdfium2 5.15.2 for comparison
# Contradicts: ISO 32000-1, 14.9.4 (ActualText is what extraction is to give). pdfminer.six issue 1288 and pypdf issue
#   1351 know of ligatures that get lost for this reason; that plain hyphens and figures do is not found there.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    typst==0.15.2 pypdf==7.1.1 pdfminer.six==20260107 pypdfium2==5.15.2
"$folder/venv/bin/python" - <<'PYTHON'
import importlib.metadata
import io
import sys

import pdfminer.high_level
import pypdf
import pypdfium2
import typst

WORDS = "Representatives of the neighbouring municipalities acknowledged responsibilities."
NUMBERS = "In 2019-2024 the well-known pages 12-15 were read by all."
PAGE = "#set page(width: 6cm, height: 12cm)\n#set par(justify: true)\n"
READERS = {
    "pypdf": lambda pdf: "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages),
    "pdfminer.six": lambda pdf: pdfminer.high_level.extract_text(io.BytesIO(pdf)),
    "pypdfium2": lambda pdf: "\n".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)),
}
changed = []
for name in ("typst", "pypdf", "pdfminer.six", "pypdfium2"):
    print(name, importlib.metadata.version(name))
for title, source, undivided in (
    ("divided words first", f"{PAGE}{WORDS} #pagebreak() {NUMBERS}", False),
    ("no word divided", f"{PAGE}#set text(hyphenate: false)\n{WORDS} #pagebreak() {NUMBERS}", True),
):
    pdf = typst.compile(source.encode())
    print(f"\n{title}:")
    for name, read in READERS.items():
        text = " ".join(read(pdf).split())
        whole = "2019-2024" in text and "12-15" in text
        soft = "2019\u00ad2024" in text and "12\u00ad15" in text
        page2 = text[text.index("In 2019") :].replace("\f", "")
        print(f"  {name:12} {page2.encode('ascii', 'backslashreplace').decode()}")
        print(f"  {'':12} without soft hyphens: {page2.replace(chr(0xAD), '')}")
        if not (whole if undivided or name == "pypdfium2" else soft):
            changed.append(f"{name}, {title}")
sys.exit("CHANGED: " + "; ".join(changed) if changed else 0)
PYTHON
echo "SAME: after a divided word, pypdf and pdfminer.six still read typst's hyphens as soft ones."
