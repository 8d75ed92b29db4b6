"""What models write around, behind and for the citations of an article, against their instructions."""

from __future__ import annotations

import json
import time

from tasks.pipeline.stages.prose import cleaned_body
from tasks.pipeline.text.citation_forms import with_plain_citations
from tasks.pipeline.text.end_matter import without_end_matter
from tasks.pipeline.text.titles import bare
from tasks.pipeline.types import Research, SourceText

RESEARCH = Research(
    sources=tuple(SourceText(number=number, title=f"Source {number}", text="Bees.") for number in (1, 2, 3))
)
BODY = "## Dance\n\nBees dance. [1]\n\n## Flight\n\nThey fly home when the sun sets over the hills. [2]"
SAME = (
    BODY,
    f"# Bees\n\n{BODY}",
    f"Title: Bees\n\n{BODY}",
    f"**Title:** Bees\n\n{BODY}",
    BODY.replace("## ", "# "),
    f"# Bees\n\n{BODY.replace('## ', '# ')}",
    json.dumps({"title": "Bees", "body": BODY}),
    f"```json\n{json.dumps({'article': BODY}, indent=1)}\n```",
    f"<tool_call>\n{json.dumps({'name': 'write', 'arguments': {'body': BODY}})}\n</tool_call>",
    BODY.replace("\n", "\\n"),
    f"{BODY}\n\n## Sources\n\n1. Source 1\n2. Source 2",
    f"{BODY}\n\n---\n\n**References:**\n\n[1] Source 1\n[2] Source 2",
    f"{BODY}\n\nQuellen:\n- Source 1\n- Source 2",
    f"{BODY}\n\n---\n\n**Changes made:**\n\n- Added a sentence.\n- Fixed the tone.",
    f"{BODY}\n\n[To be continued in part 2]",
    BODY.replace("[1]", "[^1]").replace("[2]", "[^2]") + "\n\n[^1]: Source 1\n[^2]: Source 2",
    *(
        BODY.replace("[1]", form.format(1)).replace("[2]", form.format(2))
        for form in (
            "【{}】",
            "【{}†source】",
            "［{}］",
            "<sup>[{}]</sup>",
            "<sup>{}</sup>",
            "[[{}]]",
            "\\[{}\\]",
            "[ {} ]",
            "[Source {}]",
            "(Source {})",
            "[source: {}]",
            "(Quelle {})",
            "[S{}]",
            "[Ref. {}]",
        )
    ),
    BODY.replace("[1]", "[1](#source-1)").replace("[2]", "[2](#source-2)"),
    BODY.replace("[1]", "¹").replace("[2]", "²"),
)
CONTENT = (
    "The yard has 120 m² and E = mc². [1]",
    "He said so (source: Reuters). [1]",
    "From [2020-2021] on. [1]",
    "A list (1) of things. [1]",
    "Cited [Source 9]. [1]",
    "Bees. [1]\n\n## Sources\n\nThe sources of the river are many. [1]",
    "Bees. [1]\n\n- a\n- b",
    "See `x`:\n\n```\na [ 1 ]\n# b\n```\n\nDone. [1]",
    '{"title": "Bees", "body": "Short."}',
)


def test_an_article_is_the_same_whatever_form_it_comes_in() -> None:
    for reply in SAME:
        assert cleaned_body(reply, RESEARCH) == BODY, reply


def test_what_is_content_stays() -> None:
    for body in CONTENT:
        assert cleaned_body(body, RESEARCH) == body
    assert (
        with_plain_citations("Bees [1-3] and (Sources 1 and 2).", {1, 2, 3})
        == "Bees [1] [2] [3] and [1] [2]."
    )


def test_titles_lose_what_is_around_them() -> None:
    for title in (
        '**"Title: Bees dance"**',
        "```Bees dance```",
        "## Bees dance",
        "“Bees dance”",
        "SEO title: Bees dance",
    ):
        assert bare(title) == "Bees dance", title
    for title in ("C#", "__init__", '"Bees" and "wasps"', "Bees: a title", "*Bees* and *wasps*"):
        assert bare(title) == title


def test_hostile_articles_take_no_long_time() -> None:
    for text in ("【" * 20_000, "[^1" * 20_000, "(source " * 9_000, "<sup>" * 20_000, "- a\n\n" * 20_000):
        started = time.monotonic()
        without_end_matter(with_plain_citations(f"{text}\n\nSources", {1}))
        assert time.monotonic() - started < 1
