"""What an invited person does: open the link, choose a password, and be in."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from approvals.access.addresses import client_address, network_of
from approvals.access.counting import count
from approvals.access.entrance import enter
from approvals.access.models import Invitation
from approvals.access.passwords import TooManyAttempts
from approvals.audit import rights

LIMIT, SECONDS = 60, 600
"""How many links without an open invitation an address may try in how many seconds."""


def invitation_of(token: str) -> Invitation | None:
    """The open invitation that this link is for."""
    number = token.partition("-")[0]
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    found = Invitation.objects.open().filter(pk=number, user__is_active=True).select_related("user").first()
    return found if found and found.is_token(token) else None


@transaction.atomic
def accept(invitation: Invitation, password: str) -> bool:
    """Set the password, once: False where the invitation is no longer open."""
    if not Invitation.objects.open().filter(pk=invitation.pk).update(used_at=Now()):
        return False
    user = User.objects.select_for_update().get(pk=invitation.user_id)
    user.set_password(password)
    user.save(update_fields=["password"])
    rights.record_change(User, user.pk, "invitation_accepted", {"username": user.get_username()})
    return True


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_page(request: HttpRequest, token: str) -> HttpResponse:
    """A GET changes nothing: programs that check links in mails open them, too."""
    invitation = invitation_of(token)
    if invitation is None:
        return _ended(request)
    user = invitation.user
    form = SetPasswordForm(user, request.POST or None)
    if request.method == "POST" and not settings.OIDC_ONLY and form.is_valid():
        if not accept(invitation, form.cleaned_data["new_password1"]):
            return _ended(request)
        user.refresh_from_db()
        if request.user.is_authenticated:
            request.session.flush()  # of another account in this browser
        return enter(request, user)
    context = {
        "title": f"Welcome to {settings.SITE_NAME}", "form": form, "person": user, "invitation": invitation,
        "is_other": request.user.is_authenticated and request.user.pk != user.pk,
        "oidc_only": settings.OIDC_ONLY, "oidc_name": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
    }  # fmt: skip
    status = 400 if form.is_bound else 200
    return render(
        request, "account/invitation.html", admin.site.each_context(request) | context, status=status
    )


def _ended(request: HttpRequest) -> HttpResponse:
    """The same for a link that was used, has expired, was revoked, or never was."""
    counted = count(f"invitation:{network_of(client_address(request))}", SECONDS)
    if counted.number > LIMIT:
        raise TooManyAttempts(counted.seconds_left, "link")
    context = {"title": "This invitation no longer works"}
    return render(
        request, "account/invitation_ended.html", admin.site.each_context(request) | context, status=410
    )
