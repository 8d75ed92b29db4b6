"""Leaves out imports that libraries make for features that are not used here.

Written for djangorestframework 3.18, drf-spectacular 0.30 and django-q2 1.11. tests/test_imports.py fails
when one of them no longer imports these, or needs them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

UNUSED_BY_API = ("requests", "pygments")
"""For a test client over HTTP, and for coloured code on pages of the browsable API."""
UNUSED_BY_QUEUE = ("psutil", "prometheus_client")
"""For Windows and for pinning workers to processors, and for its own metrics."""


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Have these modules seem not to be installed, unless they are loaded. For before there are threads."""
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # what the import system takes for "not there"
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def load_queue() -> None:
    with without(*UNUSED_BY_QUEUE):
        import_module("django_q.conf")


def load_api() -> None:
    with without(*UNUSED_BY_API):
        import_module("rest_framework.compat")
    with _test_client_on_demand():
        import_module("drf_spectacular.plumbing")


@contextmanager
def _test_client_on_demand() -> Iterator[None]:
    """What describes the API takes a request from the test client, and with it all of Django's test tools."""
    name = "rest_framework.test"
    if name in sys.modules:
        yield
        return
    stand_in = ModuleType(name)
    vars(stand_in)["APIRequestFactory"] = _request_factory
    sys.modules[name] = stand_in
    try:
        yield
    finally:
        del sys.modules[name]


def _request_factory() -> Any:
    from rest_framework.test import APIRequestFactory

    return APIRequestFactory()
