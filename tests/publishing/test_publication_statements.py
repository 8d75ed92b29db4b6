"""How many SQL statements a publication takes, from BEGIN to COMMIT, and that all of it happens."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.models import AuditEntry
from publishing.images.covers import set_cover
from publishing.models import Announcement, Post, PostSearch, RelatedPost, Schedule
from publishing.publish import publish, update_live
from publishing.schedule import schedule
from tasks.lifecycle import Status
from tasks.models import Draft
from tests.factories import ago, approve, make_draft, make_task, make_user
from tests.publishing.factories import approved_update
from tests.publishing.pictures import make_image

MOST = 21
"""The goal, for a text with a cover, sources, a category and tags that others have, and related posts."""
FOR_NEW_NAMES = 2
"""More for a new category and for new tags, however many."""

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def indexnow(settings: Any) -> None:
    settings.INDEXNOW_KEY = "k" * 32


def approved_draft(**content: Any) -> Draft:
    """With a cover, and with sources as every draft here."""
    writer = make_user("wim", "Writers", is_staff=True)
    names = {"category": "City", "tags": ["Heat", "Shade", "Trees"]} | content
    draft = make_draft(make_task(category=names["category"]), **names)
    set_cover(draft, make_image(writer), alt="Trees", credit="Photo: Edda Tor", by=writer)
    approve(draft)
    return Draft.objects.get(pk=draft.pk)


def publisher() -> User:
    """As in a view, which has asked for the permission already."""
    user = make_user("pia", "Publishers")
    assert user.has_perm("publishing.publish_post")
    return user


def statements_of(act: Any, *args: Any, **kwargs: Any) -> list[str]:
    kwargs = {"by": publisher()} | kwargs
    with CaptureQueriesContext(connection) as captured:
        act(*args, **kwargs)
    return [query["sql"] for query in captured.captured_queries]


def listed(statements: list[str]) -> str:
    return "\n".join(f"{number} {sql[:150]}" for number, sql in enumerate(statements, 1))


def test_a_publication_takes_few_statements_and_does_everything() -> None:
    related = publish(approved_draft(), by=publisher())
    draft = approved_draft()
    statements = statements_of(publish, draft)
    assert len(statements) <= MOST, listed(statements)
    post = Post.objects.get(draft=draft)
    assert (post.category, post.cover) == (related.category, related.cover)
    assert list(post.tags.all()) == list(related.tags.all())
    assert RelatedPost.objects.filter(post=post, other=related).exists()
    assert PostSearch.objects.filter(post=post).exists()
    assert post.history.get().history_user == publisher()
    assert Announcement.objects.filter(path=post.get_absolute_url()).exists()
    draft.task.refresh_from_db()
    assert draft.task.status == Status.PUBLISHED
    entries = AuditEntry.objects.order_by("-seq").values_list("action", "actor_name")[:3]
    assert list(entries) == [
        ("publication.published", "pia"), ("task.published", "pia"), ("post.created", "pia")
    ]  # fmt: skip
    call_command("audit", "verify")  # an error if the chain does not hold


def test_new_names_take_one_statement_for_all_tags_and_one_for_the_category() -> None:
    publish(approved_draft(), by=publisher())
    names = {"category": "Sea", "tags": ["Fish", "Salt", "Ships", "Sand", "Gulls"]}
    statements = statements_of(publish, approved_draft(**names))
    assert len(statements) <= MOST + FOR_NEW_NAMES, listed(statements)
    assert set(Post.objects.first().tags.values_list("name", flat=True)) == set(names["tags"])


def test_the_task_is_locked_before_the_draft_and_the_chain_once_at_the_end() -> None:
    statements = statements_of(publish, approved_draft())
    [lock] = [sql for sql in statements if "FOR UPDATE" in sql]
    assert lock.endswith('FOR UPDATE OF "tasks_contenttask", "tasks_draft"')
    assert statements.index(lock) == 1
    assert [number for number, sql in enumerate(statements) if "auditentry" in sql] == [
        len(statements) - 3, len(statements) - 2
    ]  # fmt: skip
    assert not [sql for sql in statements if "SAVEPOINT" in sql]


def test_a_scheduled_text_that_is_published_at_once_has_its_schedule_ended() -> None:
    draft = approved_draft()
    schedule(draft, ago(hours=-1), zone="UTC", by=publisher())
    publish(draft, by=publisher())
    assert Schedule.objects.get().outcome == "published"
    assert AuditEntry.objects.filter(action="schedule.published").exists()


def test_an_update_takes_few_more() -> None:
    publish(approved_draft(), by=publisher())
    draft = approved_update(publish(approved_draft(), by=publisher()), summary="New words.")
    statements = statements_of(update_live, draft, kind="update", note="A newer study was added.")
    assert len(statements) <= MOST + 10, listed(statements)


def test_a_failure_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    draft, by = approved_draft(), publisher()
    before = AuditEntry.objects.count()

    def fail(*_: Any, **__: Any) -> None:
        assert Post.objects.exists()
        raise RuntimeError("after the post was stored")

    monkeypatch.setattr("publishing.publish.relate", fail)
    with pytest.raises(RuntimeError):
        publish(draft, by=by)
    assert (Post.objects.count(), Announcement.objects.count()) == (0, 0)
    assert AuditEntry.objects.count() == before
