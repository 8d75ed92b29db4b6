import json
import re

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from approvals.audit.dossier import dossier
from publishing.errors import ImageMissing
from publishing.models import Image, Post
from publishing.publish import publish, unpublish
from publishing.readiness import objections_to
from tasks.actions import restore_version
from tasks.lifecycle import Status
from tasks.models import Draft, StagedUpload
from tests.factories import approve, make_draft, make_user
from tests.publishing.factories import make_post
from tests.publishing.pictures import encoded, make_illustrated_post, make_image

pytestmark = pytest.mark.django_db

SAID = {"alt": "Trees along a street", "credit": "Photo: Edda Tor"}


@pytest.fixture(autouse=True)
def _own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def client_of(name, *groups):
    client = Client()
    client.force_login(make_user(name, *groups, is_staff=True))
    return client


@pytest.fixture
def writer():
    return client_of("writer", "Writers")


def address_of(draft):
    return reverse("publishing_desk:cover", args=[draft.pk])


def upload(client, draft, data=None, **fields):
    file = SimpleUploadedFile("street.jpg", encoded() if data is None else data)
    return client.post(address_of(draft), {"version": draft.version, "file": file, **SAID, **fields})


def test_an_upload_is_a_version_that_another_user_has_to_approve(writer):
    draft = make_draft()
    before = draft.content_sha256
    response = upload(writer, draft)
    assert response.status_code == 302
    draft.refresh_from_db()
    assert (draft.version, draft.cover_alt, draft.cover_credit) == (2, *SAID.values())
    assert draft.content_sha256 != before
    assert draft.cover_image == Image.objects.get().name
    assert draft.history.first().history_change_reason == "cover image set by writer"
    assert draft.author.username == "writer"
    page = writer.get(reverse("desk:review", args=[draft.pk]), {"view": "rendered"}).content.decode()
    assert f"/admin/publishing-desk/images/{draft.cover_image}/1000.jpeg" in page
    assert 'alt="Trees along a street"' in page


def test_a_cover_after_approval_voids_it(writer):
    draft = make_draft()
    approve(draft)
    upload(writer, draft)
    draft.task.refresh_from_db()
    assert draft.task.status == Status.AWAITING_APPROVAL


def test_the_alternative_text_changes_without_a_new_file_and_the_image_can_be_removed(writer):
    draft = make_draft()
    upload(writer, draft)
    draft.refresh_from_db()
    writer.post(address_of(draft), {"version": 2, "alt": "Limes in June", "credit": ""})
    draft.refresh_from_db()
    assert (draft.version, draft.cover_alt, draft.cover_credit) == (3, "Limes in June", "")
    writer.post(address_of(draft), {"version": 3, "remove": "yes"})
    draft.refresh_from_db()
    assert (draft.cover_image, draft.cover_alt) == ("", "")
    restore_version(draft, 2, by=make_user("writer"))
    assert draft.cover_alt == SAID["alt"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"alt": " "}, "Describe the image for"),
        ({"data": b"no image"}, "upload a JPEG, PNG"),
        ({"data": b""}, "empty"),
        ({"file": ""}, "Choose an image."),
        ({"alt": "x" * 126}, "at most 125 characters"),
        ({"data": b"x" * 15_000_001}, "15.0 MB; the limit is 15 MB"),
    ],
)
def test_an_invalid_form_is_explained_and_changes_nothing(writer, fields, sentence):
    draft = make_draft()
    response = upload(writer, draft, **fields)
    assert response.status_code == 400
    assert sentence in response.content.decode()
    draft.refresh_from_db()
    assert draft.version == 1
    assert not Image.objects.exists()


def test_an_error_in_the_alternative_text_preserves_the_chosen_image(writer):
    draft = make_draft()
    answer = upload(writer, draft, alt="")
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "street.jpg" in page
    (token,) = re.findall(r'name="file-staged" value="([^"]+)"', page)
    said = {"version": draft.version, **SAID, "file-staged": token}
    stranger = client_of("stranger", "Writers").post(address_of(draft), said)
    assert (stranger.status_code, "select it again" in stranger.content.decode()) == (400, True)
    assert writer.post(address_of(draft), said).status_code == 302
    assert Draft.objects.get().cover_image == Image.objects.get().name
    assert not StagedUpload.objects.exists()


def test_a_stale_page_changes_nothing(writer):
    draft = make_draft()
    upload(writer, draft)
    response = upload(writer, draft, encoded(width=1100))
    assert response.status_code == 409
    assert "The draft is at version 2" in response.content.decode()


def test_a_published_text_keeps_its_cover(writer):
    post = make_illustrated_post()
    alt = post.cover_alt
    assert upload(writer, post.draft).status_code == 403
    assert upload(client_of("edna", "Editors"), post.draft, alt="A lime tree").status_code == 302
    post.refresh_from_db()
    assert post.cover_alt == alt
    assert Draft.objects.get().task.update_state == "awaiting"


@pytest.mark.parametrize("group", ["Publishers", "Auditors", "Integrations"])
def test_only_users_who_may_edit_can_set_a_cover(group):
    draft = make_draft()
    client = client_of("someone", group)
    assert client.get(address_of(draft)).status_code == 403
    assert upload(client, draft).status_code == 403
    assert upload(Client(), draft).status_code == 302  # to the login
    draft.refresh_from_db()
    assert draft.version == 1


def test_readers_get_the_image_that_was_approved():
    post = make_illustrated_post(slug="street-trees")
    text = Client().get("/posts/street-trees/").content.decode()
    base = f"/media/covers/{post.cover_id}"
    assert f'<source type="image/avif" srcset="{base}/480.avif 480w, {base}/960.avif 960w' in text
    assert f'<source type="image/webp" srcset="{base}/480.webp 480w' in text
    assert (
        'width="1000" height="700" alt="Trees along a street" decoding="async" fetchpriority="high">' in text
    )
    assert "Photo: Edda Tor" in text
    assert f'<meta property="og:image" content="http://127.0.0.1:8000{base}/1000.jpeg">' in text
    assert '<meta property="og:image:alt" content="Trees along a street">' in text
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text)[1])
    assert data["@graph"][0]["image"]["url"] == f"http://127.0.0.1:8000{base}/1000.jpeg"
    feed = json.loads(Client().get("/feed.json").content)
    assert f'src="http://127.0.0.1:8000{base}/1000.jpeg"' in feed["items"][0]["content_html"]
    assert feed["items"][0]["image"].endswith("/1000.jpeg")


def test_the_api_says_where_the_image_is(django_assert_max_num_queries):
    post = make_illustrated_post(slug="street-trees")
    make_post(slug="bare")
    address = f"http://127.0.0.1:8000/media/covers/{post.cover_id}/1000.jpeg"
    assert Client().get("/api/posts/street-trees/").json()["cover_url"] == address
    with django_assert_max_num_queries(2):
        found = Client().get("/api/posts/").json()["results"]
    assert [row["cover_url"] for row in found] == ["", address]


def test_of_a_list_only_the_first_image_is_urgent(django_assert_max_num_queries):
    for number in range(3):
        make_illustrated_post(f"Post {number}")
    with django_assert_max_num_queries(3):
        text = Client().get("/").content.decode()
    assert text.count("<picture>") == 3
    assert text.count('fetchpriority="high"') == 1
    assert text.index('fetchpriority="high"') < text.index('loading="lazy"')
    assert text.count('loading="lazy"') == 2


def test_browsers_cache_a_file_for_ever():
    post = make_illustrated_post()
    for encoding in ("avif", "webp", "jpeg"):
        response = Client().get(f"/media/covers/{post.cover_id}/480.{encoding}")
        assert response.status_code == 200
        assert response["Content-Type"] == f"image/{encoding}"
        assert response["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert not response.cookies
        again = Client().get(response.wsgi_request.path, HTTP_IF_NONE_MATCH=response["ETag"])
        assert (again.status_code, again.content) == (304, b"")


def test_images_of_drafts_and_of_withdrawn_posts_are_seen_at_the_desk_alone(writer):
    image = make_image()
    withdrawn = make_illustrated_post()
    unpublish(withdrawn, by=make_user("publisher"))
    for name in (image.name, withdrawn.cover_id):
        assert Client().get(f"/media/covers/{name}/480.jpeg").status_code == 404
        desk = reverse("publishing_desk:media", args=[name, 480, "jpeg"])
        assert Client().get(desk).status_code == 302
        assert client_of("norole").get(desk).status_code == 403
        response = writer.get(desk)
        assert response["Content-Type"] == "image/jpeg"
        assert "no-store" in response["Cache-Control"]


def test_no_other_file_is_served(subtests):
    post = make_illustrated_post()
    for path in (
        "480.png", "481.jpeg", "480.jpeg/../480.jpeg", "..%2f..%2fsecret_key", "999999999999.avif"
    ):  # fmt: skip
        with subtests.test(path=path):
            assert Client().get(f"/media/covers/{post.cover_id}/{path}").status_code == 404


def test_an_image_whose_bytes_changed_after_approval_is_not_published():
    draft = make_draft(cover_image=make_image().name, cover_alt="Trees")
    approve(draft)
    image = Image.objects.get()
    path = default_storage.path(image.path_of(image.variants[-1]))
    with open(path, "ab") as file:
        file.write(b"x")
    with pytest.raises(ImageMissing, match="upload the image again"):
        publish(draft, by=make_user("publisher", "Publishers"))
    assert not Post.objects.exists()


def test_a_missing_image_is_not_published():
    draft = make_draft(cover_image="https://elsewhere.example/a.jpg", cover_alt="Trees")
    approve(draft)
    with pytest.raises(ImageMissing):
        publish(draft, by=make_user("publisher", "Publishers"))


def test_a_post_without_a_cover_needs_no_image():
    make_post(slug="street-trees")
    assert "<picture" not in Client().get("/posts/street-trees/").content.decode()


def test_a_cover_is_drawn_from_the_title_on_request_and_says_where_it_is_from(writer):
    draft = make_draft(title="How trees cool a street")
    assert writer.post(address_of(draft), {"version": draft.version, "draw": "yes"}).status_code == 302
    draft.refresh_from_db()
    assert (draft.version, draft.cover_alt) == (2, "How trees cool a street")
    assert draft.cover_credit.startswith("Generated by ")
    page = writer.get(address_of(draft)).content.decode()
    assert "Drawn by the desk from the title “How trees cool a street”" in page
    assert "earlier title" not in page
    assert writer.post(address_of(draft), {"version": 2, "draw": "yes"}).status_code == 302
    draft.refresh_from_db()
    assert draft.version == 2

    draft.save_version({"title": "Another title"}, reason="edited")
    assert "shows an earlier title" in writer.get(address_of(draft)).content.decode()
    assert "cover_outdated" in {one.kind for one in objections_to([draft])[draft.pk]}
    auditor = client_of("auditor", "Auditors")
    assert auditor.post(address_of(draft), {"version": 3, "draw": "yes"}).status_code == 403


def test_the_author_the_page_and_the_licence_of_a_found_image_are_shown_and_in_the_dossier(writer):
    draft, image = make_draft(), make_image()
    origin = {
        "provider": "pexels", "id": "107", "page": "https://www.pexels.com/photo/107/", "author": "Edda Tor",
        "author_page": "", "licence": "https://www.pexels.com/license/", "is_generated": False,
        "fetched_at": "2026-11-30T19:00:00+00:00",
    }  # fmt: skip
    Image.objects.filter(pk=image.pk).update(origin=origin, uploaded_by=None)
    draft.save_version({"cover_image": image.name}, reason="seo")
    page = writer.get(address_of(draft)).content.decode()
    for shown in ('<a href="https://www.pexels.com/photo/107/"', "Edda Tor", "/license/", "19:00 UTC"):
        assert shown in page, shown
    (row,) = dossier(draft, by=None, via="test")["images"]
    assert (row["name"], row["origin"]) == (image.name, origin)
