"""Times in forms: a date and a time of day in a zone that the form names."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError
from django.forms import DateTimeField, TextInput
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tasks.clock_times import moments
from tasks.models import NO_ZONE

END_OF_DAY, START_OF_DAY = time(17), time(9)
_ZONED = re.compile(r"(?P<time>.+?)\[(?P<zone>[^\]]{1,80})\]")
"""A local time and its zone, as in RFC 9557: 2030-01-31T17:00[Europe/Berlin]."""


class ZonedTimeInput(TextInput):
    """The browser's own picker of a date and a time, and next to it the zone that these are in."""

    input_type = "datetime-local"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        given, zone = super().value_from_datadict(data, files, name), data.get(f"{name}-zone", "").strip()
        if not given or not zone or not _is_naive(given.strip()):
            return given
        return f"{given.strip()}[{zone}]"

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        local, zone = _local(value)
        quick = format_html_join(
            "", '<option value="{}">{}</option>', ((at, label) for label, at in quick_choices())
        )
        list_id = f"{(attrs or {}).get('id', name)}_quick"
        field = super().render(name, local, {**(attrs or {}), "list": list_id, "data-due": ""}, renderer)
        zones = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((one, " selected" if one == zone else "", zone_in_words(one)) for one in _zones(zone)),
        )
        return format_html(
            '<span class="desk-due">{}<select name="{}-zone" aria-label="Time zone" data-due-zone>{}</select>'
            '</span><datalist id="{}">{}</datalist>',
            field, name, zones, list_id, quick,
        )  # fmt: skip

    def format_value(self, value: Any) -> Any:
        return value


class ZonedTimeFormField(DateTimeField):
    """A local time with the zone next to it, or a time in ISO 8601 that has its own."""

    widget = ZonedTimeInput

    def prepare_value(self, value: Any) -> Any:
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        # Forms have whole seconds.
        if isinstance(initial, datetime):
            initial = initial.replace(microsecond=0)
        return super().has_changed(initial, data)

    def to_python(self, value: Any) -> datetime | None:
        if isinstance(value, str) and value.strip():
            return parse_zoned(value)
        return super().to_python(value)


def parse_zoned(value: str) -> datetime:
    """Raises ValidationError for a time that there is not, or that is without a zone."""
    match = _ZONED.fullmatch(value.strip())
    try:
        given = datetime.fromisoformat(match["time"] if match else value.strip())
    except ValueError:
        raise ValidationError(NO_ZONE, code="no_zone") from None
    if timezone.is_aware(given):
        return _in_range(given)
    if match is None:
        raise ValidationError(NO_ZONE, code="no_zone")
    zone = _zone(match["zone"])
    if zone is None:
        raise ValidationError(f"There is no time zone “{match['zone']}”: choose one from the list.")
    return _in_range(_moment(given, match["zone"]))


def _moment(local: datetime, zone: str) -> datetime:
    """The one moment at which clocks of the zone show this. Raises ValidationError."""
    found = moments(local.date(), local.time(), zone)
    if not found:
        raise ValidationError(
            f"This time does not exist on that day in {zone}, because the clocks go forward. "
            "Choose an earlier or a later one."
        )
    if len(found) == 2:
        first, second = (f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" for moment in found)
        raise ValidationError(
            f"This time occurs twice on that day in {zone}, because the clocks go back. "
            f"Choose the zone UTC and enter {first} for the first, {second} for the second."
        )
    return found[0]


def quick_choices() -> list[tuple[str, str]]:
    """Times that are often wanted, as labels and local times of the current zone."""
    now = timezone.localtime()
    today, weekday = now.date(), now.weekday()
    days = [
        ("Today", 0, END_OF_DAY), ("Tomorrow", 1, END_OF_DAY), ("Friday", (4 - weekday) % 7, END_OF_DAY),
        ("Monday", (0 - weekday) % 7 or 7, START_OF_DAY), ("In a week", 7, END_OF_DAY),
        ("In two weeks", 14, END_OF_DAY),
    ]  # fmt: skip
    found = dict[str, str]()
    for label, ahead, at in days:
        moment = datetime.combine(today + timedelta(days=ahead), at)
        if moment > now.replace(tzinfo=None):
            found.setdefault(f"{moment:%Y-%m-%dT%H:%M}", f"{label} {at:%H:%M}")
    return [(label, at) for at, label in found.items()]


def zone_in_words(name: str) -> str:
    """As in "Europe/Berlin, UTC+01:00"."""
    if name == "UTC":
        return name
    zone = _zone(name) or timezone.get_current_timezone()
    offset = timezone.now().astimezone(zone).strftime("%z")
    return f"{name}, UTC{offset[:3]}:{offset[3:5]}"


def _zones(chosen: str) -> list[str]:
    return list(dict.fromkeys([chosen, timezone.get_current_timezone_name(), "UTC"]))


def _local(value: Any) -> tuple[str, str]:
    """What the two fields show: a local time, and the name of its zone."""
    current = timezone.get_current_timezone_name()
    if isinstance(value, str):
        if match := _ZONED.fullmatch(value.strip()):
            return match["time"], match["zone"] if _zone(match["zone"]) else current
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return value, current
    if not isinstance(value, datetime):
        return "", current
    local = (timezone.localtime(value) if timezone.is_aware(value) else value).replace(tzinfo=None)
    return local.isoformat(timespec="seconds" if local.second else "minutes"), current


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _is_naive(text: str) -> bool:
    try:
        return timezone.is_naive(datetime.fromisoformat(text))
    except ValueError:
        return True


def _in_range(given: datetime) -> datetime:
    try:
        return given.astimezone(timezone.get_default_timezone())
    except (OverflowError, ValueError):
        raise ValidationError("This time is out of range.") from None
