"""Sessions in the database, as Django stores them, with one more check of their keys."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: Any) -> bool:
        # A quoted cookie may hold any character, and PostgreSQL fails on some: our keys have none of those.
        is_valid = super()._validate_session_key(key)  # type: ignore[misc]  # missing in django-stubs
        return bool(is_valid) and key.isascii() and key.isalnum()
