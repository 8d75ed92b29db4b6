"""Asserts the versions of libraries whose internals the project changes: see docs/library-internals.md."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured


class UncheckedVersion(ImproperlyConfigured):
    """One sentence that says which module to check, and how."""


def check_version(library: str, installed: str, *, written_for: str, module: str) -> None:
    """Raise UncheckedVersion unless `installed` is of the series (as "1.11") that `module` is written for."""
    if not f"{installed}.".startswith(f"{written_for}."):
        raise UncheckedVersion(
            f"{module} relies on internals of {library} {written_for} and {installed} is installed: "
            f"install {library} {written_for}, or check the module as docs/library-internals.md says "
            "and set its WRITTEN_FOR."
        )
