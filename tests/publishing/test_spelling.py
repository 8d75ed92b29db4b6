import pytest

from publishing.search import search
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

FILLER = "Something else entirely, about nothing in particular and of no great length."


def test_correct_words_that_no_post_has_are_neither_replaced_nor_asked_about():
    make_post("A house with a code to read", f"{FILLER} Turbides, a bille and the asphalt of Munich.")
    for word in ("mouse", "node", "react", "turbines", "bible", "horse", "coda", "asphalts", "Munch", "mice"):
        for query in (word, f"{word} in the house"):
            found = search(query)
            assert (found.corrected_query, found.did_you_mean) == ("", ""), query


def test_correct_words_of_other_languages_are_left_alone_too():
    make_post("Die Straße nach Süden", f"{FILLER} Häuser und Verordnungen.", language="de", slug="a")
    make_post("Evlerin bahçesi", f"{FILLER} Şehirde yaşam.", language="tr", slug="b")
    for word in ("Strafe", "Säuser", "Verortungen", "Verordnungen", "Sünden", "bahçede", "şehirler", "yalan"):
        found = search(word)
        assert found.corrected_query == "", word


def test_no_word_is_replaced_by_one_with_another_first_letter_or_because_of_four():
    make_post("Asphalt and pavement, lime and kerbs", FILLER)
    for typed, meant in (("isphalt", "asphalt"), ("lixme", "lime"), ("lmie", "lime")):
        found = search(f"pavement {typed}")
        assert found.corrected_query == ("pavement lime" if typed == "lixme" else ""), typed
        assert found.corrected_query or found.did_you_mean == f"pavement {meant}", typed
        assert len(found.post_ids) == 1


def test_without_a_word_list_other_matching_words_are_asked_about_and_not_replaced():
    make_post("ხეების ჩრდილი", FILLER, language="ka", slug="a")
    make_post("ქალაქი", FILLER, language="ka", slug="b")
    alone, together = search("ჩრდლი"), search("ქალაქი ჩრდლი")
    assert (alone.corrected_query, alone.did_you_mean, len(alone.post_ids)) == ("ჩრდილი", "", 1)
    assert (together.corrected_query, together.did_you_mean) == ("", "ქალაქი ჩრდილი")
    assert len(together.post_ids) == 1


def test_nothing_is_offered_that_finds_nothing():
    make_post("Asphalt", FILLER)
    for query in ("asphlat -asphalt", 'asphlat "no such phrase" -asphalt', "isphalt -asphalt"):
        found = search(query)
        assert (found.corrected_query, found.did_you_mean, found.post_ids) == ("", "", []), query


def test_two_mistakes_are_corrected_in_a_long_word_only():
    make_post("Transportation of canopies", FILLER)
    assert search("tranportatin").corrected_query == "transportation"
    assert search("canpoise").corrected_query == ""


def test_of_two_words_the_likelier_slip_is_corrected():
    make_post("The plague and its cause", FILLER)
    make_post("A case of a place", FILLER, slug="b")
    make_post("Another case, another place", FILLER, slug="c")
    assert search("plaguue").corrected_query == "plague"
    assert search("casue").corrected_query == "cause"  # which is so common a mistake that it is listed
    assert search("plgaue").corrected_query == "plague"


def test_what_was_asked_for_as_typed_is_not_questioned():
    make_post("Asphalt", FILLER)
    found = search("isphalt", as_typed=True)
    assert (found.corrected_query, found.did_you_mean) == ("", "")


def test_british_and_american_spellings_and_irregular_forms_find_each_other_without_a_message():
    pairs = [
        ("colours", "color"), ("organise", "organized"), ("centre", "centers"), ("mice", "mouse"),
        ("went", "gone"), ("children", "child"), ("grey", "gray"), ("traveling", "travelled"),
    ]  # fmt: skip
    for number, (one, other) in enumerate(pairs):
        for each, text in enumerate((one, other)):
            make_post(f"Article {number} {each}", f"{FILLER} Here: {text}.", slug=f"a-{number}-{each}")
    for one, other in pairs:
        for query in (one, other):
            found = search(query)
            assert (found.corrected_query, found.did_you_mean) == ("", ""), query
            assert len(found.post_ids) == 2, query
