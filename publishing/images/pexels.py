"""Pexels, a provider of free stock pictures: https://www.pexels.com/api/documentation/."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL

from publishing.images.pictures import MAX_MEGABYTES
from publishing.images.pixels import COVER
from tasks.pipeline.errors import ProviderError, ProviderUnavailable
from tasks.pipeline.providers.web.guard import (
    AddressRefused,
    AddressUnknown,
    PortRefused,
    checked_addresses,
    connector_to,
)
from tasks.pipeline.text.languages import primary_language

SEARCH = "https://api.pexels.com/v1/search"
PICTURE_HOSTS = frozenset({"images.pexels.com"})
PAGE_HOST = "https://www.pexels.com/"
LICENCE = "https://www.pexels.com/license/"
RESULTS = 15
MAX_ANSWER_BYTES = 1_000_000
TOTAL_SECONDS = 20.0
MOST_QUERY = 200
LOCALES = {
    "ca": "ca-ES", "cs": "cs-CZ", "da": "da-DK", "de": "de-DE", "el": "el-GR", "en": "en-US", "es": "es-ES",
    "fi": "fi-FI", "fr": "fr-FR", "hu": "hu-HU", "id": "id-ID", "it": "it-IT", "ja": "ja-JP", "ko": "ko-KR",
    "nb": "nb-NO", "nl": "nl-NL", "no": "nb-NO", "pl": "pl-PL", "pt": "pt-BR", "ro": "ro-RO", "ru": "ru-RU",
    "sk": "sk-SK", "sv": "sv-SE", "th": "th-TH", "tr": "tr-TR", "uk": "uk-UA", "vi": "vi-VN", "zh": "zh-CN",
}  # fmt: skip
"""In which words are looked for, by language; without one, Pexels guesses."""


@dataclass(frozen=True)
class StockPicture:
    file: str
    """The address of a file large enough for a cover, and no larger."""
    id: str
    page: str
    author: str
    author_page: str
    alt: str

    @property
    def credit(self) -> str:
        return f"Photo by {self.author} on Pexels"

    @property
    def origin(self) -> dict[str, Any]:
        return {
            "provider": "pexels",
            "id": self.id,
            "page": self.page,
            "author": self.author,
            "author_page": self.author_page,
            "licence": LICENCE,
        }


@dataclass(frozen=True)
class Pexels:
    """Errors name their cause, and what to do where a person can do something: ProviderError for all."""

    key: str
    search: str = SEARCH
    picture_hosts: frozenset[str] = PICTURE_HOSTS
    allow_private_networks: bool = False
    """For tests, which are such a network; then http will do as well."""
    total_seconds: float = TOTAL_SECONDS

    async def find(self, subject: str, language: str) -> StockPicture:
        """The first picture of the subject that can be a cover. Raises ProviderError."""
        query = " ".join(subject.split())[:MOST_QUERY]
        asked = {"query": query, "orientation": "landscape", "per_page": str(RESULTS)}
        if locale := LOCALES.get(primary_language(language)):
            asked["locale"] = locale
        body = await self._get(
            URL(self.search).with_query(asked), MAX_ANSWER_BYTES, {"Authorization": self.key}, "Pexels"
        )
        try:
            photos = json.loads(body)["photos"]
            found = [picture for photo in photos if (picture := _picture(photo))]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ProviderUnavailable("Pexels sent no list of pictures.") from error
        if not found:
            raise ProviderError(f"Pexels has no fitting picture for “{query}”.")
        return found[0]

    async def download(self, picture: StockPicture) -> bytes:
        """Raises ProviderError, also for a file on a host that is none of Pexels'."""
        try:
            url = URL(picture.file)
        except ValueError as error:
            raise ProviderError("Pexels named a file with an unusable address.") from error
        if url.host not in self.picture_hosts or (url.scheme != "https" and not self.allow_private_networks):
            raise ProviderError(f"Pexels named a file on {url.host or 'no host'}, which is not fetched.")
        return await self._get(url, MAX_MEGABYTES * 1_000_000, {}, "The file server of Pexels")

    async def _get(self, url: URL, max_bytes: int, headers: Mapping[str, str], who: str) -> bytes:
        try:
            async with asyncio.timeout(self.total_seconds):
                return await self._body(url, max_bytes, headers, who)
        except TimeoutError as error:
            raise ProviderUnavailable(
                f"{who} did not answer within {self.total_seconds:g} seconds."
            ) from error
        except (PortRefused, AddressUnknown, AddressRefused) as error:
            raise ProviderUnavailable(f"{who} has no public address: {url.host}.") from error
        except (aiohttp.ClientError, ValueError) as error:
            raise ProviderUnavailable(f"{who} could not be reached ({type(error).__name__}).") from error

    async def _body(self, url: URL, max_bytes: int, headers: Mapping[str, str], who: str) -> bytes:
        addresses = await checked_addresses(url, allow_private_networks=self.allow_private_networks)
        async with (
            aiohttp.ClientSession(connector=connector_to(url, addresses), trust_env=False) as session,
            session.get(url, headers=headers, allow_redirects=False) as response,
        ):
            _require_success(response.status, who)
            body = bytearray()
            async for chunk in response.content.iter_chunked(65_536):
                body += chunk
                if len(body) > max_bytes:
                    raise ProviderError(f"{who} sent more than {max_bytes / 1e6:g} MB.")
            return bytes(body)


def _require_success(status: int, who: str) -> None:
    if status == 200:
        return
    if status in (401, 403):
        raise ProviderError(f"{who} refused PEXELS_API_KEY ({status}): check the key.")
    if status == 429:
        raise ProviderUnavailable(f"{who} answered 429: the limit of requests of this key is reached.")
    kind = ProviderUnavailable if status >= 500 else ProviderError
    raise kind(f"{who} answered {status}.")


def _picture(photo: Mapping[str, Any]) -> StockPicture | None:
    """None for what is too small, too long or incomplete. Raises what a value of another type raises."""
    width, height = int(photo.get("width") or 0), int(photo.get("height") or 0)
    files, author, page = photo.get("src") or {}, photo.get("photographer"), photo.get("url")
    file = files.get("large2x") or files.get("original") or ""
    if (
        width < COVER.min_width
        or not height <= width <= COVER.max_proportion * height
        or not (file and author and page)
    ):
        return None
    return StockPicture(
        file=str(file),
        id=str(photo.get("id", "")),
        page=_on_pexels(page),
        author=" ".join(str(author).split()),
        author_page=_on_pexels(photo.get("photographer_url")),
        alt=" ".join(str(photo.get("alt") or "").split()),
    )


def _on_pexels(address: object) -> str:
    """An address that the desk may link to: one of Pexels, or none."""
    return address if isinstance(address, str) and address.startswith(PAGE_HOST) else ""
