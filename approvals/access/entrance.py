"""The last step of every way to log in: who may enter, and what is to be done with a right password."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse


def may_enter(user: User) -> bool:
    """Whether the admin is open for this account: the project's own admin site says so."""
    request = HttpRequest()
    request.user = user
    return admin.site.has_permission(request)


def enter(request: HttpRequest, user: User, *, next_url: str | None = None) -> HttpResponse:
    """Log in an account whose password was right; an account with a second factor is asked for it first."""
    # Loaded only when a person logs in: see tests/test_imports.py.
    from allauth.account.internal.flows.login import perform_password_login
    from allauth.account.models import Login

    login = Login(user=user, redirect_url=next_url)
    response: HttpResponse = perform_password_login(request, {"username": user.get_username()}, login)
    return response
