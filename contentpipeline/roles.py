"""Who may do what: one table, from which the groups are made after every migration."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group, Permission, User

READ_WORK = (
    "tasks.view_contenttask", "tasks.view_source", "tasks.view_draft", "tasks.view_stagerun",
    "tasks.view_modelcall", "tasks.view_qualityreport", "tasks.view_guidance", "tasks.view_incident",
    "tasks.view_paragraphlock", "tasks.view_categoryguidance", "tasks.view_qualitycheckrule",
    "approvals.view_decision", "publishing.view_post", "publishing.view_category", "publishing.view_tag",
    "publishing.view_redirect", "publishing.view_mediaitem", "approvals.use_tokens",
)  # fmt: skip
FILE_BRIEFS = (
    "tasks.add_contenttask", "tasks.change_contenttask", "tasks.add_source", "tasks.change_source",
    "tasks.delete_source",
)  # fmt: skip
EDIT_TEXT = (
    "tasks.change_draft", "tasks.restore_draft", "approvals.add_draftcomment", "publishing.add_mediaitem",
    "publishing.change_mediaitem",
)  # fmt: skip
SHARE_TEXT = ("approvals.view_previewlink", "approvals.add_previewlink", "approvals.change_previewlink")
SUBSCRIBE = (
    "approvals.view_webhook", "approvals.add_webhook", "approvals.change_webhook", "approvals.delete_webhook",
)  # fmt: skip

PERMISSIONS: dict[str, tuple[str, ...]] = {
    "Writers": READ_WORK + FILE_BRIEFS + EDIT_TEXT,
    "Editors": READ_WORK
    + FILE_BRIEFS
    + EDIT_TEXT
    + ("tasks.add_paragraphlock", "tasks.delete_paragraphlock", "tasks.change_live_draft")
    + ("tasks.manage_shared_templates",)
    + ("tasks.add_categoryguidance", "tasks.delete_categoryguidance", "tasks.change_qualitycheckrule")
    + ("approvals.add_decision", "approvals.view_auditentry", "publishing.delete_mediaitem")
    + SHARE_TEXT,
    "Publishers": READ_WORK
    + ("publishing.publish_post", "publishing.add_category", "publishing.change_category",
       "publishing.add_tag", "publishing.change_tag",
       "publishing.view_siteidentity", "publishing.change_siteidentity"),
    "Auditors": READ_WORK + ("approvals.view_auditentry", "approvals.view_previewlink"),
    "Integrations": READ_WORK + FILE_BRIEFS + SUBSCRIBE,
}  # fmt: skip

GROUP_OF_ROLE = {
    "writer": "Writers",
    "editor": "Editors",
    "publisher": "Publishers",
    "auditor": "Auditors",
    "integration": "Integrations",
}

DESK_GROUPS = frozenset(PERMISSIONS) - {"Integrations"}
"""Who has one of these works in the admin. An integration is a program, which the API is for."""


def may_use_admin(user: AbstractBaseUser | AnonymousUser) -> bool:
    """An active account with a role at the desk, an administrator, or one with Django's flag `is_staff`."""
    if not isinstance(user, User) or not user.is_active:
        return False
    if user.is_staff or user.is_superuser:
        return True
    known: bool | None = getattr(user, "_has_desk_role", None)
    if known is None:  # once a request: every page of the admin checks twice
        known = user.groups.filter(name__in=DESK_GROUPS).exists()
        user._has_desk_role = known  # type: ignore[attr-defined]  # ours, for one request
    return known


def create_groups(**_: Any) -> None:
    """Make every group hold exactly its permissions. Raises KeyError for a permission that does not exist."""
    by_name = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    for name, wanted in PERMISSIONS.items():
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.set([by_name[permission] for permission in wanted])
