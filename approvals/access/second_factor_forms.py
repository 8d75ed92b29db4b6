"""django-allauth's forms for codes and passkeys, with the same limits as passwords have.

Imported by the settings' names when a page with one is opened: passkeys load a library of their own.
"""

from __future__ import annotations

from typing import Any

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac

from approvals.access import passwords
from approvals.access.addresses import client_address, network_of
from approvals.access.counting import count

CODE_VALID_SECONDS = 120
"""Longer than a code of an app is accepted for."""
PASSKEY_LIMIT, PASSKEY_SECONDS = 30, 60
NAME_CHARACTERS = 100


class _LimitedCode:
    """Mixin. Raises TooManyAttempts, which a middleware answers."""

    user: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code: forms.Field = self.fields["code"]  # type: ignore[attr-defined]  # of the form
        code.label, code.widget.attrs = "Code", {"autocomplete": "one-time-code", "autofocus": True}

    def clean_code(self) -> str:
        attempt = passwords.begin(context.request, self.user.get_username(), secret="code")
        code: str = super().clean_code()  # type: ignore[misc]  # of the form
        authenticator = getattr(self, "authenticator", None)
        if authenticator is not None and _is_used(authenticator, code):
            raise get_adapter().validation_error("incorrect_code")
        attempt.forgive()
        return code


class CodeForm(_LimitedCode, AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    pass


class ConfirmingCodeForm(_LimitedCode, ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    pass


class AppForm(_LimitedCode, ActivateTOTPForm):  # type: ignore[misc]  # allauth has no types
    pass


def _is_used(authenticator: Authenticator, code: str) -> bool:
    """allauth marks a used code in the cache, which without Redis the next process does not see."""
    if authenticator.type != Authenticator.Type.TOTP:
        return False
    used = salted_hmac("approvals.access.used_code", f"{authenticator.pk}:{code}", algorithm="sha256")
    return count(f"code:{used.hexdigest()}", CODE_VALID_SECONDS).number > 1


class _AnyCredential:
    """Mixin: what a browser sends as a credential may be any JSON, and the library fails on some of it."""

    def clean_credential(self) -> Any:
        try:
            parent = super()
            clean = getattr(parent, "clean_credential", None)
            return clean() if clean else self.cleaned_data["credential"]  # type: ignore[attr-defined]
        except (ValueError, TypeError, AttributeError, KeyError, LookupError) as error:
            raise get_adapter().validation_error("incorrect_code") from error


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(
            max_length=NAME_CHARACTERS,
            required=False,
            help_text="To tell your passkeys apart, such as “Laptop” or “Key on my key ring”.",
        )
        self.fields["passwordless"].label = "Log in with this passkey alone, without a password"
        self.fields["passwordless"].help_text = "It asks for your fingerprint, face or PIN then."

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
            return cleaned
        except ValidationError:
            raise
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            raise get_adapter().validation_error("incorrect_code") from error


class PasskeyAsSecondFactorForm(_AnyCredential, AuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class ConfirmingPasskeyForm(_AnyCredential, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class PasskeyLoginForm(_AnyCredential, LoginWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    def clean_credential(self) -> Any:
        """No secret can be guessed here; the limit protects the server."""
        network = network_of(client_address(context.request))
        counted = count(f"passkey:{network}", PASSKEY_SECONDS)
        if counted.number > PASSKEY_LIMIT:
            raise passwords.TooManyAttempts(counted.seconds_left, "passkey")
        return super().clean_credential()
