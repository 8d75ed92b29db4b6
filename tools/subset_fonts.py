"""Make static/site/fonts from the published fonts: `python -m tools.subset_fonts`. Needs npm.

The public site's three faces have the letters of Western European languages and a range of weights, without
hinting; pages in other languages use the reader's own fonts (static/site/site.css).
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FONTS = Path(__file__).resolve().parent.parent / "static" / "site" / "fonts"
MOST_BYTES = 60_000
"""Of all faces together."""
ASCII = "".join(map(chr, range(0x20, 0x7F)))
LETTERS = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœŸ"
SIGNS = "\u00a0¡¿§©«»°±·×½¼¾²³–—‘’‚“”„•…‹›€£−←→"
WHOLE = ASCII + LETTERS + SIGNS
EMPHASIS = "".join(char for char in ASCII if char not in r"#$%<=>@[\]^_`{|}~*+") + (
    "ÄÉÖÜßàáâãäåæçèéêëíîïñóôõöøùúûüœ\u00a0«»–—‘’“”…"
)
"""What words in italics have: short passages, mostly in lower case."""


class Face(NamedTuple):
    name: str
    package: str
    file: str
    weights: float | tuple[float, float]
    characters: str
    features: list[str]


LITERATA, SOURCE_SANS = "@fontsource-variable/literata@5.3.0", "@fontsource-variable/source-sans-3@5.3.1"
FACES = (
    Face("serif", LITERATA, "literata-latin-wght-normal", (400, 700), WHOLE, ["kern", "liga", "ccmp"]),
    Face("serif-italic", LITERATA, "literata-latin-wght-italic", 400, EMPHASIS, ["kern"]),
    Face("sans", SOURCE_SANS, "source-sans-3-latin-wght-normal", (400, 600), WHOLE, ["kern", "tnum"]),
)


def main() -> int:
    FONTS.mkdir(parents=True, exist_ok=True)
    total = 0
    with tempfile.TemporaryDirectory() as directory:
        for package in dict.fromkeys(face.package for face in FACES):
            root = unpacked(package, Path(directory))
            for face in (face for face in FACES if face.package == package):
                font = TTFont(root / "files" / f"{face.file}.woff2", recalcTimestamp=False)
                (FONTS / f"{face.name.partition('-')[0]}-OFL.txt").write_text(
                    licence(font, (root / "LICENSE").read_text())
                )
                data = subset(font, face)
                (FONTS / f"{face.name}.woff2").write_bytes(data)
                print(f"{face.name}: {len(data)} bytes")
                total += len(data)
    print(f"together: {total} bytes of at most {MOST_BYTES}")
    return int(total > MOST_BYTES)


def unpacked(package: str, directory: Path) -> Path:
    command = ["npm", "install", "--silent", "--ignore-scripts", "--prefix", str(directory), package]
    subprocess.run(command, check=True)
    return directory / "node_modules" / package.rpartition("@")[0]


def licence(font: Any, text: str) -> str:
    """The Open Font License, with the copyright notice of this font."""
    return f"{font['name'].getDebugName(0)}\n\n{text.partition(chr(10) * 2)[2]}"


def subset(font: Any, face: Face) -> bytes:
    font = reloaded(instantiateVariableFont(font, {"wght": face.weights}))
    options = Options(layout_features=face.features, hinting=False, name_IDs=[0, 1, 2, 13, 14])
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=map(ord, face.characters))
    subsetter.subset(font)
    # "Source" is a reserved name, which the licence does not allow a changed font to bear.
    for record in font["name"].names:
        if record.nameID == 1:
            record.string = f"Desk {face.name}"
    return written(font, "woff2")


def reloaded(font: Any) -> Any:
    """The subsetter fails on tables that the instancer has changed, unless they are read again."""
    return TTFont(io.BytesIO(written(font, None)), recalcTimestamp=False)


def written(font: Any, flavor: str | None) -> bytes:
    buffer = io.BytesIO()
    font.flavor = flavor
    font.save(buffer)
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main())
