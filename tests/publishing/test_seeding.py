import re

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from approvals.audit.verification import first_failure
from approvals.decisions import current_approval
from publishing.demonstration.articles import articles, others
from publishing.demonstration.recombined import recombined
from publishing.models import Correction, Post, Schedule
from publishing.search import search
from tasks.models import ContentTask, Draft
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db


def test_seeded_posts_are_complete():
    call_command("seed_posts", "12")
    posts = list(Post.objects.published().select_related("draft__task", "approval", "category"))
    assert len(posts) == 12
    for post in posts:
        assert current_approval(post.draft) == post.approval
        assert post.content_sha256 == post.draft.content_sha256 == post.approval.content_sha256
        assert post.draft.author_id != post.approval.actor_id
        assert post.draft.task.status == "published"
        assert [row.version for row in post.draft.versions] == [1]
        assert post.tags.count() == 3
        assert post.history.count() >= 1
        assert search(post.title).post_ids[0] == post.pk
    assert first_failure() is None
    assert Client().get(posts[0].get_absolute_url()).status_code == 200
    editor = User.objects.get(username="seed-editor")
    assert not editor.is_active
    assert not editor.is_superuser
    assert not editor.has_usable_password()


def test_seeding_restores_the_index_settings_and_leaves_nothing_pending():
    call_command("seed_posts", "3")
    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'publishing_tsv'")
        assert cursor.fetchone()[0] == ["fastupdate=off"]
        cursor.execute("SELECT gin_clean_pending_list('publishing_tsv')")
        assert cursor.fetchone()[0] == 0


def test_the_applications_own_role_may_seed(as_application):
    call_command("seed_posts", "2")
    assert Post.objects.published().count() == 2


def test_the_same_number_gives_the_same_text():
    assert recombined(7) == recombined(7) != recombined(8)


def test_recombined_texts_cite_the_sources_of_the_sentences_they_took():
    whole = {citation["title"] for article in articles() for citation in article.citations}
    for number in range(200):
        text = recombined(number)
        cited = {int(found) for found in re.findall(r"\[(\d+)\](?!\()", text["body"])}
        assert cited == {citation["number"] for citation in text["citations"]}
        assert {citation["title"] for citation in text["citations"]} <= whole
        assert "{" not in text["title"] + text["body"].replace("```", "")
    assert len({recombined(number)["title"] for number in range(200)}) > 190


def test_the_whole_demonstration_site_has_what_happens_to_articles():
    call_command("seed_posts", str(len(articles()) + 3))
    posts = Post.objects.published()
    assert posts.count() == len(articles()) + 3
    assert {article.language for article in articles()} == {"en", "de", "fr", "es"}
    assert set(Correction.objects.values_list("kind", flat=True)) == {"correction", "update"}
    (scheduled,) = Schedule.objects.open()
    (withdrawn,) = Post.objects.filter(is_live=False)
    assert {scheduled.slug, withdrawn.slug} == {article.slug for article in others()}
    assert Client().get(withdrawn.get_absolute_url()).status_code == 410
    assert all(post.cover_id and post.editor for post in posts.select_related("author"))
    assert Post.objects.get(slug="tide-tables").body == next(
        article.body for article in articles() if article.slug == "tide-tables"
    )
    assert first_failure() is None
    call_command("seed_posts", "--remove")
    assert not Post.objects.published().exists()
    assert not Schedule.objects.open().exists()
    assert first_failure() is None
    call_command("seed_posts", "2")
    assert Post.objects.published().count() == 2


def test_seeding_again_adds_to_what_is_there():
    call_command("seed_posts", "2")
    call_command("seed_posts", "2")
    assert Post.objects.count() == 4


def test_removing_takes_only_what_was_seeded():
    own = make_post("Asphalt")
    call_command("seed_posts", "3")
    call_command("seed_posts", "--remove")
    assert list(Post.objects.all()) == [own]
    assert Draft.objects.count() == 4
    assert set(ContentTask.objects.exclude(draft=own.draft).values_list("status", flat=True)) == {"cancelled"}
    assert first_failure() is None
    assert search("asphalt").post_ids == [own.pk]


@pytest.mark.parametrize("words", [[], ["0"], ["-1"], ["3", "--remove"]])
def test_an_ambiguous_command_does_nothing(words):
    with pytest.raises(CommandError):
        call_command("seed_posts", *words)
    assert not Post.objects.exists()
