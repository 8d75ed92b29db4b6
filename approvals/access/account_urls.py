"""The pages of django-allauth that are in use, under /admin/account/. All of its others do not exist here.

Each view is imported when it is first opened: passkeys and OpenID Connect load libraries of their own.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_http_methods

from approvals.access.password_reset import AskedView, AskView, ChooseView


def desk_context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: allauth's views know nothing of the desk, whose pages theirs are."""
    if not request.path.startswith(reverse("mfa_index").removesuffix("second-factor/")):
        return {}
    return admin.site.each_context(request) | {"oidc_name": settings.OIDC_NAME, "title": ""}


def _later(view: str) -> Any:
    @require_http_methods(["GET", "HEAD", "POST"])
    def opened(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = import_string(view)(request, **kwargs)
        return response

    return opened


def _to_login(request: HttpRequest, **_: Any) -> HttpResponse:
    return redirect("admin:login")


MFA, OIDC = "allauth.mfa", "approvals.access.oidc"

urlpatterns = [
    # Where allauth leads to: our own pages.
    path("login/", _to_login, name="account_login"),
    path("login/cancelled/", _to_login, name="socialaccount_login_cancelled"),
    path("login/error/", _to_login, name="socialaccount_login_error"),
    path("inactive/", _to_login, name="account_inactive"),
    path("logout/", _later("allauth.account.views.logout"), name="account_logout"),
    path("confirm/", _later("allauth.account.views.reauthenticate"), name="account_reauthenticate"),
    # Second factors.
    path("second-factor/", _later(f"{MFA}.base.views.index"), name="mfa_index"),
    path("second-factor/code/", _later(f"{MFA}.base.views.authenticate"), name="mfa_authenticate"),
    path("second-factor/confirm/", _later(f"{MFA}.base.views.reauthenticate"), name="mfa_reauthenticate"),
    path("second-factor/app/add/", _later(f"{MFA}.totp.views.activate_totp"), name="mfa_activate_totp"),
    path(
        "second-factor/app/remove/", _later(f"{MFA}.totp.views.deactivate_totp"), name="mfa_deactivate_totp"
    ),
    path(
        "second-factor/recovery-codes/",
        _later(f"{MFA}.recovery_codes.views.view_recovery_codes"),
        name="mfa_view_recovery_codes",
    ),
    path(
        "second-factor/recovery-codes/new/",
        _later(f"{MFA}.recovery_codes.views.generate_recovery_codes"),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "second-factor/recovery-codes/file/",
        _later(f"{MFA}.recovery_codes.views.download_recovery_codes"),
        name="mfa_download_recovery_codes",
    ),
    path("passkeys/", lambda request: redirect("mfa_index"), name="mfa_list_webauthn"),
    path("passkeys/add/", _later(f"{MFA}.webauthn.views.add_webauthn"), name="mfa_add_webauthn"),
    path("passkeys/login/", _later(f"{MFA}.webauthn.views.login_webauthn"), name="mfa_login_webauthn"),
    path(
        "passkeys/confirm/",
        _later(f"{MFA}.webauthn.views.reauthenticate_webauthn"),
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        "passkeys/<int:pk>/remove/",
        _later(f"{MFA}.webauthn.views.remove_webauthn"),
        name="mfa_remove_webauthn",
    ),
    # OpenID Connect: `oidc` is the name of the provider in account_settings.
    path("oidc/login/", _later(f"{OIDC}.begin"), name="oidc_login"),
    path("oidc/login/callback/", _later(f"{OIDC}.finish"), name="oidc_callback"),
    path("<str:provider_id>/login/callback/", _to_login, name="openid_connect_callback"),
    # Forgotten passwords, by the name that the admin's login page looks for.
    path("password/", AskView.as_view(), name="admin_password_reset"),
    path("password/asked/", AskedView.as_view(), name="password_reset_done"),
    path("password/<uidb64>/<token>/", ChooseView.as_view(), name="password_reset_confirm"),
]
