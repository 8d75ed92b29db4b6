"""From a local time in a time zone to moments, across the changes of summer time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

LINKS = ("Etc/", "SystemV/", "posix/", "right/")


@cache
def zones() -> tuple[str, ...]:
    """The names of all time zones, UTC first; without aliases."""
    names = (name for name in available_timezones() if "/" in name and not name.startswith(LINKS))
    return ("UTC", *sorted(names))


def moments(day: date, shown: time, zone: str) -> list[datetime]:
    """The moments at which clocks of the zone show this: one, or none or two when the clocks change."""
    zone_info = ZoneInfo(zone)
    local = [datetime.combine(day, shown, zone_info).replace(fold=fold) for fold in (0, 1)]
    try:
        found = {moment.astimezone(UTC): moment for moment in local}
        return [moment for instant, moment in sorted(found.items()) if _shows(instant, moment)]
    except OverflowError:
        return []  # the first or the last day of the calendar


def _shows(instant: datetime, moment: datetime) -> bool:
    return instant.astimezone(moment.tzinfo).replace(tzinfo=None, fold=0) == moment.replace(
        tzinfo=None, fold=0
    )
