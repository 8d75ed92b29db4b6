#!/usr/bin/env bash
# fpdf2: write() breaks a word between two letters, without a hyphen, where a new style begins near a line's end.
#
# Expected: write() breaks lines at spaces or soft hyphens; its purpose is running text of several fonts and sizes, so a
#   bold word that does not fit goes to the next line whole.
# Happens: the first word of each call is broken at any letter when it does not fit into the rest of the line that the
#   call before has left: "asked for trans" / "parency in all its accounts". No hyphen is set and nothing is warned of.
#   The same sentence in one call breaks at the space.
# Matters: such PDFs are read as two words, "trans parency": a search does not find the word, a quotation of it fails,
#   and no reader can mend it, as nothing in the file tells it from the end of a word.
# Versions: fpdf2 2.8.9, read with pypdfium2 5.15.2 and pypdf 7.1.1
# Contradicts: the docstring of FPDF.write ("a line break occurs at the most recent space or soft-hyphen character";
#   wrapmode "WORD" is the default), and docs/Text.md of fpdf2. Pull request 346 of fpdf2 called it undesired; 850 has
#   reworked that place since.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check fpdf2==2.8.9 pypdfium2==5.15.2 pypdf==7.1.1
"$folder/venv/bin/python" - <<'PYTHON'
import importlib.metadata
import io
import sys
import warnings

import pypdf
import pypdfium2
from fpdf import FPDF

warnings.simplefilter("error")
PARTS = [
    ("", "After a debate about the old harbour and its debts, the members of the town council asked for "),
    ("B", "transparency"),
    ("", " in all its accounts."),
]


def pdf_of(parts: list[tuple[str, str]]) -> bytes:
    pdf = FPDF()
    pdf.add_page()
    for style, text in parts:
        pdf.set_font("helvetica", style=style, size=12)
        pdf.write(6, text)
    return bytes(pdf.output())


READERS = {
    "pypdfium2": lambda pdf: pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_bounded(),
    "pypdf": lambda pdf: pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text(),
}
changed = []
for name in ("fpdf2", "pypdfium2", "pypdf"):
    print(name, importlib.metadata.version(name))
for title, parts, whole in (
    ("one call for each style", PARTS, False),
    ("the same text in one call", [("", "".join(text for _, text in PARTS))], True),
):
    print(f"\n{title}:")
    for name, read in READERS.items():
        lines = read(pdf_of(parts)).split("\n")
        print(f"  {name}: " + " | ".join(line.strip() for line in lines))
        if ("transparency" in " ".join(line.strip() for line in lines)) != whole:
            changed.append(f"{name}, {title}")
        if not whole and not lines[0].strip().endswith("asked for trans"):
            changed.append(f"{name}, {title}: broken elsewhere")
sys.exit("CHANGED: " + "; ".join(changed) if changed else 0)
PYTHON
echo "SAME: fpdf2's write() still breaks a word where a call begins near a line's end."
