"""The ways by which operators are told: mail and a webhook. Each sends a message or says why not."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import smtplib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import aiohttp
from django.conf import settings
from django.core.mail import EmailMessage

from tasks.errors import TasksError

WEBHOOK_SECONDS = 10.0
"""For all of it: the name's address, the connection, the answer."""


class DeliveryFailed(TasksError):
    """Why it could not be sent: one sentence without addresses, which may hold secrets."""


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
    try:
        mail.send()
    except smtplib.SMTPResponseException as error:
        raise DeliveryFailed(f"The mail server refused with {error.smtp_code}.") from error
    except TimeoutError as error:
        raise DeliveryFailed("The mail server did not answer in time.") from error
    except (smtplib.SMTPException, OSError) as error:
        raise DeliveryFailed(f"The mail could not be sent: {type(error).__name__}.") from error


def post_json(url: str, secret: str, facts: Mapping[str, Any]) -> None:
    """Post to a webhook, signed where there is a secret. Raises DeliveryFailed."""
    body = json.dumps(facts, ensure_ascii=False).encode()
    try:
        status = asyncio.run(_post(url, body, _headers(body, secret)))
    except TimeoutError as error:
        raise DeliveryFailed(f"The webhook did not answer within {WEBHOOK_SECONDS:g} seconds.") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise DeliveryFailed(f"The webhook cannot be reached: {type(error).__name__}.") from error
    if not 200 <= status < 300:
        hint = ", and redirects are not followed" if 300 <= status < 400 else ""
        raise DeliveryFailed(f"The webhook answered {status}{hint}.")


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What `X-Desk-Signature` says after `sha256=`."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _headers(body: bytes, secret: str) -> dict[str, str]:
    timestamp = str(int(time.time()))
    headers = {"Content-Type": "application/json", "X-Desk-Timestamp": timestamp}
    if secret:
        signed = signature(secret, timestamp, body)
        headers["X-Desk-Signature"] = f"sha256={signed}"
    return headers


async def _post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    limit = aiohttp.ClientTimeout(total=WEBHOOK_SECONDS)
    async with (
        aiohttp.ClientSession(timeout=limit) as session,
        session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
    ):
        return answer.status
