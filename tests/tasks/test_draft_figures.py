"""The figures of a draft against those of its sources, as a reader of both would judge them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasks.pipeline.quality import CHECKS, run_checks
from tasks.pipeline.types import Article, Brief, CheckStatus, Citation, Research, SourceText

CHECK = tuple(one for one in CHECKS if one.name == "figures_in_sources")
PAIRS = [
    line.split(" | ")
    for line in Path(__file__).with_name("figure_pairs.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def check(body, *texts, language="en", brief=None, **article):
    sources = tuple(
        SourceText(number=number, title=f"Source {number}", text=text, url="https://a.example")
        for number, text in enumerate(texts, 1)
    )
    citations = tuple(Citation(number=one.number, title=one.title, url=one.url) for one in sources)
    draft = Article(**{"title": "Title", "body": body, "citations": citations} | article)
    (found,) = run_checks(
        brief or Brief(topic="Topic", language=language), Research(sources=sources), draft, CHECK
    )
    return found


@pytest.mark.parametrize(("verdict", "language", "sentence", "source"), PAIRS)
def test_a_true_figure_passes_and_an_altered_one_is_found(verdict, language, sentence, source):
    body = sentence if "[1]" in sentence else f"{sentence} [1]"
    found = check(body, source, language=language)
    assert (found.status == CheckStatus.FAILED) == (verdict == "altered"), found.evidence


HARBOUR = "In 2024 the port of Bergen counted 412 ships. Five trees died."
BODY = "Ships came to the port of Bergen. [1]"


@pytest.mark.parametrize(
    ("body", "article", "words"),
    [
        (BODY, {"title": "413 ships came in 2024"}, "413"),
        (BODY, {"summary": "In 2025, 412 ships came."}, "2025"),
        (BODY, {"seo_title": "419 ships"}, "419"),
        (BODY, {"seo_description": "Bergen counted 4,120 ships."}, "4,120"),
        (f"## 413 ships\n\n{BODY}", {}, "413"),
    ],
)
def test_a_figure_outside_the_body_is_compared_with_all_sources(body, article, words):
    found = check(body, HARBOUR, **article)
    assert found.status == CheckStatus.FAILED
    assert found.evidence[0].startswith(f"{words} in: ")


@pytest.mark.parametrize(
    ("body", "article"),
    [
        (BODY, {"title": "412 ships came in 2024", "summary": "Five trees died.", "seo_title": "412 ships"}),
        (f"## 1. Ships\n\n{BODY}\n\n## 2. Trees\n\nTrees died.", {}),
        (f"## Step 1: Ships\n\n{BODY}\n\n## Step 2: Trees\n\nTrees died.", {}),
        ("- Plant.\n- Water.\n- Prune.", {"title": "3 ways to keep trees alive"}),
        (f"## Seven\n\n{BODY}", {"title": "7 ships", "brief": Brief(topic="The 7 ships")}),
    ],
)
def test_numbering_counts_of_the_text_and_the_brief_s_own_figures_need_no_source(body, article):
    assert check(body, HARBOUR, **article).status != CheckStatus.FAILED


TABLE = "| City | Ships |\n|---|---|\n| Bergen | {} |\n"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (TABLE.format(412), "passed"),
        (TABLE.format(421), "failed"),
        ("Ships came[^1].\n\n[^1]: There were 412 ships.", "passed"),
        ("Ships came[^1].\n\n[^1]: There were 413 ships.", "failed"),
        ("> There were 413 ships.", "failed"),
        ("There were 412 [1](https://a.example) ships.", "passed"),
        ("There were 413 [1](https://a.example) ships.", "failed"),
        ("There were [413](https://a.example) ships. [1]", "failed"),
        ("> There were 412 ships.", "passed"),
        ("1. Plant trees.\n2. Water trees.\n9. Prune trees.", "skipped"),
    ],
)
def test_figures_are_found_in_every_kind_of_block(body, status):
    assert check(body, HARBOUR).status == status


PATTERN = (
    "The plant has two units. Unit 1 makes 300 megawatts. Unit 2 makes 450 megawatts. It opened in 1998."
)


@pytest.mark.parametrize(
    "sentence",
    [
        "Unit 1 makes 300 megawatts and unit 2 makes 450 megawatts.",
        "The units make 300 and 450 megawatts.",
        "Unit 2, which opened in 1998, makes 450 megawatts.",
        "The plant, opened in 1998, has two units of 300 and 450 megawatts.",
    ],
)
def test_figures_of_sentences_of_one_pattern_are_found_where_they_belong(sentence):
    assert check(f"{sentence} [1]", PATTERN).status == CheckStatus.PASSED


def test_a_neighbouring_sentence_may_say_it_for_what_the_draft_names():
    source = "Sweden sold 500 cars in May. The month after, it sold 300 cars."
    assert check("Sweden sold 300 cars. [1]", source).status == CheckStatus.PASSED


@pytest.mark.parametrize(
    "sentence",
    [
        "The office keeps 90 files for each of its 25 users.",
        "After 90 days it removes the files, but for 40 of them.",
    ],
)
def test_a_figure_of_something_else_in_the_next_sentence_is_no_source(sentence):
    source = (
        "The office keeps 40 files for each of its 25 users. "
        "After 90 days it removes the files, but for 12 of them."
    )
    assert check(f"{sentence} [1]", source).status == CheckStatus.FAILED
