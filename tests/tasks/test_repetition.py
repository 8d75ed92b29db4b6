"""A model that repeats itself is noticed; tables, lists, code and refrains are none of that."""

from __future__ import annotations

import random
import re
from pathlib import Path

from tasks.pipeline.providers.model_replies.repetition import RepetitionDetector, RepetitionFound
from tests.conftest import BASE_DIR

PROSE = (BASE_DIR / "docs" / "architecture.md").read_text()[:3_000]
WORDS = re.findall(r"[a-z]{4,}", PROSE)
PARAGRAPH = "They turn and they turn, and the angle says where the flowers are, for all who can read it. " * 2
NEAR = ("The bees dance. ", "The bees dance well. ", "And so the bees dance. ")
LOOPS = {
    "a line": "The bees dance in the dark.\n" * 300,
    "a word": "bees " * 2_000,
    "a numbered line": "".join(f"{n}. The bees dance in the dark.\n" for n in range(1, 300)),
    "a lettered line": "".join(f"{chr(97 + n % 26)}) it dances in the dark\n" for n in range(400)),
    "a paragraph": f"{PARAGRAPH}\n\n" * 40,
    "a section": ("## Section\n\n" + " ".join(f"{word} is here and there" for word in WORDS[:100])) * 9,
    "nearly the same": "".join(random.Random(n).choice(NEAR) for n in range(800)),
    "counted steps": "".join(f"Step {n}: mix the flour with the water.\n" for n in range(300)),
    "no Latin letters": "蜜蜂在黑暗中跳舞。" * 500,
    "doubts": "Wait, let me reconsider. " * 200,
    "dashes": "-" * 8_000,
    "a row of a table": "|---" * 2_000,
    "white space": " \n" * 4_000,
    "zeros": "0, " * 3_000,
    "emoji": "🐝" * 4_000,
}
VERSE = (
    "Row, row, row your boat,\nGently down the stream,\nMerrily, merrily, merrily, merrily,\nLife is a dream."
)
NO_LOOPS = {
    "a table": "".join(f"| {n} | {n * 7 % 97} kg | {n * 3 % 50} |\n" for n in range(1800, 2020)),
    "a table of yes and no": "".join(f"| {word} | yes | no | yes | yes |\n" for word in WORDS[:150]),
    "a table of wide columns": f"| {'-' * 300} | {'-' * 300} |\n| a | b |\n" * 3,
    "a list of figures": "".join(f"- {n}: {n * 7 % 97} kg of honey\n" for n in range(1900, 2020)),
    "a glossary": "".join(f"**{word}**: see the entry on {word} in the index.\n\n" for word in WORDS[:100]),
    "a refrain": "\n\n".join(" ".join(random.Random(n).sample(WORDS, 40)) + "\n\n" + VERSE for n in range(8)),
    "a quoted line": "All work and no play makes Jack a dull boy.\n" * 8,
    "code": "".join(f"    table[{n}] = 0x{n * 37 % 256:02x};\n" for n in range(300)),
    "a matrix": "[0, 0, 0, 0, 0, 0, 0, 0]\n" * 30,
    "empty cells": "<tr><td></td><td></td></tr>\n" * 40,
    "a checklist": "- [ ] \n" * 60,
    "leaders": f"Chapter 1 {'.' * 120} 3\nChapter 2 {'.' * 120} 9\n",
    "notes in JSON": "".join(
        f'{{"source": {n % 9}, "fact": "{" ".join(random.Random(n).sample(WORDS, 12))}"}}, '
        for n in range(200)
    ),
}


def noticed_after(text: str) -> int | None:
    """How many characters had been read when the loop was noticed."""
    detector = RepetitionDetector()
    for at in range(0, len(text), 7):
        try:
            detector.add(text[at : at + 7])
        except RepetitionFound:
            return at
    return None


def test_a_loop_is_noticed_before_it_has_cost_much() -> None:
    for name, loop in LOOPS.items():
        at = noticed_after(PROSE + loop)
        assert at is not None, name
        assert at - len(PROSE) < 9_000, name


def test_what_repeats_itself_for_a_reason_is_no_loop() -> None:
    for name, text in NO_LOOPS.items():
        assert noticed_after(PROSE + text + PROSE) is None, name


def test_no_document_of_this_repository_is_a_loop() -> None:
    documents = [*Path(BASE_DIR / "docs").rglob("*.md"), *Path(BASE_DIR / "tasks").glob("pipeline/**/*.toml")]
    assert len(documents) > 100
    assert [path.name for path in documents if noticed_after(path.read_text()[:20_000])] == []
