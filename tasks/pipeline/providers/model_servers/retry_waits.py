"""How long a server asks to wait before the next request, wherever it says so."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tasks.pipeline.providers.model_servers.error_details import ErrorDetails

LONGEST_SECONDS = 31 * 86_400.0
DURATION = re.compile(
    r"(\d{1,9}(?:\.\d{1,9})?)\s?(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?)\b"
)
SECONDS_OF = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
IN_WORDS = re.compile(
    r"(?:try again|retry|retrying|wait|available|reset)[a-z ]{0,40}?(?:in|after|for)?:?\s{1,3}"
    r"((?:\d{1,9}(?:\.\d{1,9})?\s?"
    r"(?:milliseconds?|ms|seconds?|secs?|minutes?|mins?|hours?|days?|[smhd])[ ,]{0,2}){1,4})",
    re.IGNORECASE,
)
RESET_HEADERS = (
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    ("x-ratelimit-remaining", "x-ratelimit-reset"),
    ("ratelimit-remaining", "ratelimit-reset"),
    ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
    ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"),
    ("anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"),
    ("anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"),
)


def retry_after_seconds(headers: Mapping[str, str], error: ErrorDetails | None = None) -> float | None:
    """The wait of the header made for it, else of the error, else of the headers that report limits."""
    wait = _retry_after(headers)
    if wait is None and error is not None:
        wait = _of_error(error)
    return _of_limits(headers) if wait is None else wait


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Milliseconds, seconds or a date."""
    if (milliseconds := _number(headers.get("Retry-After-Ms"))) is not None:
        return milliseconds / 1000
    text = headers.get("Retry-After", "")
    if (seconds := _number(text)) is not None:
        return seconds
    return _until_date(text) if text else None


def _of_error(error: ErrorDetails) -> float | None:
    fields = error.fields
    if (wait := duration_seconds(fields.get("retryDelay"))) is not None:
        return wait
    if (milliseconds := _number(fields.get("retry_after_ms"))) is not None:
        return milliseconds / 1000
    for name in ("retry_after", "retry_after_seconds", "retryAfter", "estimated_time"):
        if (wait := _number(fields.get(name))) is not None:
            return wait
    if found := IN_WORDS.search(error.text):
        return duration_seconds(found[1])
    names = {str(name).lower(): str(value) for name, value in fields.items() if "imit" in str(name)}
    return _of_limits(names)


def _of_limits(headers: Mapping[str, str]) -> float | None:
    """When the limit is renewed that is used up; when none says it is, the first to be renewed."""
    waits, used_up = [], []
    for remaining, reset in RESET_HEADERS:
        if (wait := _reset_seconds(headers.get(reset))) is None:
            continue
        waits.append(wait)
        if headers.get(remaining) == "0":
            used_up.append(wait)
    return max(used_up) if used_up else min(waits, default=None)


def _reset_seconds(text: str | None) -> float | None:
    """A number of seconds, a duration as "6m0s", a date, or a time since 1970 in seconds or milliseconds."""
    if not text:
        return None
    number = _number(text, most=math.inf)
    if number is None:
        wait = duration_seconds(text)
        return _until_date(text) if wait is None else wait
    if number < LONGEST_SECONDS:
        return number
    at = number / 1000 if number > 100_000_000_000 else number
    wait = at - datetime.now(UTC).timestamp()
    return wait if 0 <= wait < LONGEST_SECONDS else None


def duration_seconds(text: object) -> float | None:
    """A duration as "34.07s", "6m0s", "2 minutes 5 seconds"."""
    if not isinstance(text, str):
        return None
    found = DURATION.findall(_apart(text[:100]))
    return sum(float(number) * SECONDS_OF[_unit(unit)] for number, unit in found) if found else None


def _apart(text: str) -> str:
    """With a space after each unit, so that "6m0s" is two words."""
    return re.sub(r"([a-z])(\d)", r"\1 \2", text.lower())


def _unit(unit: str) -> str:
    if unit.startswith(("ms", "milli")):
        return "ms"
    return unit[0]


def _number(value: object, most: float = LONGEST_SECONDS) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if 0 <= number < most else None


def _until_date(text: str) -> float | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        try:
            at = parsedate_to_datetime(text)
        except (ValueError, TypeError):
            return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    wait = max(0.0, (at - datetime.now(UTC)).total_seconds())
    return wait if wait < LONGEST_SECONDS else None
