"""What of a draft readers can see, in one form of line ends, and the one hash over all of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

CONTENT_FIELDS = (
    "title",
    "slug",
    "summary",
    "body",
    "seo_title",
    "seo_description",
    "category",
    "tags",
    "cover_image",
    "cover_alt",
    "cover_credit",
    "citations",
)


def with_unix_lines(value: Any) -> Any:
    """The same text, or the same list or mapping of texts, with every line ended by LF alone.

    Browsers and programs send CRLF. As another text it would be a new version, and void an approval.
    """
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, Mapping):
        return {name: with_unix_lines(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [with_unix_lines(item) for item in value]
    return value


def canonical_json(value: Any) -> str:
    """JSON with sorted keys, no spaces and no escapes: equal values give equal bytes in UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def content_sha256(content: Mapping[str, Any]) -> str:
    """Hex SHA-256 over the canonical JSON of every reader-visible field of `content`."""
    visible = {name: content[name] for name in CONTENT_FIELDS}
    return hashlib.sha256(canonical_json(visible).encode()).hexdigest()
