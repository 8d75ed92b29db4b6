"""Who is behind a change that no argument names: the account of the request, or the command that runs."""

from __future__ import annotations

import os
import pwd
import sys
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from simple_history.models import HistoricalRecords

COMMANDS = ("manage.py", "django-admin")


def requester() -> AbstractBaseUser | None:
    """The account whose request is being answered in this thread; None outside of one, or for a visitor."""
    request: Any = getattr(HistoricalRecords.context, "request", None)
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None


def program() -> str:
    """The command as it was called, as in "manage.py shell"; "system" in any other program."""
    if len(sys.argv) > 1 and Path(sys.argv[0]).name in COMMANDS:
        return f"manage.py {sys.argv[1]}"[:150]
    return "system"


def account() -> str:
    """The account of the operating system that this process runs under."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # in a container the number may have no name
        return str(os.getuid())
