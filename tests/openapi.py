"""The API's answers held against its own OpenAPI schema."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator, FormatChecker
from rest_framework.test import APIClient

METHODS = {"get", "post", "patch", "put", "delete"}
formats = FormatChecker(formats=[])


def check(name: str, reads: Callable[[str], object]) -> None:
    formats.checks(name, raises=(ValueError, AssertionError))(
        lambda value: not isinstance(value, str) or reads(value) is not None
    )


def moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    assert found.tzinfo, "a time without its zone"
    return found


def address(text: str) -> str:
    parts = urlsplit(text)
    assert parts.scheme, "a relative address"
    assert parts.netloc
    return text


for _name, _reads in {"date-time": moment, "uri": address, "uuid": UUID}.items():
    check(_name, _reads)


def as_json_schema(found: Any) -> Any:
    """A part of an OpenAPI 3.0 document as JSON Schema, which allows no property that is not declared."""
    if isinstance(found, list):
        return [as_json_schema(item) for item in found]
    if not isinstance(found, dict):
        return found
    schema = {name: as_json_schema(item) for name, item in found.items() if name != "nullable"}
    if isinstance(found.get("properties"), dict):
        schema["properties"] = {name: as_json_schema(item) for name, item in found["properties"].items()}
        schema.setdefault("additionalProperties", False)
    return {"anyOf": [schema, {"type": "null"}]} if found.get("nullable") is True else schema


class Contract:
    """The schema, and which of its operations were answered with success."""

    def __init__(self) -> None:
        self.document = SchemaGenerator().get_schema(public=True)
        self._components = as_json_schema(self.document["components"])
        self.seen: set[tuple[str, str]] = set()
        self._patterns = {
            # The longest first: /tasks/bulk/ is no task.
            path: re.compile("^" + re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)) + "$")
            for path in sorted(self.document["paths"], key=lambda path: (path.count("{"), path))
        }

    def operations(self) -> Iterator[tuple[str, str]]:
        for path, item in self.document["paths"].items():
            yield from ((method, path) for method in item if method in METHODS)

    def hold(self, method: str, path: str, answer: Any) -> None:
        """Raises AssertionError unless the schema allows this answer."""
        template = next(name for name, pattern in self._patterns.items() if pattern.match(unquote(path)))
        responses = self.document["paths"][template][method.lower()]["responses"]
        where = f"{method} {path}: {answer.status_code}"
        declared = responses.get(str(answer.status_code))
        if declared is None:
            assert answer.status_code == 405 or answer.status_code >= 500, f"{where} is not declared"
            declared = responses["default"]
        if "$ref" in declared:
            declared = self.document["components"]["responses"][declared["$ref"].rpartition("/")[2]]
        elif answer.status_code < 300:
            self.seen.add((method.lower(), template))
        content = declared.get("content")
        if not content:
            assert not answer.content, f"{where} has a body that is not declared"
            return
        kind = answer["Content-Type"].partition(";")[0]
        assert kind in content, f"{where} is {kind}"
        if kind.endswith("json"):
            self._validate(content[kind]["schema"], json.loads(answer.content), where)

    def _validate(self, schema: Any, value: Any, where: str) -> None:
        whole = {**as_json_schema(schema), "components": self._components}
        errors = [
            f"{error.json_path}: {error.message}"
            for error in Draft202012Validator(whole, format_checker=formats).iter_errors(value)
        ]
        assert not errors, f"{where}: {errors[:5]}"


def held_client(client: APIClient, contract: Contract) -> APIClient:
    """The client, whose every answer is held against the schema."""
    plain = client.generic

    def generic(method: str, path: str, *args: Any, **kwargs: Any) -> Any:
        answer = plain(method, path, *args, **kwargs)
        contract.hold(method, urlsplit(path).path, answer)
        return answer

    client.generic = generic
    return client
