import pytest
from django.test import Client
from django.urls import reverse

from approvals.models import AuditEntry
from publishing.models import Category, Redirect
from publishing.publish import unpublish
from tests.factories import make_user
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def post():
    return make_post("Street trees", slug="street-trees")


@pytest.fixture
def root():
    client = Client()
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    return client


def test_posts_are_listed_with_their_address(root, post):
    other = make_post("Withdrawn", slug="withdrawn")
    unpublish(other, by=make_user("publisher"))
    text = root.get(reverse("admin:publishing_post_changelist")).content.decode()
    assert 'href="/posts/street-trees/"' in text
    assert 'href="/posts/withdrawn/"' not in text


def test_not_even_a_superuser_adds_changes_or_deletes_a_post_here(root, post):
    change = reverse("admin:publishing_post_change", args=[post.pk])
    assert root.get(change).status_code == 200
    assert root.post(change, {"title": "Changed"}).status_code == 403
    assert (
        root.post(reverse("admin:publishing_post_delete", args=[post.pk]), {"post": "yes"}).status_code == 403
    )
    assert root.post(reverse("admin:publishing_post_add"), {}).status_code == 403
    action = {"action": "delete_selected", "_selected_action": [post.pk], "post": "yes"}
    root.post(reverse("admin:publishing_post_changelist"), action)
    post.refresh_from_db()
    assert post.title == "Street trees"


def test_redirects_are_listed_with_where_they_lead_and_found_by_either_address(root, post):
    gone = make_post("Withdrawn", slug="withdrawn")
    unpublish(gone, by=make_user("publisher"))
    Redirect.objects.create(slug="old-trees", post=post)
    Redirect.objects.create(slug="old-secret", post=gone)
    address = reverse("admin:publishing_redirect_changelist")
    text = root.get(address).content.decode()
    assert "/posts/old-trees/" in text
    assert '<a href="/posts/street-trees/">' in text
    assert "/posts/withdrawn/ (withdrawn)" in text
    for asked in ("old-trees", "street-trees", "Street"):
        found = root.get(address, {"q": asked}).content.decode()
        assert "/posts/old-trees/" in found
        assert "old-secret" not in found


def test_redirects_cannot_be_added_changed_or_deleted_here(root, post):
    redirect = Redirect.objects.create(slug="old-trees", post=post)
    change = reverse("admin:publishing_redirect_change", args=[redirect.pk])
    assert root.get(change).status_code == 200
    assert root.post(change, {"slug": "other", "post": post.pk}).status_code == 403
    delete = reverse("admin:publishing_redirect_delete", args=[redirect.pk])
    assert root.post(delete, {"post": "yes"}).status_code == 403
    assert root.post(reverse("admin:publishing_redirect_add"), {}).status_code == 403
    listed = reverse("admin:publishing_redirect_changelist")
    root.post(listed, {"action": "delete_selected", "_selected_action": [redirect.pk], "post": "yes"})
    assert list(Redirect.objects.values_list("slug", flat=True)) == ["old-trees"]
    stranger, writer = Client(), Client()
    stranger.force_login(make_user("stranger", is_staff=True))
    writer.force_login(make_user("writer", "Writers", is_staff=True))
    assert stranger.get(listed).status_code == 403
    assert writer.get(listed).status_code == 200


def test_history_is_read_only(root, post):
    record = post.history.first()
    address = reverse("admin:publishing_post_simple_history", args=[post.pk, record.history_id])
    assert root.get(reverse("admin:publishing_post_history", args=[post.pk])).status_code == 200
    assert root.get(address).status_code == 200
    assert root.post(address, {"title": "Changed"}).status_code == 403
    assert post.history.count() == 1


def test_writers_see_posts_and_publishers_name_categories(post):
    writer, publisher = Client(), Client()
    writer.force_login(make_user("writer", "Writers", is_staff=True))
    publisher.force_login(make_user("publisher"))
    address = reverse("admin:publishing_category_change", args=[post.category_id])
    assert writer.get(reverse("admin:publishing_post_changelist")).status_code == 200
    assert writer.post(address, {"name": "Town", "slug": "town"}).status_code == 403
    assert publisher.post(address, {"name": "Town", "slug": "town"}).status_code == 302


def test_a_category_is_renamed_with_an_audit_entry(admin_client):
    category = Category.objects.create(name="City", slug="city")
    page = reverse("admin:publishing_category_change", args=[category.pk])
    assert admin_client.post(page, {"name": "Town", "slug": "city"}).status_code == 302
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.object_id, entry.data["name"]) == ("category.changed", category.pk, "Town")
