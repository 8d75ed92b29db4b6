"""Search by classes of query, against the match and rank that PostgreSQL offers by itself."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from statistics import median

from django.contrib.auth.models import User
from django.db import connection, transaction

from approvals.decisions import decide
from approvals.models import Verdict
from contentpipeline.benchmarks.figures import Figure, at_least, at_most, milliseconds, p50_p95, show
from publishing import seeding
from publishing.models import Post, PostSearch
from publishing.publish import publish
from publishing.search import hits, search
from tasks import actions
from tasks.lifecycle import Status
from tasks.models import Draft

Say = Callable[[str], object]

POSTS, QUICK_POSTS = 20_000, 2_000
GOAL_MS, NEVER_MS = 40, 300
TYPOS_FOUND = 95

BASELINE = """
SELECT post_id FROM publishing_postsearch, websearch_to_tsquery('desk_english', %s) AS query
WHERE tsv @@ query ORDER BY ts_rank(tsv, query) DESC LIMIT 10
"""


def run(say: Say, *, quick: bool) -> None:
    """Measure everything and print it. `quick` has fewer posts and samples: for a look, not for a record."""
    posts, samples = (QUICK_POSTS, 15) if quick else (POSTS, 40)
    say(f"{posts} posts of {seeding.WORDS} words …")
    began_at = time.monotonic()
    seeding.seed(posts)
    say(f"… added in {time.monotonic() - began_at:.0f} s")
    chance = random.Random(11)
    figures = []
    for name, queries in _classes(posts, chance, samples).items():
        figures += _compared(name, queries)
    figures += [_titles_first(chance, samples), _typos_found(chance, samples), _marking(chance, samples)]
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
    classes["two very common, either"] = [" or ".join(chance.choices(very, k=2)) for _ in range(samples)]
    classes["six common"] = [" ".join(chance.choices(words["common"], k=6)) for _ in range(samples)]
    classes["phrase of two very common"] = [
        f'"{" ".join(chance.choices(very, k=2))}"' for _ in range(samples)
    ]
    classes["full title"] = [post.title for post in _some_posts(chance, samples)]
    return classes


def _compared(name: str, queries: Sequence[str]) -> list[Figure]:
    ours = [_seconds(lambda query=query: search(query)) for query in queries]  # type: ignore[misc]
    theirs = [_seconds(lambda query=query: _baseline(query)) for query in queries]  # type: ignore[misc]
    return [
        milliseconds(name, ours),
        milliseconds("  baseline: @@ and ts_rank", theirs),
        at_most("  p95", 1000 * p50_p95(ours)[1], GOAL_MS, "ms"),
        at_most("  longest", 1000 * max(ours), NEVER_MS, "ms"),
        Figure("  the baseline takes", f"{median(theirs) / median(ours):.2f}×"),
    ]


def _baseline(query: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BASELINE, [query])
        cursor.fetchall()


def _titles_first(chance: random.Random, samples: int) -> Figure:
    posts = _some_posts(chance, samples)
    first = sum(search(post.title).post_ids[:1] == [post.pk] for post in posts)
    return at_least("the post of a full title comes first", 100 * first / len(posts), 98, "%")


def _typos_found(chance: random.Random, samples: int) -> Figure:
    """Of titles that are found first: how many still are with one letter of their longest word wrong."""
    found = tried = 0
    for post in _some_posts(chance, samples):
        tried += 1
        words = post.title.split()
        longest = max(range(len(words)), key=lambda place: len(words[place]))
        at = len(words[longest]) // 2
        words[longest] = f"{words[longest][:at]}x{words[longest][at + 1 :]}"
        found += search(" ".join(words)).post_ids[:1] == [post.pk]
    return at_least("… with one letter wrong", 100 * found / tried, TYPOS_FOUND, "%")


def _marking(chance: random.Random, samples: int) -> Figure:
    found = [search(post.title) for post in _some_posts(chance, samples)]
    return milliseconds(
        "marking ten results",
        [_seconds(lambda one=one: hits(one, one.post_ids[:10])) for one in found],  # type: ignore[misc]
    )


def _publications(amount: int) -> list[Figure]:
    """From the verb's call until a search has the post."""
    author, editor = (User.objects.create_superuser(f"bench-{name}") for name in ("author", "editor"))
    texts, publishing, findable = seeding.Texts(), [], []
    for number in range(10_000_000, 10_000_000 + amount):
        content = texts.content(number) | {"title": f"Findable{'abcdefghij'[number % 10]}{number}"}
        task = actions.file_brief({"topic": content["title"], "category": content["category"]}, by=author)
        task.move_to(Status.IN_PROGRESS)
        draft = Draft(task=task)
        draft.save_version(content, reason="draft", written_by="bench")
        task.move_to(Status.AWAITING_APPROVAL)
        text = {"version": draft.version, "content_sha256": draft.content_sha256}
        decide(draft, Verdict.APPROVE, **text, by=editor, via="api")
        began_at = time.perf_counter()
        with transaction.atomic():
            post = publish(draft, by=editor)
        publishing.append(time.perf_counter() - began_at)
        while search(content["title"]).post_ids != [post.pk]:
            time.sleep(0.005)
        findable.append(time.perf_counter() - began_at)
    return [
        milliseconds("publish", publishing),
        at_most("publish to findable, longest", 1000 * max(findable), 1000, "ms"),
    ]


def _sizes(posts: int) -> list[Figure]:
    rows = max(PostSearch.objects.count(), posts)
    return [
        at_most("GIN a post", _bytes("publishing_tsv") / rows / 1024, 1.5, "KB"),
        at_most("lists a post", _bytes("publishing_searchlist") / rows / 1024, 0.5, "KB"),
        Figure("words and their counts", f"{_bytes('publishing_searchterm') / 2**20:.1f} MB"),
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
