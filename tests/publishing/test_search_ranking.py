import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection

from publishing.models import Post, SearchKeywords
from publishing.search import keywords, ranking, search
from publishing.search.ranking import RankedPosts
from publishing.search.weights import impact, impact_of_places, size_of
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db
FILLER = "The council met on Tuesday. " * 6


class NewestOnly:
    def rank(self, queries, *, at_most):
        return RankedPosts([Post.objects.latest("pk").pk], is_truncated=False)


@pytest.fixture
def chosen(settings):
    def choose(name):
        settings.SEARCH_RANKING = name
        ranking.ranking.cache_clear()

    yield choose
    ranking.ranking.cache_clear()


def test_posts_about_what_the_first_results_are_about_come_further_up():
    make_post("Asphalt", f"{FILLER} Sycamore roots. Sycamore leaves. Sycamore bark.")
    akin = make_post("Trees", f"{FILLER} Sycamore roots and sycamore leaves next to asphalt.")
    other = make_post("Cakes", f"{FILLER} Lemon icing and lemon sugar next to asphalt.")
    found = search("asphalt").post_ids
    assert found.index(akin.pk) < found.index(other.pk)
    SearchKeywords.objects.all().delete()
    call_command("index_search")
    assert SearchKeywords.objects.count() == 3


def test_a_setting_names_another_ranking(chosen):
    make_post("Asphalt", FILLER)
    newest = make_post("Sycamore", FILLER)
    chosen(f"{__name__}.NewestOnly")
    assert search("asphalt", as_typed=True).post_ids == [newest.pk]


def test_a_ranking_that_is_not_there_is_named(chosen):
    make_post("Asphalt", FILLER)
    chosen("no.such.Ranking")
    with pytest.raises(ImproperlyConfigured, match=r"SEARCH_RANKING is 'no.such.Ranking'"):
        search("asphalt")


def test_the_weight_of_a_word_from_its_places_is_that_of_ts_rank():
    texts = ["'a':1A", "'a':1A,5C,9C 'b':2", "'a':3C,5C,7C,9C 'b':1A", "'a':4B,8C"]
    with connection.cursor() as cursor:
        for text in texts:
            cursor.execute(
                f"SELECT {impact('tsv', 'query')}, {impact_of_places('positions', 'weights', 'size.root')}"
                " FROM (SELECT %s::tsvector AS tsv, 'a'::tsquery AS query) AS given"
                f" CROSS JOIN LATERAL {size_of('tsv')} AS size"
                " CROSS JOIN LATERAL unnest(tsv) AS word WHERE lexeme = 'a'",
                [text],
            )
            exact, near = cursor.fetchone()
            assert near == pytest.approx(exact, rel=0.03), text


def test_keywords_of_a_post_are_the_words_that_say_most():
    for number in range(3):
        make_post(f"Number {number}", FILLER)
    post = make_post("Asphalt", FILLER)
    saved = SearchKeywords.objects.get(post=post)
    assert 0 < len(saved.stems) == len(saved.weights) <= keywords.STEMS
    assert saved.weights == sorted(saved.weights, reverse=True)
