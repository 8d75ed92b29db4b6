"""Conditional requests about a draft: no edit of a text that the caller has not read."""

from __future__ import annotations

from django.utils.http import parse_etags, quote_etag
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from tasks.errors import DraftChanged
from tasks.models import Draft

IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description="The ETag of the draft as read."
)


class IfMatchMissing(APIException):
    status_code = 428
    problem = "if-match-missing"
    default_detail = "Send If-Match with the ETag of the draft as you read it, so that no change is lost."


def require_current(request: Request, draft: Draft) -> None:
    """Raises IfMatchMissing, or DraftChanged when the caller read another text."""
    if "If-Match" not in request.headers:
        raise IfMatchMissing
    require_match(request, draft)


def require_match(request: Request, draft: Draft) -> None:
    if not names_draft(set(parse_etags(request.headers["If-Match"])), draft):
        raise DraftChanged(
            f"If-Match does not name the current text, version {draft.version}: "
            "read it and make your change again."
        )


def names_draft(tags: set[str], draft: Draft) -> bool:
    return "*" in tags or etag_of(draft) in tags


def etag_of(draft: Draft) -> str:
    """The version as well as the bytes: a text that returns to earlier bytes is a version of its own."""
    return quote_etag(f"{draft.version}.{draft.content_sha256}")


def tagged(response: Response, draft: Draft) -> Response:
    response["ETag"] = etag_of(draft)
    response["Cache-Control"] = "private, no-cache"
    return response
