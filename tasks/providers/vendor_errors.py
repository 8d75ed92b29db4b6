"""What a vendor's error means for us: stop or try again, and one sentence for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks.errors import ProviderError, ProviderUnavailable

if TYPE_CHECKING:
    from pydantic_ai.exceptions import ModelAPIError

TEMPORARY_STATUS = frozenset({408, 409, 425, 429})


def is_refused(error: ModelAPIError) -> bool:
    """Whether the request was turned down before a model saw it, so that nothing was used."""
    from pydantic_ai.exceptions import ModelConnectionError, ModelHTTPError

    if isinstance(error, ModelHTTPError):
        return not error.in_stream
    return isinstance(error, ModelConnectionError) and error.phase in ("pool", "connect")


def translated(error: ModelAPIError, name: str) -> ProviderError:
    """Say what happened and what to do; the type says whether trying again can help."""
    from pydantic_ai import exceptions as vendor

    status = f" ({error.status_code})" if isinstance(error, vendor.ModelHTTPError) else ""
    match error:
        case vendor.ModelAuthenticationError():
            key = f"{name.partition(':')[0].upper()}_API_KEY"
            return ProviderError(f"{name} refused the key{status}: check {key}.")
        case vendor.ModelNotFoundError():
            remedy = "check PIPELINE_MODELS and the base URL"
            return ProviderError(f"{name} does not exist there{status}: {remedy}.")
        case vendor.ModelQuotaExceededError():
            return ProviderError(f"{name}: the account's credit is used up{status}.")
        case vendor.ModelRequestRejectedError():
            return ProviderError(f"{name} refused the request{status}: {_said(error)}")
        case vendor.ModelRateLimitError():
            return ProviderUnavailable(
                f"{name} is over its rate limit{status}.", retry_after_seconds=error.retry_after
            )
        case vendor.ModelTimeoutError():
            return ProviderUnavailable(f"{name} stopped sending.")
        case vendor.ModelConnectionError():
            return ProviderUnavailable(f"{name}: the connection failed or broke off: {_said(error)}")
        case vendor.ModelHTTPError(status_code=code) if 400 <= code < 500 and code not in TEMPORARY_STATUS:
            return ProviderError(f"{name} refused the request{status}: {_said(error)}")
    return ProviderUnavailable(
        f"{name} is out of order{status}: {_said(error)}", retry_after_seconds=error.retry_after
    )


def brief(error: Exception) -> str:
    """One line of a vendor's message, which may hold a whole web page."""
    return _one_line(str(error))


def _said(error: ModelAPIError) -> str:
    """What the vendor said, taken out of the JSON around it."""
    body = error.body
    if isinstance(body, dict):
        inner = body.get("error", body)
        if isinstance(inner, dict) and isinstance(inner.get("message"), str):
            return _one_line(inner["message"])
    return brief(error)


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 200 else f"{line[:199]}…"
