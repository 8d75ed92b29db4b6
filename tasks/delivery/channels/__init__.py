"""The ways by which messages leave. Each is a folder here, with its transport, template, settings and probe.

A folder has a module `channel` with `CHANNEL`, and a module `settings` with `read`. Nothing else needs to
know of it: alerts, notifications, settings.py and the doctor go through all folders there are.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Protocol

from tasks.delivery.messages import OutboundMessage, Purpose


@dataclass(frozen=True)
class ChannelState:
    """How a channel is set up for one purpose, for `manage.py doctor`."""

    description: str = ""
    """Empty when it is not set up."""
    problem: str = ""
    """What is wrong with its settings, and what to do: one sentence."""
    needs: str = ""
    """Which settings would set it up."""


class DeliveryChannel(Protocol):
    name: str
    """Stands in the records of deliveries, so it never changes."""
    is_personal: bool
    """Whether it reaches each account by itself, as that chose; otherwise it gets everything once."""

    def state(self, purpose: Purpose) -> ChannelState: ...

    def send(self, message: OutboundMessage, purpose: Purpose, *, to: Sequence[str] = ()) -> None:
        """Send to these addresses, or else to those of the settings. Raises DeliveryFailed."""
        ...


class Environment(Protocol):
    """What settings are read from: `contentpipeline.env`."""

    def text(self, name: str, default: str = "") -> str: ...
    def url(self, name: str, default: str = "") -> str: ...
    def emails(self, name: str) -> list[str]: ...
    def mail(self, name: str) -> dict[str, Any] | None: ...


def channels() -> list[DeliveryChannel]:
    """All there are, in the order of their names."""
    return [import_module(f"{__name__}.{folder}.channel").CHANNEL for folder in _folders()]


def configured(purpose: Purpose) -> list[DeliveryChannel]:
    return [channel for channel in channels() if channel.state(purpose).description]


def find(name: str, purpose: Purpose) -> DeliveryChannel | None:
    """The channel of this name, if it is set up."""
    return next((channel for channel in configured(purpose) if channel.name == name), None)


def read_settings(environment: Environment, *, site_url: str) -> dict[str, Any]:
    """The settings of all channels, for settings.py. Raises ImproperlyConfigured."""
    found: dict[str, Any] = {}
    for folder in _folders():
        found |= import_module(f"{__name__}.{folder}.settings").read(environment, site_url=site_url)
    return found


@cache
def _folders() -> tuple[str, ...]:
    return tuple(name for _, name, is_package in pkgutil.iter_modules(__path__) if is_package)
