"""Stored documents as downloads."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from tasks.models import SourceSnapshot


def as_download(snapshot: SourceSnapshot) -> HttpResponse:
    """The bytes of a document, which no browser may show: they come from anywhere."""
    response = HttpResponse(snapshot.content.content, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, snapshot.download_name) or "attachment"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
