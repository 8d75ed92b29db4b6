import json

import pytest
from django.core.management import CommandError, call_command

from benchmarks import judged
from benchmarks.collection import InvalidCollection, read

TEXTS = {
    "shade": ("Shade", "A row of trees cools the pavement below it."),
    "water": ("Water in cities", "Rain is kept where it falls, and trees drink it."),
    "long": ("L" + "o" * 250 + "ng", "Nothing of the kind."),
    "none": ("", "Asphalt stores the heat of the day\x0b until night."),
}
QUERIES = {"q1": "cool pavement", "q2": "heat of asphalt", "q3": "nobody judged this"}
JUDGEMENTS = "query-id\tcorpus-id\tscore\nq1\tshade\t2\nq1\twater\t1\nq1\tlong\t0\nq2\tnone\t1\nq2\tgone\t1\n"


@pytest.fixture
def collection(tmp_path):
    texts = [{"_id": name, "title": title, "text": text} for name, (title, text) in TEXTS.items()]
    queries = [{"_id": name, "text": text} for name, text in QUERIES.items()]
    for file, rows in (("corpus.jsonl", texts), ("queries.jsonl", queries)):
        (tmp_path / file).write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels/test.tsv").write_text(JUDGEMENTS)
    return tmp_path


def test_only_queries_with_a_text_to_be_found_are_asked(collection):
    found = read(collection)
    assert found.queries == {"q1": "cool pavement", "q2": "heat of asphalt"}
    assert found.gains == {"q1": {"shade": 2, "water": 1}, "q2": {"none": 1}}


@pytest.mark.django_db
def test_a_collection_is_measured_next_to_every_engine_and_with_typos(collection):
    said = []
    figures = {figure.name: figure for figure in judged.measure_judged([collection], said.append)}
    table = "\n".join(said)
    assert "SQLite FTS5" in table
    assert "ours" in table
    assert all(figure.is_met for name, figure in figures.items() if "nDCG to that" in name), table
    assert figures["  with a typo, to without"].is_met, table


def test_what_is_more_relevant_should_come_first():
    gains = {1: 2, 2: 1}
    best, worse, none = (judged._score(gains, found) for found in ([1, 2], [2, 1], []))
    assert (best.ndcg, best.reciprocal) == (1, 1)
    assert 0.8 < worse.ndcg < 1
    assert (none.ndcg, none.reciprocal) == (0, 0)


@pytest.mark.parametrize(
    ("file", "text", "complaint"),
    [
        ("corpus.jsonl", '{"_id": "1"}\n{"text": "x"}', r"corpus.jsonl, line 2: expected a JSON object"),
        ("queries.jsonl", "no JSON", r"queries.jsonl, line 1"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1 shade 1", r"test.tsv, line 2: expected a query"),
        ("qrels/test.tsv", "q1\tgone\t1", "names no query and text that are there"),
        ("corpus.jsonl", None, "corpus.jsonl cannot be read"),
    ],
)
def test_what_is_no_collection_is_said_in_one_sentence(collection, file, text, complaint):
    (collection / file).unlink()
    if text is not None:
        (collection / file).write_text(text)
    with pytest.raises(InvalidCollection, match=complaint):
        read(collection)
    with pytest.raises(CommandError, match=f"--judged: .*{complaint}"):
        call_command("bench", "search", judged=[collection])


def test_a_collection_is_for_search_alone(collection):
    with pytest.raises(CommandError, match="--judged is for"):
        call_command("bench", "site", judged=[collection])
    with pytest.raises(CommandError, match="--posts"):
        call_command("bench", "search", judged=[collection], posts=5)
