"""Posting JSON over HTTP: with a time limit, a size limit, and no way into a private network."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from tasks.delivery.errors import DeliveryFailed
from tasks.pipeline.lazy_import import LazyModule

if TYPE_CHECKING:
    import aiohttp
    import yarl

    from tasks.pipeline.providers.web import guard
else:
    aiohttp, yarl = map(LazyModule, ("aiohttp", "yarl"))
    guard = LazyModule("tasks.pipeline.providers.web.guard")

TIMEOUT_SECONDS = 10.0
"""For all of it: the name's address, the connection, the response."""
MAX_BODY_BYTES = 2**20
JSON = {"Content-Type": "application/json"}

Resolver = Callable[["yarl.URL"], Awaitable[list[str]]]
"""Resolves the host of an address; raises what `providers.web.guard` raises when it is refused."""


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    resolve: Resolver | None = None,
    receiver: str = "The webhook",
) -> int:
    """Post a body of JSON and return the status, which is one of success. Raises DeliveryFailed.

    `resolve` finds the addresses that it may be sent to; without one the address is trusted. `receiver`
    begins the sentences of errors.
    """
    if len(body) > MAX_BODY_BYTES:
        raise DeliveryFailed(f"The message is too large: {len(body):,} bytes.")
    try:
        status = asyncio.run(_post_in_time(url, body, headers, resolve))
    except TimeoutError as error:
        raise DeliveryFailed(f"{receiver} did not answer within {TIMEOUT_SECONDS:g} seconds.") from error
    except guard.PortRefused as error:
        raise DeliveryFailed(f"{receiver} has a port other than 80 and 443, which is not allowed.") from error
    except guard.AddressRefused as error:
        raise DeliveryFailed(f"{receiver} points to a private network, which is not allowed.") from error
    except guard.AddressUnknown as error:
        raise DeliveryFailed(f"{receiver} cannot be found: its name has no address.") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise DeliveryFailed(f"{receiver} cannot be reached: {type(error).__name__}.") from error
    if not 200 <= status < 300:
        hint = ", and redirects are not followed" if 300 <= status < 400 else ""
        raise DeliveryFailed(f"{receiver} answered {status}{hint}.", status)
    return status


async def _post_in_time(url: str, body: bytes, headers: Mapping[str, str], resolve: Resolver | None) -> int:
    async with asyncio.timeout(TIMEOUT_SECONDS):
        address = yarl.URL(url)
        connector = guard.connector_to(address, await resolve(address)) if resolve else None
        # The response's body is not read: nothing that a receiver writes is stored or shown.
        async with (
            aiohttp.ClientSession(connector=connector, headers=JSON, trust_env=False) as session,
            session.post(address, data=body, headers=headers, allow_redirects=False) as response,
        ):
            return response.status
