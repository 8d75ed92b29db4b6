"""Dates as the active language writes them, always with the time zone where they have a time.

Django's own formats are slower by a multiple, and know neither the first of a French month nor the zone.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from django.utils.timezone import is_aware, localtime
from django.utils.translation import get_language


class DateWords(NamedTuple):
    months: tuple[str, ...]
    day: str = "{day} {month} {year}"
    month: str = "{month} {year}"
    first: str = "1"
    """The first day of a month."""


ENGLISH = DateWords(
    (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    )
)  # fmt: skip
LANGUAGES = {
    "en": ENGLISH,
    "de": DateWords(
        (
            "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
            "November", "Dezember",
        ),
        day="{day}. {month} {year}",
    ),
    "fr": DateWords(
        (
            "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
            "novembre", "décembre",
        ),
        first="1er",
    ),
    "es": DateWords(
        (
            "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
            "noviembre", "diciembre",
        ),
        day="{day} de {month} de {year}",
        month="{month} de {year}",
    ),
}  # fmt: skip


def _words() -> DateWords:
    return LANGUAGES.get(get_language() or "en", ENGLISH)


def day(moment: date) -> str:
    """As in "30 November 2026"."""
    words = _words()
    number = words.first if moment.day == 1 else moment.day
    return words.day.format(day=number, month=words.months[moment.month - 1], year=moment.year)


def minute(moment: datetime) -> str:
    """As in "30 November 2026, 14:05 UTC", in the current time zone."""
    local = localtime(moment) if is_aware(moment) else moment
    return f"{day(local)}, {local:%H:%M %Z}"


def month(moment: date) -> str:
    """As in "November 2026": as it begins a title."""
    words = _words()
    text = words.month.format(month=words.months[moment.month - 1], year=moment.year)
    return text[0].upper() + text[1:]


def month_name(moment: date) -> str:
    """As it stands alone."""
    name = _words().months[moment.month - 1]
    return name[0].upper() + name[1:]
