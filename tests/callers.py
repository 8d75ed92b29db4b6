"""Clients of the API, as the people and programs that call it."""

from __future__ import annotations

from io import StringIO
from typing import Any

from django.contrib.auth.models import User
from django.core.management import call_command
from rest_framework.test import APIClient

from tests.factories import make_user


def caller(*groups: str, user: User | None = None) -> APIClient:
    """A client that is signed in as `user`, or as a new one in these groups."""
    client = APIClient()
    client.user = user or make_user("", *groups)
    client.force_authenticate(client.user)
    return client


def token_of(username: str, role: str) -> str:
    out = StringIO()
    call_command("api_token", username, role=role, stdout=out)
    return out.getvalue().strip()


def bearer(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return client


def problem(response: Any, status: int) -> dict[str, Any]:
    """The problem details of a refusal, which must have this status."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    found = response.json()
    assert found["status"] == status
    assert {"type", "title", "detail"} <= set(found)
    return found
