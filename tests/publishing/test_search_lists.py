import time
from threading import Event, Thread

import pytest
from django.core.management import call_command
from django.db import connection

from publishing.models import Post, PostSearch, SearchDelta, SearchLanguage, SearchList, SearchTerm
from publishing.publish import publish, unpublish
from publishing.search import builtin_ranking, candidates, index, lists, search
from tasks.actions import edit_draft
from tests.factories import approve, make_user
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

FILLER = "Something else entirely, about nothing in particular and of no great length."


@pytest.fixture
def short_lists(monkeypatch):
    """Words of three posts are common, and their lists are two posts long."""
    monkeypatch.setattr(lists, "LISTED_FROM", 3)
    monkeypatch.setattr(index, "LISTED_FROM", 3)
    monkeypatch.setattr(lists, "LIST_LENGTH", 2)


def posts_having(word):
    return SearchTerm.objects.get(lexeme=word).posts


def titles(text):
    posts = Post.objects.in_bulk()
    return [posts[pk].title for pk in search(text).post_ids]


def test_words_are_counted_by_the_posts_that_have_them():
    make_post("Asphalt", FILLER)
    post = make_post("Asphalt again", f"{FILLER} Asphalt, asphalt.")
    assert posts_having("asphalt") == 2
    assert SearchLanguage.objects.get(config="desk_english").posts == 2
    publisher = make_user("publisher")
    unpublish(post, by=publisher)
    edit_draft(post.draft, {"title": "Gravel", "body": FILLER}, by=make_user("writer", "Writers"))
    approve(post.draft)
    publish(post.draft, by=publisher)
    assert (posts_having("asphalt"), posts_having("gravel")) == (1, 1)
    assert SearchLanguage.objects.get(config="desk_english").posts == 2


def test_a_rebuild_agrees_with_incremental_counts():
    for number in range(4):
        make_post(f"Asphalt {number}", FILLER)
    make_post("Bäume", FILLER, language="de")
    counted = set(SearchTerm.objects.filter(posts__gt=0).values_list("config", "lexeme", "posts"))
    lists.rebuild()
    assert set(SearchTerm.objects.values_list("config", "lexeme", "posts")) == counted


def test_a_common_word_lists_the_posts_in_which_it_weighs_most(short_lists):
    make_post("One", f"{FILLER} Asphalt.")
    best = make_post("Asphalt", FILLER)
    second = make_post("Three", FILLER, summary="Asphalt.")
    lists.merge()
    listed = SearchList.objects.get(term__lexeme="asphalt")
    assert listed.post_ids == [best.pk, second.pk]
    assert listed.impacts == sorted(listed.impacts, reverse=True)
    assert titles("asphalt")[:2] == ["Asphalt", "Three"]


@pytest.mark.slow
@pytest.mark.parametrize("in_one_pass", [True, False])
def test_lists_are_the_same_however_they_are_built(short_lists, monkeypatch, in_one_pass):
    monkeypatch.setattr(lists, "ONE_BY_ONE", 0 if in_one_pass else 10_000)
    longer = ["", "road", "road lane", "road lane alley"]
    posts = [make_post(f"Asphalt {more}", FILLER, slug=f"post-{len(more)}") for more in longer]
    lists.merge()
    listed = SearchList.objects.get(term__lexeme="asphalt")
    assert listed.post_ids == [posts[0].pk, posts[1].pk]
    assert listed.cutoff == pytest.approx(min(listed.impacts))


def test_a_new_post_is_found_before_and_after_it_is_merged_into_the_lists(short_lists):
    for number in range(3):
        make_post(f"Number {number}", f"{FILLER} Asphalt.")
    lists.merge()
    assert "Asphalt" not in titles("asphalt")
    new = make_post("Asphalt", FILLER)
    assert SearchDelta.objects.filter(term__lexeme="asphalt", post_id=new.pk).exists()
    assert titles("asphalt")[0] == "Asphalt"
    lists.merge()
    assert not SearchDelta.objects.exists()
    assert SearchList.objects.get(term__lexeme="asphalt").post_ids[0] == new.pk
    assert titles("asphalt")[0] == "Asphalt"


def test_a_post_in_which_a_common_word_weighs_little_is_left_to_its_other_words(short_lists):
    for number in range(3):
        make_post(f"Asphalt {number}", FILLER)
    lists.merge()
    make_post("Long", f"{FILLER * 3} Asphalt and a sycamore.")
    assert not SearchDelta.objects.filter(term__lexeme="asphalt").exists()
    assert titles("asphalt sycamore")[0] == "Long"


def test_posts_that_a_list_still_names_are_not_found_once_they_changed(short_lists):
    posts = [make_post(f"Asphalt {number}", FILLER) for number in range(3)]
    lists.merge()
    listed = SearchList.objects.get(term__lexeme="asphalt").post_ids
    gone = next(post for post in posts if post.pk in listed)
    unpublish(gone, by=make_user("publisher"))
    assert gone.pk not in search("asphalt").post_ids


def test_a_phrase_of_common_words_is_found_beyond_their_lists(short_lists):
    for number in range(3):
        make_post(f"Asphalt {number} road", FILLER)
    make_post("Long", f"{FILLER * 3} An asphalt road.")
    lists.merge()
    assert titles('"asphalt road"') == ["Long"]
    assert titles("asphalt road -2")[0] != "Asphalt 2 road"


def test_a_phrase_of_very_common_words_is_searched_in_the_best_posts_only_and_says_so(
    short_lists, monkeypatch
):
    posts = [make_post(f"Number {number}", f"{FILLER * number} An asphalt road.") for number in range(4)]
    lists.merge()
    assert {*search('"asphalt road"').post_ids} == {post.pk for post in posts}
    assert not search('"asphalt road"').is_truncated
    monkeypatch.setattr(candidates, "PHRASE_FROM", 3)
    monkeypatch.setattr(builtin_ranking, "LOOKED_THROUGH", 3)
    found = search('"asphalt road"')
    assert {*found.post_ids} == {*SearchList.objects.get(term__lexeme="asphalt").post_ids}
    assert found.is_truncated
    assert not search("asphalt road").is_truncated


def test_posts_of_rare_words_are_found_without_being_read():
    make_post("Sycamore", FILLER)
    make_post("Long", f"{FILLER * 3} Asphalt, once.")
    make_post("Asphalt", FILLER)
    make_post("Asphalt of a sycamore", FILLER)
    assert titles("asphalt sycamore") == ["Asphalt of a sycamore", "Sycamore", "Asphalt", "Long"]


def test_the_command_restores_missing_rows_and_counts(capsys):
    make_post("Asphalt", FILLER)
    PostSearch.objects.all().delete()
    SearchTerm.objects.all().delete()
    SearchLanguage.objects.all().delete()
    assert titles("asphalt") == []
    call_command("index_search", "--posts")
    assert titles("asphalt") == ["Asphalt"]
    assert "words counted" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_a_search_that_takes_too_long_ends_and_leaves_the_connection_usable():
    make_post("Asphalt", FILLER)
    is_locked, may_end = Event(), Event()

    def lock():
        with connection.cursor() as cursor:
            cursor.execute("BEGIN; LOCK TABLE publishing_searchlist IN ACCESS EXCLUSIVE MODE")
            is_locked.set()
            may_end.wait(30)
            cursor.execute("ROLLBACK")
        connection.close()

    from publishing.search.deadline import TookTooLong
    from publishing.search.query import parse
    from publishing.search.ranking import ranking

    queries = parse("asphalt")
    thread = Thread(target=lock)
    thread.start()
    try:
        assert is_locked.wait(30)
        began_at = time.monotonic()
        with pytest.raises(TookTooLong):
            ranking().rank(queries, at_most=400)
        assert 0.5 < time.monotonic() - began_at < 5
    finally:
        may_end.set()
        thread.join()
    assert titles("asphalt") == ["Asphalt"]
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() != ("300ms",)
