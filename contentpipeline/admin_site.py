"""The admin's front door: whoever has a role at the desk may log in, and nobody else but staff."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from contentpipeline.roles import may_use_admin


class LoginForm(AdminAuthenticationForm):
    error_messages = AdminAuthenticationForm.error_messages | {
        "invalid_login": "Please enter the correct %(username)s and password of an account that may work "
        "here. Note that both fields may be case-sensitive."
    }

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        """Refuse an account without a role in the very words that a wrong password gets."""
        AuthenticationForm.confirm_login_allowed(self, user)
        if not may_use_admin(user):
            raise self.get_invalid_login_error()


class DeskAdminSite(AdminSite):
    login_form = LoginForm

    def has_permission(self, request: HttpRequest) -> bool:
        return may_use_admin(request.user)
