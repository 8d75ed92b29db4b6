"""What is sent, whichever way it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Purpose(StrEnum):
    """What a channel is used for, apart from webhooks that programs subscribe by themselves."""

    ALERTS = "alerts"
    """To operators: something is wrong."""
    NOTIFICATIONS = "notifications"
    """To writers and editors: decisions, and drafts that await one."""


@dataclass(frozen=True)
class OutboundMessage:
    """One message in both forms: `text` for people, `payload` for programs."""

    id: str
    """The same at every attempt, so that a recipient can recognise a message that comes twice."""
    subject: str
    text: str
    payload: Mapping[str, Any]
