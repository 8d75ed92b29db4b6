"""What a container's health check asks: exit status 1 when the web server in it does not answer.

Every other command is alive as long as its process is, because it ends when it fails. Knows nothing of
Django: a check that loads the product would cost more than what it checks.
"""

from __future__ import annotations

import http.client
import sys
from pathlib import Path

SERVERS = {"serve", "up"}
PORT = 8000
EVERY_NETWORK = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}
"""Where a server that listens on every network, or on the default one, is reached from here."""
SECONDS = 4.0
FIRST_PROCESS = Path("/proc/1/cmdline")


def address_of(command: list[str]) -> tuple[str, int] | None:
    """Where the web server that `command` runs can be reached; None when it runs none."""
    if not SERVERS & set(command):
        return None
    host = _value_of("--host", command).strip("[]")
    return EVERY_NETWORK.get(host, host), int(_value_of("--port", command) or PORT)


def _value_of(wanted: str, command: list[str]) -> str:
    """Empty where it is left out."""
    for position, argument in enumerate(command):
        option, _, value = argument.partition("=")
        if option == wanted:
            return value or command[position + 1]
    return ""


def answers(host: str, port: int) -> bool:
    """A refusal is an answer too: ALLOWED_HOSTS need not name this machine."""
    server = http.client.HTTPConnection(host, port, timeout=SECONDS)
    try:
        server.request("GET", "/health/live/")
        return server.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        server.close()


def main() -> int:
    address = address_of(FIRST_PROCESS.read_text().split("\0"))
    return 0 if address is None or answers(*address) else 1


if __name__ == "__main__":
    sys.exit(main())
