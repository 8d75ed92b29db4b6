"""JSON schemas of structured answers, as the vendors accept them: each knows only a part of JSON Schema."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

COMMON = frozenset(
    {
        "$defs",
        "$ref",
        "anyOf",
        "const",
        "description",
        "enum",
        "format",
        "items",
        "properties",
        "required",
        "type",
    }
)
BOUNDS = frozenset({"maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum", "maxItems", "minItems"})
GOOGLE = COMMON | {"additionalProperties", "maxItems", "maximum", "minItems", "minimum", "prefixItems"}
MAX_DEPTH = 30


def strict_schema(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """As OpenAI enforces it: every property required, no others. None for a type that has free names."""
    try:
        return _strict(schema)
    except ValueError:
        return None


def google_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Without the keywords that Google refuses."""
    return _only(schema, GOOGLE)


def openapi_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """As OpenAPI 3.0, which Google's older interface takes: without references and unions with null."""
    return _openapi(schema, schema.get("$defs", {}), 0)


def _strict(schema: Mapping[str, Any]) -> dict[str, Any]:
    found = _only(schema, COMMON | BOUNDS, change=_strict)
    if found.get("type") == "object" or "properties" in found:
        if isinstance(schema.get("additionalProperties"), Mapping) or "properties" not in found:
            raise ValueError("a type with free names")
        found |= {"required": list(found["properties"]), "additionalProperties": False}
    return found


def _only(schema: Mapping[str, Any], known: Collection[str], change: Any = None) -> dict[str, Any]:
    part = change or (lambda one: _only(one, known))
    found: dict[str, Any] = {}
    for name, value in schema.items():
        if name not in known:
            continue
        if name in ("properties", "$defs"):
            found[name] = {key: part(one) for key, one in value.items()}
        elif name in ("anyOf", "prefixItems"):
            found[name] = [part(one) for one in value]
        elif (name == "items" and isinstance(value, Mapping)) or (
            name == "additionalProperties" and isinstance(value, Mapping)
        ):
            found[name] = part(value)
        else:
            found[name] = value
    return found


def _openapi(schema: Mapping[str, Any], types: Mapping[str, Any], depth: int) -> dict[str, Any]:
    if depth > MAX_DEPTH:
        return {"type": "object"}
    if reference := schema.get("$ref"):
        return _openapi(types.get(str(reference).rpartition("/")[2], {}), types, depth + 1)
    found = {
        name: value for name, value in schema.items() if name in ("description", "format", "required", "type")
    }
    found |= {
        name: value
        for name, value in schema.items()
        if name in ("maximum", "minimum", "minItems", "maxItems")
    }
    if "enum" in schema or "const" in schema:
        found |= {
            "type": "string",
            "enum": [str(value) for value in schema.get("enum", [schema.get("const")])],
        }
    if "properties" in schema:
        found["properties"] = {
            name: _openapi(one, types, depth + 1) for name, one in schema["properties"].items()
        }
    if isinstance(schema.get("items"), Mapping):
        found["items"] = _openapi(schema["items"], types, depth + 1)
    if "anyOf" in schema:
        kinds = [one for one in schema["anyOf"] if one.get("type") != "null"]
        found |= _openapi(kinds[0] if kinds else {"type": "string"}, types, depth + 1)
        found |= {"nullable": True} if len(kinds) < len(schema["anyOf"]) else {}
    return found
