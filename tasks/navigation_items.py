"""What the desk's navigation shows of tasks."""

from django.contrib.auth.models import User
from django.core.cache import cache

from tasks.lifecycle import Status
from tasks.models import ContentTask
from tasks.navigation import Group, NavigationItem, permitted, register

FAILED_SECONDS = 10
"""How old the number of failed tasks next to the navigation may be, on every page of everybody."""


def failed(user: User) -> int:
    count = ContentTask.objects.filter(status=Status.FAILED).count
    return cache.get_or_set("navigation:failed", count, FAILED_SECONDS) or 0


register(
    NavigationItem(
        "briefs", "Briefs", "admin:tasks_contenttask_changelist", Group.WORK, 30,
        permitted("tasks.view_contenttask"),
        keywords=("tasks",), icon="brief", key="b",
    )
)  # fmt: skip
register(
    NavigationItem(
        "work", "Work", "admin:tasks_dashboard", Group.WORK, 70, permitted("tasks.view_contenttask"),
        keywords=("dashboard", "costs", "limits"), icon="work", key="w", count=failed, is_bad=True,
    )
)  # fmt: skip
register(
    NavigationItem(
        "checks", "Quality checks", "admin:tasks_checks", Group.SYSTEM, 10,
        permitted("tasks.view_qualitycheckrule"), icon="check",
    )
)  # fmt: skip
register(
    NavigationItem(
        "models", "Models", "admin:tasks_models", Group.SYSTEM, 18, permitted("tasks.manage_models"),
        keywords=("language models", "vendors", "prices", "test"), icon="prompt",
    )
)  # fmt: skip
register(
    NavigationItem(
        "prompts", "Prompts", "admin:tasks_prompts", Group.SYSTEM, 20, permitted("tasks.view_modelcall"),
        icon="prompt",
    )
)  # fmt: skip
