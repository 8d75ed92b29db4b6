"""What a brief is expected to cost and how long it takes, and how far off that was."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tasks import forecasts
from tasks.engine.worker import write_one
from tasks.lifecycle import Status
from tasks.models import ContentTask, ModelCall
from tasks.sample import file_sample_brief
from tests.factories import make_task
from tests.model_server import model_server

__all__ = ["model_server"]
pytestmark = pytest.mark.django_db
BRIEF = {"topic": "Shade", "target_words": 800, "max_refinements": 2}
SOURCES = [{"text": "x" * 20_000}, {"url": "https://a.example/"}]


@pytest.fixture
def priced(settings):
    settings.PIPELINE_MODELS = ["openai:gpt-4o-mini"]


def written(cost: str, seconds: float, **fields: object) -> ContentTask:
    """A task that was written by the configured model, as far as a forecast looks at it."""
    now = timezone.now()
    task = make_task(target_words=800, max_refinements=2, **fields)
    task.sources.all().delete()
    for number, source in enumerate(SOURCES, 1):
        task.sources.create(number=number, **source)
    ContentTask.objects.filter(pk=task.pk).update(
        status=Status.AWAITING_APPROVAL, started_at=now - timedelta(seconds=seconds), finished_at=now
    )
    ModelCall.objects.create(
        task=task, run=1, stage="draft", role="creative", provider="openai", model="gpt-4o-mini",
        cost_usd=Decimal(cost), input_tokens=1, duration_ms=1, outcome="ok",
    )  # fmt: skip
    task.refresh_from_db()
    return task


def test_without_a_model_nothing_is_spent(settings):
    settings.PIPELINE_MODELS = []
    assert forecasts.forecast(BRIEF, SOURCES).cost_usd == forecasts.Range(0, 0, 0)


def test_longer_texts_from_longer_sources_cost_more_and_take_longer(priced):
    short = forecasts.forecast({**BRIEF, "target_words": 300}, SOURCES[:1])
    long = forecasts.forecast({**BRIEF, "target_words": 3_000}, SOURCES)
    assert 0 < short.cost_usd.low < short.cost_usd.expected < short.cost_usd.high
    assert short.cost_usd.expected < long.cost_usd.expected < 0.05
    assert short.seconds.expected < long.seconds.expected
    assert short.based_on == 0


def test_a_model_without_a_price_has_a_time_and_no_cost(settings):
    settings.PIPELINE_MODELS = ["openai:of-our-own"]
    found = forecasts.forecast(BRIEF, SOURCES)
    assert found.cost_usd is None
    assert found.seconds.expected > 0


def test_the_desks_own_history_corrects_prices_and_narrows_the_interval(priced):
    at_first = forecasts.forecast(BRIEF, SOURCES)
    for number in range(10):
        written(f"0.0{30 + number}", 200 + number)
    found = forecasts.forecast(BRIEF, SOURCES)
    assert found.based_on == 10
    assert 0.030 <= found.cost_usd.low < found.cost_usd.expected < found.cost_usd.high <= 0.039
    assert found.cost_usd.expected > at_first.cost_usd.expected
    assert 200 <= found.seconds.expected <= 209


def test_its_error_is_known_when_the_task_is_done(priced):
    task = written("0.02", 150)
    assert forecasts.error_of(task) is None
    expected = {"low": 1, "expected": 0.01, "high": 2}
    task.forecast = {"cost_usd": expected, "seconds": {**expected, "expected": 100.0}}
    task.save(update_fields=["forecast"])
    assert forecasts.error_of(task) == {"cost": pytest.approx(1.0), "seconds": pytest.approx(0.5, abs=0.01)}
    assert forecasts.median_error()["cost"] == pytest.approx(1.0)


@pytest.mark.django_db(transaction=True)
def test_a_run_stores_what_was_expected_of_it_and_the_page_shows_how_it_was(
    settings, model_server, admin_client
):
    settings.PIPELINE_MODELS = ["openai:gpt-4o-mini"]
    settings.OPENAI_BASE_URL = model_server.base_url
    task = file_sample_brief(None)
    write_one(task.pk)
    task.refresh_from_db()
    assert task.forecast["cost_usd"]["expected"] > 0
    page = admin_client.get(f"/admin/tasks/contenttask/{task.pk}/change/").content.decode()
    assert "expected 0.0" in page
    read = admin_client.get(f"/api/tasks/{task.pk}/").json()["forecast"]
    assert read["cost_usd"]["expected"] == task.forecast["cost_usd"]["expected"]
    assert set(read["error"]) == {"cost", "seconds"}


def test_editors_see_it_before_they_file_and_integrations_by_the_api(priced, admin_client, client):
    typed = {"topic": "Shade", "target_words": "900", "sources-0-text": "Words.", "sources-1-url": ""}
    page = admin_client.post("/admin/tasks/contenttask/forecast/", typed).content.decode()
    assert "US dollars" in page
    assert "1 source" in page
    answer = admin_client.post("/api/tasks/forecast/", BRIEF, content_type="application/json")
    assert answer.status_code == 200
    assert answer.json()["cost_usd"]["expected"] > 0
    wrong = admin_client.post("/api/tasks/forecast/", {"target_words": 5}, content_type="application/json")
    assert wrong.status_code == 400
    assert client.post("/admin/tasks/contenttask/forecast/", typed).status_code == 302
    assert client.post("/api/tasks/forecast/", BRIEF, content_type="application/json").status_code == 401
    assert not ContentTask.objects.exists()
