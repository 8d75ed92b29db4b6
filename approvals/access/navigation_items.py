"""What the desk's navigation shows of people, their accounts and their tokens."""

from approvals.access.people import may_see
from approvals.access.token_actions import may_see_all, may_use
from tasks.navigation import Group, NavigationItem, register

register(
    NavigationItem(
        "people", "People", "admin:people", Group.SYSTEM, 10, may_see, icon="people",
        keywords=("users", "accounts", "invite", "roles", "sessions"),
    )
)  # fmt: skip
register(
    NavigationItem(
        "tokens", "Tokens", "admin:tokens", Group.SYSTEM, 15,
        lambda user: may_use(user) or may_see_all(user),
        keywords=("api", "keys", "programs"), icon="key",
    )
)  # fmt: skip
