"""ETags of public responses: the same until the site changes."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.utils.http import parse_etags
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from publishing.cache_invalidation import site_generation


def etag_of(request: Request, data: Any = None) -> str:
    """Of the address and the site's generation; where that is not known, of the data, or empty without."""
    version = site_generation.current.encode() or (JSONRenderer().render(data) if data is not None else b"")
    if not version:
        return ""
    digest = sha256(request.build_absolute_uri().encode() + b"\0" + version).hexdigest()
    return f'W/"{digest[:32]}"'


def matches(request: Request, etag: str) -> bool:
    """Whether the client has it already."""
    return etag in parse_etags(request.headers.get("If-None-Match", ""))
