from contextlib import contextmanager

import pytest
from django.contrib.postgres.search import SearchVectorField
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Cast

from benchmarks import known_items, search_rig, site_rig
from benchmarks.known_items import KnownItem
from benchmarks.search import run
from benchmarks.zipf_texts import ZipfTexts
from publishing.models import Post, PostSearch
from publishing.search import search
from publishing.search.index import indexed
from tests.publishing.factories import make_post

NAMES = ("medium", "common", "very common", "six common", "full title", "suggestions", "known items",
         "publish", "GIN a post")  # fmt: skip


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_every_class_of_query_is_measured_next_to_the_baseline(monkeypatch, site):
    @contextmanager
    def site_of_the_test(**_):
        yield site_rig.Target(site.port, site.process.pid)

    monkeypatch.setattr("benchmarks.search.QUICK_POSTS", 80)
    monkeypatch.setattr("benchmarks.search.WHOLE_POSTS", 60)
    monkeypatch.setattr(site_rig, "site", site_of_the_test)
    lines = []
    run(lines.append, quick=True)
    text = "\n".join(lines)
    for name in NAMES:
        assert f"\n{name}" in text, name
    assert text.count("baseline: @@ and ts_rank") >= 6
    assert text.count("\npage: ") >= 6
    assert "100 %" in next(line for line in lines if line.startswith("the post of a full title"))


@pytest.mark.django_db(transaction=True)
def test_posts_that_are_only_searched_in_are_what_publishing_would_have_made_of_their_texts():
    first = make_post("Street trees")
    lines = []
    search_rig.add(5, lines.append)
    assert lines == ["… 5 added"]
    assert Post.objects.published().count() == PostSearch.objects.count() == 6
    content = ZipfTexts().content(first.pk + 3)
    added = Post.objects.get(pk=first.pk + 3)
    assert (added.title, added.summary) == (content["title"], content["summary"])
    (expected,) = indexed([added])
    row = PostSearch.objects.annotate(expected=Cast(Value(expected.tsv), SearchVectorField())).get(
        pk=added.pk
    )
    assert (row.config, row.tsv, row.text) == (expected.config, row.expected, expected.text)
    assert search(content["title"]).post_ids[0] == added.pk
    with connection.cursor() as cursor:
        cursor.execute("SHOW session_replication_role")
        assert cursor.fetchone()[0] == "origin"


def test_a_known_item_scores_by_its_rank_among_ten():
    ranks = {"first": [7], "third": [1, 2, 7], "eleventh": [*range(10, 20), 7], "never": []}
    scores = {name: known_items._score([KnownItem(name, 7)], lambda text: ranks[text]) for name in ranks}
    assert (scores["first"].ndcg, scores["first"].reciprocal) == (1, 1)
    assert (scores["third"].ndcg, round(scores["third"].reciprocal, 3)) == (0.5, 0.333)
    assert scores["eleventh"].ndcg == scores["never"].reciprocal == 0


@pytest.mark.parametrize("words", [["site", "--posts", "5"], ["search", "--posts", "0"]])
def test_a_number_of_posts_is_for_search_and_not_none(words):
    with pytest.raises(CommandError, match="--posts"):
        call_command("bench", *words)
