import pytest

from contentpipeline.benchmarks import search as bench

pytestmark = pytest.mark.django_db


def test_every_class_of_query_is_measured_beside_the_baseline(monkeypatch):
    monkeypatch.setattr(bench, "QUICK_POSTS", 80)
    said = []
    bench.run(said.append, quick=True)
    text = "\n".join(said)
    for name in ("medium", "common", "very common", "six common", "full title", "publish", "GIN a post"):
        assert f"\n{name} " in text, name
    assert text.count("baseline: @@ and ts_rank") >= 6
    assert "100 %" in next(line for line in said if line.startswith("the post of a full title"))
