"""Search by classes of query, against the match and rank that PostgreSQL offers by itself; and its pages."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from unittest.mock import patch
from urllib.parse import quote

from django.contrib.auth.models import User
from django.db import connection, transaction

from approvals.decisions import decide
from approvals.models import Verdict
from benchmarks import known_items, search_rig, site_rig, zipf_texts
from benchmarks.figures import MeasuredFigure, at_least, at_most, milliseconds, show, upper
from benchmarks.judged import measure_judged
from benchmarks.search_baseline import CPU, baseline_cpu, compared_cpu
from contentpipeline.ownership import as_owner
from contentpipeline.static_build import build_static_files
from publishing import publish, seeding
from publishing.models import Post, PostSearch
from publishing.search import highlighted_hits, index_post, search, suggestions
from tasks import actions
from tasks.lifecycle import Status
from tasks.models import Draft

Say = Callable[[str], object]

POSTS, QUICK_POSTS = 100_000, 2_000
WHOLE_POSTS = 500
"""How many have all that a published post has; the others have only what search reads."""
WARM_UP = 4
"""How often a page of each class is requested before it is measured, to warm up each thread of the server."""
GOAL_MS, NEVER_MS, PAGE_MS, INDEXING_MS = 40, 300, 45, 50
MILLION, MILLION_PAGE_MS = 1_000_000, 60
"""With so many posts a page may take longer."""
CPU_MS, CPU_POSTS = 8, 5_000
"""What a page may cost in CPU time, and with how many posts."""
NO_REDIS = "redis://127.0.0.1:1/0"
"""With it, no search result is cached."""

BASELINE = """
SELECT post_id FROM publishing_postsearch, websearch_to_tsquery('desk_english', %s) AS query
WHERE tsv @@ query ORDER BY ts_rank(tsv, query) DESC LIMIT 10
"""


def run(
    say: Say,
    *,
    quick: bool,
    posts: int | None = None,
    judged: Sequence[Path] = (),
    language: str = "",
    baseline: Path | None = None,
) -> None:
    """Measure everything and print it. `quick` has fewer posts and samples: a rough check, no record.

    With `judged`, directories, only how well their collections are ranked. With `baseline`, a checkout, what
    pages cost there as well.
    """
    if judged:
        with as_owner():  # triggers are off while rows are loaded
            show(measure_judged(judged, say, language=language, quick=quick), say)
        return
    usual, samples = (QUICK_POSTS, 15) if quick else (POSTS, 40)
    posts = posts or usual
    say(f"{posts} posts of {zipf_texts.WORDS} words …")
    whole = min(posts, WHOLE_POSTS)
    with as_owner():
        seconds = _seconds(lambda: seeding.add(map(zipf_texts.ZipfTexts().content, range(1, whole + 1))))
    say(f"… {whole} as they are published, in {1000 * seconds / whole:.1f} ms each")
    if posts > whole:
        seconds = _seconds(lambda: search_rig.add(posts - whole, say))
        say(f"… the others as search reads them, in {1000 * seconds / (posts - whole):.1f} ms each")
    chance = random.Random(11)
    classes = _classes(posts, chance, samples)
    figures = [figure for name, queries in classes.items() for figure in _compared(name, queries)]
    figures += [_titles_first(chance, samples), _highlighting(chance, samples), _suggesting(chance, samples)]
    baseline_ms = baseline_cpu(baseline, posts, say, quick=quick) if baseline else {}
    figures += _pages(classes, posts, baseline_ms)
    with as_owner():
        figures += known_items.measure(chance, 2 * samples)
    figures += [*_publications(5 if quick else 20), *_sizes(posts)]
    show(figures, say)


def _classes(posts: int, chance: random.Random, samples: int) -> dict[str, list[str]]:
    """Words by the share of posts that have them, alone and together."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lexeme, posts FROM publishing_searchterm WHERE posts > 1 ORDER BY lexeme")
        known = cursor.fetchall()
    bounds = {"rare": (0, 0.005), "medium": (0.005, 0.03), "common": (0.03, 0.25), "very common": (0.25, 1.1)}
    words = {
        name: [word for word, having in known if low <= having / posts < high]
        for name, (low, high) in bounds.items()
    }
    classes = {name: [chance.choice(some) for _ in range(samples)] for name, some in words.items() if some}
    very = words["very common"] or words["common"]
    classes["two very common, either"] = [" OR ".join(chance.choices(very, k=2)) for _ in range(samples)]
    classes["six common"] = [" ".join(chance.choices(words["common"], k=6)) for _ in range(samples)]
    classes["phrase of two very common"] = [
        f'"{" ".join(chance.choices(very, k=2))}"' for _ in range(samples)
    ]
    everything = [word for some in words.values() for word in some]
    classes["forty words"] = [" ".join(chance.choices(everything, k=40)) for _ in range(samples)]
    classes["full title"] = [post.title for post in _some_posts(chance, samples)]
    return classes


def _compared(name: str, queries: Sequence[str]) -> list[MeasuredFigure]:
    ours, cpu = [], []
    for query in queries:
        before = _cpu_seconds()
        ours.append(_seconds(partial(search, query)))
        cpu.append(_cpu_seconds() - before)
    theirs = [_seconds(partial(_baseline, query)) for query in queries]
    label, high = upper(ours)
    return [
        milliseconds(name, ours),
        milliseconds("  of CPU, here and in the database", cpu),
        milliseconds("  baseline: @@ and ts_rank", theirs),
        at_most(f"  {label}", 1000 * high, GOAL_MS, "ms"),
        at_most("  longest", 1000 * max(ours), NEVER_MS, "ms"),
        MeasuredFigure("  the baseline takes", f"{median(theirs) / median(ours):.2f}×"),
    ]


def _cpu_seconds() -> float:
    """Of this thread and of the database process it talks to: what they take however busy the machine is."""
    database = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text().split()[0]
    return time.thread_time() + int(database) / 1e9


def _baseline(query: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BASELINE, [query])
        cursor.fetchall()


def _titles_first(chance: random.Random, samples: int) -> MeasuredFigure:
    posts = _some_posts(chance, samples)
    first = sum(search(post.title).post_ids[:1] == [post.pk] for post in posts)
    return at_least("the post of a full title comes first", 100 * first / len(posts), 98, "%")


def _highlighting(chance: random.Random, samples: int) -> MeasuredFigure:
    found = [search(post.title) for post in _some_posts(chance, samples)]
    return milliseconds(
        "highlighting ten results",
        [_seconds(partial(highlighted_hits, one, one.post_ids[:10])) for one in found],
    )


def _suggesting(chance: random.Random, samples: int) -> MeasuredFigure:
    """While a title is typed: its first letters, and its first two words but for the end."""
    titles = [post.title for post in _some_posts(chance, samples)]
    suggestions(titles[0])  # the first in a process reads the site's addresses
    typed = [begun for title in titles for begun in (title[:2], title[:4], " ".join(title.split()[:2])[:-2])]
    return milliseconds(
        "suggestions",
        [_seconds(partial(suggestions, text)) for text in typed],
    )


def _pages(classes: dict[str, list[str]], posts: int, baseline_ms: dict[str, float]) -> list[MeasuredFigure]:
    """Over HTTP, one after the other, with marks and selections, and each computed: nothing is cached."""
    build_static_files()
    addresses = {name: list(map(_address, queries)) for name, queries in classes.items()}
    often = classes.get("very common") or classes["common"]
    addresses["very common, newest first"] = [f"{_address(query)}&sort=newest" for query in often]
    taken: dict[str, list[float]] = {}
    cpu_ms: dict[str, float] = {}
    with site_rig.site(others=[site_rig.database_process()], REDIS_URL=NO_REDIS) as site:
        for some in WARM_UP * list(addresses.values()):
            site.get(some[0])
        for name, some in addresses.items():
            before = site.cpu_seconds()
            taken[name] = [_seconds(partial(site.get, address)) for address in some]
            cpu_ms[name] = 1000 * (site.cpu_seconds() - before) / len(some)
    goal = MILLION_PAGE_MS if posts >= MILLION else PAGE_MS
    figures = [milliseconds(f"page: {name}", seconds, (goal, goal)) for name, seconds in taken.items()]
    figures += [_cpu(f"page: {name}{CPU}", ms, posts) for name, ms in cpu_ms.items()]
    figures += compared_cpu(cpu_ms, baseline_ms)
    high = {name: upper(seconds)[1] for name, seconds in taken.items()}
    common = max(high.get("common", 0), high.get("very common", 0))
    rare = high.get("rare") or high["medium"]
    label = upper(next(iter(taken.values())))[0]
    return [*figures, at_most(f"page: {label} of common words to rare ones", common / rare, 2, "×")]


def _cpu(name: str, ms: float, posts: int) -> MeasuredFigure:
    return at_most(name, ms, CPU_MS, "ms") if posts <= CPU_POSTS else MeasuredFigure(name, f"{ms:.1f} ms")


def _address(query: str) -> str:
    return f"/search/?q={quote(query)}"


@contextmanager
def _timed_indexing() -> Iterator[list[float]]:
    """How long search's part of each publication takes."""
    taken: list[float] = []
    with patch.object(publish, "index_post", lambda post: taken.append(_seconds(lambda: index_post(post)))):
        yield taken


def _publications(amount: int) -> list[MeasuredFigure]:
    """From the verb's call until a search has the post."""
    author, editor = (User.objects.create_superuser(f"bench-{name}") for name in ("author", "editor"))
    texts, publishing, indexing, findable = zipf_texts.ZipfTexts(), [], [], []
    for number in range(10_000_000, 10_000_000 + amount):
        content = texts.content(number) | {"title": f"Findable{'abcdefghij'[number % 10]}{number}"}
        task = actions.file_brief({"topic": content["title"], "category": content["category"]}, by=author)
        task.move_to(Status.IN_PROGRESS)
        draft = Draft(task=task)
        draft.save_version(content, reason="draft", written_by="bench")
        task.move_to(Status.AWAITING_APPROVAL)
        decide(
            draft, Verdict.APPROVE, version=draft.version, content_sha256=draft.content_sha256, by=editor,
            via="api",
        )  # fmt: skip
        began_at = time.perf_counter()
        with transaction.atomic(), _timed_indexing() as taken:
            post = publish.publish(draft, by=editor)
        publishing.append(time.perf_counter() - began_at)
        indexing += taken
        while search(content["title"]).post_ids != [post.pk]:
            time.sleep(0.005)
        findable.append(time.perf_counter() - began_at)
    label, high = upper(indexing)
    return [
        milliseconds("publish", publishing),
        at_most(f"  search's part of it, {label}", 1000 * high, INDEXING_MS, "ms"),
        at_most("publish to findable, longest", 1000 * max(findable), 1000, "ms"),
    ]


def _sizes(posts: int) -> list[MeasuredFigure]:
    rows = max(PostSearch.objects.count(), posts)
    return [
        at_most("GIN a post", _bytes("publishing_tsv") / rows / 1024, 1.5, "KB"),
        at_most("lists a post", _bytes("publishing_searchlist") / rows / 1024, 0.5, "KB"),
        MeasuredFigure("words and their counts", f"{_bytes('publishing_searchterm') / 2**20:.1f} MB"),
    ]


def _bytes(relation: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size(%s::regclass)", [relation])
        return int(cursor.fetchone()[0])


def _some_posts(chance: random.Random, amount: int) -> list[Post]:
    ids = list(Post.objects.order_by("pk").values_list("pk", flat=True))
    return list(Post.objects.filter(pk__in=chance.sample(ids, min(amount, len(ids)))).only("title"))


def _seconds(act: Callable[[], object]) -> float:
    began_at = time.perf_counter()
    act()
    return time.perf_counter() - began_at
