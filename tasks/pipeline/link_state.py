"""What was found at an address that a text links to."""

from __future__ import annotations

from enum import StrEnum

from tasks.pipeline.types import Value


class LinkStatus(StrEnum):
    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "unknown"
    """Nothing can be said of it now, or not by a program: a time limit, a login, a refusal of robots."""


class LinkState(Value):
    url: str
    status: LinkStatus
    why: str = ""
    """A few words for the editor, such as "404"."""
    has_no_name: bool = False
    """It is dead as its host's name has no address, which looks alike where there is no network."""


def unknown(url: str, why: str) -> LinkState:
    return LinkState(url=url, status=LinkStatus.UNKNOWN, why=why)


def dead(url: str, why: str) -> LinkState:
    return LinkState(url=url, status=LinkStatus.DEAD, why=why)


def alive(url: str, why: str = "") -> LinkState:
    return LinkState(url=url, status=LinkStatus.ALIVE, why=why)
