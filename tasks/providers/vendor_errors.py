"""What a vendor's refusal means for us: stop or try again, and one sentence for a person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from tasks.errors import ProviderError, ProviderUnavailable

TEMPORARY_STATUS = frozenset({408, 409, 425, 429})
QUOTA_CODES = frozenset({"insufficient_quota", "billing_error", "billing_hard_limit_reached"})


def refusal(name: str, status: int, headers: Mapping[str, str], text: str) -> ProviderError:
    """What an answer with another status than 200 means; the type says whether trying again can help."""
    error = _error_object(text)
    said = _one_line(str(error.get("message") or text))
    shown = f" ({status})"
    if status in {401, 403}:
        key = f"{name.partition(':')[0].upper()}_API_KEY"
        return ProviderError(f"{name} refused the key{shown}: check {key}.")
    if status == 404:
        remedy = "check PIPELINE_MODELS and the base URL"
        return ProviderError(f"{name} does not exist there{shown}: {remedy}.")
    if status == 402 or {error.get("code"), error.get("type")} & QUOTA_CODES:
        return ProviderError(f"{name}: the account's credit is used up{shown}.")
    if 300 <= status < 400:
        return ProviderError(f"{name} redirects elsewhere{shown}: set the base URL to its final address.")
    retry_after = _retry_after_seconds(headers.get("Retry-After", ""))
    if status == 429:
        return ProviderUnavailable(f"{name} is over its rate limit{shown}.", retry_after_seconds=retry_after)
    if 400 <= status < 500 and status not in TEMPORARY_STATUS:
        return ProviderError(f"{name} refused the request{shown}: {said}")
    return ProviderUnavailable(f"{name} is out of order{shown}: {said}", retry_after_seconds=retry_after)


def error_in_stream(name: str, event: Mapping[str, Any]) -> ProviderError | None:
    """The error that an event of a stream brings, if it brings one."""
    error = event.get("error")
    if not error:
        return None
    found = error if isinstance(error, dict) else {"message": str(error)}
    said = _one_line(str(found.get("message") or "it gave no reason"))
    if {found.get("code"), found.get("type")} & QUOTA_CODES:
        return ProviderError(f"{name}: the account's credit is used up.")
    if found.get("type") == "invalid_request_error":
        return ProviderError(f"{name} refused the request: {said}")
    return ProviderUnavailable(f"{name} broke off its answer: {said}")


def one_line(error: Exception) -> str:
    """One line of a message, which may hold a whole web page."""
    return _one_line(str(error)) or type(error).__name__


def _error_object(text: str) -> dict[str, Any]:
    with suppress(ValueError):
        body = json.loads(text)
        if isinstance(body, dict):
            inner = body.get("error", body)
            return inner if isinstance(inner, dict) else {"message": str(inner)}
    return {}


def _retry_after_seconds(header: str) -> float | None:
    """The header holds seconds, or a date."""
    with suppress(ValueError):
        return max(0.0, float(header))
    with suppress(ValueError, TypeError):
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    return None


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 200 else f"{line[:199]}…"
