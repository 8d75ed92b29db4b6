"""Leaves out what django-q2 imports for features that are not used here."""

from __future__ import annotations

from importlib import import_module

from contentpipeline.lean_imports import without

UNUSED = ("psutil", "prometheus_client")
"""For Windows and for pinning workers to processors, and for its own metrics."""


def load_django_q() -> None:
    with without(*UNUSED):
        import_module("django_q.conf")
