"""Sessions in the database, as Django keeps them."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: Any) -> bool:
        # A quoted cookie may hold any character, and PostgreSQL fails on some: no key of ours has those.
        return bool(super()._validate_session_key(key)) and key.isascii() and key.isalnum()
