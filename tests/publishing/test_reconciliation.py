"""That every byte online was approved, checked without trust in triggers."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from publishing.models import Category, Post
from publishing.publish import update_live
from tests.factories import make_user, without_triggers
from tests.publishing.factories import approved_update, make_post

pytestmark = pytest.mark.django_db


def reconciled():
    out = StringIO()
    call_command("audit", "reconcile", stdout=out)
    return out.getvalue()


def test_regular_publications_have_no_findings():
    make_post("Street trees")
    make_post("Lindens")
    assert reconciled() == "Everything online was approved exactly as it is: 2 posts.\n"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"body": "Buy now."}, "body differ"),
        ({"title": "Buy now"}, "title differ"),
        ({"body_html": "<p>Buy now.</p>"}, "body_html"),
        ({"content_sha256": "0" * 64}, "does not approve this text"),
        ({"version": 2}, "not on record"),
    ],
)
def test_unapproved_content_is_reported(change, named):
    post = make_post("Street trees")
    with without_triggers():
        Post.objects.filter(pk=post.pk).update(**change)
    with pytest.raises(CommandError, match="1 of 1 are online") as refused:
        reconciled()
    assert f"{post.get_absolute_url()}: " in str(refused.value)
    assert named in str(refused.value)


def test_updates_have_no_findings_either():
    post = make_post("Street trees")
    publisher = make_user("publisher", "Publishers")
    for summary in ("One.", "Two."):
        update_live(approved_update(post, summary=summary), by=publisher, kind="minor")
    assert "1 post" in reconciled()
    connection.check_constraints()
    with without_triggers():
        post.corrections.filter(to_version=2).update(to_sha256="0" * 64)
    with pytest.raises(CommandError, match="version 2, which was online, was not approved"):
        reconciled()
    with without_triggers():
        post.corrections.filter(to_version=2).delete()
    with pytest.raises(CommandError, match="changed 2 times, but the log has 1 changes"):
        reconciled()


def test_a_category_that_is_not_the_approved_one_is_reported():
    post = make_post("Street trees")
    Post.objects.filter(pk=post.pk).update(category=Category.objects.create(name="Adverts", slug="adverts"))
    with pytest.raises(CommandError, match="category"):
        reconciled()


def test_a_changed_version_record_is_reported():
    post = make_post("Street trees")
    with without_triggers():
        post.draft.history.filter(version=post.version).update(body="Buy now.")
        Post.objects.filter(pk=post.pk).update(body="Buy now.")
    with pytest.raises(CommandError, match="not the text that was approved"):
        reconciled()


def test_withdrawn_posts_are_not_compared():
    post = make_post("Street trees")
    with without_triggers():
        Post.objects.filter(pk=post.pk).update(is_live=False, body="Whatever.")
    assert "0 posts" in reconciled()
