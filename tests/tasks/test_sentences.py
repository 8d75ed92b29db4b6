"""A paragraph is cut into its sentences, in every script, and into nothing else."""

from pathlib import Path

import pytest

from tasks.pipeline.text.languages import language
from tasks.pipeline.text.sentences import sentences

CASES = Path(__file__).with_name("sentence_cases.txt")


def cases() -> list[tuple[str, str, list[str]]]:
    """Language, paragraph and its sentences. A bar divides them, with the blanks of the paragraph."""
    found, code = [], ""
    for line in CASES.read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]") and " " not in line:
            code = line[1:-1]
        elif line and not line.startswith("#"):
            paragraph = line.replace(" | ", " ").replace("|", "")
            found.append((code, paragraph, [part.strip() for part in line.split("|")]))
    return found


@pytest.mark.parametrize("code", sorted({code for code, _, _ in cases()}))
def test_paragraphs_are_cut_where_their_sentences_end(code):
    wanted = {paragraph: parts for of, paragraph, parts in cases() if of == code}
    assert {paragraph: sentences(paragraph, language(code)) for paragraph in wanted} == wanted


def test_each_of_twelve_languages_has_thirty_sentences():
    counts: dict[str, int] = {}
    for code, _, parts in cases():
        counts[code] = counts.get(code, 0) + len(parts)
    assert sum(count >= 30 for count in counts.values()) >= 12


@pytest.mark.parametrize("code", ["", "en", "de", "xx", "zh-TW", "ja"])
def test_sentences_are_verbatim_parts_in_any_language(code):
    for _, paragraph, _ in cases():
        assert "".join("".join(sentences(paragraph, language(code))).split()) == "".join(paragraph.split())


@pytest.mark.parametrize(
    "paragraph",
    [
        "." * 200_000, "“" * 200_000, "(" * 200_000, '" ' * 100_000, "[1]" * 70_000, "A. " * 70_000,
        "。" * 200_000,        "a" * 200_000, "ก " * 100_000, "¹" * 200_000, ". » " * 50_000,
        "[a b c " * 40_000, "1." * 100_000,
    ],
    ids=lambda text: text[:6],
)  # fmt: skip
def test_odd_paragraphs_take_no_longer_than_their_length(paragraph):
    sentences(paragraph, language("en"))


def test_white_space_of_any_kind_divides_nothing():
    assert sentences("One is\n here.\u00a0Two\tis\u2003there.", language("en")) == [
        "One is here.",
        "Two is there.",
    ]


def test_marks_of_an_inspected_draft_belong_to_the_sentence_before_them():
    first, second = "水位上升了。\ue0001\ue001", "第二年很干旱。\ue0002, 3\ue001"
    assert sentences(first + second, language("zh")) == [first, second]
    assert sentences(f"{first} {second}", language("zh")) == [first, second]
