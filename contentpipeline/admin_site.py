"""The admin's login: for accounts with a role at the desk, and for staff.

Guessing passwords is throttled here: the form is then a 429, like every refusal of that kind.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from approvals.access import passwords
from approvals.access.passwords import TooManyAttempts
from contentpipeline.roles import may_use_admin

Response = TypeVar("Response", bound=HttpResponseBase)


class LoginForm(AdminAuthenticationForm):
    retry_after = 0
    error_messages = AdminAuthenticationForm.error_messages | {
        "invalid_login": "Please enter the correct %(username)s and password of an account with access to "
        "the desk. Note that both fields may be case-sensitive."
    }

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except TooManyAttempts as error:
            self.retry_after = error.seconds
            raise ValidationError(str(error)) from error

    def confirm_login_allowed(self, user: User) -> None:
        """Refuse an account without a role with the message for a wrong password."""
        AuthenticationForm.confirm_login_allowed(self, user)
        if not may_use_admin(user):
            raise self.get_invalid_login_error()


class PasswordForm(AdminPasswordChangeForm):
    """Guesses at the password of an open session are limited, too."""

    retry_after = 0

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request

    def clean_old_password(self) -> str:
        try:
            attempt = passwords.begin(self._request, self.user.get_username())
        except TooManyAttempts as error:
            self.retry_after = error.seconds
            raise ValidationError(str(error)) from error
        old: str = super().clean_old_password()
        attempt.forgive()
        return old


class PasswordView(PasswordChangeView):
    form_class = PasswordForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"request": self.request}


class DeskAdminSite(AdminSite):
    login_form = LoginForm

    def has_permission(self, request: HttpRequest) -> bool:
        return may_use_admin(request.user)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return _as_refused(super().login(request, extra_context))

    def password_change(  # type: ignore[override]  # its stub forgets the redirect
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        # As in Django, which names its own form.
        request.current_app = self.name
        view = PasswordView.as_view(
            success_url=reverse("admin:password_change_done", current_app=self.name),
            extra_context=self.each_context(request) | (extra_context or {}),
        )
        return _as_refused(view(request))


def _as_refused(response: Response) -> Response:
    """The page of a form, as a 429 with Retry-After where the form asks to wait."""
    form = (getattr(response, "context_data", None) or {}).get("form")
    if seconds := getattr(form, "retry_after", 0):
        response.status_code = 429
        response["Retry-After"] = str(seconds)
    return response
