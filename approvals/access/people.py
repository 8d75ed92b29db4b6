"""The verbs of the page *People*: each one transaction, recorded in the audit chain.

Changes of an account's row, groups, tokens, sessions and second factors record themselves: see
`approvals.audit.rights`.
"""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from knox.models import AuthToken

from approvals.access import second_factor, sessions
from approvals.access.models import Invitation
from approvals.access.names import split_name
from approvals.audit import rights
from approvals.errors import PersonRefused
from tasks.handover import hand_over

OVER_ACCOUNTS = ("auth", "knox", "mfa", "socialaccount")
"""Apps whose permissions give power over other accounts."""


def may_add(by: User) -> bool:
    return by.has_perm("auth.add_user")


def may_see(by: User) -> bool:
    return by.has_perm("auth.change_user") or by.has_perm("auth.add_user")


def may_manage(by: User, user: User) -> bool:
    """Nobody changes an account with more power over accounts than they have: a new mail address or
    invitation would open it to them.
    """
    if not by.has_perm("auth.change_user"):
        return False
    if by.is_superuser:
        return True
    return not user.is_superuser and by.get_all_permissions() >= _power_over_accounts(user)


def _power_over_accounts(user: User) -> set[str]:
    """Also of a deactivated account, which has its roles again when it is reactivated."""
    given = Permission.objects.filter(Q(group__user=user) | Q(user=user))
    powerful = given.filter(content_type__app_label__in=OVER_ACCOUNTS)
    return {f"{app}.{name}" for app, name in powerful.values_list("content_type__app_label", "codename")}


def assignable_groups(by: User) -> QuerySet[Group]:
    """Roles that this person may give: those with power over accounts only if they have it themselves."""
    groups = Group.objects.order_by("name")
    if by.is_superuser:
        return groups
    own = by.get_all_permissions()
    powerful = groups.filter(permissions__content_type__app_label__in=OVER_ACCOUNTS).distinct()
    beyond = [
        group.pk
        for group in powerful.prefetch_related("permissions__content_type")
        if not own.issuperset(f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.all())
    ]
    return groups.exclude(pk__in=beyond)


@transaction.atomic
def invite(
    *, name: str, mail: str, username: str, groups: Collection[Group], is_superuser: bool = False, by: User
) -> Invitation:
    """Make an account that has its roles, and an invitation by which its owner sets a password."""
    if not may_add(by) or (is_superuser and not by.is_superuser):
        raise PermissionDenied("You may not add people.")
    first, last = split_name(name)
    user = User(username=username, email=mail, first_name=first, last_name=last, is_superuser=is_superuser)
    user.set_unusable_password()
    user.save()
    user.groups.set(_assignable(groups, by))
    return _invitation(user, by)


@transaction.atomic
def invite_again(user: User, *, by: User) -> Invitation:
    """A new link; the one before no longer works."""
    _require_manager(by, user)
    User.objects.select_for_update().get(pk=user.pk)  # of two at once, the later one's link works
    if not user.is_active:
        raise PersonRefused(f"{user} is deactivated: reactivate the account first.")
    revoke_invitation(user, by=by)
    return _invitation(user, by)


def _invitation(user: User, by: User) -> Invitation:
    invitation = Invitation.objects.create(user=user, created_by=by)
    facts = {"username": user.get_username(), "expires_at": invitation.expires_at.isoformat()}
    rights.record_change(User, user.pk, "invited", facts)
    return invitation


@transaction.atomic
def revoke_invitation(user: User, *, by: User) -> bool:
    """False where there was none to revoke."""
    _require_manager(by, user)
    revoked = user.invitations.unused().update(revoked_at=Now())
    if revoked:
        rights.record_change(User, user.pk, "invitation_revoked", {"username": user.get_username()})
    return bool(revoked)


@transaction.atomic
def change(
    user: User, *, name: str, mail: str, groups: Collection[Group], is_superuser: bool, by: User
) -> None:
    """Roles that `by` may not give stay as they are."""
    _require_manager(by, user)
    if user.is_superuser and not is_superuser:
        _require_other_superuser(user)
    if by.is_superuser:
        user.is_superuser = is_superuser
    user.first_name, user.last_name = split_name(name)
    user.email = mail
    user.save()
    beyond = user.groups.exclude(pk__in=assignable_groups(by))
    user.groups.set({*_assignable(groups, by), *beyond})


@transaction.atomic
def deactivate(user: User, *, successor: User | None, by: User) -> None:
    """End an account at once: its sessions, tokens and invitations; its open work goes to `successor`."""
    _require_manager(by, user)
    if user.pk == by.pk:
        raise PersonRefused("Another person has to deactivate your account: you would lock yourself out.")
    if successor is not None and (successor.pk == user.pk or not successor.is_active):
        raise PersonRefused(f"{successor} cannot take over the work: choose another active person.")
    if user.is_superuser:
        _require_other_superuser(user)
    hand_over(user, successor)
    user.is_active = False
    user.save(update_fields=["is_active"])
    user.invitations.unused().update(revoked_at=Now())
    for token in AuthToken.objects.filter(user=user):
        token.delete()  # one by one: each revocation is recorded
    sessions.end_all(user)
    facts = {"username": user.get_username(), "successor": successor.get_username() if successor else ""}
    rights.record_change(User, user.pk, "work_handed_over", facts)


@transaction.atomic
def reactivate(user: User, *, by: User) -> None:
    _require_manager(by, user)
    user.is_active = True
    user.save(update_fields=["is_active"])


@transaction.atomic
def reset_second_factor(user: User, *, by: User) -> bool:
    """For an owner who lost telephone and recovery codes. Ends all sessions; False where there was none."""
    _require_manager(by, user)
    return bool(second_factor.reset(user))


@transaction.atomic
def end_sessions(user: User, *, by: User) -> int:
    _require_manager(by, user)
    return sessions.end_all(user)


def successors_of(user: User) -> QuerySet[User]:
    """Who can take over open work: active people with a role."""
    active = User.objects.filter(is_active=True).exclude(pk=user.pk)
    return active.filter(Q(groups__isnull=False) | Q(is_superuser=True)).distinct().order_by("username")


def _assignable(groups: Collection[Group], by: User) -> list[Group]:
    allowed = {group.pk for group in assignable_groups(by)}
    return [group for group in groups if group.pk in allowed]


def _require_manager(by: User, user: User) -> None:
    if not may_manage(by, user):
        raise PermissionDenied("You may not change this person's account.")


def _require_other_superuser(user: User) -> None:
    """Locks the superusers: of two that are deactivated at once, one stays."""
    active = User.objects.filter(is_superuser=True, is_active=True).order_by("pk")
    if not [pk for pk in active.select_for_update().values_list("pk", flat=True) if pk != user.pk]:
        raise PersonRefused("This is the only administrator: make another person one first.")
