"""The site under load: the page cache next to a per-view cache on Redis and to nginx; each page's cost.

CPU time is that of the server's processes, the database's and, for the baseline, Redis's.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import median

from django.db import connections

from benchmarks import site_rig
from benchmarks.figures import MeasuredFigure, at_least, at_most, show
from benchmarks.site_rig import Cost, Target
from contentpipeline.static_build import build_static_files

Say = Callable[[str], object]
Measure = Callable[[], Cost]
MANY = {
    "/": "index of 20",
    "/feed/": "RSS",
    "/feed/atom/": "Atom",
    "/feed.json": "JSON Feed",
    "/sitemap.xml": "sitemap",
}
UNCACHED = "?fresh=1"
"""A parameter with which no page is cached."""


def run(say: Say, *, quick: bool) -> None:
    """Measure everything and print it. `quick` takes few samples: for a rough check, not for a record."""
    seconds, rounds, many = (2, 1, 2_000) if quick else (5, 3, 100_000)
    say(f"Load by {site_rig.load_with()}, {site_rig.CONNECTIONS} connections, {rounds} × {seconds} s each.")
    build_static_files()
    first = site_rig.first_post()
    site_rig.have_posts(200, first)
    connections.close_all()
    figures = _cached_pages(first.get_absolute_url(), seconds, rounds)
    say("Pages at 200 posts …")
    few = _pages(seconds, rounds)
    say(f"Pages at {many:,} posts …")
    site_rig.have_posts(many, first)
    connections.close_all()
    figures += _growth(few, _pages(seconds, rounds), many)
    show(figures, say)


def _cached_pages(page: str, seconds: float, rounds: int) -> list[MeasuredFigure]:
    with ExitStack() as stack, tempfile.TemporaryDirectory() as directory:
        database = site_rig.database_process()
        site: Target = stack.enter_context(site_rig.site(others=[database]))
        body, tag = site.get(page)
        _warm(site, page)
        ways: dict[str, Measure] = {
            "cached": lambda: site_rig.load(site, page, seconds),
            "br": lambda: site_rig.load(site, page, seconds, Accept_Encoding="br"),
            "304": lambda: site_rig.load(site, page, seconds, If_None_Match=tag),
            "uncached": lambda: site_rig.load(site, page + UNCACHED, seconds),
        }
        redis = stack.enter_context(site_rig.redis(Path(directory)))
        if redis is not None:
            plain: Target = stack.enter_context(site_rig.baseline(redis[0], others=[database, redis[1]]))
            _warm(plain, page)
            ways["baseline"] = lambda: site_rig.load(plain, page, seconds)
        nginx = stack.enter_context(site_rig.nginx(Path(directory), body))
        if nginx is not None:
            ways["nginx"] = lambda: site_rig.load(nginx, "/page.html", seconds)
        return _shown(_in_turn(ways, rounds), len(body))


def _in_turn(ways: dict[str, Measure], rounds: int) -> dict[str, Cost]:
    """Medians; taken in turn, so that what else the machine does meets all of them."""
    found: dict[str, list[Cost]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, measure in ways.items():
            found[name].append(measure())
    return {
        name: Cost(median(cost.a_second for cost in costs), median(cost.cpu_ms for cost in costs))
        for name, costs in found.items()
    }


def _shown(cost: dict[str, Cost], size: int) -> list[MeasuredFigure]:
    cached = cost["cached"]
    figures = [
        at_least(f"cached post of {size / 1000:.1f} KB", cached.a_second, 9000, "/s"),
        at_most("  CPU a request", cached.cpu_ms, 0.15, "ms"),
        MeasuredFigure(
            "  compressed with Brotli", f"{cost['br'].a_second:.0f} /s, {cost['br'].cpu_ms:.3f} ms"
        ),
        at_most("304, CPU a request", cost["304"].cpu_ms, 0.06, "ms"),
        MeasuredFigure("  requests a second", f"{cost['304'].a_second:.0f} /s"),
        at_most("uncached post, CPU a request", cost["uncached"].cpu_ms, 2.8, "ms"),
    ]
    if plain := cost.get("baseline"):
        shown = f"{plain.a_second:.0f} /s, {plain.cpu_ms:.3f} ms"
        figures += [
            MeasuredFigure("baseline: per-view cache on django-redis, granian WSGI", shown),
            at_least("  ratio: our requests a second", cached.a_second / plain.a_second, 5, "×"),
            at_least("  ratio: its CPU a request", plain.cpu_ms / cached.cpu_ms, 5, "×"),
        ]
    else:
        figures.append(
            MeasuredFigure("baseline: per-view cache on django-redis", "not measured: no Redis is installed")
        )
    if static := cost.get("nginx"):
        figures += [
            MeasuredFigure(
                "nginx, the same page as a file", f"{static.a_second:.0f} /s, {static.cpu_ms:.3f} ms"
            ),
            MeasuredFigure("  ratio: our CPU / nginx's", f"{cached.cpu_ms / static.cpu_ms:.1f}×"),
        ]
    else:
        figures.append(MeasuredFigure("nginx, the same page as a file", "not measured: it is not installed"))
    return figures


def _pages(seconds: float, rounds: int) -> dict[str, Cost]:
    """What each of the pages that show many posts costs when it is made."""
    with site_rig.site(others=[site_rig.database_process()]) as site:
        for path in MANY:
            _warm(site, path + UNCACHED, 2)
        return _in_turn(
            {path: partial(site_rig.one_by_one, site, path + UNCACHED, seconds) for path in MANY},
            rounds,
        )


def _growth(few: dict[str, Cost], many: dict[str, Cost], amount: int) -> list[MeasuredFigure]:
    figures = []
    for path, name in MANY.items():
        title = f"{name}, uncached, at {amount:,} posts: CPU"
        figures.append(
            at_most(title, many[path].cpu_ms, 4, "ms")
            if path == "/"
            else MeasuredFigure(title, f"{many[path].cpu_ms:.4g} ms")
        )
        figures.append(
            at_most("  ratio: to the same at 200 posts", many[path].cpu_ms / few[path].cpu_ms, 1.5, "×")
        )
    return figures


def _warm(target: Target, path: str, times: int = 20) -> None:
    for _ in range(times):
        target.get(path)
