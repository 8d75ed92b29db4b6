#!/usr/bin/env bash
# typst with pdfium: a footnote mark cannot be told from the number before it, neither by size nor by baseline.
#
# Expected: in "412 answers" with a footnote, or in ten to the sixth, the small raised digit is text of a smaller size
#   on a higher baseline, as other typesetters write it and as tools that look for superscripts suppose.
# Happens: typst takes the font's own superscript glyphs where it has them ("sups"; the default for super and footnote),
#   paints them in the text's size, on its baseline, and maps them to plain digits. pdfium reads 4121 and 106: four
#   digits of one size, one origin, one run. Only the outline's box is smaller. With typographic: false the same mark
#   has its own size and baseline.
# Matters: 412 people become 4121, a million becomes 106, with nothing in the usual layout data that says so. Every
#   figure with a footnote in a report made with typst is at stake.
# Versions: typst 0.15.2, pypdfium2 5.15.2
# Contradicts: the usual way to find superscripts (FPDFText_GetFontSize, FPDFText_GetCharOrigin in fpdf_text.h). typst
#   documents the glyphs (parameter typographic of super), not what they do to the text of the PDF: there the digit has
#   the plain digit's code, though Unicode has superscript digits.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check typst==0.15.2 pypdfium2==5.15.2
"$folder/venv/bin/python" - <<'PYTHON'
import ctypes
import importlib.metadata
import sys

import pypdfium2
import pypdfium2.raw
import typst

SOURCE = "The council counted 412#footnote[By telephone.] answers about 10#super[6] crates."


def characters(source: str, word: str) -> list[tuple[str, float, float, float]]:
    """Each character of the word: itself, its size, the height of its baseline and that of its outline's foot."""
    text = pypdfium2.PdfDocument(typst.compile(source.encode()))[0].get_textpage()
    start = text.get_text_range().find(word)
    if start < 0:
        sys.exit(f"CHANGED: {word} is no longer in {text.get_text_range()!r}")
    found = []
    for index in range(start, start + len(word)):
        x, y = ctypes.c_double(), ctypes.c_double()
        pypdfium2.raw.FPDFText_GetCharOrigin(text, index, x, y)
        size = pypdfium2.raw.FPDFText_GetFontSize(text, index)
        character = chr(pypdfium2.raw.FPDFText_GetUnicode(text, index))
        found.append((character, round(size, 1), round(y.value, 1), round(text.get_charbox(index)[1], 1)))
    return found


changed = []
print("typst", importlib.metadata.version("typst"), "pypdfium2", importlib.metadata.version("pypdfium2"))
for word in ("4121", "106"):
    print(f"\n{word}: character, size, baseline, foot of the outline")
    found = characters(SOURCE, word)
    for character in found:
        print("  ", *character)
    if len({(size, baseline) for _, size, baseline, _ in found}) > 1:
        changed.append(f"{word}: size or baseline now differ")
    if found[-1][3] <= found[0][3] + 1:
        changed.append(f"{word}: the last digit is no longer raised")
print("\nfor comparison, 10#super[6] with typographic: false")
found = characters(f"#set super(typographic: false)\n{SOURCE}", "6")
print("  ", *found[0])
if found[0][1:3] == characters(SOURCE, "106")[0][1:3]:
    changed.append("without the font's glyphs, size and baseline are the same too")
sys.exit("CHANGED: " + "; ".join(changed) if changed else 0)
PYTHON
echo "SAME: typst's superscript digits still have the size and the baseline of the number before them."
