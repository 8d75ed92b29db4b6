"""A person's own profile: name, mail address, second factor and sessions."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from approvals.access import mails, second_factor, sessions
from approvals.access.counting import count
from approvals.access.invitations import invitation_page
from approvals.access.names import split_name
from approvals.access.people_forms import ProfileForm, require_free_mail
from tasks.actor import actor
from tasks.delivery.errors import DeliveryFailed

CONFIRMATIONS, CONFIRMATIONS_SECONDS = 5, 3600
"""How many addresses a person may have mail sent to in how many seconds: the desk is no way to send spam."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    person = actor(request)
    form = ProfileForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        person.first_name, person.last_name = split_name(form.cleaned_data["name"])
        person.save(update_fields=["first_name", "last_name"])
        problem = _change_mail(request, person, form.cleaned_data["mail"])
        if not problem:
            return redirect("admin:profile")
        form.add_error("mail", problem)
    context = admin.site.each_context(request) | {
        "title": "Your profile", "form": form, "person": person, "sends_mail": settings.SENDS_MAIL,
        "has_second_factor": second_factor.has_second_factor(person),
        "is_required": second_factor.is_required_of(person),
        "sessions": sessions.open_sessions(person, current_key=request.session.session_key),
        "has_password": person.has_usable_password() and not settings.OIDC_ONLY,
    }  # fmt: skip
    return render(request, "desk/profile.html", context, status=400 if form.is_bound else 200)


def _change_mail(request: HttpRequest, person: User, mail: str) -> str:
    """What is wrong, if anything. A new address has to be confirmed by who reads its mail."""
    if mail == person.email:
        messages.success(request, "Saved.")
        return ""
    if not mail:
        return "Enter an address: notifications and a forgotten password need one."
    if not settings.SENDS_MAIL:
        return "Only an administrator can change your address, because this site sends no mail."
    if count(f"new-mail:{person.pk}", CONFIRMATIONS_SECONDS).number > CONFIRMATIONS:
        return "You have asked for several confirmations within an hour: try again later."
    try:
        mails.send_confirmation(person, mail)
    except DeliveryFailed as error:
        return f"The mail that confirms the new address could not be sent. {error}"
    messages.success(request, f"Saved. Your address changes when you open the link in the mail to {mail}.")
    return ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_mail(request: HttpRequest, token: str) -> HttpResponse:
    """A GET changes nothing: programs that check links in mails open them, too."""
    person = actor(request)
    context = admin.site.each_context(request) | {"title": "Confirm your mail address"}
    try:
        owner, old, new = mails.confirmed_mail(token)
        is_own = (owner, old) == (person.pk, person.email)
        problem = "" if is_own else "This link was made for another account, or was used already."
    except signing.BadSignature:
        new, problem = "", "This link is incomplete, or older than a day."
    if not problem and request.method == "POST":
        problem = _set_mail(person, new)
        if not problem:
            messages.success(request, f"Your mail address is now {new}.")
            return redirect("admin:profile")
    context |= {"new": new, "problem": problem}
    return render(request, "account/confirm_mail.html", context, status=409 if problem else 200)


@transaction.atomic
def _set_mail(person: User, mail: str) -> str:
    try:
        person.email = require_free_mail(mail, of=person)
    except ValidationError as error:
        return str(error.message)
    person.save(update_fields=["email"])
    return ""


@never_cache
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """One of the own sessions, or all but this one."""
    person = actor(request)
    number = request.POST.get("session", "")
    if number.isascii() and number.isdigit() and len(number) < 19:
        ended = sessions.end(person, [int(number)])
    elif number == "others":
        ended = sessions.end_all(person, except_key=request.session.session_key)
    else:
        ended = 0
    messages.success(request, f"{ended} session{'s' * (ended != 1)} ended.")
    return redirect("admin:profile")


urlpatterns = [
    path("profile/", admin.site.admin_view(profile), name="profile"),
    path("profile/mail/<str:token>/", admin.site.admin_view(confirm_mail), name="confirm_mail"),
    path("profile/sessions/end/", admin.site.admin_view(end_sessions), name="end_sessions"),
    path("invitation/<str:token>/", invitation_page, name="invitation"),
]
