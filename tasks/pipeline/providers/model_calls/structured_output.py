"""Structured answers: what is asked for, and how they are read from the text of a reply.

Where a server can, it enforces the schema (see `capabilities`). Whatever it says, the answer is looked for in
the text and validated: models put prose around it, fences, a second object, or their schema once more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from tasks.pipeline.providers import StructuredOutput
from tasks.pipeline.providers.model_calls.answer_fitting import fitted, labelled_lines
from tasks.pipeline.providers.model_calls.nearly_json import as_json
from tasks.pipeline.providers.model_replies.characters import clean
from tasks.pipeline.providers.model_servers.vendor_protocol import ReplyFormat

FENCED = re.compile(r"```[a-z]{0,10}[ \t]*\n(.{0,400000}?)\n?[ \t]*```", re.DOTALL | re.IGNORECASE)
STRING_OR_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])', re.DOTALL)
MAX_OBJECTS = 40
"""How many opening braces are tried."""
WRAPPERS = frozenset(
    {"arguments", "parameters", "input", "answer", "result", "response", "output", "json", "data"}
)
DECODER = json.JSONDecoder(strict=False)


class NoAnswerFound(ValueError):
    """A reply has no JSON object."""


def reply_format(output: type[StructuredOutput]) -> ReplyFormat:
    """Its form is chosen by what the server takes."""
    return ReplyFormat("words", output.model_json_schema(), output.__name__)


def schema_request(output: type[StructuredOutput]) -> str:
    """The paragraph of the instructions that asks for JSON.

    It is sent in every form: many servers ignore what they do not know, and say nothing.
    """
    schema = json.dumps(output.model_json_schema(), ensure_ascii=False)
    return (
        "Answer with one JSON object and nothing else: no introduction, no explanation, no code fence. "
        f"It must be valid against this JSON schema, and must not repeat the schema itself:\n{schema}"
    )


def parse(output: type[StructuredOutput], text: str, *, is_whole: bool = True) -> StructuredOutput:
    """Return the last object in the text that is valid, or can be read as such. Raises NoAnswerFound or
    ValidationError.

    Line breaks within strings are accepted, and an object with the answer inside. `is_whole` says that the
    reply was not cut off: then brackets may be missing at its end.
    """
    schema = output.model_json_schema()
    valid: StructuredOutput | None = None
    read: StructuredOutput | None = None
    nearest: ValidationError | None = None
    text = _decoded_twice(text)
    if is_whole and (mended := _mended(text)) is not None and (answer := _read(output, mended, schema)):
        return answer
    for found in _values(text):
        for value in _variants(found, output):
            try:
                valid = output.model_validate_json(json.dumps(value))
                break
            except ValidationError:
                pass
            try:
                read = output.model_validate_json(json.dumps(fitted(value, schema)))
                break
            except ValidationError as error:
                if nearest is None or error.error_count() <= nearest.error_count():
                    nearest = error
    lines = labelled_lines(text, schema) if valid is None and read is None else None
    answer = valid or read or (None if lines is None else _read(output, lines, schema))
    if answer is not None:
        return answer
    if nearest is not None:
        raise nearest
    raise NoAnswerFound("no JSON object")


def _read(output: type[StructuredOutput], value: Any, schema: Mapping[str, Any]) -> StructuredOutput | None:
    try:
        return output.model_validate_json(json.dumps(fitted(_cleaned(value), schema)))
    except ValidationError:
        return None


def correction_request(error: ValidationError | None) -> str:
    """The follow-up to a model whose reply did not validate; None stands for a reply without an object."""
    if error is None:
        return "That is not valid: it has no JSON object. Send the whole object, and nothing else."
    problems = "\n".join(
        f"- {'.'.join(str(part) for part in problem['loc']) or 'the answer'}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_input=False)[:10]
    )
    return f"That answer is not valid:\n{problems}\nSend the whole object again, corrected, and nothing else."


def _decoded_twice(text: str) -> str:
    """The text in a JSON string, if the whole reply is one."""
    if text.lstrip()[:1] != '"':
        return text
    try:
        inner = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return text
    return inner if isinstance(inner, str) else text


def _mended(text: str) -> Any:
    """The first object, if it is JSON but for its notation."""
    at = text.find("{")
    if at < 0 or _decoded(text, at)[0] is not None:
        return None
    value, _ = _decoded(as_json(text), 0)
    return value if isinstance(value, dict) else None


def _values(text: str) -> Iterator[Any]:
    """The JSON values in a text: all of it, or the objects that stand in it, in their order."""
    stripped = text.strip()
    if stripped[:1] in ("{", "["):
        for candidate in (stripped, _without_trailing_commas(stripped)):
            value, end = _decoded(candidate, 0)
            if value is not None and end == len(candidate):
                yield value
                return
    for fence in FENCED.finditer(text):
        value, _ = _decoded(_without_trailing_commas(fence[1].strip()), 0)
        if value is not None:
            yield value
    yield from _objects(text)
    if (mended := _without_trailing_commas(text)) != text:
        yield from _objects(mended)


def _objects(text: str) -> Iterator[Any]:
    at = text.find("{")
    for _ in range(MAX_OBJECTS):
        if at < 0:
            return
        value, end = _decoded(text, at)
        if value is not None:
            yield value
        at = text.find("{", max(end, at + 1))


def _decoded(text: str, at: int) -> tuple[Any, int]:
    """The object or list that begins there, and where it ends; None if it is none."""
    try:
        value, end = DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None, at
    return (value, end) if isinstance(value, dict | list) else (None, at)


def _without_trailing_commas(text: str) -> str:
    return STRING_OR_COMMA.sub(lambda match: match[1] or "", text)


def _variants(value: Any, output: type[StructuredOutput]) -> Iterator[Any]:
    """The value, what a wrapper has inside, and a list as the only field of the answer."""
    value = _cleaned(value)
    fields = list(output.model_fields)
    if isinstance(value, list):
        if len(value) == 1:
            yield value[0]
        if len(fields) == 1:
            yield {fields[0]: value}
        elif value:
            yield value
        return
    yield value
    for name, inner in list(value.items())[:20]:
        if isinstance(inner, dict) and (len(value) == 1 or name.lower() in WRAPPERS):
            yield inner


def _cleaned(value: Any) -> Any:
    """Without characters that JSON escapes can name and no text may have."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(one) for one in value]
    if isinstance(value, dict):
        return {clean(str(name)): _cleaned(one) for name, one in value.items()}
    return value
