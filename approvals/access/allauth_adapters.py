"""Everything that changes django-allauth: its three adapters. Imported when a person logs in, not before.

It is used for second factors, passkeys, OpenID Connect and the list of sessions. Accounts are made by
invitation or by the provider alone, so that nobody can sign up.
"""

from __future__ import annotations

import base64
import logging
import secrets
import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import salted_hmac

from approvals.access import oidc_accounts
from approvals.access.addresses import client_address
from approvals.access.entrance import may_enter
from approvals.access.second_factor import is_required_of

logger = logging.getLogger(__name__)

RECENTLY_SECONDS = 600
"""For how long a login counts as a proof of who is there, before a change of the second factor."""
NO_ACCESS = "This account has no access to the desk: ask an administrator to give it a role."
UNKNOWN_ADDRESS = "0.0.0.0"
QUIET = ("account/messages/logged_in.txt", "account/messages/logged_out.txt")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Also for a passkey or a provider: an account without a role is refused before its second factor."""
        if user.is_active and may_enter(user):
            return None
        from allauth.account.internal.stagekit import clear_login

        clear_login(request)
        messages.error(request, NO_ACCESS)
        return redirect("admin:login")

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or UNKNOWN_ADDRESS

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        if message_template not in QUIET:
            super().add_message(request, level, message_template, *args, **kwargs)

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Ours are sent by `approvals.access.records`."""

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not right after a login, and not of an account that has nothing to confirm with.

        Such an account logs in by its provider alone, and is to be able to add a second factor.
        """
        from allauth.account.internal.flows.login import get_authentication_records
        from allauth.account.internal.flows.reauthentication import get_reauthentication_flows

        request = context.request
        records = get_authentication_records(request, request.user)
        if records and time.time() - records[-1]["at"] < RECENTLY_SECONDS:
            return False
        return bool(get_reauthentication_flows(request.user))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is not right. Codes of an app change every 30 seconds: enter the one "
        "that it shows now. A recovery code works once.",
        "cannot_delete_authenticator": "Your role requires a second factor: add a passkey before you remove "
        "the app.",
    }

    # A stolen backup of the database must not reveal the second factors of everybody.

    def encrypt(self, text: str) -> str:
        return str(_cipher().encrypt(text.encode()).decode())

    def decrypt(self, encrypted_text: str) -> str:
        """After a change of SECRET_KEY no code is right: an administrator resets the second factor."""
        from cryptography.fernet import InvalidToken

        try:
            return str(_cipher().decrypt(encrypted_text.encode()).decode())
        except InvalidToken:
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        others = Authenticator.objects.filter(user=authenticator.user_id).exclude(pk=authenticator.pk)
        has_other = others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()
        return has_other or not is_required_of(authenticator.user)

    def generate_authenticator_name(self, user: User, type: str) -> str:
        count = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {count + 1}"

    def get_totp_label(self, user: User) -> str:
        return user.get_username()

    def _get_site_name(self) -> str:
        return str(settings.SITE_NAME)


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Who comes from the OpenID Connect provider: see `approvals.access.oidc_accounts`."""

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, **kwargs: Any
    ) -> None:
        """The page says that it did not work; what was wrong is for the operator."""
        said = f"{type(exception).__name__}: {exception}" if exception else request.GET.get("error", error)
        logger.warning("Logging in by the provider failed: %s", str(said)[:500])

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        oidc_accounts.match(request, sociallogin)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return oidc_accounts.may_be_created(sociallogin)

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: Any) -> bool:
        return True

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> User:
        return oidc_accounts.create(request, sociallogin)

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        pass


def _cipher() -> Any:
    from cryptography.fernet import Fernet

    key = salted_hmac("approvals.access.second_factor", "", algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))
