"""The page *Tokens*: keys of programs, a person's own, and for administrators those of all accounts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, register_converter, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from approvals.access import token_actions
from approvals.access.scopes import SCOPES
from approvals.access.token_forms import CreateTokenForm, RotateTokenForm
from approvals.errors import TokenRefused
from approvals.library_models import SHOWN_CHARACTERS
from approvals.models import TokenDetails
from tasks.actor import actor

ON_A_PAGE = 50


class PublicNameConverter:
    regex = "[0-9a-f]{16}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PublicNameConverter, "token_name")


def _page(
    request: HttpRequest, template: str, title: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    everywhere = admin.site.each_context(request) | {"title": title}
    return render(request, f"desk/{template}", everywhere | context, status=status)


def _allowed(request: HttpRequest) -> User:
    by = actor(request)
    if not (token_actions.may_use(by) or token_actions.may_see_all(by)):
        raise PermissionDenied("You may not use tokens: ask an administrator for a role.")
    return by


def _token_or_404(by: User, name: str) -> TokenDetails:
    found = token_actions.visible_to(by).filter(public_name=name).first()
    if found is None:
        raise Http404("There is no such token.")
    return found


def described(details: TokenDetails) -> TokenDetails:
    """With what templates show of it."""
    expiry, now = details.token.expiry, timezone.now()
    details.is_expired = expiry is not None and expiry <= now  # type: ignore[attr-defined]
    titles = [SCOPES[scope].title for scope in details.scopes or () if scope in SCOPES]
    details.titles = titles  # type: ignore[attr-defined]
    details.begins_with = details.token.token_key[:SHOWN_CHARACTERS]  # type: ignore[attr-defined]
    return details


def _listed(by: User, words: str) -> QuerySet[TokenDetails]:
    found = token_actions.visible_to(by)
    for word in words.replace("\0", "").split()[:5]:
        found = found.filter(
            Q(name__icontains=word) | Q(token__user__username__icontains=word)
            | Q(token__user__first_name__icontains=word) | Q(token__user__last_name__icontains=word)
        )  # fmt: skip
    return found


@never_cache
@require_http_methods(["GET", "HEAD"])
def tokens_page(request: HttpRequest) -> HttpResponse:
    by, words = _allowed(request), request.GET.get("q", "")[:100]
    found = Paginator(_listed(by, words), ON_A_PAGE).get_page(request.GET.get("page"))
    return _page(
        request, "tokens.html", "Tokens", page=found, tokens=[described(one) for one in found], words=words,
        sees_all=token_actions.may_see_all(by), may_create=token_actions.may_use(by),
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add_token(request: HttpRequest) -> HttpResponse:
    by = _allowed(request)
    if not token_actions.may_use(by):
        raise PermissionDenied("You may not create tokens.")
    form = CreateTokenForm(request.POST or None, by=by)
    if request.method == "POST" and form.is_valid():
        try:
            made = token_actions.create(
                form.owner(), name=form.cleaned_data["name"], scopes=form.chosen_scopes(),
                expires_at=form.expires_at(), by=by,
            )  # fmt: skip
        except (TokenRefused, ValidationError) as error:
            form.add_error(None, error.messages if isinstance(error, ValidationError) else str(error))
        else:
            return _shown_once(request, made)
    status = 400 if request.method == "POST" else 200
    return _page(request, "token_add.html", "Create a token", form=form, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def token_page(request: HttpRequest, name: str) -> HttpResponse:
    """What the token may do, and the form by which it is rotated."""
    by = _allowed(request)
    details = _token_or_404(by, name)
    form = RotateTokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = token_actions.rotate(details, overlap=form.overlap_time(), by=by)
        except TokenRefused as error:
            form.add_error(None, str(error))
        else:
            return _shown_once(request, made, replaced=details, overlap=form.overlap_time())
    return _page(
        request, "token.html", details.name or "Unnamed token", details=described(details), form=form,
        status=400 if form.is_bound else 200,
    )  # fmt: skip


def _shown_once(request: HttpRequest, made: token_actions.NewToken, **context: Any) -> HttpResponse:
    """The key, on this page alone: a redirect would have to store it."""
    # For the middleware of forms.
    request.form_is_saved = True  # type: ignore[attr-defined]
    request.form_leads_to = reverse("admin:token", args=[made.details.public_name])  # type: ignore[attr-defined]
    response = _page(
        request, "token_made.html", "Token created", details=described(made.details), key=made.key, **context
    )
    response["Cache-Control"] = "no-store, no-transform"  # see webserver/content_encoding.py
    return response


@never_cache
@require_POST
def revoke_token(request: HttpRequest, name: str) -> HttpResponse:
    by = _allowed(request)
    details = _token_or_404(by, name)
    try:
        token_actions.revoke(details, by=by)
    except TokenRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"“{details}” was revoked and no longer works.")
    return redirect("admin:tokens")


urlpatterns = [
    path("tokens/", admin.site.admin_view(tokens_page), name="tokens"),
    path("tokens/add/", admin.site.admin_view(add_token), name="add_token"),
    path("tokens/<token_name:name>/", admin.site.admin_view(token_page), name="token"),
    path("tokens/<token_name:name>/revoke/", admin.site.admin_view(revoke_token), name="revoke_token"),
]
