"""The claim ledger on the desk: sentences marked by verdict, and a claim with its passage."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from approvals.desk.claim_marks import marked
from tasks.actions import edit_draft
from tasks.models import ClaimRecord, Draft, QualityReport
from tasks.pipeline.text.markdown import render_blocks
from tasks.source_records import bytes_row, store_page
from tests.accessibility import accessibility_problems
from tests.approvals.test_version_pages_look import errors, look
from tests.claims import SUPPORTED, UNCITED, save_ledger
from tests.factories import make_draft, make_user
from tests.live import Server
from tests.tasks.test_source_records import page_of, reading_of

__all__ = ["errors"]

TEXT = (
    "Streets are hot in summer. Nobody likes that. Trees cool a street by shade and by water.\n\n"
    "Walls stay cool. Nobody measured that. It <b>is</b> so."
)
PASSAGE = "Trees cool a street by shade and by water."
BODY = (
    "Trees cool a street by **shade** and by water [1]. Trees *need* 450 litres & more a day [1].\n\n"
    "## Shade\n\nShade keeps walls cool."
)
WRONG = {"text": "Trees need 450 litres & more a day.", "citations": (1,), "verdict": "contradicted",
         "why": "The source says 45 litres."}  # fmt: skip


def reviewed(**fields: Any) -> Draft:
    """A draft with a source that was read, and with the ledger of its text."""
    draft = make_draft(body=BODY)
    source = draft.task.sources.create(title="How a tree cools", url="https://x.example/a")
    reading = reading_of(TEXT)
    snapshot, _ = store_page(source, page_of(), bytes_row(page_of().body), reading)
    start = TEXT.index(PASSAGE)
    found = {"start": start, "end": start + len(PASSAGE), "passage": PASSAGE, "reader": reading.reader,
             "sha256": snapshot.content.sha256}  # fmt: skip
    save_ledger(draft, SUPPORTED | found | fields, WRONG, UNCITED)
    return draft


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(make_user("erika", "Editors", is_staff=True))
    return client


def page_text(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    return unescape(response.content.decode())


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


# --- Marks ----------------------------------------------------------------------------------------------

CASES = {
    "Trees cool [1]. **Shade** helps, too.": ["Trees cool.", "Shade helps, too."],
    "A [link](https://trees.example/ 'x > y') cools. “So *it* is.”": ["A link cools.", "“So it is.”"],
    "AT&T &amp; R&D grew by 5 &lt; 6 %. `code()` is run.": ["AT&T & R&D grew by 5 < 6 %.", "code() is run."],
    "- Trees cool.\n- Trees cool.": ["Trees cool.", "Trees cool."],
    "木は街路を冷やす。水も必要だ。": ["木は街路を冷やす。", "水も必要だ。"],
    "Ein Satz.\n\n> Ein Zitat steht hier.": ["Ein Satz.", "Ein Zitat steht hier."],
}


def test_each_sentence_is_marked_whatever_markup_it_has() -> None:
    citations = [{"number": 1, "title": "Trees", "url": "https://trees.example/"}]
    for body, sentences in CASES.items():
        blocks = [block.html for block in render_blocks(body, citations)]
        claims = [
            (number, ClaimRecord(text=text, verdict="uncited")) for number, text in enumerate(sentences, 1)
        ]
        html = "\n".join(marked(blocks, claims))
        for number, text in claims:
            parts = re.findall(rf'<span class="desk-claim [^>]*data-claim="{number}">(.*?)</span>', html)
            assert letters(unescape("".join(parts))) == letters(text.text), (body, html)
        assert html.count("Sentence ") == len(sentences)
        assert html.count("<span") == html.count("</span>")


def test_what_is_not_in_the_text_gets_no_mark_and_changes_nothing() -> None:
    blocks = ["<p>Trees <em>cool</em>.</p>", "<pre>Trees cool.</pre>", "<p>A <sup>12</sup> b</p>"]
    strangers = [(1, ClaimRecord(text=text, verdict="uncited")) for text in ("Else.", "…", "", "12")]
    assert marked(blocks, strangers) == blocks
    found = marked(blocks, [(1, ClaimRecord(text="Trees cool.", verdict="supported"))])
    assert found[1:] == blocks[1:]


# --- Pages ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_review_page_counts_and_marks_the_factual_sentences(editor: Client) -> None:
    draft = reviewed()
    html = page_text(editor, reverse("desk:review", args=[draft.pk]))
    assert "3 factual sentences: 1 supported, 1 contradicted, 1 uncited" in words(html)
    for number, verdict in enumerate(("supported", "contradicted", "uncited"), 1):
        assert f'href="?claim={number}#claim"' in html
        mark = html.split(f'id="sentence-{number}"')[1].split("</a>")[0]
        assert verdict in mark, "in words, not by colour alone"
    listed = html.split('<ol class="desk-claims">')[1].split("</ol>")[0]
    assert ("450 litres" in listed, "by shade and by water" in listed) == (True, False)
    everything = page_text(editor, reverse("desk:review", args=[draft.pk]) + "?verdict=all")
    assert "by shade and by water" in everything.split('<ol class="desk-claims">')[1].split("</ol>")[0]


@pytest.mark.django_db
def test_a_claim_is_shown_with_its_passage_among_its_neighbours_and_leads_on(editor: Client) -> None:
    draft = reviewed()
    html = page_text(editor, reverse("desk:review", args=[draft.pk]) + "?claim=1")
    shown = html.split('id="claim"')[1].split("</div>")[0]
    assert "Sentence 1 of 3: ✓ supported" in words(shown)
    assert f"<mark>{PASSAGE}</mark>" in shown
    assert "Streets are hot in summer. Nobody likes that." in shown
    assert "Walls stay cool. Nobody measured that." in shown
    assert "Source 1: How a tree cools" in shown
    assert "read by html 7" in shown
    assert "?claim=2#claim" in shown.split("Next doubtful")[0]
    source = page_text(editor, re.findall(r'href="(/admin/desk/sources/[^"]+)"', shown)[0])
    assert f'<mark id="passage">{PASSAGE}</mark>' in source
    assert "It <b>is</b> so." in source
    alone = page_text(editor, reverse("desk:claim", args=[draft.pk, 1]))
    assert f"<mark>{PASSAGE}</mark>" in alone


@pytest.mark.django_db
def test_an_old_version_has_its_own_ledger_and_a_new_one_none_until_it_is_checked(editor: Client) -> None:
    draft = reviewed()
    edit_draft(draft, {"body": "Other words."}, by=make_user("wanda", "Writers"))
    html = page_text(editor, reverse("desk:review", args=[draft.pk]))
    assert "have not been compared with the sources yet" in html
    assert "factual sentence" not in words(html.split('id="claims"')[1].split("</section>")[0])
    assert "desk-claim-mark" not in html
    before = page_text(editor, reverse("desk:version", args=[draft.pk, 1]) + "?verdict=contradicted")
    assert "3 factual sentences" in words(before)
    address = re.findall(r'href="(/admin/desk/\d+/claims/\d+/\?version=1)"', before)[0]
    assert "The source says 45 litres." in page_text(editor, address)
    QualityReport.objects.create(draft=draft, version=2)
    assert "were not compared" in page_text(editor, reverse("desk:review", args=[draft.pk]))


@pytest.mark.django_db
def test_a_source_that_was_read_differently_since_shows_the_passage_alone(editor: Client) -> None:
    draft = reviewed(start=5, end=5 + len(PASSAGE), source=7)
    html = page_text(editor, reverse("desk:claim", args=[draft.pk, 1]))
    assert f"<mark>{PASSAGE}</mark>" in html
    assert "The passage in its source" not in html


@pytest.mark.django_db
def test_addresses_that_no_claim_has_are_not_there_and_bad_numbers_open_nothing(editor: Client) -> None:
    draft = reviewed()
    page_text(editor, reverse("desk:claim", args=[draft.pk, 9]), 404)
    page_text(editor, reverse("desk:claim", args=[draft.pk, 1]) + "?version=8", 404)
    for query in ("claim=9", "claim=x", "claim=-1", "claim=1e9", "verdict=%00", "verdict=unsupported"):
        html = page_text(editor, reverse("desk:review", args=[draft.pk]) + f"?{query}")
        assert 'id="claim"' not in html
    source = draft.task.sources.get()
    for query in ("from=9&to=3", "from=0&to=99999", "from=x&to=1", "from=1"):
        html = page_text(editor, reverse("desk:source", args=[source.pk]) + f"?{query}")
        assert "<mark" not in html


@pytest.mark.django_db
def test_only_those_who_may_read_drafts_see_claims(client: Client) -> None:
    address = reverse("desk:claim", args=[reviewed().pk, 1])
    assert client.get(address).status_code == 302
    client.force_login(make_user("nobody", is_staff=True))
    assert client.get(address).status_code == 403


# --- In a browser ---------------------------------------------------------------------------------------


def test_a_click_on_a_sentence_shows_its_passage_there_and_escape_closes_it(
    site: Server, page: Any, errors: list[str]
) -> None:
    draft = reviewed()
    page.goto(site.url + reverse("desk:review", args=[draft.pk]))
    page.locator("span.desk-claim", has_text="Trees cool a street").click()
    panel = page.locator("#p1 #claim")
    panel.wait_for()
    assert PASSAGE in panel.inner_text()
    look(page, "claims")
    panel.get_by_text("Next doubtful").click()
    page.locator("#claim", has_text="The source says 45 litres.").wait_for()
    assert page.locator("#claim").count() == 1
    assert accessibility_problems(page) == []
    page.keyboard.press("Escape")
    assert page.locator("#claim").count() == 0
    assert page.evaluate("document.activeElement.id") == "sentence-2"
    page.keyboard.press("Enter")
    page.locator("#claim").wait_for()
    page.set_viewport_size({"width": 320, "height": 700})
    look(page, "claims-narrow")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert errors == []
