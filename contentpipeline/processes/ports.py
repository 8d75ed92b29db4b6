"""Ports to listen at: whether one can be had, and what to do when it cannot."""

from __future__ import annotations

import errno
import socket


class PortUnavailable(Exception):
    """One sentence for the person at the terminal."""


def check_port(host: str, port: int) -> None:
    """Raise PortUnavailable, with what to do, unless a server could listen there."""
    if not 0 < port < 65536:
        raise PortUnavailable(f"{port} is not a port: choose one from 1 to 65535.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        raise PortUnavailable(
            f"{host}:{port} is not an address of this machine: choose another --host."
        ) from None
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise PortUnavailable(_why(error, host, port)) from None


def free_port() -> int:
    """One that nothing on this machine listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use: stop what uses it, or choose another with make run PORT={port + 1}."
    if error.errno == errno.EACCES:
        return f"Port {port} needs root: choose one above 1023, as in make run PORT=8000."
    return f"{host}:{port} cannot be used ({(error.strerror or str(error)).lower()}): choose another --host."
