"""The web search that the settings choose, and whether it answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from django.conf import settings

from tasks.pipeline.errors import ProviderError
from tasks.pipeline.providers.model_servers.vendor_protocol import Access
from tasks.pipeline.providers.web.search_on_demand import SearchOnDemand
from tasks.pipeline.web_search import known_engines, search_settings

if TYPE_CHECKING:
    from tasks.pipeline.providers import WebSearch

PROBE_QUERY = "weather"


def configured_search() -> WebSearch | None:
    """None where WEB_SEARCH is empty."""
    if not settings.WEB_SEARCH:
        return None
    access = Access({setting.name: getattr(settings, setting.name) for setting in search_settings()})
    return SearchOnDemand(settings.WEB_SEARCH, access, settings.SITE_URL)


def probe_search() -> tuple[bool, str]:
    """Whether the search is sound, and a sentence about it. One that costs is not asked."""
    search = configured_search()
    if search is None:
        return True, "WEB_SEARCH is empty: articles are written from the given sources alone."
    engine = known_engines()[search.name]
    access = Access({setting.name: getattr(settings, setting.name) for setting in engine.settings})
    if missing := engine.missing_setting(access):
        return False, f"{engine.title}: set {missing}."
    if not engine.is_free:
        return True, f"{engine.title}: {engine.key_setting} is set. It was not asked, as a search may cost."
    try:
        found = asyncio.run(search.search(PROBE_QUERY, limit=1))
    except ProviderError as error:
        return False, str(error)
    if not found:
        return False, f"{engine.title} answers, and found nothing for “{PROBE_QUERY}”: check its engines."
    return True, f"{engine.title} answers."
