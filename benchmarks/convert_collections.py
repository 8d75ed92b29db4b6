"""Judged collections of others, converted to the layout that `bench search --judged` reads.

    python -m benchmarks.convert_collections FORMAT SOURCE DIRECTORY [--language CODE]

`squad`: one JSON file of paragraphs and questions; a question's paragraph is relevant, no other is.
`smart`: a directory with the documents, queries and judgements of one of the classic collections.
`npl`: the directory of the NPL collection.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.collection import CORPUS, INFO, JUDGEMENTS, QUERIES

DOCUMENTS = ("*.ALL", "cran.all*")
ASKED = ("*.QRY", "*.qry")
JUDGED = ("*.REL", "cranqrel")
CRANFIELD = "cranqrel"
CRANFIELD_GAINS = {"1": 4, "2": 3, "3": 2, "4": 1}
"""Its judgements count from the best down; anything else is not relevant."""


@dataclass
class _Converted:
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    queries: dict[str, str] = field(default_factory=dict)
    judgements: list[tuple[str, str, int]] = field(default_factory=list)


def squad(source: Path) -> _Converted:
    found = _Converted()
    names: dict[str, str] = {}  # some files repeat a paragraph for every question
    for article in json.loads(source.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            # In JSQuAD the title stands before the paragraph.
            title, divider, text = paragraph["context"].rpartition(" [SEP] ")
            name = names.setdefault(text, str(len(names)))
            found.texts[name] = (title if divider else "", text)
            for asked in paragraph["qas"]:
                if asked.get("is_impossible"):
                    continue
                found.queries[str(asked["id"])] = asked["question"]
                found.judgements.append((str(asked["id"]), name, 1))
    return found


def smart(source: Path) -> _Converted:
    found = _Converted()
    for name, fields in _records(_first(source, DOCUMENTS)):
        title, text = fields.get("T", ""), fields.get("W", "")
        found.texts[name] = (title, text.removeprefix(title).strip())
    judged = _first(source, JUDGED)
    is_cranfield = judged.name == CRANFIELD
    for number, (name, fields) in enumerate(_records(_first(source, ASKED)), 1):
        # Cranfield's judgements count its queries instead of naming them.
        found.queries[str(number) if is_cranfield else name] = fields.get("W", "")
    for line in judged.read_text(encoding="utf-8", errors="replace").splitlines():
        query, text, *others = line.split()
        gain = CRANFIELD_GAINS.get(others[0], 0) if is_cranfield else 1
        if gain:
            found.judgements.append((query, text, gain))
    return found


def npl(source: Path) -> _Converted:
    texts, queries, judged = (
        dict(_numbered(source / name)) for name in ("doc-text", "query-text", "rlv-ass")
    )
    return _Converted(
        {name: ("", text) for name, text in texts.items()},
        {name: text.lower() for name, text in queries.items()},
        [(query, text, 1) for query, relevant in judged.items() for text in relevant.split()],
    )


FORMATS = {"squad": squad, "smart": smart, "npl": npl}


def _first(source: Path, patterns: Iterable[str]) -> Path:
    found = [path for pattern in patterns for path in sorted(source.glob(pattern))]
    if not found:
        raise SystemExit(f"{source} has none of {', '.join(patterns)}.")
    return found[0]


def _records(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Each begins with `.I` and its number; the parts of its text follow lines with a point and a letter."""
    for record in re.split(r"^\.I ", path.read_text(encoding="utf-8", errors="replace"), flags=re.M)[1:]:
        name, _, rest = record.partition("\n")
        parts = re.split(r"^\.([A-Z])[ ]*\n", rest, flags=re.M)
        fields = {key: " ".join(text.split()) for key, text in zip(parts[1::2], parts[2::2], strict=True)}
        yield name.strip(), fields


def _numbered(path: Path) -> Iterator[tuple[str, str]]:
    """Number, text and a line with a slash."""
    for record in re.split(r"^\s*/\s*$", path.read_text(encoding="utf-8", errors="replace"), flags=re.M):
        words = record.split()
        if len(words) > 1:
            yield words[0], " ".join(words[1:])


def write(found: _Converted, directory: Path, language: str) -> None:
    (directory / JUDGEMENTS).parent.mkdir(parents=True, exist_ok=True)
    (directory / INFO).write_text(json.dumps({"language": language}) + "\n")
    _write_rows(
        directory / CORPUS,
        ({"_id": name, "title": title, "text": text} for name, (title, text) in found.texts.items()),
    )
    _write_rows(directory / QUERIES, ({"_id": name, "text": text} for name, text in found.queries.items()))
    lines = ["query-id\tcorpus-id\tscore", *("\t".join(map(str, row)) for row in found.judgements)]
    (directory / JUDGEMENTS).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_rows(path: Path, rows: Iterable[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Converts a judged collection to the layout of BEIR.")
    parser.add_argument("format", choices=sorted(FORMATS))
    parser.add_argument("source", type=Path)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--language", default="en")
    given = parser.parse_args()
    found = FORMATS[given.format](given.source)
    write(found, given.directory, given.language)
    print(f"{len(found.texts)} texts, {len(found.queries)} queries, {len(found.judgements)} judgements")


if __name__ == "__main__":
    main()
