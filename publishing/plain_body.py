"""The body of a post as plain text: counted, indexed and compared, but parsed once."""

from __future__ import annotations

from functools import lru_cache

from tasks.pipeline.text.markdown import plain_text


@lru_cache(maxsize=4)
def plain_body(body: str) -> str:
    return plain_text(body)
