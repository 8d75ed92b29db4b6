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
SECONDS = 4.0
FIRST_PROCESS = Path("/proc/1/cmdline")


def port_of(command: list[str]) -> int | None:
    """Where the web server listens that `command` runs; None when it runs none."""
    if not SERVERS & set(command):
        return None
    for position, argument in enumerate(command):
        option, _, value = argument.partition("=")
        if option == "--port":
            return int(value or command[position + 1])
    return PORT


def answers(port: int) -> bool:
    """A refusal is an answer too: ALLOWED_HOSTS need not name this machine."""
    server = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        server.request("GET", "/health/live/")
        return server.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        server.close()


def main() -> int:
    port = port_of(FIRST_PROCESS.read_text().split("\0"))
    return 0 if port is None or answers(port) else 1


if __name__ == "__main__":
    sys.exit(main())
