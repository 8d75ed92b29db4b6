"""Sending mail through the server of EMAIL_URL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from tasks.delivery.channels import ChannelState
from tasks.delivery.channels.mail.template import as_mail
from tasks.delivery.errors import DeliveryFailed
from tasks.delivery.messages import OutboundMessage, Purpose
from tasks.pipeline.lazy_import import LazyModule

if TYPE_CHECKING:
    import smtplib
else:
    smtplib = LazyModule("smtplib")


class MailChannel:
    name = "mail"
    is_personal = True

    def state(self, purpose: Purpose) -> ChannelState:
        if purpose == Purpose.NOTIFICATIONS:
            return ChannelState("mail as each user chooses" if settings.SENDS_MAIL else "", needs="EMAIL_URL")
        if settings.ALERT_EMAILS and not settings.SENDS_MAIL:
            return ChannelState(problem="ALERT_EMAILS is set, but no mail can be sent: set EMAIL_URL.")
        recipients = ", ".join(settings.ALERT_EMAILS)
        return ChannelState(f"mail to {recipients}" if recipients else "", needs="ALERT_EMAILS and EMAIL_URL")

    def send(self, message: OutboundMessage, purpose: Purpose, *, to: Sequence[str] = ()) -> None:
        try:
            _send(as_mail(message, to or settings.ALERT_EMAILS))
        except smtplib.SMTPResponseException as error:
            raise DeliveryFailed(f"The mail server refused with {error.smtp_code}.") from error
        except TimeoutError as error:
            raise DeliveryFailed("The mail server did not answer in time.") from error
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryFailed(f"The mail could not be sent: {type(error).__name__}.") from error


CHANNEL = MailChannel()


def _send(mail: EmailMessage) -> None:
    mail.connection = connection = get_connection()
    try:
        mail.send()
    finally:
        connection.close()  # Django leaves it open after a login that failed
