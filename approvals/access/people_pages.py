"""The page *People*: who has an account, what they may do, and the verbs for those who manage accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from approvals.access import mails, people, second_factor, sessions
from approvals.access.models import Invitation
from approvals.access.people_forms import AddPersonForm, ChangePersonForm, DeactivateForm
from approvals.errors import PersonRefused
from tasks.actor import actor
from tasks.delivery.errors import DeliveryFailed

ON_A_PAGE = 50
VIEWS = {"active": Q(is_active=True), "inactive": Q(is_active=False), "all": Q()}


def _page(
    request: HttpRequest, template: str, title: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    everywhere = admin.site.each_context(request) | {"title": title}
    return render(request, f"desk/{template}", everywhere | context, status=status)


def listed(view: str, words: str) -> QuerySet[User]:
    """With what the list shows of each, in a number of queries that does not grow with it."""
    found = User.objects.filter(VIEWS[view])
    for word in words.replace("\0", "").split()[:5]:
        found = found.filter(
            Q(username__icontains=word) | Q(first_name__icontains=word) | Q(last_name__icontains=word)
            | Q(email__icontains=word)
        )  # fmt: skip
    factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=second_factor.FACTORS)
    seen = UserSession.objects.filter(user=OuterRef("pk")).values("user")
    return (
        found.annotate(
            has_second_factor=Exists(factors),
            is_invited=Exists(Invitation.objects.open().filter(user=OuterRef("pk"))),
            last_seen=Greatest("last_login", Subquery(seen.annotate(at=Max("last_seen_at")).values("at"))),
        )
        .prefetch_related("groups")
        .order_by("username")
    )


@never_cache
@require_http_methods(["GET", "HEAD"])
def people_page(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    if not people.may_see(by):
        raise PermissionDenied("You may not see the list of people.")
    view = request.GET.get("show", "active")
    view = view if view in VIEWS else "active"
    words = request.GET.get("q", "")[:100]
    found = Paginator(listed(view, words), ON_A_PAGE).get_page(request.GET.get("page"))
    return _page(
        request, "people.html", "People", people=found, view=view, views=list(VIEWS), words=words,
        may_add=people.may_add(by),
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add_person(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    if not people.may_add(by):
        raise PermissionDenied("You may not add people.")
    form = AddPersonForm(request.POST or None, by=by)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            invitation = people.invite(
                name=typed["name"], mail=typed["mail"], username=typed["username"],
                groups=list(typed["roles"]), is_superuser=typed["is_superuser"], by=by,
            )  # fmt: skip
        except IntegrityError:
            form.add_error("username", "Another account has just got this login name: choose another one.")
        else:
            return _invited(request, invitation)
    status = 400 if request.method == "POST" else 200
    return _page(
        request, "person_add.html", "Add a person", form=form, sends_mail=settings.SENDS_MAIL, status=status
    )


def _invited(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """The link, on this page alone: a redirect would have to store it."""
    # For the middleware of forms.
    request.form_is_saved = True  # type: ignore[attr-defined]
    request.form_leads_to = reverse("admin:person", args=[invitation.user.pk])  # type: ignore[attr-defined]
    problem = ""
    if settings.SENDS_MAIL and invitation.user.email:
        try:
            mails.send_invitation(invitation)
        except DeliveryFailed as error:
            problem = str(error)
    response = _page(
        request, "person_invited.html", f"Invitation for {_name(invitation.user)}", invitation=invitation,
        address=mails.invitation_address(invitation), problem=problem,
        is_mailed=settings.SENDS_MAIL and bool(invitation.user.email) and not problem,
    )  # fmt: skip
    response["Cache-Control"] = "no-store, no-transform"  # see webserver/content_encoding.py
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def person_page(request: HttpRequest, pk: int) -> HttpResponse:
    by, person = actor(request), _person_or_404(request, pk)
    may_manage = people.may_manage(by, person)
    form = ChangePersonForm(request.POST or None, by=by, person=person)
    if request.method == "POST":
        if not may_manage:
            raise PermissionDenied("You may not change this person's account.")
        if form.is_valid():
            typed = form.cleaned_data
            try:
                people.change(
                    person, name=typed["name"], mail=typed["mail"], groups=list(typed["roles"]),
                    is_superuser=typed["is_superuser"], by=by,
                )  # fmt: skip
            except PersonRefused as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, "Saved.")
                return redirect("admin:person", pk)
    invitation = person.invitations.unused().first()
    return _page(
        request, "person.html", _name(person), person=person, form=form, may_manage=may_manage,
        deactivate=DeactivateForm(person=person), invitation=invitation,
        factors=Authenticator.objects.filter(user=person).order_by("type", "pk"),
        sessions=sessions.open_sessions(person), is_self=person.pk == by.pk,
        is_required=second_factor.is_required_of(person), status=400 if form.is_bound else 200,
    )  # fmt: skip


def _person_or_404(request: HttpRequest, pk: int) -> User:
    if not people.may_see(actor(request)):
        raise PermissionDenied("You may not see people's accounts.")
    return get_object_or_404(User, pk=pk)


def _name(user: User) -> str:
    return user.get_full_name() or user.get_username()


# --- Verbs ---------------------------------------------------------------------------------------------


def _invite_again(request: HttpRequest, person: User, by: User) -> HttpResponse:
    return _invited(request, people.invite_again(person, by=by))


def _revoke(request: HttpRequest, person: User, by: User) -> str:
    revoked = people.revoke_invitation(person, by=by)
    return "The invitation was revoked: its link no longer works." if revoked else "There was none to revoke."


def _deactivate(request: HttpRequest, person: User, by: User) -> str:
    form = DeactivateForm(request.POST, person=person)
    if not form.is_valid():
        raise PersonRefused("Choose an active person who takes over the open work, or nobody.")
    people.deactivate(person, successor=form.cleaned_data["successor"], by=by)
    return f"{_name(person)} is deactivated: all sessions and tokens ended."


def _reactivate(request: HttpRequest, person: User, by: User) -> str:
    people.reactivate(person, by=by)
    return f"{_name(person)} is active again. Tokens were revoked and have to be created again."


def _reset_second_factor(request: HttpRequest, person: User, by: User) -> str:
    if not people.reset_second_factor(person, by=by):
        return "There was no second factor to reset; all sessions were ended."
    mails.enqueue("warn_of_change", person.pk, "an administrator reset the second factor")
    return f"The second factor of {_name(person)} was reset, and all sessions ended."


def _end_sessions(request: HttpRequest, person: User, by: User) -> str:
    ended = people.end_sessions(person, by=by)
    return f"{ended} session{'s' * (ended != 1)} ended."


VERBS: dict[str, Callable[[HttpRequest, User, User], HttpResponse | str]] = {
    "invite": _invite_again,
    "revoke-invitation": _revoke,
    "deactivate": _deactivate,
    "reactivate": _reactivate,
    "reset-second-factor": _reset_second_factor,
    "end-sessions": _end_sessions,
}


@never_cache
@require_POST
def person_verb(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    person, by = _person_or_404(request, pk), actor(request)
    try:
        done = VERBS[verb](request, person, by)
    except PersonRefused as error:
        messages.error(request, str(error))
        return redirect("admin:person", pk)
    if isinstance(done, str):
        messages.success(request, done)
        return redirect("admin:person", pk)
    return done


urlpatterns = [
    path("people/", admin.site.admin_view(people_page), name="people"),
    path("people/add/", admin.site.admin_view(add_person), name="add_person"),
    path("people/<int:pk>/", admin.site.admin_view(person_page), name="person"),
    *(
        path(
            f"people/<int:pk>/{verb}/",
            admin.site.admin_view(person_verb),
            {"verb": verb},
            name=f"person_{verb}",
        )
        for verb in VERBS
    ),
]
