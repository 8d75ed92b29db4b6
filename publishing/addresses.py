"""Addresses as the world outside sees them."""

from __future__ import annotations

from django.conf import settings
from django.utils.encoding import iri_to_uri


def absolute(path: str) -> str:
    """The full address of a path of this site; never from the Host header, which anyone can write."""
    return f"{settings.SITE_URL}{iri_to_uri(path)}"
