import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from approvals.models import AuditEntry
from publishing.errors import NotApproved, SlugTaken, SlugUnusable
from publishing.models import Post, PostSearch
from publishing.publish import publish, unpublish
from tasks.actions import edit_draft
from tasks.errors import TransitionRefused
from tasks.lifecycle import Status
from tests.factories import approve, make_draft, make_user
from tests.publishing.factories import make_post


@pytest.fixture
def publisher(db):
    return make_user("publisher", "Publishers")


def test_publishing_copies_the_approved_text_and_moves_the_task(publisher):
    draft = make_draft(title="Street trees", slug="street-trees", tags=["Heat", "Trees"])
    decision = approve(draft)
    post = publish(draft, by=publisher)
    assert (post.title, post.slug, post.version, post.approval) == (
        "Street trees",
        "street-trees",
        1,
        decision,
    )
    assert post.content_sha256 == draft.content_sha256
    assert '<h2 id="section-shade">Shade</h2>' in post.body_html
    assert {tag.slug for tag in post.tags.all()} == {"heat", "trees"}
    assert post.category.slug == "city"
    assert post.words == 14
    assert PostSearch.objects.get().post == post
    draft.task.refresh_from_db()
    assert draft.task.status == Status.PUBLISHED


def test_a_text_without_an_approval_is_refused(publisher):
    with pytest.raises(NotApproved):
        publish(make_draft(), by=publisher)
    assert not Post.objects.exists()


def test_a_text_edited_after_its_approval_is_refused(publisher):
    draft = make_draft()
    approve(draft)
    edit_draft(draft, {"title": "Something else"}, by=make_user("writer", "Writers"))
    with pytest.raises(NotApproved):
        publish(draft, by=publisher)
    assert not Post.objects.exists()


def test_an_approval_of_other_bytes_does_not_count_even_if_the_task_is_approved(publisher):
    draft = make_draft()
    approve(draft)
    draft.save_version({"title": "Slipped in"}, reason="behind everyone's back", written_by="nobody")
    with pytest.raises(NotApproved):
        publish(draft, by=publisher)
    with pytest.raises(IntegrityError, match="the approval is void"):
        connection.check_constraints()
    transaction.set_rollback(True)


def test_only_publishers_publish_and_unpublish(publisher):
    draft = make_draft()
    approve(draft)
    for user in (make_user("writer", "Writers"), make_user("editor"), make_user("auditor", "Auditors")):
        with pytest.raises(PermissionDenied):
            publish(draft, by=user)
    post = publish(draft, by=publisher)
    with pytest.raises(PermissionDenied):
        unpublish(post, by=make_user("editor"))
    assert Post.objects.published().exists()


def test_two_posts_cannot_have_one_address(publisher):
    make_post(slug="street-trees")
    draft = make_draft(slug="street-trees")
    approve(draft)
    with pytest.raises(SlugTaken):
        publish(draft, by=publisher)
    draft.task.refresh_from_db()
    assert draft.task.status == Status.APPROVED


@pytest.mark.parametrize("slug", ["", "a/b", "a b", "..", "?"])
def test_a_slug_that_cannot_be_an_address_is_refused(publisher, slug):
    draft = make_draft(slug=slug)
    approve(draft)
    with pytest.raises(SlugUnusable):
        publish(draft, by=publisher)


def test_publishing_twice_is_refused(publisher):
    post = make_post()
    with pytest.raises(NotApproved):
        publish(post.draft, by=publisher)


def test_a_post_can_be_taken_off_and_put_back_with_its_first_date(publisher):
    post = make_post()
    unpublish(post, by=publisher, reason="A source was withdrawn.")
    assert not Post.objects.published().exists()
    again = publish(post.draft, by=publisher)
    assert again.pk == post.pk
    assert again.published_at == post.published_at
    assert Post.objects.published().get().was_updated


def test_unpublishing_twice_is_refused(publisher):
    post = make_post()
    unpublish(post, by=publisher)
    with pytest.raises(TransitionRefused):
        unpublish(post, by=publisher)


def test_publishing_and_unpublishing_are_on_record(publisher):
    post = make_post()
    unpublish(post, by=publisher, reason="A source was withdrawn.")
    entries = AuditEntry.objects.filter(object_type="post", object_id=post.pk).order_by("seq")
    assert [(entry.action, entry.actor_name, entry.data["reason"]) for entry in entries] == [
        ("post.created", "publisher", "published version 1"),
        ("post.changed", "publisher", "A source was withdrawn."),
    ]


def test_names_that_differ_in_case_are_one_tag(publisher):
    first, second = make_post(tags=["Heat"]), make_post(tags=["heat", "樹木"])
    assert list(first.tags.all()) == list(second.tags.filter(name="Heat"))
    assert second.tags.get(name="樹木").slug == "樹木"


@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_publications_one_wins():
    publisher = make_user("publisher", "Publishers")
    draft = make_draft()
    approve(draft)
    barrier, outcomes = threading.Barrier(2), []

    def attempt():
        barrier.wait()
        try:
            publish(draft, by=publisher)
            outcomes.append("published")
        except NotApproved:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["published", "refused"]
    assert Post.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_drafts_published_to_one_address_at_once_one_wins():
    publisher = make_user("publisher", "Publishers")
    drafts = [make_draft(slug="street-trees", category="", tags=[]) for _ in range(2)]
    for draft in drafts:
        approve(draft)
    barrier, outcomes = threading.Barrier(2), []

    def attempt(draft):
        barrier.wait()
        try:
            publish(draft, by=publisher)
            outcomes.append("published")
        except SlugTaken:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=[draft]) for draft in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["published", "refused"]


def test_names_with_the_same_letters_but_other_signs_stay_apart(publisher):
    first, second = make_post(category="C++", tags=["!!!"]), make_post(category="C#", tags=["???"])
    assert (first.category.name, second.category.name) == ("C++", "C#")
    assert [tag.name for tag in second.tags.all()] == ["???"]
    assert first.category.slug != second.category.slug


def test_names_that_differ_in_spelling_are_one_category(publisher):
    first, second = make_post(category="Street trees"), make_post(category="street-Trees")
    assert first.category == second.category


def test_a_name_whose_slug_is_longer_is_published(publisher):
    assert make_post(category="ﬃ" * 100).category.name == "ﬃ" * 100
