"""The corpus that `bench sources` measures on, and what its figures mean."""

from __future__ import annotations

import hashlib

import pytest

from benchmarks.source_corpus import texts
from benchmarks.source_corpus.article import MadeArticle, MadeHeading, MadeParagraph, MadeTable, TextPiece
from benchmarks.source_corpus.corpus import MadeDocument, documents
from benchmarks.source_corpus.languages import LANGUAGES
from benchmarks.source_corpus.scoring import ReadingScore, common_subsequence, score
from tasks.pipeline.reading.document import read_bytes

EN = LANGUAGES["en"]
ARTICLE = MadeArticle(
    EN,
    "Ships",
    "",
    "",
    (
        MadeHeading("Count"),
        MadeParagraph((TextPiece("Bergen counted 412 ships in a storm."),)),
        MadeTable("By port", ("Port", "Ships"), (("Bergen", "412"), ("Riga", "97"))),
    ),
)
TRUE = ["Ships", "Count", "Bergen counted 412 ships in a storm.", "By port"]
ROWS = ["Port: Bergen; Ships: 412", "Port: Riga; Ships: 97"]


@pytest.fixture(scope="module")
def corpus() -> list[MadeDocument]:
    return list(documents())


def test_the_corpus_is_as_large_as_it_is_said_to_be(corpus: list[MadeDocument]) -> None:
    assert len(corpus) >= 300
    assert len({one.name for one in corpus}) == len(corpus)
    assert len({one.article.language.code for one in corpus}) >= 12
    assert len({charset for charset, _ in texts.CHARSETS}) >= 25
    splits = [one.split for one in corpus]
    assert 0.4 < splits.count("test") / len(splits) < 0.6


def test_the_corpus_has_the_same_bytes_each_time(corpus: list[MadeDocument]) -> None:
    def digest(made: list[MadeDocument]) -> str:
        return hashlib.sha256(b"".join(one.data for one in made)).hexdigest()

    assert digest(corpus) == digest(list(documents()))


def test_a_faithful_reading_has_every_figure() -> None:
    assert score(ARTICLE, [*TRUE, *ROWS]) == ReadingScore(1.0, 1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("sentence", "is_false"),
    [
        ("Bergen counted 412 ships in a storm.", False),
        ("BERGEN counted 412 ships, in a storm.", False),
        ("Bergen counted 4123 ships in a storm.", True),
        ("Bergen counted 412 ships in a calm.", True),
        ("Bergen counted in a storm 412 ships.", True),
    ],
)
def test_a_sentence_is_false_when_the_document_does_not_have_it(sentence: str, is_false: bool) -> None:
    found = score(ARTICLE, ["Ships", "Count", sentence, "By port", *ROWS]).false_sentences
    assert found == ((sentence,) if is_false else ())


@pytest.mark.parametrize(
    ("blocks", "field"),
    [
        ([*TRUE, ROWS[0]], "recall"),
        ([*TRUE, *ROWS, "Subscribe to our newsletter"], "precision"),
        ([TRUE[2], TRUE[1], TRUE[0], *ROWS], "order"),
        ([*TRUE, ROWS[0], "Port: Riga; Ships: 79"], "figures"),
        ([*TRUE, *ROWS, "999"], "figures"),
    ],
)
def test_each_figure_falls_with_what_it_measures(blocks: list[str], field: str) -> None:
    assert getattr(score(ARTICLE, blocks), field) < 1


@pytest.mark.parametrize(
    ("one", "other", "length"),
    [("abcd", "abcd", 4), ("abcd", "acbd", 3), ("abc", "xyz", 0), ("", "a", 0), ("aab", "aba", 2)],
)
def test_the_longest_common_subsequence_is_found(one: str, other: str, length: int) -> None:
    assert common_subsequence(list(one), list(other)) == length


GROUPS = ("HTML", "PDF", "docx", "odt", "epub", "pptx", "rtf", "eml", "md", "txt", "charsets")


@pytest.mark.parametrize("group", GROUPS)
def test_documents_are_read_with_every_figure_and_no_false_sentence(
    corpus: list[MadeDocument], group: str
) -> None:
    for one in [one for one in corpus if one.group == group][::3]:
        reading = read_bytes(one.data, content_type=one.content_type, name=one.file_name)
        blocks = [block.text for block in reading.blocks]
        found = score(one.article, blocks if group != "eml" else [reading.title, *blocks])
        assert (found.figures, found.false_sentences) == (1.0, ()), one.name
        assert min(found.recall, found.order) >= 0.99, one.name
