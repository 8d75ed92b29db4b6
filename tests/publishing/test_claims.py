"""What readers see of the claim ledger: a note at the article, and a page with the passages."""

from __future__ import annotations

import gzip
from html import unescape
from typing import Any

import pytest
from django.test import Client

from publishing.models import Post
from publishing.publish import publish, unpublish, update_live
from tests.claims import CONTRADICTED, SUPPORTED, UNCITED, save_ledger
from tests.factories import approve, make_draft, make_user
from tests.publishing.factories import approved_update, make_post

pytestmark = pytest.mark.django_db

UNFOUND = {"text": "Walls <b>never</b> warm.", "citations": (1,), "verdict": "unsupported", "source": 1,
           "passage": "A wall."}  # fmt: skip


def published(*claims: dict[str, Any], **content: Any) -> Post:
    draft = make_draft(**content)
    save_ledger(draft, *claims)
    approve(draft)
    return publish(draft, by=make_user("publisher", "Publishers"))


def text_of(path: str, status: int = 200) -> str:
    response = Client().get(path)
    assert response.status_code == status, path
    return " ".join(response.content.decode().split())


def test_an_article_counts_its_supported_sentences_in_a_note_that_unfolds() -> None:
    post = published(SUPPORTED, UNFOUND, UNCITED)
    note = text_of(post.get_absolute_url()).split("<summary>What the sources say</summary>")[1]
    note = note.split("</details>")[0]
    assert "Of 3 factual sentences, an automatic comparison found 1 in a source." in note
    assert "1 cites none. 1 was not found in the source, or could not be compared." in note
    assert f'href="{post.get_absolute_url()}sources/"' in note


def test_the_page_of_passages_shows_every_cited_sentence_as_it_is() -> None:
    long = SUPPORTED | {"passage": "Trees cool " * 200, "text": "Trees cool a street."}
    post = published(long, UNFOUND, UNCITED, CONTRADICTED)
    html = text_of(f"{post.get_absolute_url()}sources/")
    assert '<meta name="robots" content="noindex">' in html
    assert "The source says it." in html
    quoted = html.split("<blockquote")[1].split("</blockquote>")[0]
    assert (len(quoted) < 400, "…" in quoted) == (True, True), "an excerpt, and not the source"
    assert "Walls &lt;b&gt;never&lt;/b&gt; warm." in html
    assert "found no passage of the source that says it" in html
    assert "A wall." not in html
    assert "read the source otherwise" in html
    assert UNCITED["text"] not in html
    assert 'href="https://example.org/trees" rel="noopener nofollow"' in html


def test_a_text_without_a_ledger_and_a_site_that_shows_none_say_nothing(settings: Any) -> None:
    unchecked = make_post("Unchecked")
    assert "What the sources say" not in text_of(unchecked.get_absolute_url())
    text_of(f"{unchecked.get_absolute_url()}sources/", 404)
    Post.objects.filter(pk=unchecked.pk).update(provenance={})  # as an earlier release left it
    assert "What the sources say" not in text_of(unchecked.get_absolute_url())
    post = published(SUPPORTED)
    settings.SHOW_CLAIMS = False
    assert "What the sources say" not in text_of(post.get_absolute_url())
    text_of(f"{post.get_absolute_url()}sources/", 404)


def test_the_page_is_about_what_is_live_and_moves_and_goes_with_its_article() -> None:
    post = published(SUPPORTED, slug="street-trees")
    draft = approved_update(post, slug="trees-of-a-street")
    save_ledger(draft, CONTRADICTED)
    assert "The source says it." in text_of("/posts/street-trees/sources/"), "the newer text is not live yet"
    update_live(draft, by=make_user("publisher", "Publishers"), kind="minor")
    moved = Client().get("/posts/street-trees/sources/")
    assert (moved.status_code, moved["Location"]) == (301, "/posts/trees-of-a-street/sources/")
    unpublish(Post.objects.get(), by=make_user("publisher", "Publishers"))
    text_of("/posts/trees-of-a-street/sources/", 410)
    text_of("/posts/never/sources/", 404)


def test_the_note_costs_the_article_next_to_nothing_and_no_query(django_assert_max_num_queries: Any) -> None:
    claims = [SUPPORTED | {"text": f"Sentence {number} of a long text."} for number in range(200)]
    post = published(*claims)
    with django_assert_max_num_queries(5):
        html = text_of(post.get_absolute_url())
    assert len(gzip.compress(html.encode(), 9)) <= 8_000
    with django_assert_max_num_queries(3):
        assert "Sentence 199" in text_of(f"{post.get_absolute_url()}sources/")


def test_feeds_and_markdown_are_as_before() -> None:
    post = published(SUPPORTED)
    for path in ("/feed/", "/feed.json", "/feed/atom/", post.markdown_path):
        assert "What the sources say" not in unescape(Client().get(path).content.decode())
