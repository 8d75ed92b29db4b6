"""Pictures as people upload them."""

from __future__ import annotations

import io
from typing import Any

from django.contrib.auth.models import User
from PIL import Image as Pillow

from publishing.images.covers import set_cover
from publishing.images.pictures import store_image
from publishing.models import Image, Post
from publishing.publish import publish
from tests.factories import approve, make_draft, make_user


def encoded(
    width: int = 1000, height: int = 700, encoding: str = "JPEG", mode: str = "RGB", **options: Any
) -> bytes:
    """A street with a few trees, roughly."""
    picture = Pillow.new(mode, (width, height), "skyblue" if mode != "L" else 200)
    for number in range(5):
        tree = Pillow.new(mode, (width // 12, height // 2), "darkgreen" if mode != "L" else 60)
        picture.paste(tree, (width // 10 + number * width // 6, height // 3))
    buffer = io.BytesIO()
    picture.save(buffer, encoding, **options)
    return buffer.getvalue()


def make_image(by: User | None = None, **how: Any) -> Image:
    return store_image(io.BytesIO(encoded(**how)), by=by or make_user("writer", "Writers", is_staff=True))


def make_illustrated_post(title: str = "", alt: str = "Trees along a street", **content: Any) -> Post:
    writer = make_user("writer", "Writers", is_staff=True)
    draft = make_draft(**({"title": title} if title else {}), **content)
    set_cover(draft, make_image(writer), alt=alt, credit="Photo: Edda Tor", by=writer)
    draft.task.refresh_from_db()
    approve(draft)
    return publish(draft, by=make_user("publisher", "Publishers", is_staff=True))


def png(width: int = 1000, **how: Any) -> io.BytesIO:
    """A file for a form of the API's test client."""
    file = io.BytesIO(encoded(width, encoding="PNG", **how))
    file.name = "street_trees.png"
    return file
