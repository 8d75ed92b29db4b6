"""What the streams of language models need of aiohttp and it has no public way for.

Written for one series of aiohttp: with another one `check` refuses to start. docs/library-internals.md says
what is relied on, and a canary in tests/test_library_internals.py tries all of it.
"""

from __future__ import annotations

import aiohttp

WRITTEN_FOR = "3.14"


class UncheckedAiohttp(RuntimeError):
    """The installed aiohttp is not of the series that this module was written for."""


def check(installed: str = aiohttp.__version__) -> None:
    if not f"{installed}.".startswith(f"{WRITTEN_FOR}."):
        raise UncheckedAiohttp(
            f"{__name__} relies on internals of aiohttp {WRITTEN_FOR} and {installed} is installed: install "
            f"aiohttp {WRITTEN_FOR}, or check the module as docs/library-internals.md says and set its "
            "WRITTEN_FOR."
        )


def stop_read_timeout(response: aiohttp.ClientResponse) -> None:
    """End aiohttp's own limit on silence, which creates a timer for every piece."""
    connection = response.connection
    if connection is not None and connection.protocol is not None:
        connection.protocol.read_timeout = None


def fail_reading(response: aiohttp.ClientResponse, error: aiohttp.ClientError) -> None:
    """Raise `error` where the response is read, now or next."""
    response.content.set_exception(error)


def close(response: aiohttp.ClientResponse) -> None:
    """Return a connection that was read to its end to the pool; abort any other at once."""
    connection = response.connection
    if connection is not None and connection.transport is not None and not response.content.at_eof():
        connection.transport.abort()
    response.release()
