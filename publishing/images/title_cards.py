"""The picture that is shown where an article without any picture is shared: its title, drawn as covers are.

Nothing is stored: it is drawn when it is asked for. Its address names what is drawn, so that another title
has another address, and a copy of it may be stored for ever.
"""

from __future__ import annotations

import hashlib
import io
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from publishing.addresses import absolute, path_of
from publishing.images.generated import HEIGHT, WIDTH, draw_cover
from publishing.images.media import FOR_EVER, conditional
from publishing.models import Post
from tasks.pipeline.lazy_import import LazyModule

if TYPE_CHECKING:
    from PIL import Image as Pillow
else:
    Pillow = LazyModule("PIL.Image")

CARD_WIDTH, CARD_HEIGHT = 1200, 630
"""What other sites show without cutting it. The middle of a drawn cover has this shape, and all words."""
DRAWN_AS = "1"
"""To be raised when what is drawn looks different: the pictures then have other addresses."""
CACHED = 16
"""In each process, of about 50 kilobytes: several sites ask when an article is shared."""


def title_card(post: Post) -> dict[str, Any]:
    return {
        "address": absolute(_path_of(post)), "type": "image/jpeg", "alt": post.title,
        "width": CARD_WIDTH, "height": CARD_HEIGHT,
    }  # fmt: skip


@require_safe
@conditional
def show(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    post = get_object_or_404(Post.objects.published().select_related("category"), slug=slug)
    if name != _name_of(post):
        return HttpResponsePermanentRedirect(_path_of(post))
    response = HttpResponse(_drawn(*_drawn_of(post)), content_type="image/jpeg")
    response["Cache-Control"] = FOR_EVER
    return response


def _path_of(post: Post) -> str:
    return path_of("title-card", post.slug, _name_of(post))


def _drawn_of(post: Post) -> tuple[str, str]:
    return post.title, post.category.name if post.category else ""


def _name_of(post: Post) -> str:
    return hashlib.sha256("\0".join((DRAWN_AS, *_drawn_of(post))).encode()).hexdigest()


@lru_cache(maxsize=CACHED)
def _drawn(title: str, category: str) -> bytes:
    """Takes about 60 ms."""
    cover = draw_cover(title, category)
    height = round(WIDTH * CARD_HEIGHT / CARD_WIDTH)
    top = (HEIGHT - height) // 2
    card = cover.crop((0, top, WIDTH, top + height)).resize(
        (CARD_WIDTH, CARD_HEIGHT), Pillow.Resampling.LANCZOS
    )
    file = io.BytesIO()
    card.save(file, "JPEG", quality=85, optimize=True)
    return file.getvalue()
