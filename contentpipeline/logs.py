"""What is logged of a database that is away: one line with the reason instead of a long traceback."""

from __future__ import annotations

import logging

import psycopg
from django import db

CONNECTION_CLASSES = {"08", "57P"}
"""Classes of SQLSTATE: the connection failed; the server stops, starts or has crashed."""


class DatabaseAway(logging.Filter):
    """Puts the reason in place of the traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if error is not None and (reason := why_away(error)):
            record.msg, record.args = f"{record.getMessage()}: {reason}", ()
            record.exc_info = record.exc_text = None
        return True


def why_away(error: BaseException) -> str:
    """One line on why the database cannot be used; empty for any other error."""
    if isinstance(error, BaseExceptionGroup):
        reasons = [why_away(each) for each in error.exceptions]
        return reasons[0] if all(reasons) else ""
    reported = error.__cause__ if isinstance(error, db.Error) else error
    if not _is_about_the_connection(reported):
        return ""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines or [type(error).__name__])[0]


def _is_about_the_connection(error: BaseException | None) -> bool:
    state = getattr(error, "sqlstate", None)
    if state is None:  # the driver's own word, not the server's
        return isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError))
    return state[:2] in CONNECTION_CLASSES or state[:3] in CONNECTION_CLASSES
