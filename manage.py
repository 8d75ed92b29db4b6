#!/usr/bin/env python
"""Django's command line, with the embedded database running for as long as a command needs it."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contentpipeline.embedded import DatabaseUse

# `up`, `doctor` and `bench` start the database themselves: they have something to say about it.
WITHOUT_DATABASE = {
    "", "help", "version", "up", "doctor", "bench", "check", "collectstatic", "compilemessages",
    "diffsettings", "findstatic", "makemessages", "startapp", "startproject", "spectacular",
}  # fmt: skip


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contentpipeline.settings")
    use_options_of_up(sys.argv)
    from django.core.exceptions import ImproperlyConfigured

    try:
        from django.conf import settings

        settings.INSTALLED_APPS  # noqa: B018 (loads the settings: their errors are for people)
    except ImproperlyConfigured as error:
        return fail(error)
    if settings.USES_EMBEDDED_DATABASE and needs_database(sys.argv):
        from contentpipeline import embedded

        try:
            in_use = embedded.use(settings.DATA_DIR)
        except embedded.DatabaseUnavailable as error:
            return fail(error)
        leave_on_sigterm(in_use)
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    from contentpipeline.library_versions import UncheckedVersion

    try:
        execute_from_command_line(sys.argv)
    except UncheckedVersion as error:
        return fail(error)
    except OperationalError as error:
        from contentpipeline.probes import why_unreachable

        reason = why_unreachable(error)
        if not reason or "--traceback" in sys.argv:
            raise
        return fail(f"The database cannot be reached ({reason}): see manage.py doctor.")
    return 0


def leave_on_sigterm(in_use: DatabaseUse) -> None:
    """Make SIGTERM stop the database too, when this process is its last user."""

    def leave(*_: object) -> None:
        # No exception: one that is raised while a module is imported can be swallowed, and then nothing ends.
        in_use.release()
        os._exit(128 + signal.SIGTERM)

    signal.signal(signal.SIGTERM, leave)


def needs_database(arguments: list[str]) -> bool:
    command = arguments[1] if len(arguments) > 1 else ""
    if command.startswith("-") or {"-h", "--help"} & set(arguments[2:]):
        return False
    return command not in WITHOUT_DATABASE


def use_options_of_up(arguments: list[str]) -> None:
    """Let `up` decide the settings, which are read before any option is: where the data is, and the site."""
    if arguments[1:2] != ["up"]:
        return
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--data-dir")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default="8000")
    try:
        options, _ = parser.parse_known_args(arguments[2:])
    except SystemExit:
        return
    if options.data_dir:
        os.environ["DATA_DIR"] = options.data_dir
    host = "127.0.0.1" if options.host in ("0.0.0.0", "") else options.host
    host = f"[{host}]" if ":" in host else host
    if not os.environ.get("SITE_URL"):
        os.environ["SITE_URL"] = f"http://{'[::1]' if host == '[::]' else host}:{options.port}"


def fail(error: object) -> int:
    print(error, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
