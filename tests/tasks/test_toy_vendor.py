"""A new vendor is one module: nothing else changes, and settings, `doctor` and model chains know it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasks.pipeline import vendors
from tasks.pipeline.errors import ProviderError
from tasks.pipeline.providers.model_servers.vendor_protocol import Access
from tests.conftest import BASE_DIR
from tests.model_server import ModelServer, Reply, model_server
from tests.tasks.test_models_provider import Books, make_chain, write

__all__ = ["model_server"]

FOLDER = Path(__file__).with_name("toy_vendors")
WITH_TOY = f"""
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "contentpipeline.settings"
from tasks.pipeline import vendors
vendors.__path__.append({str(FOLDER)!r})
"""


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(vendors, "__path__", [*vendors.__path__, str(FOLDER)])
    vendors.known_vendors.cache_clear()
    yield
    vendors.known_vendors.cache_clear()


def run(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", WITH_TOY + code],
        cwd=BASE_DIR,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_its_settings_are_read_from_the_environment():
    code = "from django.conf import settings\nprint(settings.TOY_API_KEY, settings.TOY_URL)"
    assert run(code, TOY_API_KEY="k", TOY_URL="http://toy.example/v1") == "k http://toy.example/v1\n"


@pytest.mark.parametrize(("key", "found"), [("", "toy:any: set TOY_API_KEY."), ("k", "toy:any.")])
def test_doctor_names_the_setting_that_is_missing(key: str, found: str):
    code = """
import django
django.setup()
from contentpipeline.management.commands import doctor
print(doctor._models().message)
"""
    assert run(code, PIPELINE_MODELS="toy:any", TOY_API_KEY=key).strip() == found


@pytest.mark.usefixtures("toy")
def test_a_chain_of_models_can_call_it(model_server: ModelServer):
    model_server.for_model("any", Reply("Bees dance."))
    access = Access({"TOY_API_KEY": "k", "TOY_URL": model_server.base_url})
    prose = asyncio.run(write(make_chain(model_server, Books(), "toy:any", access=access)))
    assert (prose.text, prose.model) == ("Bees dance.", "toy:any")


@pytest.mark.usefixtures("toy")
def test_the_error_for_an_unknown_model_names_all_vendors(model_server: ModelServer):
    with pytest.raises(
        ProviderError, match="takes anthropic:NAME, google:NAME, openai:NAME, openai-responses:NAME, toy:NAME"
    ):
        asyncio.run(write(make_chain(model_server, Books(), "other:any")))
