"""Fits what a model answered to the schema that it was asked for, where its meaning is plain.

Small models know what is asked, and not its form: other names for the fields, everything inside one more
object, a number as words, one text for a list of one, nothing for what may be left out. What stays unclear is
left as it is, so that it does not validate, and the model is asked again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

SYNONYMS: Mapping[str, str] = {
    "rating": "score", "points": "score", "grade": "score", "value": "score", "mark": "score",
    "punkte": "score", "bewertung": "score",
    "reason": "why", "reasoning": "why", "justification": "why", "explanation": "why", "comment": "why",
    "rationale": "why", "feedback": "why", "begruendung": "why", "begründung": "why",
    "quote": "evidence", "quotation": "evidence", "beleg": "evidence",
    "issue": "what", "problem": "what", "message": "what", "finding": "what",
    "fix": "remedy", "suggestion": "remedy", "solution": "remedy", "recommendation": "remedy",
    "action": "remedy",
    "location": "where", "place": "where", "section": "where", "excerpt": "where",
    "category": "criterion", "aspect": "criterion", "dimension": "criterion",
    "issues": "problems", "findings": "problems", "weaknesses": "problems", "probleme": "problems",
    "conclusion": "summary", "zusammenfassung": "summary", "verdict": "summary",
    "overview": "summary", "abstract": "summary",
    "sourceid": "source", "sourcenumber": "source", "citation": "source", "quelle": "source",
    "claim": "fact", "statement": "fact", "fakt": "fact", "aussage": "fact",
    "facts": "notes", "notizen": "notes", "sourcenotes": "notes", "noteids": "notes",
    "name": "heading", "header": "heading", "sectiontitle": "heading", "überschrift": "heading",
    "keypoints": "points", "bullets": "points", "bulletpoints": "points", "subpoints": "points",
    "wordcount": "words", "length": "words", "targetwords": "words",
    "parts": "sections", "outline": "sections", "chapters": "sections", "abschnitte": "sections",
    "headline": "title", "titel": "title",
    "metatitle": "seo_title", "pagetitle": "seo_title",
    "metadescription": "seo_description",
    "keywords": "tags", "hashtags": "tags", "schlagwörter": "tags", "labels": "tags",
    "titlesuggestions": "titles", "options": "titles", "headlines": "titles",
}  # fmt: skip
"""By a name that models use, without marks and in small letters: the field that it may stand for."""
AMBIGUOUS: Mapping[str, tuple[str, ...]] = {
    "title": ("heading", "seo_title"), "description": ("seo_description", "what"), "summary": ("why",),
    "text": ("fact", "what", "evidence"), "content": ("fact",), "note": ("score", "fact"),
}  # fmt: skip
"""Names that stand for one thing here and another there; the first that the answer has."""
MOST_DEPTH = 8
MOST_LIFTED = 20
NUMBER = re.compile(r"-?\d{1,9}")
NO_MARKS = re.compile(r"[\W_]+")
BULLET = re.compile(r"\A\s*(?:[-*•–]|\d{1,2}[.)])\s+")
LABELLED = re.compile(
    r"^[ \t>*#|+•-]{0,10}(?:\d{1,2}[.)][ \t]{0,3})?[*_`\"]{0,3}(?P<label>[^\W\d][\w /]{1,40}?)"
    r"[*_`\"]{0,3}[ \t]{0,5}[:|=(–—-][ \t]{0,5}(?P<text>[^\n]{1,2000})$",
    re.MULTILINE,
)
MOST_TAG_WORDS = 4

Schema = Mapping[str, Any]


def fitted(value: Any, schema: Schema) -> Any:
    """The value as the schema has it, as far as that is plain."""
    return _fit(value, schema, schema.get("$defs", {}), 0)


def labelled_lines(text: str, schema: Schema) -> dict[str, Any] | None:
    """An answer in lines or rows with the names of the fields; None if one that is required is missing."""
    properties = schema.get("properties", {})
    found: dict[str, Any] = {}
    for line in LABELLED.finditer(text[:20_000]):
        field = _field(line["label"], properties)
        if field is not None:
            found.setdefault(field, line["text"].strip().strip("*_| ").strip())
    return found if found and all(name in found for name in schema.get("required", ())) else None


def _fit(value: Any, schema: Schema, types: Schema, depth: int) -> Any:
    if depth > MOST_DEPTH:
        return value
    if "$ref" in schema:
        schema = types.get(str(schema["$ref"]).rpartition("/")[2], {})
    if "anyOf" in schema:
        kinds = [one for one in schema["anyOf"] if one.get("type") != "null"]
        return value if value is None or not kinds else _fit(value, kinds[0], types, depth + 1)
    match schema.get("type"):
        case "object" if "properties" in schema:
            return _object(value, schema, types, depth)
        case "array":
            return _list(value, schema.get("items", {}), types, depth)
        case "integer" if "maximum" not in schema:  # those are scores, whose scale is not for here
            return _integer(value)
        case "string" if "enum" not in schema:
            return _string(value)
    return value


def _object(value: Any, schema: Schema, types: Schema, depth: int) -> Any:
    properties, required = schema["properties"], schema.get("required", ())
    if isinstance(value, list):
        lists = [name for name in required if properties[name].get("type") == "array"]
        named = _named_parts(value, properties)
        if len(value) == 1 and isinstance(value[0], dict):
            value = value[0]
        elif named:
            value = named
        elif len(lists) == 1:
            value = {lists[0]: value}
    if depth and len(required) == 1 and isinstance(value, str | int | float):
        value = {required[0]: value}
    if not isinstance(value, dict):
        return value
    found = _with_lifted(_renamed(_without_cover(value, schema), properties), properties)
    is_closed = schema.get("additionalProperties") is False
    return {
        name: _fit(one, properties[name], types, depth + 1) if name in properties else one
        for name, one in found.items()
        if (one is not None or name in required) and (name in properties or not is_closed)
    }


def _without_cover(value: dict[str, Any], schema: Schema) -> dict[str, Any]:
    """What is inside one more object: it has all that is required, and what is around it has not."""
    properties, required = schema["properties"], schema.get("required", ())
    if not required or all(name in value for name in required):
        return value
    for cover, inner in list(value.items())[:MOST_LIFTED]:
        if isinstance(inner, dict) and all(name in _renamed(inner, properties) for name in required):
            return {**{name: one for name, one in value.items() if name != cover}, **inner}
    return value


def _renamed(value: Mapping[str, Any], properties: Schema) -> dict[str, Any]:
    """With the names of the fields; where two say the same, the exact name counts."""
    found = {name: one for name, one in value.items() if name in properties}
    for name, one in value.items():
        field = _field(name, properties)
        if name not in properties and (field is None or field not in found):
            found[field or name] = one
    return found


def _field(name: str, properties: Schema) -> str | None:
    plain = NO_MARKS.sub("", name).casefold()
    for field in properties:
        if plain == field.replace("_", ""):
            return str(field)
    for field in (SYNONYMS.get(plain, ""), *AMBIGUOUS.get(plain, ())):
        if field in properties:
            return field
    # "accuracy_score", "Score for tone"
    words = {word.casefold() for word in re.split(r"[\W_]+", name)}
    alike = [field for field in properties if field in words]
    return str(alike[0]) if len(alike) == 1 and len(words) <= 3 else None


def _with_lifted(value: dict[str, Any], properties: Schema) -> dict[str, Any]:
    """With the missing fields that are one object further in."""
    for name, inner in list(value.items())[:MOST_LIFTED]:
        if name in properties:
            continue
        parts = _named_parts(inner, properties) if isinstance(inner, list) else inner
        for _ in range(2):
            if not isinstance(parts, dict):
                break
            parts = _renamed(parts, properties)
            lifted = {
                field: one for field, one in parts.items() if field in properties and field not in value
            }
            value = {**value, **lifted}
            parts = next(iter(parts.values())) if not lifted and len(parts) == 1 else None
    return value


def _named_parts(values: list[Any], properties: Schema) -> dict[str, Any]:
    """Objects that each say which field they are: {"criterion": "accuracy", "score": 70}."""
    found: dict[str, Any] = {}
    for one in values[:MOST_LIFTED]:
        if not isinstance(one, dict):
            continue
        names = (text for text in one.values() if isinstance(text, str) and len(text) <= 40)
        field = next((field for text in names if (field := _field(text, properties))), None)
        if field is not None:
            found.setdefault(field, one)
    return found if len(found) > 1 else {}


def _list(value: Any, items: Schema, types: Schema, depth: int) -> Any:
    if "$ref" in items:
        items = types.get(str(items["$ref"]).rpartition("/")[2], {})
    kind = items.get("type")
    if value is None:
        return []
    if isinstance(value, dict):
        value = _list_of(value, items)
    elif isinstance(value, str):
        value = list(_split(value, kind))
    elif isinstance(value, int | float):
        value = [value]
    if not isinstance(value, list):
        return value
    if kind == "integer":
        return [number for one in value for number in _integers(one)]
    return [_fit(one, items, types, depth + 1) for one in value if one not in (None, "", {})]


def _list_of(value: dict[str, Any], items: Schema) -> list[Any]:
    """One object instead of a list of one, or objects by their name or number."""
    properties = items.get("properties", {})
    if not properties or any(_field(name, properties) for name in value):
        return [value]
    first, lists = next(iter(properties)), [n for n, one in properties.items() if one.get("type") == "array"]
    found: list[Any] = []
    for name, one in value.items():
        label = {} if name.isdigit() or properties[first].get("type") != "string" else {first: name}
        if isinstance(one, dict):
            found.append({**label, **one})
        elif lists and label:
            found.append({**label, lists[0]: one})
        else:
            found.append(one)
    return found


def _split(text: str, kind: str | None) -> Iterator[Any]:
    lines = [BULLET.sub("", line).strip() for line in text.splitlines()]
    parts = [line for line in lines if line]
    if len(parts) == 1 and kind == "string":
        words = [part.strip().lstrip("#") for part in re.split("[,;、，]", parts[0])]
        if len(words) > 1 and all(0 < len(word.split()) <= MOST_TAG_WORDS for word in words):
            parts = words
    yield from parts


def _integer(value: Any) -> Any:
    if isinstance(value, float) and abs(value) < 1e9:
        return round(value)
    found = _integers(value) if isinstance(value, str) else []
    return found[0] if len(found) == 1 else value


def _integers(value: Any) -> list[Any]:
    if not isinstance(value, str):
        return [_integer(value)]
    return [int(number) for number in NUMBER.findall(value[:500])]


def _string(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return " ".join(value)
    if isinstance(value, dict):
        words = [one for one in value.values() if isinstance(one, str)]
        return words[0] if len(words) == 1 else value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
