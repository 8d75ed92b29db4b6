"""What the desk's navigation shows of review and decisions."""

from approvals.queue_counts import my_turn
from tasks.navigation import Group, NavigationItem, permitted, register

register(
    NavigationItem(
        "desk", "Desk", "desk:queue", Group.WORK, 20, permitted("tasks.view_draft"), keywords=("review",),
        icon="desk", key="d", count=my_turn,
    )
)  # fmt: skip
register(
    NavigationItem(
        "guidelines", "Guidelines", "desk:guidance", Group.WORK, 60, permitted("tasks.view_categoryguidance"),
        icon="guideline", key="l",
    )
)  # fmt: skip
register(
    NavigationItem(
        "decisions", "Decisions", "admin:audit_dashboard", Group.WORK, 50,
        permitted("approvals.view_auditentry", "approvals.view_decision"), keywords=("audit",),
        icon="decision", key="e",
    )
)  # fmt: skip
