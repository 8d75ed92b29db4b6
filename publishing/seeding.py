"""Generated posts in bulk, for demonstrations and benchmarks: with tasks, versions, approvals and records.

The frequencies of words follow those of a language: the n-th word is 1/n as frequent as the first.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import accumulate, islice
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import connection, models, transaction
from django.utils import timezone

from approvals.audit import chain
from approvals.audit.publications import Publication, publication
from approvals.decisions import decide
from approvals.models import Decision, Verdict, Way
from approvals.receivers import record_histories
from publishing.addresses import absolute, path_of
from publishing.category_names import get_or_create
from publishing.models import COPIED_FIELDS, Category, Post, PostSearch, Tag
from publishing.publish import publish
from publishing.receivers import invalidate_caches
from publishing.search import lists
from publishing.search.index import search_row
from tasks.content import CONTENT_FIELDS, content_sha256
from tasks.lifecycle import Status, move_all
from tasks.models import ContentTask, Draft
from tasks.pipeline.text.markdown import render
from tasks.pipeline.text.words import word_count

WRITER = "seed_posts"
"""The writer of the texts, which identifies them."""
EDITOR = "seed-editor"
ROUND = 500
VOCABULARY, WORDS = 40_000, 700
ONSETS = (
    "b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z",
    "br", "cl", "dr", "fl", "gr", "pl", "pr", "sk", "sp", "st", "tr", "th",
)  # fmt: skip
VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ou"]
ENDS = ["", "", "n", "r", "l", "s", "t", "nd", "rk", "m"]
EMPTY = {name: getattr(Draft(), name) for name in CONTENT_FIELDS}
GROUPS = ["City", "Water", "Energy", "Housing", "Health", "Work"]


class Texts:
    """Generated texts; the same number gives the same text."""

    def __init__(self) -> None:
        chance = random.Random("vocabulary")
        words: dict[str, None] = {}
        while len(words) < VOCABULARY:
            # Common words are short.
            syllables = 2 + (len(words) > 200) + (len(words) > 8000)
            words["".join(_syllable(chance) for _ in range(syllables))] = None
        self.words = list(words)
        self._weights = list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))

    def content(self, number: int) -> dict[str, Any]:
        """The draft's fields that it has; the others are empty."""
        chance = random.Random(number)
        title = " ".join(self._some(chance, 7)).capitalize()
        sections = [
            f"## {' '.join(self._some(chance, 3)).capitalize()}\n\n{self._sentences(chance, WORDS // 4)}"
            for _ in range(4)
        ]
        return {
            "title": title,
            "slug": f"seeded-{number}",
            "summary": self._sentences(chance, 24),
            "body": "\n\n".join(sections),
            "category": GROUPS[number % len(GROUPS)],
            "tags": sorted({word.capitalize() for word in chance.sample(self.words[:60], 3)}),
        }

    def _some(self, chance: random.Random, amount: int) -> list[str]:
        return chance.choices(self.words, cum_weights=self._weights, k=amount)

    def _sentences(self, chance: random.Random, amount: int) -> str:
        words = self._some(chance, amount)
        parts = [words[start : start + 12] for start in range(0, amount, 12)]
        return " ".join(f"{' '.join(part).capitalize()}." for part in parts)


def seed(amount: int, report: Callable[[int], object] = lambda done: None) -> None:
    """Add this many posts."""
    texts, start = Texts(), _next_number()
    add((texts.content(number) for number in range(start, start + amount)), report)


def add(contents: Iterable[dict[str, Any]], report: Callable[[int], object] = lambda done: None) -> None:
    """Add posts with these texts, an hour apart, the first of them now. Each round is a transaction.

    `report` is called with the number so far after each round.
    """
    contents, done = iter(contents), 0
    editor, _ = User.objects.get_or_create(
        username=EDITOR, defaults={"is_active": False, "password": make_password(None)}
    )
    # Here alone, and never saved: the account that approves can neither log in nor do anything.
    editor.is_active = editor.is_superuser = True
    try:
        _collect_index_entries(True)
        while some := [EMPTY | content for content in islice(contents, ROUND)]:
            moments = [timezone.now() - timedelta(hours=done + place) for place in range(len(some))]
            with transaction.atomic():
                _add(some, moments, editor)
            done += len(some)
            report(done)
    finally:
        _collect_index_entries(False)
        _analyze()
        lists.rebuild()
        _analyze()
        invalidate_caches()


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _collect_index_entries(is_on: bool) -> None:
    """Whether the index takes a round's words at once, at a quarter of the cost: off for single posts."""
    _alter_index(f"ALTER INDEX publishing_tsv SET (fastupdate={'on' if is_on else 'off'})")


def _alter_index(sql: str) -> None:
    """Only its owner may; with the application's role, the index takes each post by itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'publishing_tsv'::regclass"
        )
        if cursor.fetchone()[0]:
            cursor.execute(sql)


def remove() -> int:
    """Delete the posts that `seed` added and return how many; their audit records stay."""
    removed = 0
    while posts := list(_seeded().select_related("draft__task")[:ROUND]):
        with transaction.atomic():
            tasks = [post.draft.task for post in posts]
            move_all([(task, "Removed seeded posts", {}) for task in tasks], Status.APPROVED)
            move_all([(task, "Removed seeded posts", {}) for task in tasks], Status.CANCELLED)
            Post.objects.filter(pk__in=[post.pk for post in posts]).delete()
        removed += len(posts)
    lists.rebuild()
    invalidate_caches()
    return removed


def _seeded() -> models.QuerySet[Post]:
    return Post.objects.filter(draft__written_by=WRITER).order_by("pk")


def _next_number() -> int:
    slugs = Draft.objects.filter(written_by=WRITER).values_list("slug", flat=True)
    return max((int(slug.removeprefix("seeded-")) for slug in slugs), default=0) + 1


def _add(contents: Sequence[dict[str, Any]], moments: Sequence[datetime], editor: User) -> None:
    # One post of each round is made by the verbs; the other decisions are copied from its own.
    drafts = _drafts(contents)
    example = decide(
        drafts[0],
        Verdict.APPROVE,
        version=drafts[0].version,
        content_sha256=drafts[0].content_sha256,
        by=editor,
        via="api",
        way=Way.SEED,
    )
    post = publish(drafts[0], by=editor)
    Post.objects.filter(pk=post.pk).update(published_at=moments[0], updated_at=moments[0])
    _publish_all(drafts[1:], moments[1:], example, editor)


def _drafts(contents: Sequence[dict[str, Any]]) -> list[Draft]:
    tasks = ContentTask.objects.bulk_create(
        [
            ContentTask(topic=content["title"], category=content["category"], tags=content["tags"])
            for content in contents
        ]
    )
    _record(tasks, "filed")
    # Before anything is committed, so that no worker takes them.
    move_all([(task, "seeded", {}) for task in tasks], Status.IN_PROGRESS)
    drafts = Draft.objects.bulk_create(
        [
            Draft(task=task, version=1, content_sha256=content_sha256(content), written_by=WRITER, **content)
            for task, content in zip(tasks, contents, strict=True)
        ]
    )
    _record(drafts, "draft")
    move_all([(task, "seeded", {}) for task in tasks], Status.AWAITING_APPROVAL)
    return drafts


def _publish_all(
    drafts: Sequence[Draft], moments: Sequence[datetime], example: Decision, editor: User
) -> None:
    if not drafts:
        return
    own = {"id", "draft_id", "content_sha256"}
    stated = {
        field.attname: getattr(example, field.attname)
        for field in Decision._meta.concrete_fields
        if field.attname not in own
    }
    decisions = Decision.objects.bulk_create(
        [Decision(draft=draft, content_sha256=draft.content_sha256, **stated) for draft in drafts]
    )
    _record(decisions, "", by=editor)
    tasks = [draft.task for draft in drafts]
    for status in (Status.APPROVED, Status.PUBLISHED):
        move_all([(task, "seeded", {}) for task in tasks], status, by=editor)
    categories = get_or_create(Category, sorted({draft.category for draft in drafts}))
    tags = get_or_create(Tag, sorted({name for draft in drafts for name in draft.tags}))
    posts = Post.objects.bulk_create(
        _post(draft, decision, moment, categories)
        for draft, decision, moment in zip(drafts, decisions, moments, strict=True)
    )
    _record(posts, "published version 1", by=editor)
    chain.record_all([publication(Publication.PUBLISHED, post, by=editor, reason="seeded") for post in posts])
    tagged = Post.tags.through
    tagged.objects.bulk_create(
        tagged(post=post, tag=tags[name])
        for post, draft in zip(posts, drafts, strict=True)
        for name in draft.tags
    )
    PostSearch.objects.bulk_create([search_row(post) for post in posts])
    _alter_index("SELECT gin_clean_pending_list('publishing_tsv')")


def _post(draft: Draft, decision: Decision, moment: datetime, categories: dict[str, Any]) -> Post:
    copied = {name: getattr(draft, name) for name in COPIED_FIELDS}
    return Post(
        draft=draft, approval=decision,
        body_html=render(draft.body, draft.citations), category=categories[draft.category],
        words=word_count(draft.body), published_at=moment, updated_at=moment,
        feed_id=absolute(path_of("post", draft.slug)), **copied,
    )  # fmt: skip


def _record(rows: Sequence[Any], reason: str, *, by: User | None = None) -> None:
    """Write their first history rows and audit entries, as if they had been saved one by one.

    The database copies the rows it has just stored, so that long texts are not sent twice.
    """
    history = type(rows[0]).history.model
    own: dict[str, Any] = {
        "history_date": timezone.now(), "history_change_reason": reason, "history_type": "+",
        "history_user_id": by.pk if by else None,
    }  # fmt: skip
    copied = ", ".join(connection.ops.quote_name(field.column) for field in history.tracked_fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {history._meta.db_table} ({copied}, {', '.join(own)})"
            f" SELECT {copied}, {', '.join(f'%({name})s' for name in own)}"
            f" FROM {type(rows[0])._meta.db_table} WHERE id = ANY (%(ids)s) ORDER BY id",
            own | {"ids": [row.pk for row in rows]},
        )
    made = [
        (
            row,
            history(
                **own, **{field.attname: getattr(row, field.attname) for field in history.tracked_fields}
            ),
        )
        for row in rows
    ]
    record_histories(made, by=by)


def _syllable(chance: random.Random) -> str:
    return chance.choice(ONSETS) + chance.choice(VOWELS) + chance.choice(ENDS)
