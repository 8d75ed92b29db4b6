"""Who sent a request, for views that are behind a login."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from rest_framework.request import Request


def actor(request: HttpRequest | Request) -> User:
    """The account that is logged in. Raises PermissionDenied for an anonymous request."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied("Log in first.")
    return user
