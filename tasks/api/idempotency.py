"""Doing once what is asked twice: a request with an `Idempotency-Key` may safely be sent again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from tasks.content import canonical_json
from tasks.models import IdempotencyKey

KEPT = timedelta(hours=24)
MAX_CHARACTERS = 255
METHODS = frozenset({"POST", "PATCH"})
HEADER = "Idempotency-Key"
PARAMETER = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    description="Any text of yours, new for each thing to do. For 24 hours the same key and body get the "
    "same answer, marked `Idempotent-Replayed: true`.",
)


class KeyReused(APIException):
    status_code = 422
    default_code = "idempotency_key_reused"
    default_detail = "This Idempotency-Key came with another body before: send a new key for a new request."


def once(request: Request, act: Callable[[], Response]) -> Response:
    """Answer `act()`, or what it answered when the same user sent the same key and body.

    A refusal is not kept: what is wrong can be put right under the same key. Raises KeyReused.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return act()
    if not key.isprintable() or not 0 < len(key) <= MAX_CHARACTERS:
        raise ValidationError({HEADER: [f"Send 1 to {MAX_CHARACTERS} printable characters."]})
    # A lone surrogate is refused later, by the name of its field.
    body = canonical_json(request.data).encode(errors="surrogatepass")
    sha256 = hashlib.sha256(body).hexdigest()
    with transaction.atomic():
        keys = IdempotencyKey.objects.filter(user=request.user)
        keys.filter(created_at__lt=timezone.now() - KEPT).delete()
        # Of two requests at the same time, one waits here for the other's transaction to end.
        kept, is_new = keys.get_or_create(user=request.user, key=key, defaults={"request_sha256": sha256})
        if not is_new:
            return _again(kept, sha256)
        answer = act()
        kept.answer = {
            "status": answer.status_code,
            "headers": dict(answer.headers),
            "data": json.loads(JSONRenderer().render(answer.data)),
        }
        kept.save(update_fields=["answer"])
    return answer


def _again(kept: IdempotencyKey, sha256: str) -> Response:
    if kept.request_sha256 != sha256:
        raise KeyReused
    return Response(**kept.answer | {"headers": kept.answer["headers"] | {"Idempotent-Replayed": "true"}})
