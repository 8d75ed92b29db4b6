"""Who may do what: one table, from which the groups are made after every migration."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission

READ_WORK = (
    "tasks.view_contenttask", "tasks.view_source", "tasks.view_draft", "tasks.view_stagerun",
    "tasks.view_modelcall", "tasks.view_qualityreport", "tasks.view_guidance", "tasks.view_incident",
    "tasks.view_paragraphlock", "tasks.view_categoryguidance",
    "approvals.view_decision", "publishing.view_post", "publishing.view_category", "publishing.view_tag",
    "publishing.view_redirect",
)  # fmt: skip
FILE_BRIEFS = (
    "tasks.add_contenttask", "tasks.change_contenttask", "tasks.add_source", "tasks.change_source",
    "tasks.delete_source",
)  # fmt: skip
EDIT_TEXT = ("tasks.change_draft", "tasks.restore_draft", "approvals.add_draftcomment")
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
    + ("tasks.add_categoryguidance", "tasks.delete_categoryguidance")
    + ("approvals.add_decision", "approvals.view_auditentry")
    + SHARE_TEXT,
    "Publishers": READ_WORK
    + ("publishing.publish_post", "publishing.add_category", "publishing.change_category",
       "publishing.add_tag", "publishing.change_tag"),
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


def create_groups(**_: Any) -> None:
    """Make every group hold exactly its permissions. Raises KeyError for a permission that does not exist."""
    by_name = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    for name, wanted in PERMISSIONS.items():
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.set([by_name[permission] for permission in wanted])
