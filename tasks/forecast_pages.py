"""Forecasts in the admin: of a brief that is being typed, and how a task compares with its own."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.auth.models import User
from django.http import QueryDict

from tasks.filing.sources import MAX_PASTED, MAX_SOURCES, given_items, pasted_items
from tasks.forecasts import error_of, forecast
from tasks.models import ContentTask

MOST_WORDS, MOST_ROUNDS = 20_000, 10
_SOURCE = re.compile(r"sources-(\d{1,4})-(?:text|url|file)")


def typed_forecast(typed: QueryDict, *, by: User) -> dict[str, Any]:
    """The context of the page. Of fields that are not filled in, or wrongly, the usual values are taken."""
    fields = {
        "target_words": _number(typed.get("target_words"), MOST_WORDS),
        "max_refinements": _number(typed.get("max_refinements"), MOST_ROUNDS),
    }
    rows = {match[1] for name in typed if (match := _SOURCE.fullmatch(name)) and typed.get(name, "").strip()}
    sources = [{"text": typed.get(f"sources-{row}-text", "")} for row in sorted(rows)]
    sources += [{"text": "" if url else " " * size} for url, size in _listed(typed, by)]
    found = forecast({name: value for name, value in fields.items() if value is not None}, sources)
    return {"forecast": found, "sources": len(sources)}


def _listed(typed: QueryDict, by: User) -> list[tuple[str, int]]:
    """Of each source in the list of the page its address, and how long its text is."""
    items = given_items(typed.get("given", "")[:MAX_PASTED], by=by)
    items += pasted_items(typed.get("addresses", "")[:MAX_PASTED])
    return [(item.url, len(item.source.text)) for item in items[:MAX_SOURCES] if item.source]


def forecast_in_words(task: ContentTask) -> str:
    """What was expected when the work began and, of a task that is done, how far off that was."""
    if not task.forecast:
        return "–"
    cost, seconds, error = task.forecast["cost_usd"], task.forecast["seconds"], error_of(task) or {}
    parts = [f"expected {cost['expected']:.4f} US dollars" + _off(error.get("cost"))] if cost else []
    parts.append(f"expected {seconds['expected']:.0f} seconds" + _off(error.get("seconds")))
    return "; ".join(parts)


def _off(error: float | None) -> str:
    if error is None:
        return ""
    return f" ({abs(error):.0%} {'more' if error > 0 else 'less'} was needed)"


def _number(text: str | None, most: int) -> int | None:
    """None for what is no number in range."""
    if not text or not text.strip().isascii() or not text.strip().isdigit():
        return None
    number = int(text.strip()[:9])
    return number if number <= most else None
