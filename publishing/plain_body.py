"""The body of a post as readers get it, and as plain text: counted, indexed and compared, but parsed once."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

from publishing.addresses import absolute
from publishing.images.body_images import SITE_FOLDER
from tasks.attachments import attachments_of
from tasks.pipeline.text.body_images import NAMED, BodyImage
from tasks.pipeline.text.markdown import plain_text, render


class HasBody(Protocol):
    body: str
    citations: list[dict[str, object]]


def body_html(text: HasBody, *, language: str) -> str:
    """With the addresses at which readers of the site get images."""
    attached = attachments_of(text.body, folder=SITE_FOLDER)
    return render(text.body, text.citations, language=language, attachments=attached)


def portable_markdown(body: str) -> str:
    """The body for other programs: with full addresses in place of the hashes of images."""
    images = attachments_of(body, folder=SITE_FOLDER).images
    return NAMED.sub(lambda found: _address(images.get(found[1].lower())) or found[0], body)


def _address(image: BodyImage | None) -> str:
    return absolute(image.source) if image else ""


@lru_cache(maxsize=4)
def plain_body(body: str) -> str:
    return plain_text(body)
