"""Asking vendors of language models over one HTTP session, however many tasks ask at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from tasks.errors import ProviderError, ProviderUnavailable
from tasks.providers.event_stream import UnreadableStream, events
from tasks.providers.protocols import DIALECTS, Dialect, Reply, Turn
from tasks.providers.vendor_errors import error_in_stream, one_line, refusal

if TYPE_CHECKING:
    import aiohttp

OPENAI_URL = "https://api.openai.com/v1"
ANTHROPIC_URL = "https://api.anthropic.com"
CONNECT_SECONDS = 10.0
MAX_ANSWER_CHARACTERS = 2_000_000
MAX_REFUSAL_BYTES = 20_000
THINKING = re.compile(r"\A\s*<think>.*?</think>\s*", re.DOTALL)
"""Open models put their thinking in front of the answer, in the same text."""


@dataclass(frozen=True)
class Access:
    """How to reach the vendors. With `openai_base_url` a key is optional: local servers have none."""

    openai_api_key: str = field(default="", repr=False)
    openai_base_url: str = ""
    anthropic_api_key: str = field(default="", repr=False)
    anthropic_base_url: str = ""


class Vendors:
    """One session for one event loop, opened by the first call. Use it as `async with`."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def stream(
        self,
        name: str,
        instructions: str,
        turns: Sequence[Turn],
        reply: Reply,
        *,
        read_timeout_seconds: float,
        on_text: Callable[[str], None],
    ) -> None:
        """Fill `reply` as the model "vendor:NAME" writes. Raises ProviderError or ProviderUnavailable.

        Cancelling closes the connection at once.
        """
        import aiohttp

        dialect, url, key = self._reach(name)
        model = name.partition(":")[2]
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=CONNECT_SECONDS, sock_read=read_timeout_seconds
        )
        try:
            async with self._opened_session().post(
                url + dialect.path,
                json=dialect.body(model, instructions, turns),
                headers=dialect.headers(key),
                timeout=timeout,
                # The key must not follow to another address.
                allow_redirects=False,
            ) as response:
                if response.status != 200:
                    reply.is_refused = True
                    said = (await response.content.read(MAX_REFUSAL_BYTES)).decode(errors="replace")
                    raise refusal(name, response.status, response.headers, said)
                await _read(dialect, response.content, name, reply, on_text)
        except aiohttp.ClientConnectorError as error:
            reply.is_refused = True
            raise ProviderUnavailable(f"{name}: no connection: {one_line(error)}") from error
        except aiohttp.InvalidURL as error:
            raise ProviderError(f"{name}: the base URL is no address: correct it.") from error
        except TimeoutError as error:
            raise ProviderUnavailable(f"{name} stopped sending.") from error
        except aiohttp.ClientError as error:
            raise ProviderUnavailable(f"{name}: the connection broke off: {one_line(error)}") from error
        except UnreadableStream as error:
            raise ProviderUnavailable(f"{name} sent an answer that cannot be read: {error}.") from error
        _check_complete(reply, name)

    def _reach(self, name: str) -> tuple[Dialect, str, str]:
        """How, where and with which key to ask. Raises ProviderError, saying what to set."""
        vendor, _, model = name.partition(":")
        access = self._access
        if vendor == "openai" and model:
            if not (access.openai_api_key or access.openai_base_url):
                raise ProviderError(
                    "OPENAI_API_KEY is not set: set it, or OPENAI_BASE_URL for a local server."
                )
            return DIALECTS[vendor], (access.openai_base_url or OPENAI_URL).rstrip("/"), access.openai_api_key
        if vendor == "anthropic" and model:
            if not access.anthropic_api_key:
                raise ProviderError(
                    "ANTHROPIC_API_KEY is not set: set it, or take the model out of PIPELINE_MODELS."
                )
            base_url = (access.anthropic_base_url or ANTHROPIC_URL).rstrip("/")
            return DIALECTS[vendor], base_url, access.anthropic_api_key
        raise ProviderError(
            f"{name!r} is no known model: PIPELINE_MODELS takes openai:NAME and anthropic:NAME."
        )

    def _opened_session(self) -> aiohttp.ClientSession:
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),  # the worker bounds its tasks, not we
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=True,  # a proxy that the machine is told to use
            )
        return self._session


async def _read(
    dialect: Dialect,
    content: aiohttp.StreamReader,
    name: str,
    reply: Reply,
    on_text: Callable[[str], None],
) -> None:
    async for event in events(content):
        if error := error_in_stream(name, event):
            raise error
        try:
            piece = dialect.read(event, reply)
        except (AttributeError, TypeError):
            raise UnreadableStream("an event of another shape") from None
        if piece:
            # PostgreSQL holds no NUL, and no article needs one.
            reply.text += piece.replace("\0", "")
            if len(reply.text) > MAX_ANSWER_CHARACTERS:
                raise ProviderError(f"{name} does not stop writing: use another model.")
            on_text(reply.text)


def _check_complete(reply: Reply, name: str) -> None:
    if not reply.ending:
        raise ProviderUnavailable(f"{name} broke off in the middle of its answer.")
    if reply.ending == "length":
        raise ProviderError(f"{name} stopped at its length limit: ask for fewer words or use another model.")
    if reply.ending == "refused":
        raise ProviderError(f"{name} refused to write about this.")
    reply.text = THINKING.sub("", reply.text)
    if not reply.text.strip():
        raise ProviderUnavailable(f"{name} returned an empty answer.")


def prompt_text(instructions: str, turns: Sequence[Turn]) -> str:
    return "\n".join([instructions, *(turn.text for turn in turns)])
