"""Translates what goes wrong in a web search: stop or try again, and one sentence with cause and remedy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from tasks.pipeline.errors import ProviderError, ProviderUnavailable
from tasks.pipeline.providers.model_servers.error_details import error_details
from tasks.pipeline.providers.model_servers.gateway_pages import gateway_page, is_markup, shortened
from tasks.pipeline.providers.model_servers.retry_waits import retry_after_seconds
from tasks.pipeline.providers.web.search_protocol import Refusal, SearchEngine, SearchProtocol

TEMPORARY_STATUS = frozenset({408, 425, 429})


@dataclass(frozen=True)
class SearchErrors:
    """The errors of one search engine. They never contain its key, even if the server repeats it."""

    engine: SearchEngine
    protocol: SearchProtocol

    @property
    def name(self) -> str:
        return self.engine.title

    def from_reply(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
        """The error for an HTTP status that is not success."""
        if 300 <= status < 400:
            return self._redirected(status, headers.get("Location", ""))
        refusal = self._refusal(status, headers, body)
        return self.protocol.refusal(refusal) or self._by_status(refusal)

    def no_json(self, text: str) -> ProviderError:
        """The error for a success whose body is a web page, some words or nothing."""
        if is_markup(text):
            page = gateway_page(text)
            says = f" (“{self._line(page.says)}”)" if page.says else ""
            remedy = f"check {self.engine.address_setting}"
            is_temporary = page.kind in ("loading", "unavailable")
            kind = ProviderUnavailable if is_temporary else ProviderError
            return kind(f"{self.name}: a web page came in place of results{says}: {remedy}.")
        what = f"words that are no results: “{self._line(text)}”" if text.strip() else "nothing"
        return ProviderUnavailable(f"{self.name} sent {what}. Check {self.engine.address_setting}.")

    def no_results(self, value: object) -> ProviderError:
        """The error for JSON without a list of results, which may be an error."""
        said = self._line(error_details(value).message)
        says = f" It says: {said}" if said else ""
        return ProviderError(
            f"{self.name} sent JSON that is no list of results: check {self.engine.address_setting}.{says}"
        )

    def unreadable(self, why: str) -> ProviderError:
        return ProviderError(f"{self.name} sent a reply that cannot be read: {why}.")

    def too_late(self, seconds: float) -> ProviderUnavailable:
        return ProviderUnavailable(f"{self.name} did not answer within {seconds:g} seconds.")

    def misconfigured(self) -> ProviderError:
        names = [self.engine.address_setting, self.engine.key_setting]
        settings = " and ".join(name for name in names if name)
        return ProviderError(
            f"{self.name} cannot be asked: check {settings}, and the proxy of the environment."
        )

    def disconnected(self, error: aiohttp.ClientError) -> ProviderUnavailable:
        """The error for a connection that could not be made or did not last."""
        if isinstance(error, aiohttp.ClientConnectorError):
            why = self._line(error.os_error.strerror or type(error.os_error).__name__)
            return ProviderUnavailable(
                f"{self.name} cannot be reached ({why}): check {self.engine.address_setting}, and whether it "
                "runs."
            )
        return ProviderUnavailable(f"{self.name}: the connection broke off ({type(error).__name__}).")

    def _refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> Refusal:
        text = body.decode("utf-8", "replace").lstrip("\ufeff")
        if is_markup(text):
            return Refusal(status, headers, frozenset(), self._line(gateway_page(text).says))
        try:
            value: object = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            value = text
        details = error_details(value)
        return Refusal(status, headers, details.codes, self._line(details.message))

    def _by_status(self, refusal: Refusal) -> ProviderError:
        status, says = refusal.status, refusal.message or "no reason was given"
        wait = retry_after_seconds(refusal.headers)
        if status in (401, 403) and self.engine.key_setting:
            return ProviderError(f"{self.name} refused the key ({status}): check {self.engine.key_setting}.")
        if status == 429:
            return ProviderUnavailable(
                f"{self.name} is over its rate limit ({status}): {says}", retry_after_seconds=wait
            )
        if status >= 500 or status in TEMPORARY_STATUS:
            return ProviderUnavailable(
                f"{self.name} is unavailable ({status}): {says}", retry_after_seconds=wait
            )
        if status in (404, 405):
            setting = self.engine.address_setting
            return ProviderError(
                f"{self.name} is not at its address ({status}): check {setting}. It says: {says}"
            )
        return ProviderError(f"{self.name} refused the search ({status}): {says}")

    def _redirected(self, status: int, location: str) -> ProviderError:
        try:
            host = urlsplit(location).hostname
        except ValueError:
            host = None
        to = f" to {host}" if host else ""
        return ProviderError(
            f"{self.name} redirects{to} ({status}), which is not followed: set {self.engine.address_setting} "
            "to the final address."
        )

    def _line(self, text: str) -> str:
        """One line of what a server says, without the key."""
        key = self.protocol.key
        return shortened(" ".join((text.replace(key, "[the key]") if key else text).split()), 200)
