"""Forgotten passwords: Django's pages, without a difference between accounts that are and that are not."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import views
from django.contrib.auth.forms import PasswordResetForm, SetPasswordForm
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse_lazy
from django.views import View

from approvals.access import mails, sessions
from approvals.access.addresses import client_address, network_of
from approvals.access.counting import count
from approvals.access.passwords import TooManyAttempts

NETWORK_LIMIT, NETWORK_SECONDS = 20, 3600
MAIL_LIMIT, MAIL_SECONDS = 3, 3600
"""How many mails one address may be sent in how many seconds; more are left out without a word."""


class ResetForm(PasswordResetForm):
    def save(self, *args: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
        """A worker looks up the account, so that this takes as long for an address that nobody has."""
        typed = self.cleaned_data["email"]
        if request is not None:
            counted = count(f"reset:{network_of(client_address(request))}", NETWORK_SECONDS)
            if counted.number > NETWORK_LIMIT:
                raise TooManyAttempts(counted.seconds_left, "address")
        if count(f"reset-mail:{typed.casefold()}"[:100], MAIL_SECONDS).number <= MAIL_LIMIT:
            mails.enqueue("send_reset", typed)


class _ResetPage(View):
    """Mixin for a view: the look of the desk, and closed where only the provider knows passwords."""

    request: HttpRequest
    http_method_names: list[str] = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if settings.OIDC_ONLY:
            raise Http404("People log in by the provider alone.")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]  # of the view
        return admin.site.each_context(self.request) | own | {"sends_mail": settings.SENDS_MAIL}


class AskView(_ResetPage, views.PasswordResetView):
    form_class = ResetForm
    template_name = "account/reset_ask.html"
    success_url = reverse_lazy("password_reset_done")


class AskedView(_ResetPage, views.PasswordResetDoneView):
    template_name = "account/reset_asked.html"


class ChooseView(_ResetPage, views.PasswordResetConfirmView):
    template_name = "account/reset_choose.html"
    success_url = reverse_lazy("admin:login")

    def form_valid(self, form: SetPasswordForm[User]) -> HttpResponse:
        """All sessions end: who asks for a new password may have lost the old one to another person."""
        response = super().form_valid(form)
        sessions.end_all(form.user)
        mails.enqueue("warn_of_change", form.user.pk, "a new password was set")
        messages.success(self.request, "Your new password is set. Log in with it.")
        return response
