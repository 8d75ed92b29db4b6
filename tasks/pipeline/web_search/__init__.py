"""One module for each web search. A module that is put here is all that another one needs.

Each exports ENGINE: its name, its settings, what is missing for a search, and its protocol. The modules load
neither pydantic nor aiohttp: settings.py reads them.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasks.pipeline.providers.model_servers.vendor_protocol import VendorSetting
    from tasks.pipeline.providers.web.search_protocol import SearchEngine


@cache
def known_engines() -> Mapping[str, SearchEngine]:
    """By name, as in WEB_SEARCH."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    found: list[SearchEngine] = [import_module(f"{__name__}.{name}").ENGINE for name in names]
    return {engine.name: engine for engine in found}


def search_settings() -> list[VendorSetting]:
    return [setting for engine in known_engines().values() for setting in engine.settings]
