"""Images in the body, from the upload to readers."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from approvals.audit.dossier import dossier
from approvals.audit.reconciliation import checks
from approvals.diffs.comparison import compare_versions
from approvals.links.models import PreviewLink
from approvals.links.sharing import make_link
from approvals.objections import objections_to
from publishing import readiness
from publishing.addresses import absolute
from publishing.errors import ImageMissing
from publishing.images import library
from publishing.images.garbage_collection import delete_unused
from publishing.models import Image, ImageUse, MediaItem, Post, PostSearch
from publishing.publish import publish, unpublish
from tasks.actions import edit_draft
from tasks.lifecycle import Status
from tests.factories import approve, make_draft, make_user
from tests.publishing.pictures import encoded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def picture(name="harbour.jpg", by=None, **how):
    upload = SimpleUploadedFile(name, encoded(**how))
    return library.add(upload, by=by or make_user("writer", "Writers", is_staff=True), alt="A harbour").item


def body_with(*items):
    lines = [f'![A harbour](image:{item.image_id} "The old harbour | Photo: Edda Tor")' for item in items]
    return "\n\n".join(["Trees cool a street by shade and by water [1].", *lines, "Shade keeps walls cool."])


def illustrated_draft(*items, **content):
    return make_draft(body=body_with(*items), **content)


def publish_approved(draft):
    approve(draft)
    return publish(draft, by=make_user("publisher", "Publishers", is_staff=True))


def test_readers_get_the_figure_on_every_page_and_its_files(client):
    item = picture()
    post = publish_approved(illustrated_draft(item))
    assert post.body_images == [item.image_id]
    path = f"/media/covers/{item.image_id}/1000.jpeg"
    page = client.get(post.get_absolute_url()).content.decode()
    assert f'<img src="{path}"' in page
    assert "The old harbour" in page
    assert f'<meta property="og:image" content="{absolute(path)}">' in page
    assert '"ImageObject"' in page
    for feed in ("/feed/", "/feed/atom/", "/feed.json"):
        text = client.get(feed).content.decode()
        assert path in text
        assert f'src=\\"{path}' not in text
        assert f"src=&quot;{path}" not in text
        assert f", /media/covers/{item.image_id}" not in text
    as_markdown = client.get(f"/posts/{post.slug}.md").content.decode()
    assert f'![A harbour]({absolute(path)} "The old harbour | Photo: Edda Tor")' in as_markdown
    found = client.get("/search/?q=%22old+harbour%22").content.decode()
    assert post.title in found
    assert not PostSearch.objects.filter(text__contains=item.image_id[:20]).exists()
    answer = client.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    unpublish(post, by=make_user("publisher"))
    assert client.get(path).status_code == 404


def test_an_image_of_a_draft_is_shown_to_the_desk_and_behind_a_preview_link_alone(client):
    item = picture()
    draft = illustrated_draft(item)
    editor = Client()
    editor.force_login(make_user("editor", "Editors", is_staff=True))
    review = editor.get(reverse("desk:review", args=[draft.pk]), {"view": "rendered"}).content.decode()
    path = f"/admin/publishing-desk/images/{item.image_id}/1000.jpeg"
    assert f'<img src="{path}"' in review
    assert editor.get(path).status_code == 200
    assert client.get(path).status_code == 302
    assert client.get(f"/media/covers/{item.image_id}/1000.jpeg").status_code == 404
    _, preview = make_link(
        draft, version=1, kind=PreviewLink.Kind.PREVIEW, person="", days=1, by=make_user("editor")
    )
    shown = client.get(preview).content.decode()
    in_preview = f"{preview}images/{item.image_id}/1000.jpeg"
    assert f'<img src="{in_preview}"' in shown
    assert client.get(in_preview).status_code == 200
    other = picture("other.jpg", width=900)
    assert client.get(f"{preview}images/{other.image_id}/900.jpeg").status_code == 404
    assert client.get(in_preview.replace("/preview/", "/preview/x")).status_code == 404


def test_an_unknown_image_is_an_objection_and_prevents_publication():
    draft = make_draft(body=f"Words.\n\n![lost](image:{'0' * 64})")
    [found] = [one for one in readiness.objections_to([draft])[draft.pk] if one.kind == "image_missing"]
    assert "image:000000000000…" in found.text
    assert "upload it there" in found.text
    approve(draft)
    with pytest.raises(ImageMissing):
        publish(draft, by=make_user("publisher", "Publishers", is_staff=True))
    assert not Post.objects.exists()


def test_an_image_without_a_description_is_an_objection():
    item = picture()
    draft = make_draft(body=f"Words.\n\n![](image:{item.image_id})")
    assert "image_undescribed" in {one.kind for one in objections_to(draft).to_confirm}


def test_other_bytes_than_were_approved_are_not_published():
    item = picture()
    draft = illustrated_draft(item)
    approve(draft)
    path = item.image.path_of(item.image.variants[0])
    with default_storage.open(path, "wb") as file:
        file.write(b"other bytes")
    with pytest.raises(ImageMissing, match="image in the text"):
        publish(draft, by=make_user("publisher", "Publishers", is_staff=True))


def test_a_used_image_stays_for_ever_and_the_dossier_names_it():
    item = picture()
    draft = illustrated_draft(item)
    edit_draft(draft, {"body": "No picture any more."}, by=make_user("writer"))
    MediaItem.objects.all().delete()
    Image.objects.update(uploaded_at=timezone.now() - timedelta(days=9))
    assert list(delete_unused()) == []
    assert [one["name"] for one in dossier(draft, by=None, via="test")["images"]] == [item.image_id]
    ImageUse.objects.all().delete()
    assert list(delete_unused()) == [item.image_id]


def test_what_nobody_uses_stays_in_the_library_until_it_is_deleted():
    item = picture()
    Image.objects.update(uploaded_at=timezone.now() - timedelta(days=9))
    assert list(delete_unused()) == []
    library.delete(item, by=make_user("editor", "Editors"))
    assert not Image.objects.exists()
    assert not default_storage.exists(item.image.path_of(item.image.variants[0]))


def test_a_published_page_is_what_its_markdown_renders_to():
    publish_approved(illustrated_draft(picture()))
    assert [shown.unapproved for check in checks for shown in check()] == [""]


def test_a_comparison_shows_the_earlier_picture_and_the_newer_one():
    one, two = picture(), picture("other.jpg", width=900)
    draft = illustrated_draft(one)
    edit_draft(draft, {"body": body_with(two)}, by=make_user("writer"))
    html = "".join(block.html for block in compare_versions(draft, 1, 2).blocks)
    assert html.index(one.image_id) < html.index(two.image_id)
    assert 'class="desk-removed"' in html
    assert 'class="desk-added"' in html


def test_a_newer_picture_reaches_a_text_in_a_version_of_its_own():
    one = picture()
    draft = illustrated_draft(one)
    approve(draft)
    writer = make_user("writer")
    newer = library.replace(one, SimpleUploadedFile("new.jpg", encoded(width=900)), by=writer)
    one.refresh_from_db()
    draft.task.refresh_from_db()
    assert (draft.version, draft.task.status) == (1, Status.APPROVED)
    assert "image_replaced" in {one.kind for one in objections_to(draft).to_publication}
    assert library.use_newer(one, draft, by=writer)
    draft.task.refresh_from_db()
    assert (draft.version, draft.task.status) == (2, Status.AWAITING_APPROVAL)
    assert newer.image_id in draft.body
    assert one.image_id not in draft.body


def test_api_previews_show_the_figure():
    item = picture()
    draft = illustrated_draft(item)
    client = Client()
    client.force_login(make_user("writer", is_staff=True))
    answer = json.loads(client.get(f"/api/drafts/{draft.pk}/preview/").content)
    assert f"/admin/publishing-desk/images/{item.image_id}/" in answer["html"]
    assert answer["unshown"] == []
