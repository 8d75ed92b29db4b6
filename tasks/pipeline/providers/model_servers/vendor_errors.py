"""Translates a vendor's error: stop or try again, and one sentence for a person."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp

from tasks.pipeline.errors import ProviderError, ProviderQuotaExceeded, ProviderUnavailable
from tasks.pipeline.providers.model_servers.error_details import ErrorDetails, error_details
from tasks.pipeline.providers.model_servers.error_kinds import (
    TEMPORARY_STATUS,
    is_about_key,
    is_about_model,
    is_about_text_length,
    is_filtered,
    is_loading,
    is_overloaded,
    status_of,
    used_up,
)
from tasks.pipeline.providers.model_servers.gateway_pages import (
    GatewayPage,
    gateway_page,
    is_markup,
    shortened,
)
from tasks.pipeline.providers.model_servers.retry_waits import retry_after_seconds

SHORTEST_SECRET = 8
"""What is shorter stands for a key where a server asks for none: "none", "ollama"."""
SAYS_NOTHING = re.compile(r"not found\.?|\W*|no\.?|error|404.{0,30}", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class VendorErrors:
    """The errors of the model `name`. They never contain its `key`, even if the vendor repeats it."""

    name: str
    key: str = field(default="", repr=False)
    key_setting: str = "its key"

    def from_response(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
        """The error for an HTTP status that is not success."""
        if 300 <= status < 400:
            return self._redirected(status, headers.get("Location", ""))
        text = body.decode("utf-8", "replace").lstrip("\ufeff")
        if is_markup(text):
            return self._from_page(gateway_page(text), status, headers)
        try:
            details: object = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            details = text
        return self._translated(error_details(details), status, headers)

    def from_stream(self, details: object) -> ProviderError:
        """The error for one that came inside a stream."""
        return self._translated(error_details(details), None, {})

    def no_reply(self, other: str) -> ProviderError:
        """The error for a success whose body is no reply, but `other`: a web page, some words or nothing."""
        text = other.strip()
        if is_markup(text):
            return self._from_page(gateway_page(text), 200, {})
        if text:
            return ProviderUnavailable(f"{self.name} sent words that are no reply: “{self._line(text)}”.")
        return ProviderUnavailable(f"{self.name} ended the connection without any reply.")

    def disconnected(self, error: aiohttp.ClientError) -> ProviderUnavailable:
        """The error for a connection that could not be made or did not last."""
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return ProviderUnavailable(f"{self.name}: the connection failed: it took too long to be made.")
        if isinstance(error, aiohttp.ServerTimeoutError):
            return ProviderUnavailable(f"{self.name} stopped sending.")
        if isinstance(error, aiohttp.ClientPayloadError):
            return ProviderUnavailable(
                f"{self.name} broke off in the middle of its reply: the connection was cut."
            )
        if isinstance(error, aiohttp.ServerDisconnectedError):
            # Its text may be half of a parsed header.
            return ProviderUnavailable(
                f"{self.name}: the connection failed: its server closed it before it replied."
            )
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

    def _from_page(self, page: GatewayPage, status: int, headers: Mapping[str, str]) -> ProviderError:
        """The error for a web page, which says little about the model and more about the way to it."""
        says = f" (“{self._line(page.says)}”)" if page.says else ""
        shown = f" ({status})" if status >= 400 else ""
        wait = retry_after_seconds(headers)
        if page.kind == "challenge":
            return ProviderError(
                f"{self.name}{shown}: a protection against robots sent a web page{says} in place of a reply: "
                f"use an address without it, or allow this machine there."
            )
        if page.kind == "login":
            return ProviderError(
                f"{self.name}{shown}: a login page came in place of a reply{says}: check the base URL and "
                f"{self.key_setting}."
            )
        if status == 429:
            return ProviderUnavailable(
                f"{self.name} is over its rate limit{shown}: a web page says so{says}.",
                retry_after_seconds=wait,
            )
        if page.kind == "loading" and status not in (401, 403, 404):
            return ProviderUnavailable(
                f"{self.name} is not ready yet{shown}: its server sent a web page{says}.",
                retry_after_seconds=wait,
            )
        is_temporary = (
            status in TEMPORARY_STATUS or status >= 500 or (status < 300 and page.kind == "unavailable")
        )
        if is_temporary:
            return ProviderUnavailable(
                f"{self.name} is unavailable{shown}: a gateway sent a web page{says}.",
                retry_after_seconds=wait,
            )
        return ProviderError(
            f"{self.name}{shown}: a web page came in place of a reply{says}: check the base URL"
            + (f" and {self.key_setting}." if status in (401, 403) else ".")
        )

    def _translated(
        self, error: ErrorDetails, status: int | None, headers: Mapping[str, str]
    ) -> ProviderError:
        status = status_of(error, status)
        wait = retry_after_seconds(headers, error)
        shown = f" ({status})" if status else ""
        message = self._line(error.message) or "no reason was given"
        rejected = ProviderError(f"{self.name} refused the request{shown}: {message}")
        if is_filtered(error):
            return ProviderError(
                f"{self.name} refused to write about this{shown}: {message} "
                "Change the topic or the sources, or use another model."
            )
        if is_about_text_length(error):
            return ProviderError(
                f"{rejected} Give fewer or shorter sources, or use a model or server that takes longer texts."
            )
        if limit := used_up(error, status):
            return self._used_up(limit, shown)
        if is_overloaded(error):
            return self._unavailable(shown, message, wait)
        if is_loading(error):
            return ProviderUnavailable(
                f"{self.name} is not ready yet{shown}: {message}", retry_after_seconds=wait
            )
        if is_about_model(error, status):
            says = "" if SAYS_NOTHING.fullmatch(error.message) else f" It says: {message}"
            remedy = "check PIPELINE_MODELS and the base URL"
            return ProviderError(f"{self.name} does not exist there{shown}: {remedy}.{says}")
        if is_about_key(error, status):
            return ProviderError(f"{self.name} refused the key{shown}: check {self.key_setting}.")
        if status == 429:
            return ProviderUnavailable(
                f"{self.name} is over its rate limit{shown}.", retry_after_seconds=wait
            )
        if status and 400 <= status < 500 and status not in TEMPORARY_STATUS:
            return rejected
        return self._unavailable(shown, message, wait)

    def _unavailable(self, shown: str, message: str, wait: float | None) -> ProviderUnavailable:
        return ProviderUnavailable(f"{self.name} is unavailable{shown}: {message}", retry_after_seconds=wait)

    def _used_up(self, limit: str, shown: str) -> ProviderQuotaExceeded:
        remedy = "add credit there" if limit == "credit" else "wait until it is renewed, raise it there"
        return ProviderQuotaExceeded(
            f"{self.name}: the account's {limit} is used up{shown}. It is the provider's limit, not a "
            f"budget of this desk: {remedy}, or use another model."
        )

    def _line(self, text: str) -> str:
        """One line of a vendor's message, without markup and key."""
        if len(self.key) >= SHORTEST_SECRET:
            text = text.replace(self.key, "[the key]")
        start = text.find("<")
        if start >= 0 and is_markup(text[start:]):
            text = f"{text[:start]}{gateway_page(text[start:]).says}"
        return shortened(" ".join(text.split()), 200)


def is_unsent(error: aiohttp.ClientError) -> bool:
    """Whether the request never left, so that nothing was used."""
    before = (
        aiohttp.ClientConnectorError,
        aiohttp.ConnectionTimeoutError,
        aiohttp.ClientHttpProxyError,
    )
    return isinstance(error, before)
