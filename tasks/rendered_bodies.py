"""Bodies as the desk shows them, rendered once: a draft that is open is shown by each page about it.

What is kept follows from texts alone: a body with images or with cards of links is rendered each time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from tasks.attachments import attachments_of
from tasks.pipeline.text import markdown
from tasks.pipeline.text.markdown import BodyBlock
from tasks.pipeline.text.unshown_parts import Unshown

T = TypeVar("T")
Citations = Iterable[Mapping[str, Any]]

MOST_CHARACTERS = 40_000
"""Of texts that are kept; each process keeps those of 25 drafts or so."""


def of_text(compute: Callable[..., T], *texts: str) -> T:
    """What a function makes of these texts and of nothing else. Nobody may change it."""
    if sum(map(len, texts)) > MOST_CHARACTERS:
        return compute(*texts)
    found: T = _of_text(compute, *texts)
    return found


@lru_cache(150)
def _of_text(compute: Callable[..., Any], *texts: str) -> Any:
    return compute(*texts)


def for_editors(body: str, citations: Citations, language: str) -> str:
    """The HTML of a body, with a note where something is not shown."""
    given, attached = list(citations), attachments_of(body)
    if attached.images or attached.cards:
        return markdown.render(body, given, language=language, for_editors=True, attachments=attached)
    return of_text(_for_editors, body, json.dumps(given), language)


def unshown(body: str, citations: Citations) -> tuple[Unshown, ...]:
    """What readers will not see of it, or not as it was meant."""
    given, attached = list(citations), attachments_of(body)
    if attached.images or attached.cards:
        return tuple(markdown.unshown(body, given, attachments=attached))
    return of_text(_unshown, body, json.dumps(given))


def blocks(body: str, citations: Citations, language: str) -> tuple[BodyBlock, ...]:
    """The same as `for_editors`, part by part."""
    given, attached = list(citations), attachments_of(body)
    if attached.images or attached.cards:
        return tuple(markdown.render_blocks(body, given, language=language, attachments=attached))
    return of_text(_blocks, body, json.dumps(given), language)


def plain_text(body: str) -> str:
    return of_text(markdown.plain_text, body)


def _for_editors(body: str, citations: str, language: str) -> str:
    return markdown.render(body, json.loads(citations), language=language, for_editors=True)


def _unshown(body: str, citations: str) -> tuple[Unshown, ...]:
    return tuple(markdown.unshown(body, json.loads(citations)))


def _blocks(body: str, citations: str, language: str) -> tuple[BodyBlock, ...]:
    return tuple(markdown.render_blocks(body, json.loads(citations), language=language))
