"""API tokens in the admin: created, shown once, and revoked. No page or address has a digest.

The library's own pages list digests, have them in every address, and create tokens that never expire.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminSplitDateTime
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from knox.models import AuthToken, get_digest_token, get_expiry
from knox.settings import CONSTANTS, knox_settings

from approvals.audit.rights import public_name_of
from approvals.library_models import SHOWN_CHARACTERS, name_of

CHANGELIST = "admin:knox_authtoken_changelist"


class TokenForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A new token; `token` is what its owner gets, once."""

    token = ""
    expiry = forms.SplitDateTimeField(required=False, widget=AdminSplitDateTime, label="Valid until")
    never_expires = forms.BooleanField(
        required=False, help_text="Only for a program whose token cannot be replaced regularly."
    )

    class Meta:
        model = AuthToken
        fields = ("user", "expiry")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = User.objects.filter(is_active=True).order_by("username")
        # A token may do what its owner may: only superusers create tokens of superusers.
        field = self.fields["user"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = accounts if by.is_superuser else accounts.filter(is_superuser=False)
        expiry, days = self.fields["expiry"], knox_settings.TOKEN_TTL.days
        expiry.help_text = f"If left empty: {days} days, as with manage.py api_token."
        date, time = expiry.widget.widgets
        date.attrs["aria-label"], time.attrs["aria-label"] = "Valid until, date", "Valid until, time"

    def clean_expiry(self) -> datetime | None:
        expiry: datetime | None = self.cleaned_data["expiry"]
        if expiry is not None and expiry <= timezone.now():
            raise ValidationError("This time is in the past: choose a later one, or leave the field empty.")
        return expiry

    def save(self, commit: bool = True) -> AuthToken:
        made: AuthToken = super().save(commit=False)
        if self.cleaned_data["never_expires"]:
            made.expiry = None
        else:
            made.expiry = made.expiry or get_expiry(knox_settings.TOKEN_TTL)
        made.digest, self.token = get_digest_token()
        made.token_key = self.token[: CONSTANTS.TOKEN_KEY_LENGTH]
        if commit:
            made.save()
        return made


class TokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    list_display = ("begins_with", "user", "created", "valid_until", "revoke")
    list_display_links = None
    list_select_related = ("user",)
    ordering = ("-created",)
    search_fields = ("user__username",)
    actions = None  # their check boxes would contain the digests
    fields = ("user", "expiry", "never_expires")

    @admin.display(description="begins with")
    def begins_with(self, token: AuthToken) -> str:
        return f"{token.token_key[:SHOWN_CHARACTERS]}…"

    @admin.display(description="valid until", ordering="expiry", empty_value="never expires")
    def valid_until(self, token: AuthToken) -> datetime | None:
        expiry: datetime | None = token.expiry
        return expiry

    @admin.display(description="action")
    def revoke(self, token: AuthToken) -> SafeString:
        address = reverse("admin:knox_authtoken_delete", args=[public_name_of(token.digest)])
        return format_html('<a href="{}">Revoke<span hidden> {}</span></a>', address, name_of(token))

    # --- Permissions ---

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a token never changes

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """By its name in the audit chain, or by the digest, which addresses of an earlier release have."""
        digests = AuthToken.objects.values_list("digest", flat=True)
        named = [digest for digest in digests if object_id in {digest, public_name_of(digest)}]
        return AuthToken.objects.filter(digest__in=named).select_related("user").first()

    # --- Creating one ---

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        class Form(TokenForm):
            def __init__(self, *args: Any, **given: Any) -> None:
                super().__init__(*args, by=request.user, **given)  # type: ignore[arg-type]

        return Form

    def save_model(self, request: HttpRequest, obj: AuthToken, form: TokenForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        request.made_token = form.token  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: AuthToken, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Without a redirect, for which the token would have to be stored."""
        context = {"title": "Token created", "created": obj, "token": request.made_token}  # type: ignore[attr-defined]
        response = self._page(request, "created.html", context)
        response["Cache-Control"] = "no-store, no-transform"  # see webserver/content_encoding.py
        return response

    # --- The other pages ---

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        self._token_or_404(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied("A token cannot be changed: revoke it and create another one.")
        return redirect(CHANGELIST)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return self.change_view(request, object_id)  # its history is in the audit chain

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        token = self._token_or_404(request, object_id)
        if not self.has_delete_permission(request, token):
            raise PermissionDenied("You may not revoke tokens.")
        if request.method != "POST":
            return self._page(request, "revoke.html", {"title": "Revoke this token?", "token": token})
        name = name_of(token)
        token.delete()
        messages.success(request, f"The token {name} was revoked and no longer works.")
        return redirect(CHANGELIST)

    def _token_or_404(self, request: HttpRequest, object_id: str) -> AuthToken:
        if not self.has_view_permission(request):
            raise PermissionDenied("You may not see tokens.")
        token: AuthToken | None = self.get_object(request, object_id)
        if token is None:
            raise Http404("There is no such token.")
        return token

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        everywhere = self.admin_site.each_context(request) | {"opts": self.opts}
        return render(request, f"admin/knox/authtoken/{template}", everywhere | context)

    # The audit chain has all of it, and Django's log entries would show the digest.

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]  # no entry is made
        pass

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:  # type: ignore[override]  # no entry is made
        pass
