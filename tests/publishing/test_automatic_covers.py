"""Covers that a run makes by itself, drawn or found at Pexels as a local server plays it."""

import asyncio
import json
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from publishing.images import automatic
from publishing.images.automatic import drawn_cover, stock_cover
from publishing.images.covers import remove_cover, set_cover
from publishing.images.pexels import Pexels
from publishing.models import Image
from tasks.actions import edit_draft, request_rework
from tasks.covers import is_decided_by_person
from tasks.engine.worker import write_one
from tasks.models import Draft
from tasks.pipeline.types import CoverRequest
from tasks.sample import file_sample_brief
from tests.factories import make_draft, make_user
from tests.publishing.pictures import encoded, make_image

pytestmark = pytest.mark.django_db(transaction=True)

WANTED = CoverRequest(title="How trees cool a street", category="Climate", subject="street trees")


@pytest.fixture(autouse=True)
def _own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.SITE_NAME = "The Canopy"


class FakePexels(ThreadingHTTPServer):
    """Replies as Pexels does, or as `replies` say: a status, and a body or a list of photos."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), PexelsHandler)
        self.requests = []
        self.search = (200, [self.photo()])
        self.file = (200, encoded(1880, 1250))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def photo(self, **changes):
        return {
            "id": 1072179,
            "width": 5184,
            "height": 3456,
            "url": "https://www.pexels.com/photo/trees-on-a-street-1072179/",
            "photographer": "Edda Tor",
            "photographer_url": "https://www.pexels.com/@edda",
            "photographer_id": 7,
            "avg_color": "#5C6B5A",
            "src": {"original": f"{self.url}/original.jpeg", "large2x": f"{self.url}/large.jpeg"},
            "liked": False,
            "alt": "Green trees along a street",
        } | changes  # fmt: skip

    def client(self, **options):
        options = {"search": f"{self.url}/v1/search", "picture_hosts": frozenset({"127.0.0.1"})} | options
        return Pexels("secret-key", allow_private_networks=True, **options)


class PexelsHandler(BaseHTTPRequestHandler):
    def do_GET(self):
        parts = urlsplit(self.path)
        self.server.requests.append((parts.path, parse_qs(parts.query), dict(self.headers)))
        status, body = self.server.search if parts.path == "/v1/search" else self.server.file
        if isinstance(body, list):
            body = json.dumps(
                {"page": 1, "per_page": 15, "photos": body, "total_results": len(body)}
            ).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def pexels():
    server = FakePexels()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def make(pexels, wanted=WANTED, **options):
    return asyncio.run(stock_cover(wanted, pexels.client(**options)))


def test_a_picture_of_pexels_is_stored_with_its_author_page_and_licence(pexels):
    cover = make(pexels)
    assert (cover.alt, cover.note) == ("Green trees along a street", "")
    assert cover.credit == "Photo by Edda Tor on Pexels"
    image = Image.objects.get(name=cover.image)
    assert (image.width, image.uploaded_by) == (1600, None)
    origin = dict(image.origin)
    assert origin.pop("fetched_at")
    assert origin == {
        "provider": "pexels",
        "id": "1072179",
        "page": "https://www.pexels.com/photo/trees-on-a-street-1072179/",
        "author": "Edda Tor",
        "author_page": "https://www.pexels.com/@edda",
        "licence": "https://www.pexels.com/license/",
        "is_generated": False,
    }
    (_, query, headers), (path, _, file_headers) = pexels.requests
    assert headers["Authorization"] == "secret-key"
    assert query == {
        "query": ["street trees"], "orientation": ["landscape"], "per_page": ["15"], "locale": ["en-US"],
    }  # fmt: skip
    assert path == "/large.jpeg"
    assert "Authorization" not in file_headers


def test_a_description_in_english_is_not_used_in_another_language(pexels):
    cover = make(pexels, WANTED.model_copy(update={"language": "de-AT", "title": "Bäume kühlen"}))
    assert cover.alt == "Bäume kühlen"
    assert pexels.requests[0][1]["locale"] == ["de-DE"]


def test_the_cover_is_drawn_and_the_note_names_the_cause_where_pexels_has_none(pexels, monkeypatch):
    monkeypatch.setattr(automatic, "drawn_files", cache(automatic.drawn_files))  # the same each time
    good, photo = (200, encoded(1880, 1250)), pexels.photo
    elsewhere = {"large2x": "https://pictures.example/a.jpeg"}
    cases = [
        ((401, b"{}"), good, "refused PEXELS_API_KEY (401): check the key"),
        ((429, b""), good, "answered 429: the limit of requests"),
        ((503, b"<html>"), good, "Pexels answered 503"),
        ((302, b""), good, "Pexels answered 302"),
        ((200, b"<html>busy</html>"), good, "no list of pictures"),
        ((200, b'{"error": "x"}'), good, "no list of pictures"),
        ((200, b"[" * 100_000), good, "no list of pictures"),
        ((200, [None]), good, "no list of pictures"),
        ((200, [photo(width="wide")]), good, "no list of pictures"),
        ((200, []), good, "no fitting picture for “street trees”"),
        ((200, [photo(width=300, height=200), photo(width=3000, height=500)]), good, "no fitting picture"),
        ((200, [photo(photographer="")]), good, "no fitting picture"),
        ((200, [photo(src=elsewhere)]), good, "a file on pictures.example"),
        ((200, [photo()]), (404, b""), "The file server of Pexels answered 404"),
        ((200, [photo()]), (200, b"no image"), "cannot be read as an image"),
        ((200, [photo()]), (200, encoded(300, 200)), "300 pixels wide"),
        ((200, [photo()]), (200, b"\0" * 15_000_001), "more than 15 MB"),
    ]
    for search, file, cause in cases:
        pexels.search, pexels.file = search, file
        cover = make(pexels)
        assert cause in cover.note, cover.note
        assert cover.note.endswith("The cover was drawn from the title instead.")
        assert "secret-key" not in cover.note
        assert (cover.alt, cover.credit) == (WANTED.title, "Generated by The Canopy")
    assert Image.objects.get().origin["is_generated"]


def test_nothing_is_fetched_from_a_private_network(pexels):
    client = Pexels("key", search=f"{pexels.url}/v1/search")
    cover = asyncio.run(stock_cover(WANTED, client))
    assert "no public address" in cover.note
    assert pexels.requests == []


def written():
    task = file_sample_brief(None)
    write_one(task.pk)
    return task.draft


def rework(draft, editor):
    draft.task.refresh_from_db()
    draft.task.move_to("rejected", by=editor, reason="Not yet")
    request_rework(draft.task, by=editor, reason_code="accuracy", reason="Check the figures again.")
    write_one(draft.task_id)
    draft.refresh_from_db()


def test_a_written_draft_has_a_drawn_cover_with_alt_text_and_credit():
    draft = written()
    image = Image.objects.get(name=draft.cover_image)
    assert {variant["format"] for variant in image.variants} == {"webp", "jpeg"}
    assert image.origin["title"] == draft.title == draft.cover_alt
    assert draft.cover_credit == "Generated by The Canopy"
    editor = make_user("editor", "Editors", is_staff=True)

    rework(draft, editor)
    assert draft.cover_image == image.name

    remove_cover(draft, by=editor)
    rework(draft, editor)
    assert draft.cover_image == ""


def test_what_a_person_did_to_a_cover_last_counts():
    editor, draft = make_user("editor", "Editors", is_staff=True), make_draft()
    assert not is_decided_by_person(draft)
    draft.save_version({"cover_image": "a" * 64}, reason="seo")
    assert not is_decided_by_person(draft)
    edit_draft(draft, {"title": "Another title"}, by=editor)
    assert not is_decided_by_person(draft)
    set_cover(draft, make_image(editor), alt="Trees", credit="", by=editor)
    assert is_decided_by_person(draft)
    draft.save_version({"body": "A new text."}, reason="refine 1")
    assert is_decided_by_person(draft)


def test_a_drawn_cover_with_an_earlier_title_is_replaced():
    draft = written()
    earlier = asyncio.run(drawn_cover(CoverRequest(title="An earlier title")))
    draft.save_version({"cover_image": earlier.image, "cover_alt": earlier.alt}, reason="seo")
    rework(draft, make_user("editor", "Editors", is_staff=True))
    assert Image.objects.get(name=draft.cover_image).origin["title"] == draft.title == draft.cover_alt


def test_covers_can_be_left_to_people(settings):
    settings.COVERS = "off"
    draft = written()
    assert (draft.cover_image, Image.objects.count()) == ("", 0)


def test_a_cover_that_cannot_be_made_is_a_skipped_check(monkeypatch):
    def fail(*_):
        raise OSError("The disk is full.")

    monkeypatch.setattr("publishing.images.pictures._store", fail)
    draft = written()
    (result,) = [one for one in draft.quality_reports.get().results if one["check"] == "cover"]
    assert result["status"] == "skipped"
    assert result["message"].startswith("No cover image was made.")
    assert Draft.objects.get().cover_image == ""
