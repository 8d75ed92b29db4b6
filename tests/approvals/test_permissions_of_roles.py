"""What a person may do is found with one query, and is what Django's own backend would find."""

from __future__ import annotations

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, Group, Permission, User

from approvals.access.backends import RolesBackend
from contentpipeline.roles import GROUP_OF_ROLE

pytestmark = pytest.mark.django_db


def user_with(*roles: str, **fields: bool) -> User:
    user = User.objects.create(username=f"person-{User.objects.count()}", **fields)
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


def test_it_finds_what_djangos_backend_finds(django_assert_num_queries):
    roles = list(GROUP_OF_ROLE.values())
    own = Permission.objects.get(codename="delete_contenttask")
    for held in ([], roles[:1], roles[1:3], roles):
        for permissions in ([], [own]):
            user = user_with(*held)
            user.user_permissions.set(permissions)
            wanted = ModelBackend().get_all_permissions(User.objects.get(pk=user.pk))
            user = User.objects.get(pk=user.pk)
            with django_assert_num_queries(1):
                assert RolesBackend().get_all_permissions(user) == wanted
                assert user.get_all_permissions() == wanted
                assert user.has_perm("tasks.delete_contenttask") == bool(permissions)
                assert not user.has_perm("tasks.no_such_permission")


def test_who_is_inactive_or_nobody_may_do_nothing(django_assert_num_queries):
    editor = user_with("Editors", is_active=False)
    for nobody in (AnonymousUser(), editor):
        with django_assert_num_queries(0):
            assert RolesBackend().get_all_permissions(nobody) == set()
            assert not nobody.has_perm("tasks.view_draft")


def test_a_permission_on_one_object_comes_from_no_role():
    editor = user_with("Editors")
    assert editor.has_perm("tasks.view_draft")
    assert not editor.has_perm("tasks.view_draft", editor)


def test_an_administrator_may_do_everything_without_a_role():
    root = user_with(is_superuser=True)
    assert root.has_perm("tasks.view_draft")
    assert RolesBackend().get_all_permissions(root) == set()


def test_a_lost_role_counts_with_the_next_request():
    editor = user_with("Editors")
    assert editor.has_perm("tasks.view_draft")
    editor.groups.clear()
    assert not User.objects.get(pk=editor.pk).has_perm("tasks.view_draft")
