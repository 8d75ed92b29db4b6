"""The stages that work on a part of a text, with a model that answers as it was told to."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tasks.pipeline.errors import ProviderError
from tasks.pipeline.passages import DraftPassage, ProposedText
from tasks.pipeline.providers import LanguageModel, Prose
from tasks.pipeline.stages.propose_titles import TitleProposals, propose_titles, usable_titles
from tasks.pipeline.stages.rewrite_paragraph import rewrite_paragraph
from tasks.pipeline.stages.shorten import shorten
from tasks.pipeline.types import Article, Brief, Citation, Research, SourceText

BRIEF = Brief(topic="Street trees")
RESEARCH = Research(
    sources=(
        SourceText(
            number=1, title="Shade", url="https://example.org/shade", text="Shade cools by 3 degrees."
        ),
        SourceText(
            number=2, title="Water", url="https://example.org/water", text="A lime drinks 200 litres."
        ),
    )
)
OLD = "Trees cool a street by shade [1]. Their leaves give off water on hot days, which cools the air around."
PASSAGE = DraftPassage(
    text=OLD, title="Trees", section="Cooling", before="Before it.", after="After it.",
    citations=(Citation(number=1, title="Shade", url="https://example.org/shade"),),
)  # fmt: skip


class ScriptedModel(LanguageModel):
    """Answers one after the other, and remembers what it was asked."""

    def __init__(self, *replies: Any) -> None:
        self.replies = list(replies)
        self.prompts: list[str] = []
        self.versions: list[str] = []

    async def write(self, instructions: str, prompt: str, **purpose: Any) -> Prose:
        self.prompts.append(prompt)
        self.versions.append(purpose["prompt_version"])
        return Prose(self.replies.pop(0), model="openai:scripted")

    async def answer(self, instructions: str, prompt: str, output: Any, **purpose: Any) -> Any:
        self.prompts.append(prompt)
        return TitleProposals(titles=tuple(self.replies.pop(0)))


def rewritten(*replies: str, instruction: str = "Shorter", passage: DraftPassage = PASSAGE) -> ProposedText:
    return asyncio.run(rewrite_paragraph(BRIEF, RESEARCH, passage, instruction, ScriptedModel(*replies)))


def test_the_model_gets_the_paragraph_what_stands_around_it_and_the_sources() -> None:
    model = ScriptedModel("Shade cools [1].")
    asyncio.run(rewrite_paragraph(BRIEF, RESEARCH, PASSAGE, "Add the figure of source 2", model))
    for shown in (OLD, "Before it.", "After it.", "Cooling", "Add the figure of source 2", "200 litres"):
        assert shown in model.prompts[0]
    assert model.prompts[0].index("200 litres") > 0
    assert model.versions == ["paragraph 2"]


def test_replies_are_put_right_where_that_is_certain(subtests: Any) -> None:
    for reply, text, note in [
        ("Shade cools [1].", "Shade cools [1].", ""),
        ("```markdown\nShade cools [1].\n```", "Shade cools [1].", ""),
        ("Before it.\n\nShade cools [1].\n\nAfter it.", "Shade cools [1].", ""),
        ("## Cooling\n\nShade cools [1].", "Shade cools [1].", ""),
        ("Shade cools [1], water too [7].", "Shade cools [1], water too.", "[7]"),
        ("Shade cools [1, 9].", "Shade cools [1].", "[9]"),
        ("Shade cools [1][2].", "Shade cools [1] [2].", ""),
        ("Shade [cools](https://evil.example/x) [1].", "Shade cools [1].", "https://evil.example/x"),
        ("See https://evil.example/y. Shade [1].", "See . Shade [1].", "https://evil.example/y"),
        ("![A tree](https://evil.example/t.png) Shade [1].", "Shade [1].", "evil.example/t.png"),
        (
            "[Shade](https://example.org/shade) cools [1].",
            "[Shade](https://example.org/shade) cools [1].",
            "",
        ),
        ("Use `array[5]` and shade [1].", "Use `array[5]` and shade [1].", ""),
    ]:
        with subtests.test(reply=reply):
            found = rewritten(reply)
            assert found.texts == (text,)
            assert note in " ".join(found.notes)
            assert bool(found.notes) == bool(note)


def test_replies_that_cannot_be_used_are_refused_with_a_remedy(subtests: Any) -> None:
    for replies, words in [
        ([OLD], "as it was"),
        (["One [1].\n\nTwo."], "2 paragraphs"),
        (["Shade cools.", "It cools."], r"\[1\].*asked again"),
        (["Shade <<<end 0123456789abcdef>>> [1]."], "marks"),
        (["[7]"], "Nothing was left"),
    ]:
        with subtests.test(replies=replies), pytest.raises(ProviderError, match=words):
            rewritten(*replies)


def test_a_lost_citation_is_asked_for_again_unless_the_instruction_is_about_it() -> None:
    model = ScriptedModel("Shade cools.", "Shade cools [1].")
    found = asyncio.run(rewrite_paragraph(BRIEF, RESEARCH, PASSAGE, "Shorter", model))
    assert found.texts == ("Shade cools [1].",)
    assert "lost the citation [1]" in model.prompts[1]
    for instruction in ("Drop the citation", "Ohne Quelle", "Without [1]", "Retire la référence"):
        assert rewritten("Shade cools.", instruction=instruction).texts == ("Shade cools.",)


def shortened(*replies: str, share: int = 50) -> ProposedText:
    return asyncio.run(shorten(BRIEF, RESEARCH, PASSAGE, share, "", ScriptedModel(*replies)))


def test_a_passage_gets_shorter_by_the_share_that_was_asked_for() -> None:
    assert shortened("Trees cool a street by shade [1].").notes == ()
    long = "Trees cool a street by shade [1]. Their leaves give off water on hot summer days."
    assert shortened(long, "Trees cool a street by shade [1].").texts == (
        "Trees cool a street by shade [1].",
    )
    nearly = shortened(long, long)
    assert nearly.texts == (long,)
    assert "less than was asked for" in nearly.notes[0]
    with pytest.raises(ProviderError, match="no shorter"):
        shortened(OLD + " More.", OLD + " And more words.")
    with pytest.raises(ProviderError, match=r"\[1\]"):
        shortened("Trees cool.", "Trees cool.")


def test_titles_are_plain_distinct_and_short() -> None:
    proposed = [
        "# Trees **cool** streets", "“Trees cool streets.”", "Street trees", "1. What shade is worth [1]",
        "x" * 130, "", "木は街を冷やす", "A fourth one",
    ]  # fmt: skip
    assert usable_titles(proposed, "Street Trees") == [
        "Trees cool streets", "What shade is worth", "木は街を冷やす"
    ]  # fmt: skip


def test_too_few_titles_are_asked_for_once_more() -> None:
    article = Article(title="Street trees", body="Text.")
    model = ScriptedModel(["A", "A.", "Street trees"], ["B", "C"])
    assert asyncio.run(propose_titles(BRIEF, article, "", model)).texts == ("A", "B", "C")
    with pytest.raises(ProviderError, match="1 usable titles of 3"):
        asyncio.run(propose_titles(BRIEF, article, "", ScriptedModel(["A"], ["a"])))
