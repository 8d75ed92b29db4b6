"""How a structured answer is found in what a model sends."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from pydantic import ValidationError

from tasks.pipeline.providers.model_calls.structured_output import (
    NoAnswerFound,
    correction_request,
    parse,
    reply_format,
    schema_request,
)
from tasks.pipeline.scoring import Criterion
from tasks.pipeline.stages.critique import CriticAnswer
from tasks.pipeline.stages.notes import Notes
from tasks.pipeline.types import Critique, Outline, Seo
from tests.model_server import critique_text

ANSWER = critique_text(70)
FOUND = (
    ANSWER,
    f"```json\n{ANSWER}\n```",
    f"```JSON\n{ANSWER}```",
    f"Here it is:\n\n{ANSWER}\n\nI hope it helps. {{smile}}",
    f"The form is {{score, summary}}. So:\n{ANSWER}",
    f'An example: {{"score": "…"}}. Mine: {ANSWER}',
    f"{critique_text(50)}\n\nWait, that is too low.\n\n{ANSWER}",
    f'{{"type": "object", "properties": {{"score": {{"type": "integer"}}}}}}\n{ANSWER}',
    f'{{"answer": {ANSWER}}}',
    f'{{"name": "Critique", "arguments": {ANSWER}}}',
    f"[{ANSWER}]",
    ANSWER.replace("}]", "},]").replace('"summary"', '"summary" '),
    ANSWER[:-1] + ",\n}",
    f"```json\n{ANSWER[:-1]},\n}}\n```",
    ANSWER.replace("Sound, but thin.", "Sound,\nbut {thin}, ] or }."),
    ANSWER.replace("Sound, but thin.", "a ,} b ,] c"),
    f"First some code:\n```py\nx = {{}}\n```\nThen:\n```json\n{ANSWER}\n```",
    f"{{{{{ANSWER}",
    f"\u201cscore\u201d is {{70}}: {ANSWER}",
)


def test_the_object_that_is_valid_is_found_whatever_is_around_it() -> None:
    for text in FOUND:
        assert parse(Critique, text).score == 70, text
    assert parse(Critique, FOUND[14]).summary == "Sound,\nbut {thin}, ] or }."
    assert parse(Critique, FOUND[15]).summary == "a ,} b ,] c", "what is in a string stays"


def test_a_list_is_the_only_field_of_an_answer() -> None:
    note = '{"source": 1, "fact": "Bees dance."}'
    assert parse(Notes, f"[{note}, {note}]").notes == parse(Notes, f'{{"notes": [{note}, {note}]}}').notes


def test_characters_that_no_text_may_have_do_not_come_in_by_escapes() -> None:
    text = ANSWER.replace("Sound, but thin.", "a\\u0000b\\ud83dc\\ud83d\\udc1d")
    assert parse(Critique, text).summary == "ab\ufffdc🐝"


def test_a_text_without_an_object_is_not_taken_for_a_wrong_one() -> None:
    for text in ("Fine.", "", "{", "{]", "{" * 5_000, "[1, 2", "null", "70"):
        with pytest.raises(NoAnswerFound):
            parse(Critique, text)
    with pytest.raises(ValidationError) as caught:
        parse(Critique, critique_text(700))
    assert "score" in correction_request(caught.value)
    assert "no JSON object" in correction_request(None)


def test_the_type_is_described_as_a_schema_and_in_words() -> None:
    described = reply_format(Critique)
    assert described.schema_name == "Critique"
    assert described.schema["properties"]["score"]["type"] == "integer"
    assert '"score"' in schema_request(Critique)


def test_hostile_answers_take_no_long_time() -> None:
    for text in (
        "{" * 100_000,
        '{"a":' * 50_000,
        '{"a": "' + "\\" * 100_000,
        "```\n" * 30_000,
        '{"a",}' * 20_000,
    ):
        before = time.process_time()
        with pytest.raises((NoAnswerFound, ValidationError)):
            parse(Critique, text)
        assert time.process_time() - before < 1


OUTLINE: dict[str, Any] = {"title": "Bees", "sections": [{"heading": "Dance", "points": ["They dance [1]"]}]}
NOT_QUITE: tuple[tuple[str, str], ...] = (
    ("Python's notation", repr(OUTLINE | {"title": "Bees"})),
    ("no quotation marks", re.sub(r'"(\w+)":', r"\1:", json.dumps(OUTLINE))),
    ("typographic ones", json.dumps(OUTLINE).replace('"title"', "“title”")),
    ("a comment", json.dumps(OUTLINE).replace("{", "{ // the plan\n", 1)),
    ("a bracket too few", json.dumps(OUTLINE)[:-1]),
    ("a bracket too many", json.dumps(OUTLINE) + "}"),
    ("JSON in JSON", json.dumps(json.dumps(OUTLINE))),
    ("in another object, with a second field", json.dumps({"outline": OUTLINE, "confidence": "high"})),
    ("in the form of the schema", json.dumps({"type": "object", "properties": OUTLINE})),
    (
        "other names",
        json.dumps({"Headline": "Bees", "chapters": [{"title": "Dance", "keyPoints": ["They dance [1]"]}]}),
    ),
    ("objects by name", json.dumps({"title": "Bees", "sections": {"Dance": ["They dance [1]"]}})),
    (
        "one instead of a list",
        json.dumps({"title": "Bees", "sections": {"heading": "Dance", "points": "They dance [1]"}}),
    ),
    (
        "null and words for numbers",
        json.dumps(
            {
                "title": "Bees",
                "sections": [
                    {
                        "heading": "Dance",
                        "points": [{"point": "They dance [1]"}],
                        "notes": None,
                        "words": None,
                    }
                ],
            }
        ),
    ),
    (
        "fields that nobody asked for",
        json.dumps({**OUTLINE, "reading_time": 3, "sections": [{**OUTLINE["sections"][0], "id": 1}]}),
    ),
)


def test_what_is_plainly_meant_is_read_in_whatever_form_it_comes() -> None:
    for form, text in NOT_QUITE:
        assert parse(Outline, text).model_dump(mode="json", exclude_defaults=True) == OUTLINE, form
    sized = parse(
        Outline,
        '{"title": "B", "sections": [{"heading": "D", "notes": ["[1]", "note 2"], "words": "about 120"}]}',
    )
    assert (sized.sections[0].notes, sized.sections[0].words) == ((1, 2), 120)
    seo = parse(
        Seo, "**SEO title:** Bees\n**SEO description:** Bees dance.\n- Summary: They do.\n- Tags: bees, dance"
    )
    assert (seo.seo_title, seo.summary, seo.tags) == ("Bees", "They do.", ("bees", "dance"))
    notes = parse(Notes, '{"notes": ["Bees dance. [1]", {"source": "[2]", "fact": "They fly."}]}').notes
    assert [(note.source, note.fact) for note in notes] == [(1, "Bees dance."), (2, "They fly.")]


def test_what_is_not_plain_is_asked_for_again() -> None:
    schema = json.dumps(Outline.model_json_schema())
    for text in (
        schema,
        '{"title": "Bees"}',
        '{"title": {"a": "b", "c": "d"}, "sections": [1, []]}',
        "A plan about bees.",
    ):
        with pytest.raises((NoAnswerFound, ValidationError)):
            parse(Outline, text)
    with pytest.raises((NoAnswerFound, ValidationError)):
        parse(Outline, json.dumps(OUTLINE)[:-2], is_whole=False)  # it was cut off: more sections were to come


def test_a_critics_scores_are_read_on_whatever_scale_they_are() -> None:
    def scored(score: object) -> list[int]:
        answer = parse(CriticAnswer, json.dumps({criterion: {"score": score} for criterion in Criterion}))
        return [one.score for criterion in Criterion if (one := getattr(answer, criterion))]

    for score in (
        85,
        "85",
        85.0,
        "85/100",
        "85 %",
        "85,0",
        "8.5/10",
        "17/20",
        8.5,
        0.85,
        [85],
        "85 out of 100",
        "85 - thin",
    ):
        assert scored(score) == [85] * 6, score
    assert scored(5) == [50] * 6
    assert scored(3) == [3] * 6, "it may mean what it says"
    for score in (110, "good", None, "70-80", "120/100", {}):
        with pytest.raises(ValidationError):
            scored(score)


def test_a_critique_is_used_in_whatever_form_it_is_plain() -> None:
    flat: dict[str, object] = dict.fromkeys(Criterion, 70)
    named = [{"name": criterion.title(), "rating": 70, "justification": "Thin."} for criterion in Criterion]
    forms = (
        flat,
        {"scores": flat, "issues": ["It is thin."]},
        {"criteria": named, "problems": None},
        named,
        {f"{criterion.title()} score": "70/100" for criterion in Criterion},
        {"overall_score": "70/100", "summary": ["Thin.", "Dry."]},
        {**flat, "tone": None},
        {key: one for key, one in flat.items() if key != Criterion.TONE},
    )
    for form in forms:
        answer = parse(CriticAnswer, json.dumps(form))
        assert answer.accuracy is not None, form
        assert answer.accuracy.score == 70, form
    assert [problem.what for problem in parse(CriticAnswer, json.dumps(forms[1])).problems] == ["It is thin."]
    for line in ("{}: 70/100", "- **{}**: 70 (thin)", "| **{}** | 70 | thin |", "### {} - 70"):
        text = "\n".join(line.format(criterion.title()) for criterion in Criterion)
        answer = parse(CriticAnswer, f"My judgement:\n\n{text}\n\nIt is thin.")
        assert answer.tone is not None, line
        assert answer.tone.score == 70, line
    with pytest.raises(ValidationError):
        parse(CriticAnswer, json.dumps({"accuracy": 70, "tone": 70}))
    required = CriticAnswer.model_json_schema()["required"]
    assert set(required) == set(Criterion), "a model is asked for all of them"
