"""Structured output without tool calls: the schema is part of the prompt, and JSON is read from the text.

Many servers that speak OpenAI's protocol know neither tools nor a JSON mode; any model understands a prompt.
"""

from __future__ import annotations

import json
import re

from pydantic import ValidationError

from tasks.pipeline.providers import StructuredOutput

FENCED = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL | re.IGNORECASE)


def schema_request(output: type[StructuredOutput]) -> str:
    """The paragraph of the instructions that asks for JSON."""
    schema = json.dumps(output.model_json_schema(), ensure_ascii=False)
    return (
        "Answer with one JSON object and nothing else: no introduction, no explanation, no code fence. "
        f"It must be valid against this JSON schema, and must not repeat the schema itself:\n{schema}"
    )


def parse(output: type[StructuredOutput], text: str) -> StructuredOutput:
    """Read the object, also out of a fence or with words around it. Raises ValidationError."""
    fenced = FENCED.search(text)
    candidate = fenced[1] if fenced else text
    start, end = candidate.find("{"), candidate.rfind("}")
    if 0 <= start < end:
        candidate = candidate[start : end + 1]
    return output.model_validate_json(candidate.strip())


def correction_request(error: ValidationError) -> str:
    """The follow-up to a model whose reply did not validate."""
    problems = "\n".join(
        f"- {'.'.join(str(part) for part in problem['loc']) or 'the answer'}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_input=False)[:10]
    )
    return f"That answer is not valid:\n{problems}\nSend the whole object again, corrected, and nothing else."
