"""One module for each vendor of language models. A module that is put here is all that a new vendor needs.

Each exports VENDOR: its settings, what is missing for a call, and its protocol. Settings, `doctor`, workers
and price lists go by `known_vendors`. The modules load neither pydantic nor aiohttp: settings.py reads them.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasks.pipeline.providers.model_servers.vendor_protocol import Vendor, VendorSetting


@cache
def known_vendors() -> Mapping[str, Vendor]:
    """By name, as in "openai:NAME"."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    found: list[Vendor] = [import_module(f"{__name__}.{name}").VENDOR for name in names]
    return {vendor.name: vendor for vendor in found}


def vendor_settings() -> list[VendorSetting]:
    return [setting for vendor in known_vendors().values() for setting in vendor.settings]
