"""Loading the project before a process forks: what is loaded once is in the memory of all of its forks."""

from __future__ import annotations

import ctypes
import gc
from importlib import import_module
from types import ModuleType

from django.conf import settings
from django.urls import get_resolver


def load_site() -> ModuleType:
    """What the web server answers with; returns the module of its application."""
    import_module(settings.ROOT_URLCONF)
    _ = get_resolver().url_patterns
    return import_module("contentpipeline.asgi")


def load_pipeline() -> None:
    """What writes articles, with the tables that it reads once."""
    from tasks.providers.calls import Usage, list_price_usd
    from tasks.text.languages import guess_language

    import_module("tasks.jobs")
    list_price_usd("openai", "none", Usage())
    guess_language("A text that is long enough to be looked at. " * 10)


def settle_memory() -> None:
    """Before the first fork: return what only loading needed, a third of all, and keep the rest shared."""
    gc.collect()
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if malloc_trim is not None:  # glibc has it, musl does not
        malloc_trim(0)
    gc.freeze()  # the collector would write to every page that the forks share
