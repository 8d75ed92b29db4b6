"""How a line of the log is written: for people, or as JSON for programs (`LOG_FORMAT`)."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from tasks.tracing import log_fields

FIRST_SERVER_ERROR = HTTPStatus.INTERNAL_SERVER_ERROR
PLAIN = "{asctime} {levelname} {name}: {message}"


def logging_config(log_format: str, level: str) -> dict[str, Any]:
    """Django's `LOGGING`: everything of this level goes to standard error, `plain` or as `json`."""
    module = __name__
    handler = {
        "class": "logging.StreamHandler",
        "formatter": log_format,
        "filters": ["database_away", "refusals"],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plain": {"()": f"{module}.PlainFormatter", "format": PLAIN, "style": "{"},
            "json": {"()": f"{module}.JSONFormatter"},
        },
        "filters": {
            "database_away": {"()": "contentpipeline.logs.DatabaseAway"},
            "refusals": {"()": f"{module}.RefusalsWithoutTraceback"},
        },
        "handlers": {"stderr": handler},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handler mails the admins, with request data in the mail.
            "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "django-q": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        },
    }


class RefusalsWithoutTraceback(logging.Filter):
    """A refused request, such as one without the permission, is one line: nothing has gone wrong here."""

    def filter(self, record: logging.LogRecord) -> bool:
        status = getattr(record, "status_code", None)
        if isinstance(status, int) and status < FIRST_SERVER_ERROR:
            record.exc_info = record.exc_text = None
        return True


class PlainFormatter(logging.Formatter):
    """The fields of a line follow its message: `… [task_id=5 stage=draft]`."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        line = super().formatMessage(record)
        fields = " ".join(f"{name}={value}" for name, value in log_fields().items())
        return f"{line} [{fields}]" if fields else line


class JSONFormatter(logging.Formatter):
    """One JSON object a line: `time` (UTC), `level`, `logger`, `message`, `process`, fields, `exception`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
            **log_fields(),
        }
        if isinstance(status := getattr(record, "status_code", None), int):
            line["status"] = status
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        return json.dumps(line, default=str)  # ASCII: nothing in a message ends the line or cannot be encoded
