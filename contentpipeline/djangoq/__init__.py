"""Everything that changes django-q2: its imports, its locks, its sentinel, its workers and how it stops."""

from __future__ import annotations

from contentpipeline.library_versions import check_version

WRITTEN_FOR = "1.11"


def check_django_q() -> None:
    """Raise UncheckedVersion where another django-q2 is installed."""
    import django_q  # here: this package is imported before Django is set up

    installed = ".".join(map(str, django_q.VERSION))
    check_version("django-q2", installed, written_for=WRITTEN_FOR, module="contentpipeline.djangoq")
