"""Which pages the desk's navigation offers to whom."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from tasks import navigation
from tasks.navigation import Group, NavigationItem
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def names(user: User) -> list[str]:
    return [item.name for item in navigation.items_for(user)]


def test_each_role_is_offered_only_what_it_may_open() -> None:
    assert {"briefs", "desk", "calendar", "published"} <= set(names(make_user("", "Writers")))
    assert "decisions" not in names(make_user("", "Writers"))
    assert "decisions" in names(make_user("", "Auditors"))
    assert names(make_user()) == []


def test_the_current_item_is_the_one_nearest_to_the_page() -> None:
    editor = make_user("", "Editors")
    shown = navigation.navigation(editor, "/admin/desk/guidance/")
    current = [each.item.name for items in shown.values() for each in items if each.is_current]
    assert current == ["guidelines"]
    assert list(shown) == [group for group in Group if group in shown]


def test_a_name_is_registered_once() -> None:
    again = NavigationItem("desk", "Again", "desk:queue", Group.WORK, 1, navigation.permitted())
    with pytest.raises(ValueError, match="already a navigation item named 'desk'"):
        navigation.register(again)
