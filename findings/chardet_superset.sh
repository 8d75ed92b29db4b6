#!/usr/bin/env bash
# chardet: the "decode-safe superset" of a Polish, Russian or Arabic text is not one.
#
# Expected: detect(data, prefer_superset=True) names a character set that reads every byte of the detected one in the
#   same way, and some more: the documentation calls it decode-safe, recommends it whenever the result is decoded, and
#   announces it as the default of chardet 8.
# Happens: plain detect() is right (ISO-8859-2, -5, -6, -7); with prefer_superset=True the same call answers
#   Windows-1250, -1251, -1256 or -1253. These are not supersets: they put letters at other bytes. The text decodes
#   without an error, at the same confidence, into other letters. That of ISO-8859-5 is wholly unreadable.
# Matters: whoever follows the recommendation turns a right answer into a wrong text, in whole languages, silently.
#   Of the pairs, ISO-8859-1 / Windows-1252 and ISO-8859-9 / Windows-1254 hold what the name promises.
# Versions: chardet 7.7.0
# Contradicts: the docstring of chardet.detect (parameter prefer_superset); the table is PREFERRED_SUPERSET in
#   chardet/output_names.py.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check chardet==7.7.0
"$folder/venv/bin/python" - <<'PYTHON'
import importlib.metadata
import sys

import chardet

TEXTS = {
    "iso8859-2": "Latem ścieżki rowerowe będą dłuższe, a część świetlic pozostanie otwarta również w święta. "
    "Mieszkańcy żądają większych środków na łąki i źródła.",
    "iso8859-5": "Городской совет решил открыть новую библиотеку весной, сообщила мэр журналистам во вторник.",
    "iso8859-6": "قرر مجلس المدينة فتح المكتبة الجديدة في الربيع بعد عمل استمر ثلاث سنوات",
    "iso8859-7": "Ο δήμος αποφάσισε να ανοίξει τη νέα βιβλιοθήκη την άνοιξη. Άλλοι διαφώνησαν με την απόφαση.",
}


def moved(codec: str, other: str) -> int:
    """How many of the bytes from A0 to FF are a character in the one set, and another or none in the other."""
    high = [bytes([byte]) for byte in range(0xA0, 0x100)]
    return sum(byte.decode(codec, "ignore") not in ("", byte.decode(other, "ignore")) for byte in high)


changed = []
print("chardet", importlib.metadata.version("chardet"))
for codec, text in TEXTS.items():
    data = text.encode(codec)
    plain = chardet.detect(data, prefer_superset=False)
    promised = chardet.detect(data, prefer_superset=True)
    read = data.decode(promised["encoding"])
    wrong = sum(a != b for a, b in zip(text, read))
    elsewhere = moved(codec, promised["encoding"])
    print(f"\n{codec}: detect() answers {plain['encoding']}, prefer_superset answers {promised['encoding']}")
    print(f"  {elsewhere} characters of A0 to FF are others there; {wrong} of {len(text)} of the text are read wrong")
    print(f"  is   {text[:60]}\n  read {read[:60]}")
    if data.decode(plain["encoding"]) != text:
        changed.append(f"{codec}: plain detection no longer reads the text")
    if promised["encoding"] == plain["encoding"] or not wrong or not elsewhere:
        changed.append(f"{codec}: prefer_superset reads the text")
    if promised["confidence"] != plain["confidence"]:
        changed.append(f"{codec}: the confidence differs")
print("\nfor comparison, true supersets:")
for codec, other in (("iso8859-1", "cp1252"), ("iso8859-9", "cp1254")):
    print(f"  {codec} in {other}: {moved(codec, other)} characters are others there")
    if moved(codec, other):
        changed.append(f"{codec}: the comparison fails")
sys.exit("CHANGED: " + "; ".join(changed) if changed else 0)
PYTHON
echo "SAME: chardet's prefer_superset still names character sets that read other letters."
