"""The page Models: what it shows and hides, its test call, and who may use it."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from approvals.models import AuditEntry
from contentpipeline.roles import PERMISSIONS
from tasks import model_test
from tasks.engine import spending
from tasks.models import ModelCall
from tests.factories import make_task, make_user
from tests.model_server import Reply, model_server

__all__ = ["model_server"]
pytestmark = pytest.mark.django_db

PAGE = reverse("admin:tasks_models")
MODEL = "openai:gpt-4o-mini"
SECRET = "sk-the-key-of-the-desk"


@pytest.fixture
def configured(settings, model_server):
    settings.PIPELINE_MODELS = [MODEL, "openai:local-one"]
    settings.MODEL_FOR = {"qa": ["anthropic:claude-3-5-haiku-latest"]}
    settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = SECRET, model_server.base_url
    settings.ANTHROPIC_API_KEY = ""
    return model_server


def html(answer):
    return " ".join(answer.content.decode().split())


def test_it_shows_roles_keys_prices_and_use_but_no_key(admin_client, configured):
    for outcome, cost in (("ok", "0.01"), ("failed", "0.02")):
        ModelCall.objects.create(
            task=make_task(), run=1, stage="draft", role="creative", provider="openai", model="gpt-4o-mini",
            duration_ms=1200, outcome=outcome, cost_usd=cost,
        )  # fmt: skip
    shown = html(admin_client.get(PAGE))
    for words in (
        "openai:gpt-4o-mini, then openai:local-one", "MODEL_FOR_QA", "ANTHROPIC_API_KEY is not set",
        "2 calls, 1 failed, $0.0300, 1,200 ms on average", "unknown: no budget counts it", "127.0.0.1",
    ):  # fmt: skip
        assert words in shown, words
    assert SECRET not in shown


def test_without_models_it_says_what_to_set(admin_client, settings):
    settings.PIPELINE_MODELS, settings.MODEL_FOR = [], {}
    assert "No language model is set" in html(admin_client.get(PAGE))


def test_a_test_call_shows_answer_time_and_cost_and_is_on_record(admin_client, admin_user, configured):
    configured.for_model("gpt-4o-mini", Reply("I am ready.", usage=(20, 5)))
    shown = html(admin_client.post(PAGE, {"model": MODEL}))
    assert "“I am ready.”" in shown
    assert "<dt>Tokens</dt><dd>25</dd>" in shown
    call = ModelCall.objects.get()
    assert (call.task, call.stage, call.outcome, call.model) == (None, "test", "ok", "gpt-4o-mini")
    assert call.cost_usd > 0
    assert spending.today().spent_usd == call.cost_usd
    entry = AuditEntry.objects.get(action="model.tested")
    assert (entry.actor_id, entry.data["model"], entry.data["outcome"]) == (admin_user.pk, MODEL, "ok")
    assert SECRET not in str(entry.data)


FAILURES = [
    (Reply(status=401, text="no"), "Service refused"),
    (Reply(status=503, text="busy"), "Service unavailable"),
    (Reply(fault="drop", text="I am"), "Service unavailable"),
    (Reply(fault="hang"), "Service unavailable"),
    (Reply(text=""), ""),
]


def test_a_failure_shows_its_kind_and_remedy_and_is_on_record(
    admin_client, configured, monkeypatch, subtests
):
    monkeypatch.setattr(model_test, "DEADLINE_SECONDS", 0.5)
    for reply, kind in FAILURES:
        with subtests.test(kind=kind, status=reply.status, fault=reply.fault):
            configured.for_model("gpt-4o-mini", reply)
            ModelCall.objects.all().delete()
            answer = admin_client.post(PAGE, {"model": MODEL})
            test = answer.context["test"]
            assert answer.status_code == 200
            assert test.error
            assert test.remedy
            assert test.kind == kind or not kind
            assert ModelCall.objects.latest("pk").outcome == "failed"
            assert AuditEntry.objects.latest("seq").data["outcome"] == test.kind
            assert SECRET not in html(answer)


def test_a_model_without_its_key_is_not_called(admin_client, configured):
    answer = admin_client.post(PAGE, {"model": "anthropic:claude-3-5-haiku-latest"})
    assert "ANTHROPIC_API_KEY is not set" in answer.context["test"].error
    assert not ModelCall.objects.exists()
    assert not configured.requests


def test_a_day_whose_budget_is_spent_makes_no_call(admin_client, configured, settings):
    settings.DAILY_BUDGET_USD = Decimal("0")
    answer = admin_client.post(PAGE, {"model": MODEL})
    assert answer.context["test"].kind == "Budget spent"
    assert not configured.requests


def test_a_model_that_is_not_configured_is_not_called(admin_client, configured):
    for name in ("", "openai:other", "openai", "a:b\0c"):
        assert admin_client.post(PAGE, {"model": name}).status_code == 400
    assert not configured.requests


def test_only_administrators_and_those_with_the_permission_may(configured):
    for groups in (*((name,) for name in PERMISSIONS), ()):
        client = Client()
        client.force_login(make_user("-".join(groups) or "clerk", *groups, is_staff=True))
        assert client.get(PAGE).status_code == 403
        assert client.post(PAGE, {"model": MODEL}).status_code == 403
        assert PAGE not in client.get("/admin/search/").content.decode()
    assert Client().post(PAGE, {"model": MODEL}).status_code == 302
    assert not configured.requests
    manager = make_user("manager", is_staff=True)
    manager.user_permissions.set(Permission.objects.filter(codename="manage_models"))
    client.force_login(manager)
    assert client.get(PAGE).status_code == 200
