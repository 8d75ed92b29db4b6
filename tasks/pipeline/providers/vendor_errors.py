"""Translates a vendor's error: stop or try again, and one sentence for a person."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from tasks.pipeline.errors import ProviderError, ProviderQuotaExceeded, ProviderUnavailable

TEMPORARY_STATUS = frozenset({408, 409, 425, 429})
QUOTA_CODES = frozenset(
    {
        "insufficient_quota",
        "billing_hard_limit_reached",
        "billing_error",
        "credit_balance_exhausted",
        "organization_spend_limit_exceeded",
        "project_spend_limit_exceeded",
        "organization_usage_limit_exceeded",
    }
)
# Inside a stream there is no status: the one that the same error has before a stream begins.
STATUS_OF = {
    **dict.fromkeys(("rate_limit_exceeded", "rate_limit_error", "too_many_requests"), 429),
    **dict.fromkeys(QUOTA_CODES - {"billing_error"}, 429),
    **dict.fromkeys(("invalid_request_error", "context_length_exceeded"), 400),
    **dict.fromkeys(("service_unavailable", "service_unavailable_error", "server_is_overloaded"), 503),
    **dict.fromkeys(("server_error", "api_error"), 500),
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "overloaded": 503,
    "timeout_error": 504,
    "overloaded_error": 529,
}
# Low balances and long prompts come as a plain 400 and are recognised by their text.
NO_CREDIT = "credit balance is too low"
TOO_LONG = ("maximum context length", "reduce the length of the messages", "prompt is too long")


@dataclass(frozen=True)
class VendorErrors:
    """The errors of the model `name`. They never contain its `key`, even if the vendor repeats it."""

    name: str
    key: str = field(default="", repr=False)

    def from_response(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
        """The error for an HTTP status that is not success."""
        if 300 <= status < 400:
            return self._redirected(status, headers.get("Location", ""))
        text = body.decode("utf-8", "replace")
        try:
            details = json.loads(text)
        except (ValueError, RecursionError):
            details = text
        if isinstance(details, dict):
            details = details.get("error") or details
        return self._translated(details, status, retry_after_seconds(headers))

    def from_stream(self, details: object) -> ProviderError:
        """The error for one that came inside a stream."""
        return self._translated(details, None, None)

    def disconnected(self, error: aiohttp.ClientError) -> ProviderUnavailable:
        """The error for a connection that could not be made or did not last."""
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return ProviderUnavailable(f"{self.name}: the connection failed: it took too long to be made.")
        if isinstance(error, aiohttp.ServerTimeoutError):
            return ProviderUnavailable(f"{self.name} stopped sending.")
        message = error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)
        return ProviderUnavailable(
            f"{self.name}: the connection failed or broke off: {self._line(message) or type(error).__name__}"
        )

    def misconfigured(self) -> ProviderError:
        """The error for a request that cannot be made at all."""
        return ProviderError(
            f"{self.name} cannot be called: check its key, its base URL and the proxy of the environment."
        )

    def unreadable(self, error: Exception) -> ProviderUnavailable:
        """The error for a reply that does not follow the protocol."""
        return ProviderUnavailable(f"{self.name} sent a reply that cannot be read: {self._line(str(error))}")

    def _redirected(self, status: int, location: str) -> ProviderError:
        try:
            host = urlsplit(location).hostname
        except ValueError:
            host = None
        to = f" to {host}" if host else ""
        return ProviderError(
            f"{self.name} redirects{to} ({status}), which is not followed, because the key would go along: "
            "set the base URL to the final address."
        )

    def _translated(self, details: object, status: int | None, wait: float | None) -> ProviderError:
        fields: Mapping[str, Any] = details if isinstance(details, dict) else {}
        code, kind = (str(fields.get(field) or "") for field in ("code", "type"))
        message = self._message(details)
        status = status or STATUS_OF.get(code) or STATUS_OF.get(kind) or _as_status(code)
        shown = f" ({status})" if status else ""
        if QUOTA_CODES & {code, kind} or status == 402 or NO_CREDIT in message.lower():
            return ProviderQuotaExceeded(
                f"{self.name}: the account's credit is used up{shown}. It is the provider's limit, not a "
                "budget of this desk: add credit there, or use another model."
            )
        rejected = ProviderError(f"{self.name} refused the request{shown}: {message}")
        if code == "context_length_exceeded" or any(words in message.lower() for words in TOO_LONG):
            return rejected
        if any(words in code or words in kind for words in ("overloaded", "over capacity")):
            return ProviderUnavailable(
                f"{self.name} is unavailable{shown}: {message}", retry_after_seconds=wait
            )
        if code == "model_not_found" or status == 404:
            remedy = "check PIPELINE_MODELS and the base URL"
            return ProviderError(f"{self.name} does not exist there{shown}: {remedy}.")
        if code == "invalid_api_key" or (status in (401, 403) and not _flags_input(fields)):
            key = f"{self.name.partition(':')[0].upper()}_API_KEY"
            return ProviderError(f"{self.name} refused the key{shown}: check {key}.")
        if status == 429:
            return ProviderUnavailable(
                f"{self.name} is over its rate limit{shown}.", retry_after_seconds=wait
            )
        if status and 400 <= status < 500 and status not in TEMPORARY_STATUS:
            return rejected
        return ProviderUnavailable(f"{self.name} is unavailable{shown}: {message}", retry_after_seconds=wait)

    def _message(self, details: object) -> str:
        """The vendor's message, without the JSON around it."""
        if isinstance(details, dict):
            words = [details.get(field) for field in ("message", "detail")]
            details = next((word for word in words if isinstance(word, str)), details)
        text = details if isinstance(details, str) else json.dumps(details)
        return self._line(text) or "no reason was given"

    def _line(self, text: str) -> str:
        """One line of a vendor's message, which may hold a whole web page."""
        if self.key:
            text = text.replace(self.key, "[the key]")
        line = " ".join(text.split())
        return line if len(line) <= 200 else f"{line[:199]}…"


def is_unsent(error: aiohttp.ClientError) -> bool:
    """Whether the request never left, so that nothing was used."""
    before = (
        aiohttp.ClientConnectorError,
        aiohttp.ConnectionTimeoutError,
        aiohttp.ClientHttpProxyError,
    )
    return isinstance(error, before)


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """How long the vendor asks to wait: milliseconds, seconds or a date."""
    try:
        if (milliseconds := headers.get("Retry-After-Ms")) is not None:
            return _wait(float(milliseconds) / 1000)
    except ValueError:
        pass
    text = headers.get("Retry-After", "")
    try:
        return _wait(float(text))
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def _wait(seconds: float) -> float | None:
    return seconds if 0 <= seconds < math.inf else None


def _as_status(code: str) -> int | None:
    """Gateways send an HTTP status as the code of an error."""
    return int(code) if code.isascii() and code.isdigit() and 400 <= int(code[:4]) < 600 else None


def _flags_input(fields: Mapping[str, Any]) -> bool:
    """Whether a 403 is about moderation of the text, as OpenRouter sends it, and not about the key."""
    metadata = fields.get("metadata")
    return isinstance(metadata, dict) and not metadata.keys().isdisjoint({"flagged_input", "reasons"})
