"""The ways by which operators are told: mail and a webhook. Each sends a message or says why not."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from tasks.pipeline.errors import TasksError
from tasks.pipeline.lazy_import import LazyModule

if TYPE_CHECKING:
    import smtplib

    import aiohttp
    import yarl

    from tasks.pipeline.providers import guard as guarding
else:
    smtplib, aiohttp, yarl = map(LazyModule, ("smtplib", "aiohttp", "yarl"))
    guarding = LazyModule("tasks.pipeline.providers.guard")

WEBHOOK_SECONDS = 10.0
"""For all of it: the name's address, the connection, the answer."""
JSON = {"Content-Type": "application/json"}

Guard = Callable[["yarl.URL"], Awaitable[list[str]]]
"""Resolves the host of an address; raises what `tasks.pipeline.providers.guard` raises when it is refused."""


class DeliveryFailed(TasksError):
    """Why it could not be sent: one sentence without addresses, which may hold secrets.

    `status` is what a webhook answered, and None when it did not.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Message:
    number: int
    """Of the incident: the same when it has to be sent again, so that a recipient can tell."""
    subject: str
    text: str
    facts: Mapping[str, Any]
    """The same for programs."""


class Channel(Protocol):
    name: str

    def send(self, message: Message) -> None:
        """Raises DeliveryFailed."""
        ...


class Mail:
    name = "mail"

    def send(self, message: Message) -> None:
        host = urlsplit(settings.SITE_URL).hostname
        mail = EmailMessage(
            message.subject,
            message.text,
            to=settings.ALERT_EMAILS,
            headers={"Message-ID": f"<incident-{message.number}@{host}>", "Auto-Submitted": "auto-generated"},
        )
        send_mail(mail)


class Webhook:
    name = "webhook"

    def send(self, message: Message) -> None:
        post_json(settings.ALERT_WEBHOOK_URL, settings.ALERT_WEBHOOK_SECRET, message.facts)


def configured() -> list[Channel]:
    found: list[Channel] = []
    if settings.SENDS_MAIL and settings.ALERT_EMAILS:
        found.append(Mail())
    if settings.ALERT_WEBHOOK_URL:
        found.append(Webhook())
    return found


def send_mail(mail: EmailMessage) -> None:
    """Raises DeliveryFailed."""
    mail.connection = get_connection()
    try:
        mail.send()
    except smtplib.SMTPResponseException as error:
        raise DeliveryFailed(f"The mail server refused with {error.smtp_code}.") from error
    except TimeoutError as error:
        raise DeliveryFailed("The mail server did not answer in time.") from error
    except (smtplib.SMTPException, OSError) as error:
        raise DeliveryFailed(f"The mail could not be sent: {type(error).__name__}.") from error
    finally:
        # Django leaves a connection open whose login was refused.
        with suppress(smtplib.SMTPException, OSError):
            mail.connection.close()


def post_json(url: str, secret: str, facts: Mapping[str, Any]) -> None:
    """Post to a webhook of the operator's, signed where there is a secret. Raises DeliveryFailed."""
    body = json.dumps(facts, ensure_ascii=False).encode()
    post(url, body, _headers(body, secret))


def post(url: str, body: bytes, headers: Mapping[str, str], *, guard: Guard | None = None) -> int:
    """Post a body of JSON and return the status, which is one of success. Raises DeliveryFailed.

    `guard` finds the addresses that it may be sent to; without one the address is trusted.
    """
    try:
        status = asyncio.run(_within_limit(url, body, headers, guard))
    except TimeoutError as error:
        raise DeliveryFailed(f"The webhook did not answer within {WEBHOOK_SECONDS:g} seconds.") from error
    except guarding.PortRefused as error:
        raise DeliveryFailed("The webhook has a port other than 80 and 443, which is not used.") from error
    except guarding.AddressRefused as error:
        raise DeliveryFailed("The webhook leads into a private network, which is not used.") from error
    except guarding.AddressUnknown as error:
        raise DeliveryFailed("The webhook cannot be found: its name has no address.") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise DeliveryFailed(f"The webhook cannot be reached: {type(error).__name__}.") from error
    if not 200 <= status < 300:
        hint = ", and redirects are not followed" if 300 <= status < 400 else ""
        raise DeliveryFailed(f"The webhook answered {status}{hint}.", status)
    return status


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over the timestamp, a full stop and the body, in hexadecimal."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _headers(body: bytes, secret: str) -> dict[str, str]:
    timestamp = str(int(time.time()))
    headers = {"X-Desk-Timestamp": timestamp}
    if secret:
        signed = signature(secret, timestamp, body)
        headers["X-Desk-Signature"] = f"sha256={signed}"
    return headers


async def _within_limit(url: str, body: bytes, headers: Mapping[str, str], guard: Guard | None) -> int:
    async with asyncio.timeout(WEBHOOK_SECONDS):
        connector = guarding.connector_to(yarl.URL(url), await guard(yarl.URL(url))) if guard else None
        # The answer's body is not read: nothing that a receiver writes is kept or shown.
        async with (
            aiohttp.ClientSession(connector=connector, headers=JSON, trust_env=False) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            return answer.status
