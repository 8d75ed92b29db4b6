"""Leaves out imports that libraries make for features that are not used here.

Here those of djangorestframework and drf-spectacular; those of django-q2 are in contentpipeline/djangoq/.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

from contentpipeline.library_versions import check_version

WRITTEN_FOR = {"djangorestframework": "3.18", "drf-spectacular": "0.30"}
UNUSED = ("requests", "pygments")
"""For a test client over HTTP, and for coloured code on pages of the browsable API."""


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Make imports of these modules fail, unless they are loaded. Call it before there are threads."""
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # what the import system takes for "not there"
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def load_api() -> None:
    """Raises UncheckedVersion where another version of these libraries is installed."""
    import drf_spectacular
    import rest_framework

    for library, installed in (
        ("djangorestframework", rest_framework.VERSION),
        ("drf-spectacular", drf_spectacular.__version__),
    ):
        check_version(library, installed, written_for=WRITTEN_FOR[library], module=__name__)
    with without(*UNUSED):
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
