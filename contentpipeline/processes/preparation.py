"""What has to be done before the site can be served, with a line on the terminal for each step."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import OperationalError, connection

from contentpipeline import embedded
from contentpipeline.probes import why_unreachable
from contentpipeline.static_build import build_static_files


class StartProblem(Exception):
    """One sentence for the person at the terminal."""


def prepare_server() -> None:
    if settings.USES_EMBEDDED_DATABASE:
        # It goes on without this process, as `up` uses it too.
        where = f"embedded PostgreSQL in {settings.DATA_DIR}"
        _step(f"Database: {where}", lambda: embedded.use(settings.DATA_DIR).release())
    else:
        _step("Database: DATABASE_URL", _check_given_database)


def prepare_database(*, migrate: bool, with_sample: bool) -> int:
    """Migrate, make the first admin and file the sample brief; return its id, or 0 when there is none."""
    if migrate:
        _step("Migrations", lambda: call_command("migrate", verbosity=0, interactive=False, skip_checks=True))
    return _first_content(with_sample=with_sample)


def prepare_static_files() -> None:
    try:
        _step("Static files", build_static_files)
    except OSError as error:
        raise StartProblem(
            f"The data directory {settings.DATA_DIR} cannot be used ({error}): "
            "set DATA_DIR to one you can write to."
        ) from error


def _step(name: str, work: Callable[[], Any]) -> None:
    started = time.monotonic()
    how = "unchanged" if work() is False else "ready"
    print(f"{name}: {how} ({time.monotonic() - started:.1f} s)", flush=True)


def _check_given_database() -> None:
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise StartProblem(
            f"The database in DATABASE_URL cannot be reached ({why_unreachable(error) or error}): "
            "correct it, or unset it to use the embedded one."
        ) from error


def _first_content(*, with_sample: bool) -> int:
    """Return the id of the only task while it is being written, or 0."""
    from tasks.models import ContentTask
    from tasks.sample import file_sample_brief

    admin = _first_admin()
    if with_sample and not ContentTask.objects.exists():
        print("Sample brief: filed", flush=True)
        return int(file_sample_brief(admin).pk)
    unfinished = ContentTask.objects.filter(status__in=["pending", "in_progress"]).first()
    return unfinished.pk if unfinished is not None and ContentTask.objects.count() == 1 else 0


def _first_admin() -> Any:
    users = get_user_model().objects
    found = users.filter(is_superuser=True).order_by("pk").first()
    if found:
        return found
    name = "admin"
    while users.filter(username=name).exists():
        name = f"admin-{secrets.token_hex(2)}"
    password = secrets.token_urlsafe(12)
    admin = users.create_superuser(name, password=password)
    print(
        f"\n    First login:  {name}\n    Password:     {password}\n"
        "    (shown once; manage.py changepassword sets another)\n",
        flush=True,
    )
    return admin
