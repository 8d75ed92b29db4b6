"""Posts in bulk, for demonstrations and benchmarks: with tasks, versions, approvals and records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
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
from publishing.models import COPIED_FIELDS, Author, Category, Post, Schedule, Tag
from publishing.plain_body import body_html
from publishing.publish import publish, unpublish
from publishing.receivers import invalidate_caches
from publishing.schedule import unschedule
from publishing.search import lists
from publishing.search.index import index_again
from tasks.content import CONTENT_FIELDS, content_sha256
from tasks.lifecycle import Status, move_all
from tasks.models import ContentTask, Draft
from tasks.pipeline.text.body_images import names_in
from tasks.pipeline.text.words import word_count

WRITER = "seed_posts"
"""The writer of the texts, which identifies them."""
EDITOR = "seed-editor"
ROUND = 500
EMPTY = {name: getattr(Draft(), name) for name in CONTENT_FIELDS}


def add(
    contents: Iterable[dict[str, Any]],
    report: Callable[[int], object] = lambda done: None,
    *,
    published_at: Callable[[int], datetime] | None = None,
) -> None:
    """Add posts with these texts. Each round is a transaction.

    `published_at` gives the time of the post at a place in `contents`; without it they are an hour apart, the
    first of them now. `report` is called with the number so far after each round.
    """
    contents, done, now = iter(contents), 0, timezone.now()
    time_of = published_at or (lambda place: now - timedelta(hours=place))
    with empowered_editor(EDITOR) as editor:
        try:
            _collect_index_entries(True)
            while some := [EMPTY | content for content in islice(contents, ROUND)]:
                moments = [time_of(done + place) for place in range(len(some))]
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


@contextmanager
def empowered_editor(username: str) -> Iterator[User]:
    """An account that can neither log in nor do anything, except here: what it may is never saved."""
    editor, _ = User.objects.get_or_create(
        username=username, defaults={"is_active": False, "password": make_password(None)}
    )
    editor.is_active = editor.is_superuser = True
    yield editor


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
    """Take the posts that were seeded off the site and return how many; their audit records stay.

    They are deleted, except for those with a correction or a withdrawal, which are on record: these are
    withdrawn.
    """
    removed = 0
    while posts := list(_seeded().select_related("draft__task")[:ROUND]):
        with transaction.atomic():
            tasks = [post.draft.task for post in posts]
            move_all([(task, "Removed seeded posts", {}) for task in tasks], Status.APPROVED)
            move_all([(task, "Removed seeded posts", {}) for task in tasks], Status.CANCELLED)
            Post.objects.filter(pk__in=[post.pk for post in posts]).delete()
        removed += len(posts)
    with empowered_editor(EDITOR) as editor:
        # A draft that was changed by a person is no longer of its first writer alone.
        first_versions = Draft.history.filter(written_by=WRITER, version=1).values("id")
        for corrected in Post.objects.published().filter(draft__in=first_versions).select_related("draft"):
            unpublish(corrected, by=editor, reason="Removed seeded posts")
            removed += 1
        for planned in Schedule.objects.open().filter(draft__written_by=WRITER):
            unschedule(planned, by=editor, reason="Removed seeded posts")
    lists.rebuild()
    invalidate_caches()
    return removed


def _seeded() -> models.QuerySet[Post]:
    """Those that no other record refers to."""
    return Post.objects.published().filter(draft__written_by=WRITER, changes=0).order_by("pk")


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
    author = Author.objects.filter(user_id=editor.pk).first()
    posts = Post.objects.bulk_create(
        _post(draft, decision, moment, categories, author)
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
    index_again(posts)
    _alter_index("SELECT gin_clean_pending_list('publishing_tsv')")


def _post(
    draft: Draft, decision: Decision, moment: datetime, categories: dict[str, Any], author: Author | None
) -> Post:
    copied = {name: getattr(draft, name) for name in COPIED_FIELDS}
    return Post(
        draft=draft, approval=decision,
        body_html=body_html(draft, language="en"), body_images=names_in(draft.body),
        category=categories[draft.category],
        cover_id=draft.cover_image or None, author=author,
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
