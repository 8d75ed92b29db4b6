import pytest
from django.test import Client

from publishing.models import Post
from publishing.publish import unpublish
from publishing.search import candidates, highlighted_hits, search
from tests.factories import make_user
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

FILLER = "Something else entirely, about nothing in particular and of no great length."


def titles(text):
    posts = Post.objects.in_bulk(search(text).post_ids)
    return [posts[pk].title for pk in search(text).post_ids]


def test_a_word_in_the_title_counts_more_than_in_the_summary_and_there_more_than_in_the_body():
    make_post("Three", f"{FILLER} Heat.", summary="Nothing.")
    make_post("Two", FILLER, summary="Heat.")
    make_post("Heat", FILLER, summary="Nothing.")
    make_post("None", FILLER, summary="Nothing.")
    assert titles("heat") == ["Heat", "Two", "Three"]


def test_posts_with_all_words_come_before_posts_with_the_rarest():
    make_post("Asphalt", FILLER)
    make_post("Both", f"{FILLER} Asphalt in the heat.")
    for number in range(3):
        make_post(f"Heat {number}", FILLER)
    assert titles("asphalt heat")[:2] == ["Both", "Asphalt"]
    assert len(titles("asphalt heat")) == 5


def test_of_more_posts_with_all_words_than_are_scored_the_best_come_first(monkeypatch):
    monkeypatch.setattr(candidates, "STRICT", 2)
    for number in range(4):
        make_post(f"Long {number}", f"{FILLER * 3} Asphalt in the heat.")
    make_post("Asphalt and heat", FILLER)
    assert titles("asphalt heat")[0] == "Asphalt and heat"


def test_a_rare_word_weighs_more_than_a_common_one():
    for number in range(6):
        make_post(f"Common {number}", f"{FILLER} Street.")
    make_post("Rare", f"{FILLER} Sycamore.")
    assert titles("street sycamore")[0] == "Rare"


def test_words_are_found_in_other_forms_and_without_their_accents():
    make_post("Cafés of the city", FILLER)
    for text in ("cafe", "CAFÉ", "city’s cafés", "\uff23\uff41\uff46\uff45", "ca\u200bfe", "cities"):
        assert titles(text) == ["Cafés of the city"], text


def test_each_language_has_its_own_word_forms():
    make_post("Die Bäume der Stadt", FILLER, language="de", summary="")
    make_post("Trees of the city", FILLER)
    assert titles("Baum") == ["Die Bäume der Stadt"]
    assert titles("tree") == ["Trees of the city"]


def test_typographic_signs_divide_words():
    make_post("One", f"{FILLER} “Heat—stress”… and shade/water")
    for text in ("heat", "stress", '"heat stress"', "“heat stress”", "water"):
        assert titles(text) == ["One"], text


def test_phrases_and_exclusions_are_conditions():
    make_post("Urban canopy", FILLER)
    make_post("Canopy of an urban park", FILLER)
    assert titles('"urban canopy"') == ["Urban canopy"]
    assert titles('park "urban canopy"') == ["Urban canopy"]
    assert titles("canopy -park") == ["Urban canopy"]
    assert titles('canopy -"urban canopy"') == ["Canopy of an urban park"]


def test_alternatives_are_not_conditions():
    make_post("Urban canopy", FILLER)
    make_post("Asphalt", FILLER)
    assert set(titles('"urban canopy" OR asphalt')) == {"Urban canopy", "Asphalt"}


def test_names_with_signs_are_words():
    make_post("Learning C++", FILLER)
    make_post("Vitamin C", FILLER)
    assert titles("c++") == ["Learning C++"]


@pytest.mark.parametrize("text", ["樹木", "木", "樹木の葉", "涼しい", "午後 樹木"])
def test_scripts_without_spaces_are_found_by_any_part(text):
    make_post("街を涼しくする", "夏の午後、樹木の葉の下の空気は涼しい。", language="ja", slug="ja")
    make_post("Something else", FILLER, slug="en")
    assert titles(text) == ["街を涼しくする"]
    assert titles("木樹") == []


def test_highlights_are_the_only_markup():
    make_post("Heat <script>alert(1)</script>", f"{FILLER}\n\nA & <b>heat</b> “heat—wave”.")
    found = search("heat")
    [hit] = highlighted_hits(found, found.post_ids)
    assert hit.title == "<mark>Heat</mark> &lt;script&gt;alert(1)&lt;/script&gt;"
    assert "A &amp; &lt;b&gt;<mark>heat</mark>&lt;/b&gt; “<mark>heat</mark>—wave" in hit.passage


def test_private_use_characters_in_a_text_do_not_become_markup():
    make_post("Heat \ue000wave\ue001", f"{FILLER} \ue000b\ue001 heat")
    found = search("heat")
    [hit] = highlighted_hits(found, found.post_ids)
    assert hit.title.count("<mark>") == 1
    assert hit.title.count("</mark>") == 1
    assert hit.passage.count("<mark>") == hit.passage.count("</mark>") == 1


def test_an_unpublished_post_is_not_found():
    post = make_post("Heat", FILLER)
    unpublish(post, by=make_user("publisher"))
    assert search("heat").post_ids == []
    assert highlighted_hits(search("something"), [post.pk]) == []


def test_a_published_edit_is_found_by_its_new_words_only():
    from publishing.publish import publish
    from tasks.actions import edit_draft
    from tests.factories import approve

    post = make_post("Heat", FILLER)
    publisher = make_user("publisher")
    unpublish(post, by=publisher)
    post.draft.task.refresh_from_db()
    edit_draft(post.draft, {"title": "Frost"}, by=make_user("writer", "Writers"))
    approve(post.draft)
    publish(post.draft, by=publisher)
    assert titles("heat") == []
    assert titles("frost") == ["Frost"]


def test_search_takes_the_same_number_of_queries_for_any_number_of_posts(django_assert_num_queries):
    for number in range(12):
        make_post(f"Heat {number}", FILLER)
    # Four of them are savepoints, which a search outside of a transaction does not need.
    with django_assert_num_queries(12):
        found = search("heat and nothing")
        assert len(highlighted_hits(found, found.post_ids[:10])) == 10


STRANGE = {
    "nothing": "",
    "blank": "   ",
    "NUL": "\x00",
    "NUL in a word": "he\x00at",
    "lone surrogate": "heat \ud800",
    "many words": "heat " * 200_000,
    "one long word": "h" * 200_000,
    "expanding": "\ufdfa" * 300,
    "stop words": "the of and",
    "exclusion alone": "-heat",
    "excluded phrase alone": '-"heat wave"',
    "exclusion or word": "-heat or wave",
    "quotes": '""""',
    "open quote": '"heat',
    "quote marks": "''''",
    "operators": "& | ! <-> ( ) :*",
    "backslashes": "\\ \\' \\\\",
    "SQL": "'; DROP TABLE publishing_post; --",
    "format": "%s %(text)s %",
    "emoji": "😀 👩‍👩‍👧",
    "markup": "<script>alert(1)</script>",
    "private use": "\ue000heat\ue001",
    "right to left": "\u202eheat",
    "Thai": "ต้นไม้",
    "Arabic": "شجرة",
    "numbers": "1.5e10 -3 0x1f",
    "addresses": "https://example.org/?a=b&c=d x@example.org /etc/passwd",
    "or": "or or or",
    "minus": "- -- ---",
    "newlines": "heat\r\n\twave",
}


@pytest.mark.slow
def test_every_string_gets_a_page(subtests):
    make_post("Heat wave 'quoted' \\ 100% 😀", f"{FILLER} شجرة ต้นไม้")
    for name, text in STRANGE.items():
        with subtests.test(name):
            found = search(text)
            assert len(highlighted_hits(found, found.post_ids)) == len(found.post_ids)
            if "\ud800" not in text:
                assert Client().get("/search/", {"q": text}).status_code == 200


def test_every_address_gets_a_page(subtests):
    make_post("Heat", FILLER)
    for raw in ("%00", "%ED%A0%80", "%FF%FE", "%C3%28", "a&q=b", "&page=1", ""):
        with subtests.test(raw=raw):
            assert Client().get(f"/search/?q={raw}").status_code == 200
