"""What the desk's navigation shows of no single app: the first page, and everything of the framework."""

from django.contrib.auth.models import User

from tasks.navigation import Group, NavigationItem, register


def has_any_right(user: User) -> bool:
    return user.is_superuser or bool(user.get_all_permissions())  # of the former it would ask the database


register(
    NavigationItem(
        "home", "Home", "admin:index", Group.WORK, 10, has_any_right, keywords=("start", "overview"),
        icon="home", key="h", has_pages_below=False,
    )
)  # fmt: skip
register(
    NavigationItem(
        "system", "System", "admin:system", Group.SYSTEM, 90, has_any_right,
        keywords=("admin", "records", "tables", "groups", "jobs"), icon="system", key="y",
        covers=tuple(f"/admin/{app}/" for app in
                     ("approvals", "auth", "django_q", "publishing", "tasks")),
    )
)  # fmt: skip
