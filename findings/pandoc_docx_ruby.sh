#!/usr/bin/env bash
# pandoc: in a Word document, a Japanese word with its reading above it vanishes, the word as well as the reading.
#
# Expected: Word's phonetic guide (w:ruby) holds the word itself (w:rubyBase) and, in small letters above it, how it is
#   read (w:rt). A converter without ruby drops the small letters at most; from HTML, pandoc keeps both.
# Happens: the docx reader drops the whole element: 会議は東京で開かれた comes out as 会議はで開かれた. No message is given,
#   not with --verbose, and --fail-if-warnings ends with success. The name of the place or of the person is gone.
# Matters: readings are given to names above all, and to every hard word in texts for children and learners, in Japanese
#   and in Chinese. The sentence that is left has lost who, where or what it speaks of.
# Versions: pandoc 3.9 (pypandoc_binary 1.17)
# Contradicts: ISO/IEC 29500-1, 17.3.3 (ruby and rubyBase: the text that the guide is for); the pandoc manual
#   on --verbose and --fail-if-warnings. A user of an editor built on pandoc has reported it to that editor (typora
#   issue 5657); no issue of pandoc's own was found.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pypandoc_binary==1.17
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import importlib.metadata
import subprocess
import sys
import zipfile
from pathlib import Path

import pypandoc

FOLDER = Path(sys.argv[1])
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
GUIDE = (
    '<w:r><w:ruby><w:rubyPr><w:rubyAlign w:val="distributeSpace"/><w:hps w:val="10"/><w:hpsRaise w:val="18"/>'
    '<w:hpsBaseText w:val="21"/><w:lid w:val="ja-JP"/></w:rubyPr>'
    "<w:rt><w:r><w:t>とうきょう</w:t></w:r></w:rt>"
    "<w:rubyBase><w:r><w:t>東京</w:t></w:r></w:rubyBase></w:ruby></w:r>"
)


def document(middle: str) -> Path:
    path = FOLDER / "document.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="{PACKAGE}/content-types">'
            f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{MAIN}"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="r1" Type="{OFFICE}" Target="word/document.xml"/></Relationships>',
        )
        archive.writestr(
            "word/document.xml",
            f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{WORD}"><w:body><w:p>'
            f"<w:r><w:t>会議は</w:t></w:r>{middle}<w:r><w:t>で開かれた。</w:t></w:r></w:p></w:body></w:document>",
        )
    return path


changed = []
pandoc = pypandoc.get_pandoc_path()
print("pandoc", pypandoc.get_pandoc_version(), "from pypandoc_binary", importlib.metadata.version("pypandoc_binary"))
for output_format in ("plain", "html", "gfm"):
    for title, middle in (("with its reading", GUIDE), ("without", "<w:r><w:t>東京</w:t></w:r>")):
        command = [pandoc, "--from=docx", f"--to={output_format}", "--verbose", "--fail-if-warnings", document(middle)]
        run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
        warned = "WARNING" in run.stderr or "ruby" in run.stderr
        print(f"  {output_format:6} 東京 {title}: {run.stdout.strip()} (exit {run.returncode}, warned: {warned})")
        if run.returncode or warned or "で開かれた" not in run.stdout:
            changed.append(f"{output_format}, {title}: a warning, or no text")
        if ("東京" in run.stdout) != (title == "without"):
            changed.append(f"{output_format}, {title}: the word is there, or the comparison fails")
html = "<p>会議は<ruby>東京<rp>(</rp><rt>とうきょう</rt><rp>)</rp></ruby>で開かれた。</p>"
text = pypandoc.convert_text(html, "plain", "html").strip()
print(f"  for comparison, from HTML: {text}")
if "東京" not in text:
    changed.append("from HTML: the word is gone")
sys.exit("CHANGED: " + "; ".join(changed) if changed else 0)
PYTHON
echo "SAME: pandoc still drops a word of a Word document that has its reading above it."
