"""Who makes a change when no argument says so: the request's account, or the command that runs."""

from __future__ import annotations

import os
import pwd
import sys
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from simple_history.models import HistoricalRecords

COMMANDS = ("manage.py", "django-admin")


def requester() -> User | None:
    """The account whose request this thread is handling; None outside a request, or when anonymous."""
    request: Any = getattr(HistoricalRecords.context, "request", None)
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None


def program() -> str:
    """The command as it was called, as in "manage.py shell"; "system" in any other program."""
    if len(sys.argv) > 1 and Path(sys.argv[0]).name in COMMANDS:
        return f"manage.py {sys.argv[1]}"[:150]
    return "system"


def account() -> str:
    """The operating system account that this process runs as."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # in a container the number may have no name
        return str(os.getuid())
