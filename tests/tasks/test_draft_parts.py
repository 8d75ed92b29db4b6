"""Long texts are written part by part, each from what the plan gives it."""

from __future__ import annotations

import asyncio
import re

import pytest

from tasks.engine.stage_progress import progress_of
from tasks.engine.versions import UnsavedText
from tasks.pipeline.stages.draft_parts import join_parts, write_part
from tasks.pipeline.stages.parts import (
    locked_in,
    material_for,
    next_length,
    own_text,
    planned_parts,
    so_far,
    with_lengths,
)
from tasks.pipeline.text.words import word_count
from tasks.pipeline.types import (
    Brief,
    LockedParagraph,
    Note,
    Outline,
    Research,
    Section,
    SourceText,
    WrittenPart,
)
from tests.tasks.test_llm_stages import Scripted

RESEARCH = Research(
    sources=tuple(
        SourceText(number=n, title=f"Title {n}", url=f"https://s{n}.example/", text=f"Text of source {n}.")
        for n in range(1, 5)
    ),
    notes=tuple(Note(source=source, fact=f"Fact {n}.") for n, source in enumerate((1, 1, 2, 3, 4), 1)),
)
PLAN = Outline(
    title="How bees live",
    sections=(
        Section(heading="The dance", points=("It shows the way [1]",), words=200),
        Section(heading="The hive", points=("It is full [2, 3]",), notes=(3,), words=300),
        Section(heading="The year", points=("It goes round",), words=100),
    ),
)
BRIEF = Brief(topic="Bees", target_words=600)
PARTS = planned_parts(BRIEF, PLAN)
LOCK = LockedParagraph(text="The editor's own words about the full hive [4].", section="Homes")


def sections(*words: int) -> Outline:
    return Outline(title="T", sections=tuple(Section(heading=f"H{n}", words=w) for n, w in enumerate(words)))


def test_lengths_of_sections_add_up_to_that_of_the_article() -> None:
    for planned in ((0, 0, 0), (200, 300, 100), (100, 0, 0), (1, 900, 5), (-5, 7, 0), (33,)):
        for target in (50, 800, 9001):
            lengths = [section.words for section in with_lengths(sections(*planned), target).sections]
            assert sum(lengths) == target
            assert min(lengths) > 0 or target == 50
    assert [s.words for s in with_lengths(sections(1, 3), 800).sections] == [200, 600]


def test_short_texts_and_plans_of_earlier_releases_are_written_at_once() -> None:
    def counts(target: int, *words: int, language: str = "en") -> list[int]:
        brief = Brief(topic="Bees", target_words=target, language=language)
        return [len(part) for part in planned_parts(brief, sections(*words))]

    assert counts(400, 200, 200) == [2]
    assert counts(800, 0, 0) == [2]
    assert counts(800, 800) == [1]
    assert counts(800, 300, 300, 200) == [1, 1, 1]
    assert counts(800, *[40] * 20) == [2] * 10
    assert counts(500, 300, 170, 30) == [1, 2]
    assert counts(600, 300, 300, language="zh-Hans") == [2], "600 characters are a short text"


def test_a_part_gets_the_notes_and_sources_that_the_plan_names() -> None:
    def found(number: int, *locked: LockedParagraph) -> tuple[list[str], list[int]]:
        material = material_for(PARTS[number], RESEARCH, locked)
        return [note.fact for note in material.notes], [source.number for source in material.sources]

    assert found(0) == (["Fact 1.", "Fact 2."], [1])
    assert found(1) == (["Fact 3."], [2, 3])
    assert found(1, LOCK) == (["Fact 3."], [2, 3, 4])
    assert found(2) == ([note.fact for note in RESEARCH.notes], [1, 2, 3, 4]), "the plan names nothing"
    unknown = (Section(heading="X", points=("Y [9]",), notes=(0, 77, -1)),)
    assert material_for(unknown, RESEARCH) == RESEARCH


def test_later_parts_make_up_for_the_length_of_those_before() -> None:
    def written(*counts: int) -> list[WrittenPart]:
        return [WrittenPart(body="word " * count, written_by="m") for count in counts]

    assert [next_length(BRIEF, PARTS, written(*counts)) for counts in ((), (200,), (200, 300))] == [
        200,
        300,
        100,
    ]
    assert next_length(BRIEF, PARTS, written(240)) == 270
    assert next_length(BRIEF, PARTS, written(600)) == 180, "no part is cut to nothing"
    assert next_length(BRIEF, PARTS, written(10, 10)) == 130


def test_what_a_model_writes_of_other_parts_is_left_out() -> None:
    everything = "## The dance\n\nA.\n\n## The hive\n\nB.\n\n## The year\n\nC."
    for number, expected in enumerate(("## The dance\n\nA.", "## The hive\n\nB.", "## The year\n\nC.")):
        assert own_text(everything, PARTS, number) == expected
    for text, number, expected in (
        ("B.", 1, "## The hive\n\nB."),
        ("### the hive:\n\nB.\n\n### More\n\nC.", 1, "## The hive\n\nB.\n\n### More\n\nC."),
        ("**The hive**\n\nB.", 1, "## The hive\n\nB."),
        ("# Hives\n\nB.", 1, "## The hive\n\nB."),
        ("Lead.\n\n## The hive\n\nB.", 1, "## The hive\n\nLead.\n\nB."),
        ("Lead.\n\n## The dance\n\nA.", 0, "Lead.\n\n## The dance\n\nA."),
        ("Lead.\n\nA.", 0, "Lead.\n\n## The dance\n\nA."),
        ("A.", 0, "## The dance\n\nA."),
        ("## 2. The hive\n\nB.", 1, "## The hive\n\nB."),
        ("## Part 2: The hive\n\nB.\n\n## Part 3: The year\n\nC.", 1, "## The hive\n\nB."),
        ("The hive\n--------\n\nB.\n\nThe year\n--------\n\nC.", 1, "## The hive\n\nB."),
        ("## Homes\n\nB.\n\n## Wax\n\nC.", 1, "## The hive\n\nB.\n\n## Wax\n\nC."),
        ("Lead.\n\n## Dances\n\nA.", 0, "Lead.\n\n## The dance\n\nA."),
        ("## The year\n\nC.", 1, "## The hive\n\nC."),
    ):
        assert own_text(text, PARTS, number) == expected, text


def test_the_prompt_of_a_part_has_its_place_its_length_and_what_is_written() -> None:
    first = WrittenPart(
        body=f"Lead.\n\n## The dance\n\n{'Bees dance. ' * 40}\n\nThe last [1].", written_by="m"
    )
    llm = Scripted("Full [2]. See [more](https://evil.example/).", "The end.")
    second = asyncio.run(write_part(BRIEF, RESEARCH, PLAN, (first,), llm))
    asyncio.run(write_part(BRIEF, RESEARCH, PLAN, (first, second), llm))

    prompt, last = llm.prompts
    assert second == WrittenPart(body="## The hive\n\nFull [2]. See more.", written_by="openai:scripted")
    assert re.search(r"Write part 2 of 3, in the middle, about \d+ words\.$", prompt)
    assert "part 3 of 3, the end," in last
    assert "Text of source 2." in prompt
    assert "Text of source 1." not in prompt
    assert "Fact 3." in prompt
    assert "Fact 1." not in prompt
    assert "The last [1]." in prompt
    assert prompt.count("Bees dance.") < 20
    assert llm.prompt_versions == ["section 1"] * 2
    assert word_count(so_far([first] * 200)) < 1500


def test_a_locked_paragraph_is_in_one_part_and_once_in_the_text() -> None:
    assert [[one.text for one in found] for found in locked_in(PARTS, [LOCK])] == [[], [LOCK.text], []]
    brief = BRIEF.model_copy(update={"locked": (LOCK,)})
    llm = Scripted("A [1].", "It is full [2].", "C.")
    written: tuple[WrittenPart, ...] = ()
    for _ in PARTS:
        written += (asyncio.run(write_part(brief, RESEARCH, PLAN, written, llm)),)
    article = asyncio.run(join_parts(brief, RESEARCH, PLAN, (*written, written[1])))

    assert all(LOCK.text in prompt for prompt in llm.prompts)
    assert ["word for word" in prompt for prompt in llm.prompts] == [False, True, False]
    assert ["other parts of the article" in prompt for prompt in llm.prompts] == [True, False, True]
    assert article.body.count(LOCK.text) == 1
    assert "Text of source 4." in llm.prompts[1]
    assert [citation.number for citation in article.citations] == [1, 2, 4]
    assert article.title == PLAN.title


def test_a_run_that_ends_early_saves_the_finished_parts_and_what_follows() -> None:
    task = type("Task", (), {"topic": "Bees", "category": "", "tags": []})()
    unsaved = UnsavedText()
    assert unsaved.content(task, "m") is None
    for number, text in enumerate(("One", "Two is longer"), 1):
        for end in range(1, len(text) + 1):
            unsaved.note(text[:end], "x")
        unsaved.add(WrittenPart(body=f"## {text}", written_by=f"writer {number}"))
    unsaved.note("Thr", "x")
    content = unsaved.content(task, "writer 3")
    assert content is not None
    assert (content[0]["body"], content[1]) == ("## One\n\n## Two is longer\n\nThr", "writer 1")
    assert unsaved.with_parts("") == "## One\n\n## Two is longer"


@pytest.mark.parametrize(
    ("key", "percent"),
    [("draft", 30), ("draft-1-of-5", 30), ("draft-3-of-5", 40), ("draft-5-of-5", 50), ("critique-2", 55),
     ("seo-checks", 90)],
)  # fmt: skip
def test_progress_grows_with_the_parts(key: str, percent: int) -> None:
    assert progress_of(key) == percent
