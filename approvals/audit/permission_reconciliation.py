"""Checks permissions and tokens against the chain: this catches changes that no signal sees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib.auth.models import Group, User
from django.db import connection
from knox.models import AuthToken

from approvals.audit.rights import (
    Holder,
    earlier_name_of,
    facts_of_token,
    record_change,
    record_token,
    rights_of,
)
from approvals.models import AuditEntry

ENDED = ("user.token_revoked", "user.token_expired")


class UnreconciledPermission(NamedTuple):
    """Permissions that differ from the chain; `seq` is the last entry about them, if there is one."""

    seq: int | None
    who: str
    what: str
    is_gone: bool = False


def unreconciled() -> Iterator[UnreconciledPermission]:
    """Passwords are left out: the chain must not contain them."""
    yield from _of_holders(Group)
    yield from _of_holders(User)
    yield from _of_tokens()


def _of_holders(model: Holder) -> Iterator[UnreconciledPermission]:
    name, present = str(model._meta.model_name), rights_of(model)
    recorded = {entry.object_id: entry for entry in _last_entries(name)}
    for pk, state in present.items():
        state.pop("password", None)
        entry = recorded.pop(pk, None)
        who = f"{name} {state['name']}"
        if entry is None or entry.action == f"{name}.deleted":
            yield UnreconciledPermission(None, who, "has no entry")
        elif wrong := [what for what, value in state.items() if entry.data.get(what) != value]:
            yield UnreconciledPermission(entry.seq, who, f"was changed without an entry ({', '.join(wrong)})")
    for entry in recorded.values():
        if entry.action != f"{name}.deleted":
            yield UnreconciledPermission(
                entry.seq, f"{name} {entry.data['name']}", "was deleted without an entry", True
            )


def _of_tokens() -> Iterator[UnreconciledPermission]:
    recorded = {entry.data["token"]: entry for entry in _token_entries()}
    for token in AuthToken.objects.select_related("user", "details"):
        stated = facts_of_token(token)
        entry = recorded.pop(stated["token"], None) or recorded.pop(earlier_name_of(token), None)
        who = f"a token of {stated['username']}"
        if entry is None or entry.action in ENDED:
            yield UnreconciledPermission(None, who, "has no entry")
        elif entry.object_id != token.user_id or any(
            entry.data.get(what) != stated[what] for what in ("expires_at", "scopes")
        ):
            yield UnreconciledPermission(entry.seq, who, "was changed without an entry")
    for entry in recorded.values():
        if entry.action not in ENDED:
            who = f"a token of {entry.data['username']}"
            yield UnreconciledPermission(entry.seq, who, "was deleted without an entry", True)


def _last_entries(name: str) -> Any:
    stating = AuditEntry.objects.filter(object_type=name, data__has_key="permissions")
    return stating.order_by("object_id", "-seq").distinct("object_id")


def _token_entries() -> Any:
    """Oldest first, so that the last entry about a token counts."""
    return AuditEntry.objects.filter(object_type="user", data__has_key="token").order_by("seq")


def record_missing(**_: Any) -> None:
    """Record permissions and tokens that have no entry yet; runs after every migration."""
    if AuditEntry._meta.db_table not in connection.introspection.table_names():
        return  # migrated back to before the table existed
    for model in (Group, User):
        name = str(model._meta.model_name)
        known = set(_last_entries(name).values_list("object_id", flat=True))
        for pk, state in rights_of(model).items():
            if pk not in known:
                state.pop("password", None)
                record_change(model, pk, "found", state)
    known_tokens = {entry.data["token"] for entry in _token_entries()}
    for token in AuthToken.objects.select_related("user"):
        if not known_tokens & {facts_of_token(token)["token"], earlier_name_of(token)}:
            record_token(token, "token_found")
