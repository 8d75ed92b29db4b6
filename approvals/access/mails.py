"""Mail about accounts: invitations, password resets, new addresses, and warnings to the owner."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django_q.tasks import async_task

from approvals.access.models import Invitation
from tasks.delivery.channels.mail.channel import CHANNEL
from tasks.delivery.messages import OutboundMessage, Purpose

MAIL_SALT = "approvals.access.new_mail"
MAIL_VALID_SECONDS = 24 * 3600


def send(to: str, subject: str, *paragraphs: str) -> None:
    """Send one mail now. Raises DeliveryFailed. Without a mail server nothing happens."""
    if settings.SENDS_MAIL and to:
        text = "\n\n".join(paragraphs)
        message = OutboundMessage(id=f"account-{uuid.uuid4().hex}", subject=subject, text=text, payload={})
        CHANNEL.send(message, Purpose.NOTIFICATIONS, to=[to])


def enqueue(job: str, *arguments: str | int) -> None:
    """Send later, by a worker: no page waits for a mail server, or takes longer for an account that is."""
    if settings.SENDS_MAIL:
        async_task(f"approvals.access.jobs.{job}", *arguments)


def address_of(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


# --- Invitations ---------------------------------------------------------------------------------------


def invitation_address(invitation: Invitation) -> str:
    return address_of(reverse("admin:invitation", args=[invitation.token]))


def send_invitation(invitation: Invitation) -> None:
    """Raises DeliveryFailed. Sent at once, so that the page can say whether it left."""
    inviter = invitation.created_by
    by = (inviter.get_full_name() or inviter.get_username()) if inviter else settings.SITE_NAME
    send(
        invitation.user.email,
        f"Your invitation to {settings.SITE_NAME}",
        f"{by} invites you to the editorial desk of {settings.SITE_NAME}. Your login name is "
        f"{invitation.user.get_username()}. Open this address to choose a password:",
        invitation_address(invitation),
        f"It works once, until {invitation.expires_at:%d %B %Y, %H:%M} UTC. If you do not know what this is "
        "about, ignore this mail.",
    )


# --- Passwords and addresses ---------------------------------------------------------------------------


def send_reset(user: User) -> None:
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("password_reset_confirm", args=[uid, default_token_generator.make_token(user)])
    send(
        user.email,
        "Choose a new password",
        f"You, or another person, asked for a new password for the account {user.get_username()}. Open this "
        "address to choose one:",
        address_of(path),
        f"It works once, for {settings.PASSWORD_RESET_TIMEOUT // 3600} hours. If it was not you, ignore this "
        "mail: your password stays as it is.",
    )


def send_confirmation(user: User, new_mail: str) -> None:
    """Raises DeliveryFailed. To the new address: only who reads its mail can confirm it."""
    token = signing.dumps([user.pk, user.email, new_mail], salt=MAIL_SALT)
    send(
        new_mail,
        "Confirm your mail address",
        f"Open this address to confirm that mail about the account {user.get_username()} is to go here:",
        address_of(reverse("admin:confirm_mail", args=[token])),
        "It works for a day. If you do not know what this is about, ignore this mail.",
    )


def confirmed_mail(token: str) -> tuple[int, str, str]:
    """The account, its address until now, and the new one. Raises BadSignature."""
    pk, old, new = signing.loads(token, salt=MAIL_SALT, max_age=MAIL_VALID_SECONDS)
    return pk, old, new
