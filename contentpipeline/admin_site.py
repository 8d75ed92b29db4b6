"""The admin's login: for accounts with a role at the desk, and for staff; a second factor comes after it.

Guessing passwords is throttled here: the form is then a 429, like every refusal of that kind.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import SimpleLazyObject
from django.views.decorators.cache import never_cache

from approvals.access import entrance, mails, passwords, sessions
from approvals.access.passwords import TooManyAttempts
from contentpipeline.roles import may_use_admin
from tasks.navigation import navigation, navigation_html
from tasks.site_name import site_name

Response = TypeVar("Response", bound=HttpResponseBase)


class LoginForm(AdminAuthenticationForm):
    retry_after = 0
    error_messages = AdminAuthenticationForm.error_messages | {
        "invalid_login": "There is no account of this desk with this login name and this password. "
        "Upper and lower case matter."
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


class DeskLoginView(LoginView):
    authentication_form = LoginForm
    template_name = "admin/login.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if settings.OIDC_ONLY:
            raise PermissionDenied(f"People log in by {settings.OIDC_NAME} alone.")
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        assert isinstance(user, User)
        return entrance.enter(self.request, user, next_url=self.get_success_url())


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

    def form_valid(self, form: Any) -> HttpResponse:
        """Sessions in other browsers end: they may be those of a thief."""
        response = super().form_valid(form)
        sessions.end_others(self.request, form.user)
        mails.enqueue("warn_of_change", form.user.pk, "your password was changed")
        return response


class DeskAdminSite(AdminSite):
    login_form = LoginForm

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """As Django's, without the list of all models: it asks for every permission, and no page shows it."""
        script = request.META["SCRIPT_NAME"]
        context = {
            "site_title": self.site_title,
            "site_header": site_name(),
            "site_url": script if self.site_url == "/" and script else self.site_url,
            "has_permission": self.has_permission(request),
            "available_apps": SimpleLazyObject(lambda: self.get_app_list(request)),
            "is_popup": False,
            "is_nav_sidebar_enabled": False,
            "log_entries": self.get_log_entries(request),
        }
        if context["has_permission"]:
            assert isinstance(request.user, User)
            shown = navigation(request.user, request.path)
            current = (each.item for items in shown.values() for each in items if each.is_current)
            context |= {
                "navigation": shown,
                "navigation_html": navigation_html(shown),
                "current_item": next(current, None),
            }
        return context

    def has_permission(self, request: HttpRequest) -> bool:
        return may_use_admin(request.user)

    @method_decorator(never_cache)
    def login(  # type: ignore[override]  # as with the next
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        # As in Django, which names its own view.
        if request.method == "GET" and self.has_permission(request):
            return redirect("admin:index")
        context = self.each_context(request) | {
            "title": "Log in", "subtitle": None, "app_path": request.get_full_path(),
            "username": request.user.get_username(), "oidc_only": settings.OIDC_ONLY,
            "oidc_name": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
        }  # fmt: skip
        if REDIRECT_FIELD_NAME not in request.GET and REDIRECT_FIELD_NAME not in request.POST:
            context[REDIRECT_FIELD_NAME] = reverse("admin:index", current_app=self.name)
        request.current_app = self.name  # as in Django
        view = DeskLoginView.as_view(extra_context=context | (extra_context or {}))
        return _as_refused(view(request))

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
