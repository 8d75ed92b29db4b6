"""The media library at the desk, and the addresses that the editor uses."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from approvals.models import AuditEntry
from publishing.models import Image, MediaItem
from publishing.publish import publish
from tests.factories import approve, make_draft, make_user
from tests.publishing.pictures import encoded

pytestmark = pytest.mark.django_db

IMAGES, UPLOAD = "/admin/publishing-desk/images/", "/admin/publishing-desk/images/upload/"
BROWSER = {"HTTP_ACCEPT": "text/html,*/*"}


@pytest.fixture(autouse=True)
def _own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def client_of(name, *groups):
    client = Client()
    client.force_login(make_user(name, *groups))
    return client


@pytest.fixture
def writer():
    return client_of("writer", "Writers")


def file(name="old_harbour.jpg", data=None, **how):
    return SimpleUploadedFile(name, encoded(**how) if data is None else data)


def added(client, alt="A harbour", **how):
    answer = client.post(UPLOAD, {"image": file(**how), "alt": alt})
    assert answer.status_code == 201, answer.content
    return MediaItem.objects.get(image_id=answer.json()["sha256"])


def said(client, item):
    values = {"title": item.title, "alt": item.alt, "credit": "", "licence": "", "focal_x": 50, "focal_y": 50}
    return lambda **changed: client.post(item.get_absolute_url(), values | changed)


def messages_of(answer):
    return " ".join(str(message) for message in answer.context["messages"])


def test_an_upload_of_the_editor_answers_with_the_line_for_the_text(writer):
    answer = writer.post(UPLOAD, {"image": file(), "alt": "A [new] harbour"}).json()
    item = MediaItem.objects.get()
    assert answer["markdown"] == rf"![A \[new\] harbour](image:{item.image_id})"
    assert (answer["sha256"], answer["alt"], answer["warnings"]) == (item.image_id, "A [new] harbour", [])
    assert (answer["width"], answer["height"]) == (1000, 700)
    assert writer.get(answer["url"]).status_code == 200
    assert (item.title, item.added_by_name) == ("old harbour", "writer")
    assert AuditEntry.objects.filter(action="media.added", object_id=item.pk).exists()


def test_a_small_picture_without_description_is_taken_with_warnings(writer):
    answer = writer.post(UPLOAD, {"image": file(width=300, height=200)}).json()
    assert len(answer["warnings"]) == 2
    assert answer["markdown"] == f"![](image:{answer['sha256']})"


def test_the_same_picture_is_in_the_library_once_and_keeps_its_description(writer):
    item = added(writer)
    again = writer.post(
        UPLOAD, {"image": file("other.jpg"), "alt": "Something else", "credit": "Edda"}
    ).json()
    assert again["sha256"] == item.image_id
    assert again["markdown"] == f'![Something else](image:{item.image_id} "| Edda")'
    item.refresh_from_db()
    assert (item.title, item.alt, item.credit) == ("old harbour", "A harbour", "Edda")


REFUSED = [
    (b"", 400, "empty"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 400, "SVG"),
    (b"%PDF-1.7 words", 400, "PDF"),
    (encoded()[:4000], 400, "damaged"),
    (b"x" * 15_000_001, 413, "15 MB"),
    (encoded(40, 40), 400, "40 pixels wide"),
]


def test_refusals_say_what_to_do_and_add_nothing(writer):
    for data, status, word in REFUSED:
        answer = writer.post(UPLOAD, {"image": SimpleUploadedFile("a.jpg", data)})
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
        assert word in answer.json()["detail"]
    assert "image" in writer.post(UPLOAD, {}).json()["detail"]
    assert not MediaItem.objects.exists()
    assert not Image.objects.exists()


def test_who_may_not_add_change_replace_or_delete(writer, client):
    item = added(writer)
    assert client.post(UPLOAD, {"image": file()}).status_code == 401
    assert client.post(UPLOAD, {"image": file()}, **BROWSER).status_code == 302
    auditor = client_of("auditor", "Auditors")
    assert auditor.get(IMAGES).status_code == 200
    assert auditor.get(item.get_absolute_url()).status_code == 200
    assert auditor.post(UPLOAD, {"image": file(width=900)}).status_code == 403
    assert auditor.post(UPLOAD, {"image": file(width=900)}, **BROWSER).status_code == 403
    assert said(auditor, item)(title="Mine").status_code == 403
    for verb in ("replace", "delete", "use-newer"):
        assert auditor.post(f"{item.get_absolute_url()}{verb}/", {"file": file(width=900)}).status_code == 403
        assert writer.get(f"{item.get_absolute_url()}{verb}/").status_code == 405
    assert writer.post(f"{item.get_absolute_url()}delete/").status_code == 403
    assert client_of("program", "Integrations").get(IMAGES).status_code == 302
    assert MediaItem.objects.get() == item


def test_many_pictures_are_added_by_a_plain_form_and_the_broken_one_is_named(writer):
    files = [file("one.jpg"), file("two.png", width=900, encoding="PNG")]
    answer = writer.post(UPLOAD, {"image": files, "credit": "Edda"}, **BROWSER)
    assert answer.status_code == 302
    assert {item.title: item.credit for item in MediaItem.objects.all()} == {"one": "Edda", "two": "Edda"}
    files = [file("three.jpg", width=800), file("broken.jpg", encoded()[:3000])]
    answer = writer.post(UPLOAD, {"image": files, "credit": "Someone"}, **BROWSER)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "broken.jpg: The image is damaged" in page
    assert 'value="Someone"' in page
    assert MediaItem.objects.count() == 3


def test_the_picker_finds_by_any_word_and_shows_no_replaced_picture(writer):
    harbour, street = added(writer), added(writer, name="street.jpg", alt="Limes in June", width=900)
    found = writer.get(IMAGES, {"format": "json", "q": "june STREET"}).json()
    assert [one["sha256"] for one in found] == [street.image_id]
    assert set(found[0]) >= {"markdown", "sha256", "url", "width", "height", "alt", "warnings"}
    assert writer.get(IMAGES, {"format": "json", "q": "%\x00_"}).json() == []
    writer.post(f"{harbour.get_absolute_url()}replace/", {"file": file("new.jpg", width=1100)})
    everything = [one["sha256"] for one in writer.get(IMAGES, {"format": "json"}).json()]
    assert harbour.image_id not in everything
    assert len(everything) == 2


def test_the_grid_takes_as_many_queries_for_many_as_for_one(writer, django_assert_max_num_queries):
    first = added(writer)
    for number in range(4):
        item = added(writer, name=f"{number}.jpg", width=700 + number)
        make_draft(body=f"![a](image:{item.image_id})")
    make_draft(body=f"![a](image:{first.image_id})")
    writer.get(IMAGES)
    with django_assert_max_num_queries(14):
        page = writer.get(IMAGES).content.decode()
    assert page.count("in 1 text") == 5


def test_what_is_said_of_a_picture_changes_with_an_audit_entry(writer):
    item = added(writer)
    save = said(writer, item)
    assert save(alt=" ").status_code == 400
    assert save(focal_x=101).status_code == 400
    assert save(alt="Boats", focal_x=20, focal_y=0).status_code == 302
    item.refresh_from_db()
    assert (item.alt, item.image.focal_x, item.image.focal_y) == ("Boats", 20, 0)
    entry = AuditEntry.objects.filter(action="media.changed").latest("seq")
    assert (entry.actor_name, entry.data["alt"], entry.data["focal_x"]) == ("writer", "Boats", 20)


def test_the_page_of_a_picture_says_where_it_is_used(writer):
    item = added(writer)
    draft = make_draft(title="A day at the harbour", body=f"![a](image:{item.image_id})")
    page = writer.get(item.get_absolute_url()).content.decode()
    assert "A day at the harbour" in page
    assert reverse("desk:review", args=[draft.pk]) in page
    editor = client_of("editor", "Editors")
    answer = editor.post(f"{item.get_absolute_url()}delete/")
    assert answer.status_code == 409
    assert "It is not deleted: a version of a text shows this image" in answer.content.decode()


def test_a_newer_picture_is_offered_to_texts_and_changes_none_by_itself(writer):
    item = added(writer)
    one, two = (make_draft(title=name, body=f"![a](image:{item.image_id})") for name in ("One", "Two"))
    approve(one)
    address = item.get_absolute_url()
    assert writer.post(f"{address}replace/", {"file": file()}).status_code == 400  # the same picture
    page = writer.post(f"{address}replace/", {"file": file(width=900)}, follow=True)
    assert "No text has changed" in messages_of(page)
    assert f'name="draft" value="{one.pk}"' in page.content.decode()
    answer = writer.post(f"{address}use-newer/", {"draft": [one.pk, "x", 10**20]}, follow=True)
    assert "“One”: saved as version 2" in messages_of(answer)
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.version, two.version) == (2, 1)
    item.refresh_from_db()
    assert item.replaced_by.image_id in one.body


def test_an_unused_picture_is_deleted_by_editors(writer):
    item = added(writer)
    editor = client_of("editor", "Editors")
    assert editor.post(f"{item.get_absolute_url()}delete/").status_code == 302
    assert not MediaItem.objects.exists()
    assert editor.get(item.get_absolute_url()).status_code == 404
    assert AuditEntry.objects.filter(action="media.deleted").exists()


def test_a_cover_is_chosen_from_the_library(writer):
    item, small = added(writer), added(writer, name="small.jpg", width=500, height=400, alt="Small")
    draft = make_draft()
    address = reverse("publishing_desk:cover", args=[draft.pk])
    page = writer.get(address).content.decode()
    assert f'value="{item.image_id}"' in page
    assert small.image_id not in page
    refused = writer.post(address, {"version": 1, "library": small.image_id})
    assert refused.status_code == 400
    assert "a cover is at least 640 wide" in refused.content.decode()
    assert writer.post(address, {"version": 1, "library": item.image_id}).status_code == 302
    draft.refresh_from_db()
    assert (draft.cover_image, draft.cover_alt) == (item.image_id, "A harbour")


def test_a_focal_point_moves_what_cards_show(writer, client):
    item = added(writer)
    draft = make_draft()
    writer.post(reverse("publishing_desk:cover", args=[draft.pk]), {"version": 1, "library": item.image_id})
    draft.task.refresh_from_db()
    draft.refresh_from_db()
    approve(draft)
    publish(draft, by=make_user("publisher", "Publishers"))
    assert "focal-x" not in client.get("/").content.decode()
    said(writer, item)(focal_x=23, focal_y=80)
    assert 'class="focal-x20 focal-y80"' in client.get("/").content.decode()
