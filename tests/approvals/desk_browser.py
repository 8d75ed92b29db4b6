"""A real browser at the review desk."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User

from tests.factories import make_user


def log_in(page: Any, server_url: str, name: str, *groups: str, at: str) -> User:
    """Sign in as a staff member in these groups and open the address."""
    user = make_user(name, *groups, is_staff=True)
    user.set_password("secret")
    user.save()
    page.goto(f"{server_url}/admin/login/?next={at}")
    page.fill("#id_username", name)
    page.fill("#id_password", "secret")
    page.press("#id_password", "Enter")
    # The address of the login ends in the same words.
    page.wait_for_url(lambda url: url.endswith(at) and "/login/" not in url)
    return user
