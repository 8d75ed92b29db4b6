"""Permissions: every change of an account, a group or a token is recorded in its own transaction.

Model signals see what goes through the models: the admin, commands, the API, a shell. They do not see
`QuerySet.update`, `bulk_create` and SQL. For those, the last entry about an account or group states all its
permissions, and `audit verify` compares: see `approvals.audit.permission_reconciliation`. That a save is one
transaction with its signal is arranged in `approvals.library_models`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.hashers import is_password_usable
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.db.models import Model, Prefetch
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save
from django.dispatch import receiver
from django.utils import timezone
from knox.models import AuthToken

from approvals.audit import actors, chain
from approvals.models import AuditEntry, TokenDetails

Holder = type[User] | type[Group]
State = dict[str, Any]

FLAGS = ("is_active", "is_staff", "is_superuser")
RECORDED_FIELDS = {"username", "name", "password", *FLAGS}
HELD_BY: dict[Any, tuple[Holder, str]] = {
    User.groups.through: (User, "groups"),
    User.user_permissions.through: (User, "user_permissions"),
    Group.permissions.through: (Group, "permissions"),
}

# --- Current permissions -------------------------------------------------------------------------------


def rights_of(model: Holder, pks: Iterable[int] | None = None) -> dict[int, State]:
    """The permissions of these accounts or groups, or of all; `password` is only there to be compared."""
    rows: Any = model._default_manager.all() if pks is None else model._default_manager.filter(pk__in=pks)
    held = Permission.objects.select_related("content_type")
    if model is Group:
        rows = rows.prefetch_related(Prefetch("permissions", held))
        return {row.pk: {"name": row.name, "permissions": _labels(row.permissions)} for row in rows}
    rows = rows.prefetch_related("groups", Prefetch("user_permissions", held))
    return {row.pk: _rights_of_user(row) for row in rows}


def _rights_of_user(user: User) -> State:
    return {
        "name": user.username,
        **{flag: getattr(user, flag) for flag in FLAGS},
        "groups": sorted(group.name for group in user.groups.all()),
        "permissions": _labels(user.user_permissions),
        "password": user.password,
    }


def _labels(held: Any) -> list[str]:
    return sorted(f"{one.content_type.app_label}.{one.codename}" for one in held.all())


# --- Changes -------------------------------------------------------------------------------------------


@receiver(pre_save, sender=User)
@receiver(pre_save, sender=Group)
def before_save(sender: Holder, instance: Any, update_fields: Iterable[str] | None, **_: Any) -> None:
    instance.__dict__.pop("_rights_before", None)  # left by a save that failed
    if update_fields is None or RECORDED_FIELDS & set(update_fields):
        _snapshot_before(instance, _touched_by(instance))


@receiver(post_save, sender=User)
@receiver(post_save, sender=Group)
def after_save(sender: Holder, instance: Any, created: bool, **_: Any) -> None:
    _record_changes(instance, [(sender, instance.pk)] if created else [])


@receiver(pre_delete, sender=User)
@receiver(pre_delete, sender=Group)
@receiver(pre_delete, sender=Permission)
def before_delete(sender: type[Model], instance: Any, **_: Any) -> None:
    _snapshot_before(instance, _touched_by(instance))


@receiver(post_delete, sender=User)
@receiver(post_delete, sender=Group)
@receiver(post_delete, sender=Permission)
def after_delete(sender: type[Model], instance: Any, **_: Any) -> None:
    _record_changes(instance)


def on_membership(
    sender: Any, instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **_: Any
) -> None:
    """Groups of accounts and permissions of both, changed from either side."""
    if action.startswith("post_"):
        _record_changes(instance)
        return
    model, name = HELD_BY[sender]
    if not reverse:
        holders = [instance.pk]
    elif pk_set is None:
        holders = list(model._default_manager.filter(**{name: instance}).values_list("pk", flat=True))
    else:
        holders = list(pk_set)
    _snapshot_before(instance, [(model, pk) for pk in holders])


for _through in HELD_BY:
    m2m_changed.connect(on_membership, sender=_through)


def _touched_by(row: Any) -> list[tuple[Holder, int]]:
    """Whose recorded permissions may change with this row."""
    if isinstance(row, User):
        return [(User, row.pk)]
    groups = [row.pk] if isinstance(row, Group) else list(row.group_set.values_list("pk", flat=True))
    users = [] if row.pk is None else list(row.user_set.values_list("pk", flat=True))
    return [*((Group, pk) for pk in groups), *((User, pk) for pk in users)]


def _snapshot_before(instance: Any, touched: Iterable[tuple[Holder, int]]) -> None:
    instance._rights_before = {}
    for model in (Group, User):
        pks = [pk for of, pk in touched if of is model and pk]
        _lock_rows(model, pks)
        instance._rights_before |= {(model, pk): state for pk, state in rights_of(model, pks).items()}


def _lock_rows(model: Holder, pks: Iterable[int]) -> None:
    """Of two concurrent changes, the second is recorded with the result of the first."""
    if connection.in_atomic_block:
        rows = model._default_manager.filter(pk__in=pks).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk"))


def _record_changes(instance: Any, created: Iterable[tuple[Holder, int]] = ()) -> None:
    """Record how the current permissions differ from the snapshot, if one was taken."""
    before = instance.__dict__.pop("_rights_before", None)
    if before is None:
        return
    touched = [*created, *before]
    for model in (Group, User):
        pks = [pk for of, pk in touched if of is model]
        after = rights_of(model, pks)
        for pk in pks:
            _record(model, pk, before.get((model, pk)), after.get(pk))


def _record(model: Holder, pk: int, before: State | None, after: State | None) -> None:
    had, has = dict(before or {}), dict(after or {})
    old_password, password = had.pop("password", ""), has.pop("password", "")
    if had != has:
        was = {name: value for name, value in had.items() if has and has[name] != value}
        record_change(model, pk, _verb(had, has), (has or had) | ({"was": was} if was else {}))
    # Upgrading an old hash at login counts too: it looks like a change.
    if has and password != old_password:
        is_usable = bool(password) and is_password_usable(password)
        if before or is_usable:
            record_change(model, pk, "password_changed", {"name": has["name"], "is_usable": is_usable})


def _verb(had: State, has: State) -> str:
    if not had or not has:
        return "created" if has else "deleted"
    if had.get("is_active") != has.get("is_active"):
        return "reactivated" if has["is_active"] else "deactivated"
    return "changed"


def record_change(model: Holder, pk: int, verb: str, data: dict[str, Any]) -> None:
    by, name = actors.requester(), model._meta.model_name or ""
    if by is None:
        data = data | {"account": actors.account()}
    chain.record(f"{name}.{verb}", object_type=name, object_id=pk, by=by, by_name=actors.program(), data=data)


# --- Tokens --------------------------------------------------------------------------------------------


@receiver(post_save, sender=AuthToken)
def after_token_save(sender: type, instance: AuthToken, created: bool, **_: Any) -> None:
    if created:
        described: State = getattr(instance, "described_as", {})
        TokenDetails.objects.create(token=instance, public_name=public_name_of(instance.digest), **described)
    record_token(instance, "token_issued" if created else "token_changed")


@receiver(post_delete, sender=AuthToken)
def after_token_delete(sender: type, instance: AuthToken, **_: Any) -> None:
    """Deleting a token revokes it; an expired one is deleted when someone tries to use it."""
    is_over = instance.expiry is not None and instance.expiry < timezone.now()
    record_token(instance, "token_expired" if is_over else "token_revoked")


def record_token(token: AuthToken, verb: str) -> None:
    facts = facts_of_token(token)
    earlier = AuditEntry.objects.filter(object_type="user", object_id=token.user_id)
    if earlier.filter(data__token=earlier_name_of(token)).exists():
        facts["token"] = earlier_name_of(token)
    groups = sorted(token.user.groups.values_list("name", flat=True))
    record_change(User, token.user_id, verb, facts | {"groups": groups})


def facts_of_token(token: AuthToken) -> State:
    """Enough to tell tokens apart, and nothing that anyone could log in with."""
    details: TokenDetails | None = getattr(token, "details", None)
    return {
        "username": token.user.get_username(),
        "token": public_name_of(token.digest),
        "name": details.name if details else "",
        "scopes": details.scopes if details else None,
        "expires_at": token.expiry and token.expiry.isoformat(),
    }


def public_name_of(digest: str) -> str:
    """Identifies a token without revealing anything about it."""
    return hashlib.sha256(digest.encode()).hexdigest()[:16]


def earlier_name_of(token: AuthToken) -> str:
    """The name that earlier releases used in the chain: a part of the digest. Their tokens keep it."""
    return str(token.digest)[:16]
