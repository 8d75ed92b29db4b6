"""Cards of pages: read once from a real server, when a person saves the line, and never by readers."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import InternalError, transaction
from django.db.utils import DatabaseError

from publishing.models import LinkCard
from publishing.publish import publish
from tasks.actions import edit_draft
from tests.factories import approve, make_draft, make_user

pytestmark = pytest.mark.django_db

HEAD = """<html><head><meta charset="utf-8"><title>Window – Films</title>
<meta property="og:title" content="How a tree &lt;b&gt; cools"><meta property="og:site_name" content="Films">
<meta name="description" content="Ten  minutes&#10;in the shade."></head><body><p>Words.</p></body></html>"""


@pytest.fixture
def site(settings):
    """Pages by path; `asked` is what was fetched."""
    settings.FETCH_ALLOW_PRIVATE_NETWORKS = True
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            pages = {
                "/film": ("text/html", HEAD.encode()),
                "/paper.pdf": ("application/pdf", b"%PDF"),
                **ODD_PAGES,
            }
            kind, body = pages.get(self.path, ("text/html", b""))
            self.send_response(200 if self.path in pages else 404)
            if kind:
                self.send_header("Content-Type", kind)
            if "gzip" in self.path:
                self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def saved(draft, body, run, by="writer"):
    with run(execute=True):
        edit_draft(draft, {"body": body}, by=make_user(by, "Writers"))


def test_a_line_that_a_person_adds_gets_a_card_which_is_published(site, django_capture_on_commit_callbacks):
    address, asked = site
    draft = make_draft(body="Words.")
    saved(draft, f"Words.\n\n{address}/film\n", django_capture_on_commit_callbacks)
    card = LinkCard.objects.get()
    assert (card.title, card.site) == ("How a tree <b> cools", "Films")
    assert card.description == "Ten minutes in the shade."
    approve(draft)
    html = publish(draft, by=make_user("publisher", "Publishers")).body_html
    assert f'<p class="link-card"><a href="{address}/film" rel="noopener nofollow">' in html
    assert "How a tree &lt;b&gt; cools</a>" in html
    assert asked.count("/film") == 1
    saved(make_draft(body="Other."), f"{address}/film", django_capture_on_commit_callbacks)
    assert asked.count("/film") == 1
    with pytest.raises((InternalError, DatabaseError)), transaction.atomic():
        LinkCard.objects.update(title="Another")


def test_a_page_that_cannot_be_read_leaves_a_plain_link(site, django_capture_on_commit_callbacks):
    address, _ = site
    draft = make_draft(body="Words.")
    lines = f'{address}/gone\n\n{address}/paper.pdf\n\n[My words]({address}/none "My description")'
    saved(draft, lines, django_capture_on_commit_callbacks)
    assert all(card.problem and not card.title for card in LinkCard.objects.all())
    approve(draft)
    html = publish(draft, by=make_user("publisher", "Publishers")).body_html
    assert f'<p><a href="{address}/gone" rel="noopener nofollow">{address}/gone</a></p>' in html
    assert html.count("link-card") == 1
    assert "My words</a>" in html


def test_what_a_machine_wrote_asks_nobody_and_leads_nowhere(site, django_capture_on_commit_callbacks):
    address, asked = site
    with django_capture_on_commit_callbacks(execute=True):
        draft = make_draft(body=f"Words.\n\n{address}/film")
    saved(draft, f"Other words.\n\n{address}/film", django_capture_on_commit_callbacks)
    assert asked == []
    assert not LinkCard.objects.exists()
    approve(draft)
    assert "<a" not in publish(draft, by=make_user("publisher", "Publishers")).body_html


def test_addresses_of_private_networks_are_not_asked(settings, django_capture_on_commit_callbacks):
    settings.FETCH_ALLOW_PRIVATE_NETWORKS = False
    saved(make_draft(body="Words."), "http://127.0.0.1/admin/", django_capture_on_commit_callbacks)
    assert "private network" in LinkCard.objects.get().problem


ODD_PAGES = {
    "/charset": ("text/html; charset=no-such-charset", HEAD.encode()),
    "/nothing": ("text/html", b""),
    "/bytes": ("text/html", bytes(range(256)) * 40),
    "/unpairable": ("text/html", b"<title>Half &#xD800; of a &#0; character\x00</title><p>Words."),
    "/long": ("text/html", b"<title>" + b"word " * 100_000),
    "/unclosed": ("text/html", b"<html><head><title>Never <meta name=description content='ended"),
    "/untyped": ("", HEAD.encode()),
    "/claims-gzip": ("text/html", HEAD.encode()),
}


def test_whatever_a_page_answers_the_version_is_saved_and_the_card_is_words(
    site, django_capture_on_commit_callbacks
):
    address, _ = site
    draft = make_draft(body="Words.")
    saved(draft, "\n\n".join(f"{address}{path}" for path in ODD_PAGES), django_capture_on_commit_callbacks)
    cards = {card.address.removeprefix(address): card for card in LinkCard.objects.all()}
    assert cards.keys() == ODD_PAGES.keys()
    for path, card in cards.items():
        words = card.title + card.site + card.description
        assert "\0" not in words
        assert words.encode().decode() == words, path
        assert len(card.title) <= 200
        assert card.title or card.problem or path in {"/nothing", "/bytes"}, path
    assert cards["/charset"].title == "How a tree <b> cools"
    approve(draft)
    assert publish(draft, by=make_user("publisher", "Publishers")).body_html
