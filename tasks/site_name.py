"""What the site is called and in which time zone its people live, for messages of every app.

The app above knows: it sets `source` when it is ready.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings


class SiteNameAndZone(NamedTuple):
    name: str
    zone: ZoneInfo


def _by_settings() -> SiteNameAndZone:
    return SiteNameAndZone(settings.SITE_NAME, ZoneInfo(settings.TIME_ZONE))


source: Callable[[], SiteNameAndZone] = _by_settings


def site_name() -> str:
    return source().name


def site_zone() -> ZoneInfo:
    return source().zone
