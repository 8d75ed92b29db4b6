import pytest
from django.core.management import call_command

from publishing.models import Post, PostTerms, RelatedPost
from publishing.publish import publish, unpublish
from publishing.site import queries
from tasks.actions import edit_draft
from tests.factories import approve, make_user
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

TREES = "Limes and planes shade the pavement. Roots of a lime drink; canopy and canopy cool the pavement."
BUSES = "The night bus runs hourly. Drivers of a bus rest at the depot; the depot charges every bus."


def make(title, body, **fields):
    fields = {"tags": [], "category": title, "summary": title} | fields
    return make_post(title, body, **fields)


def related_to(post):
    """The related posts on the post's page."""
    related = queries.post_page(post.slug).related
    found = Post.objects.in_bulk([card.pk for card in related])
    return [found[card.pk] for card in related]


def test_posts_about_the_same_things_are_related():
    lime = make("Limes in town", TREES)
    bus = make("Night bus", BUSES)
    plane = make("Planes and limes", TREES.replace("Limes", "Old limes"))
    assert related_to(lime) == [plane]
    assert related_to(plane) == [lime]
    assert related_to(bus) == []


def test_a_withdrawn_post_is_no_longer_recommended():
    lime, plane = make("Limes in town", TREES), make("Planes and limes", TREES)
    unpublish(plane, by=make_user("publisher"))
    assert related_to(lime) == []


def test_a_changed_text_gets_other_related_posts():
    lime, bus = make("Limes in town", TREES), make("Night bus", BUSES)
    changed = make("Planes and limes", TREES)
    unpublish(changed, by=make_user("publisher"))
    draft = changed.draft
    draft.task.refresh_from_db()
    edit_draft(draft, {"body": BUSES, "title": "Bus at night", "summary": "A bus"}, by=make_user("writer"))
    draft.task.refresh_from_db()
    approve(draft)
    changed = publish(draft, by=make_user("publisher"))
    assert related_to(changed) == [bus]
    assert related_to(lime) == []


def test_texts_in_different_languages_are_not_mixed():
    lime = make("Limes in town", TREES)
    make("Limes in town", TREES, slug="de", language="de")
    assert related_to(lime) == []


def test_reading_takes_one_query_for_any_number_of_posts(django_assert_num_queries):
    posts = [make(f"Limes {number}", TREES) for number in range(8)]
    with django_assert_num_queries(1):
        assert len(queries.post_page(posts[0].slug).related) == 4


def test_posts_of_earlier_releases_are_related_by_a_command(capsys):
    lime, plane = make("Limes in town", TREES), make("Planes and limes", TREES)
    PostTerms.objects.all().delete()
    RelatedPost.objects.all().delete()
    call_command("relate_posts")
    assert "2 posts examined" in capsys.readouterr().out
    assert related_to(lime) == [plane]
    call_command("relate_posts")
    assert "0 posts examined" in capsys.readouterr().out
