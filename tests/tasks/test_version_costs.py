from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tasks.actions import edit_draft
from tasks.engine.worker import write_one
from tasks.models import ModelCall
from tasks.sample import file_sample_brief
from tasks.version_costs import costs_of_versions
from tests.factories import make_draft, make_user
from tests.model_server import model_server  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db


def call(draft, cost_usd, *, run=1, tokens=100, minutes_ago=0.0):
    made = ModelCall.objects.create(
        task=draft.task, run=run, stage="refine", role="creative", provider="openai", model="m",
        duration_ms=9, outcome="ok", input_tokens=tokens, output_tokens=tokens,
        cost_usd=None if cost_usd is None else Decimal(cost_usd),
    )  # fmt: skip
    ModelCall.objects.filter(pk=made.pk).update(created_at=timezone.now() - timedelta(minutes=minutes_ago))


def keep(draft, body, *, run=1):
    """A version that the engine saved, with the stage that names its run."""
    draft.save_version({"body": body}, reason="refine 1: 60 → 70", written_by="openai:m", score=70)
    now = timezone.now()
    draft.task.stage_runs.create(
        run=run, attempt=1, key=f"version-{draft.version}", started_at=now, output={"version": draft.version}
    )


def test_a_version_costs_what_was_called_since_the_one_before_it():
    draft = make_draft()
    call(draft, "0.10", minutes_ago=5)
    call(draft, "0.02")
    call(draft, "0.03")
    keep(draft, "Second.")
    call(draft, "0.04")
    keep(draft, "Third.")
    assert costs_of_versions(draft) == {1: Decimal("0.10"), 2: Decimal("0.05"), 3: Decimal("0.04")}


def test_what_a_person_wrote_costs_nothing_and_takes_no_calls_from_others():
    draft = make_draft()
    call(draft, "0.02")
    edit_draft(draft, {"body": "By hand."}, by=make_user("wanda"))
    keep(draft, "Third.")
    assert costs_of_versions(draft) == {1: Decimal(0), 2: Decimal(0), 3: Decimal("0.02")}


def test_calls_of_a_run_without_versions_belong_to_no_version_of_another():
    draft = make_draft()
    call(draft, "0.50", run=2)
    call(draft, "0.01", run=3)
    keep(draft, "Of the third run.", run=3)
    assert costs_of_versions(draft)[2] == Decimal("0.01")


def test_a_price_that_is_not_known_makes_the_cost_unknown_unless_nothing_was_answered():
    draft = make_draft()
    call(draft, None, tokens=0)
    keep(draft, "Second.")
    call(draft, None)
    call(draft, "0.01")
    keep(draft, "Third.")
    assert costs_of_versions(draft) == {1: Decimal(0), 2: Decimal(0), 3: None}


def test_many_versions_take_three_queries(django_assert_num_queries):
    draft = make_draft()
    for number in range(20):
        call(draft, "0.01")
        keep(draft, f"Text {number}.")
    with django_assert_num_queries(3):
        assert sum(costs_of_versions(draft).values()) == Decimal("0.20")


@pytest.mark.django_db(transaction=True)
def test_all_that_a_run_cost_is_the_cost_of_its_versions(settings, model_server):  # noqa: F811
    settings.PIPELINE_MODELS = ["openai:gpt-4o"]
    settings.OPENAI_BASE_URL = model_server.base_url
    task = file_sample_brief(None)
    write_one(task.pk)
    task.refresh_from_db()
    costs = costs_of_versions(task.draft)
    assert list(costs) == [1, 2, 3]
    assert all(costs.values())
    assert sum(costs.values()) == task.cost_usd
