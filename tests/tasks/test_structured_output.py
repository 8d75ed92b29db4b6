"""How a structured answer is found in what a model sends."""

from __future__ import annotations

import time

import pytest
from pydantic import ValidationError

from tasks.pipeline.providers.structured_output import (
    NoAnswerFound,
    correction_request,
    parse,
    reply_format,
    schema_request,
)
from tasks.pipeline.stages.notes import Notes
from tasks.pipeline.types import Critique
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
