"""Shows cache hit rates and invalidates caches."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from contentpipeline import probes
from contentpipeline.cache import tier
from contentpipeline.cache_tiers import TIERS
from contentpipeline.counters import server_totals
from publishing.cache_invalidation import notify_site_changed

NAMES = ["pages", *TIERS]


class Command(BaseCommand):
    help = "Shows hit rates of the page cache and of the cache tiers, or invalidates them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        status = verbs.add_parser("status", help="hit rates and maximum ages")
        status.add_argument("--json", action="store_true")
        clear = verbs.add_parser("clear", help="invalidate them, in every process of every host")
        clear.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(NAMES)}; by default all")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        if verb == "clear":
            self._clear(options["names"] or NAMES)
        elif options["json"]:
            self.stdout.write(json.dumps(_status(), indent=2))
        else:
            self._show(_status())

    def _clear(self, names: list[str]) -> None:
        if unknown := [name for name in names if name not in NAMES]:
            raise CommandError(f"There is no cache {', '.join(unknown)}: choose from {', '.join(NAMES)}.")
        for name in names:
            if name != "pages":
                tier(name).invalidate()
        # Last: a page rendered meanwhile must not be cached with an old value in it.
        notify_site_changed()
        if any(getattr(tier(name), "has_pending_invalidation", False) for name in names if name != "pages"):
            raise CommandError(
                "Redis does not answer and will still have old values when it returns: run this again then."
            )
        self.stdout.write(f"Invalidated: {', '.join(names)}.")

    def _show(self, found: dict[str, Any]) -> None:
        self.stdout.write(f"Cache: {found['state']}. {found['message']} ({found['latency_ms']} ms)")
        if found["caches"] is None:
            self.stdout.write("No web server has counted anything in this DATA_DIR.")
            return
        self.stdout.write(f"{'':<8} {'max age':>10} {'hits':>10} {'misses':>10} {'hit rate':>9}")
        for name, row in found["caches"].items():
            rate = "–" if row["hit_rate"] is None else f"{row['hit_rate']:.1%}"
            max_age = f"{row['seconds'] / 60:g} min" if row["seconds"] else "–"
            self.stdout.write(f"{name:<8} {max_age:>10} {row['hits']:>10} {row['misses']:>10} {rate:>9}")


def _status() -> dict[str, Any]:
    result = probes.probe(probes.shared_cache)
    counted = server_totals()
    rows = None
    if counted is not None:
        rows = {
            name: _row(counted[f"{name}.hit"], counted[f"{name}.miss"], seconds)
            for name, seconds in {"pages": 0.0, **{n: t.total_seconds() for n, t in TIERS.items()}}.items()
        }
        rows["pages"] |= {"unchanged": counted["pages.unchanged"], "purges": counted["pages.purge"]}
    return {
        "redis": bool(settings.REDIS_URL),
        "state": result.state,
        "message": result.message,
        "latency_ms": result.latency_ms,
        "caches": rows,
    }


def _row(hits: int, misses: int, seconds: float) -> dict[str, Any]:
    rate = round(hits / (hits + misses), 4) if hits + misses else None
    return {"hits": hits, "misses": misses, "hit_rate": rate, "seconds": seconds}
