"""Settings of accounts: how people log in, and which of django-allauth's features are in use."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

APPS = ("allauth", "allauth.account", "allauth.mfa", "allauth.socialaccount", "allauth.usersessions")
MIDDLEWARE = (
    "approvals.access.middleware.PasswordThrottleMiddleware",
    "approvals.access.sessions.SessionTracking",
    "approvals.access.second_factor.SecondFactorRequired",
    "allauth.account.middleware.AccountMiddleware",
    "contentpipeline.forms.once.middleware",  # last: what it does is of a person who may be here
)
BACKENDS = (
    "approvals.access.backends.PasswordThrottleBackend",  # first: it says when no password is to be looked at
    "approvals.access.backends.RolesBackend",
    "django.contrib.auth.backends.ModelBackend",
    "approvals.access.backends.MailBackend",
)
PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
PROVIDER_ID = "oidc"
"""The part of the address to which the provider redirects: /admin/account/oidc/login/callback/."""

_ADAPTERS = "approvals.access.allauth_adapters"
_FORMS = "approvals.access.second_factor_forms"


def read(environment: Any, *, site_name: str, is_https: bool) -> dict[str, Any]:
    issuer = _secure_url(environment.url("OIDC_ISSUER"))
    oidc = {
        "OIDC_ISSUER": issuer,
        "OIDC_CLIENT_ID": environment.text("OIDC_CLIENT_ID"),
        "OIDC_NAME": environment.text("OIDC_NAME", "single sign-on"),
        "OIDC_ROLES_CLAIM": environment.text("OIDC_ROLES_CLAIM"),
        "OIDC_ROLES": _roles(environment.items("OIDC_ROLES")),
        "OIDC_ONLY": environment.boolean("OIDC_ONLY"),
    }
    if issuer and not oidc["OIDC_CLIENT_ID"]:
        raise ImproperlyConfigured("OIDC_ISSUER needs OIDC_CLIENT_ID: the name of this desk at the provider.")
    if oidc["OIDC_ONLY"] and not issuer:
        raise ImproperlyConfigured("OIDC_ONLY needs OIDC_ISSUER: otherwise nobody could log in.")
    secret = environment.secret("OIDC_CLIENT_SECRET") if issuer else ""
    provider = {
        "provider_id": PROVIDER_ID,
        "name": oidc["OIDC_NAME"],
        "client_id": oidc["OIDC_CLIENT_ID"],
        "secret": secret,
        "settings": {"server_url": issuer, "oauth_pkce_enabled": True},
    }
    return (
        oidc
        | _allauth_settings(site_name, is_https=is_https)
        | {
            "REQUIRE_SECOND_FACTOR": environment.items("REQUIRE_SECOND_FACTOR"),
            "PASSWORD_RESET_TIMEOUT": 4 * 3600,
            "SOCIALACCOUNT_PROVIDERS": {"openid_connect": {"APPS": [provider] if issuer else []}},
        }
    )


def _allauth_settings(site_name: str, *, is_https: bool) -> dict[str, Any]:
    return {
        "ACCOUNT_ADAPTER": f"{_ADAPTERS}.AccountAdapter",
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_REAUTHENTICATION_METHODS": ("password", "mfa"),
        # Its limits count in the cache, which without Redis is one for each process: ours are in the forms.
        "ACCOUNT_RATE_LIMITS": False,
        "MFA_RATE_LIMITS": False,
        "MFA_ADAPTER": f"{_ADAPTERS}.SecondFactorAdapter",
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_ALLOW_UNVERIFIED_EMAIL": True,
        "MFA_TOTP_ISSUER": site_name,
        "MFA_TOTP_TOLERANCE": 1,
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": not is_https,
        "MFA_FORMS": {
            "authenticate": f"{_FORMS}.CodeForm",
            "reauthenticate": f"{_FORMS}.ConfirmingCodeForm",
            "activate_totp": f"{_FORMS}.AppForm",
            "add_webauthn": f"{_FORMS}.PasskeyForm",
            "authenticate_webauthn": f"{_FORMS}.PasskeyAsSecondFactorForm",
            "reauthenticate_webauthn": f"{_FORMS}.ConfirmingPasskeyForm",
            "login_webauthn": f"{_FORMS}.PasskeyLoginForm",
        },
        "SOCIALACCOUNT_ADAPTER": f"{_ADAPTERS}.ProviderAdapter",
        "SOCIALACCOUNT_EMAIL_VERIFICATION": "none",
        "SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX": "",
    }


def _secure_url(url: str) -> str:
    """Raises ImproperlyConfigured for an address without TLS, unless it is of this machine."""
    parts = urlsplit(url)
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise ImproperlyConfigured("OIDC_ISSUER must begin with https://: on the way anyone could read it.")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _roles(pairs: list[str]) -> dict[str, str]:
    """As {"desk-editors": "Editors"}. A value of the claim may hold colons; a group's name may not."""
    found = {}
    for pair in pairs:
        value, colon, group = pair.rpartition(":")
        if not colon or not value.strip() or not group.strip():
            raise ImproperlyConfigured(
                f"OIDC_ROLES must list pairs such as desk-editors:Editors, separated by commas, not {pair!r}."
            )
        found[value.strip()] = group.strip()
    return found
