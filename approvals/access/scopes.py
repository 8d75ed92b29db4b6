"""What a token may be used for: never more than its account may do, and less if its owner wants.

A scope names permissions. Reading is part of every scope; a token without scopes may do what its account may.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from knox.models import AuthToken


@dataclass(frozen=True)
class Scope:
    title: str
    permissions: frozenset[str]


WORK_ON_WEBHOOKS = frozenset(f"approvals.{verb}_webhook" for verb in ("view", "add", "change", "delete"))
SCOPES: dict[str, Scope] = {
    "read": Scope("Read briefs, texts, decisions and posts", frozenset()),
    "briefs": Scope(
        "File, change and cancel briefs",
        frozenset(
            {"tasks.add_contenttask", "tasks.change_contenttask", "tasks.add_source", "tasks.change_source",
             "tasks.delete_source"}
        ),
    ),
    "edit": Scope(
        "Edit texts and pictures, comment on texts, lock paragraphs, share versions by links",
        frozenset(
            {"tasks.change_draft", "tasks.restore_draft", "tasks.add_paragraphlock",
             "tasks.delete_paragraphlock", "approvals.add_draftcomment", "approvals.add_previewlink",
             "approvals.change_previewlink", "publishing.add_mediaitem", "publishing.change_mediaitem",
             "publishing.delete_mediaitem"}
        ),
    ),
    "guidelines": Scope(
        "Add and remove guidelines of categories",
        frozenset({"tasks.add_categoryguidance", "tasks.delete_categoryguidance"}),
    ),
    "decide": Scope("Approve and reject texts", frozenset({"approvals.add_decision"})),
    "publish": Scope("Publish, schedule and withdraw posts", frozenset({"publishing.publish_post"})),
    "audit": Scope("Read the audit chain", frozenset({"approvals.view_auditentry"})),
    "webhooks": Scope("Manage subscriptions to events", WORK_ON_WEBHOOKS),
    "tokens": Scope("Create, rotate and revoke tokens", frozenset({"approvals.use_tokens"})),
}  # fmt: skip
NOT_READING = WORK_ON_WEBHOOKS | SCOPES["audit"].permissions
"""Permissions to see that a scope of their own gives."""


def scope_of(permission: str) -> str:
    """The scope that gives this permission; "" if none does, so that only a token without scopes has it."""
    for name, scope in SCOPES.items():
        if permission in scope.permissions:
            return name
    is_reading = permission.partition(".")[2].startswith("view_") and permission not in NOT_READING
    return "read" if is_reading else ""


@dataclass(frozen=True)
class Credential:
    """The token with which a request was made; `request.auth` of the API."""

    token: AuthToken
    scopes: frozenset[str] | None
    """None for everything that the account may do."""

    def missing_scopes(self, permissions: Iterable[str]) -> list[str]:
        """The scopes that the token would need for these permissions and does not have."""
        if self.scopes is None:
            return []
        needed = {scope_of(permission) for permission in permissions} - {"read"}
        return sorted(needed - self.scopes)

    def is_beyond(self, scopes: Collection[str] | None) -> bool:
        """Whether a token with these scopes could do more than this one."""
        if self.scopes is None:
            return False
        return scopes is None or not self.scopes.issuperset({*scopes} - {"read"})
