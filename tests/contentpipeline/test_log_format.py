"""How a line of the log is written: a refusal is one line, JSON is for programs, fields say whose it is."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django_q.signals import post_execute_in_worker, pre_execute

from contentpipeline.log_format import PLAIN, JSONFormatter, PlainFormatter, RefusalsWithoutTraceback
from tasks.tracing import log_fields, span


@pytest.fixture(params=["plain", "json"])
def log(request: pytest.FixtureRequest) -> Any:
    """What handlers write of the loggers of Django and of this test, as `LOG_FORMAT` has it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JSONFormatter() if request.param == "json" else PlainFormatter(PLAIN, style="{"))
    handler.addFilter(RefusalsWithoutTraceback())
    loggers = [logging.getLogger(name) for name in ("django", __name__)]
    for logger in loggers:
        logger.addHandler(handler)
    yield lambda: stream.getvalue().splitlines()
    for logger in loggers:
        logger.removeHandler(handler)


Log = Callable[[], list[str]]


def refuse(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("Not for you")


def suspect(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation("A header is wrong")


def broken(request: HttpRequest) -> HttpResponse:
    raise ValueError("ours")


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    status = {PermissionDenied: 403, SuspiciousOperation: 400}.get(type(exception), 404)
    return HttpResponse("Refused", status=status)


urlpatterns = [path("refuse/", refuse), path("suspect/", suspect), path("broken/", broken)]
handler400 = handler403 = handler404 = "tests.contentpipeline.test_log_format.refused"


@pytest.fixture
def client(settings: Any) -> Client:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = []
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(("address", "status"), [("refuse", 403), ("suspect", 400), ("nowhere", 404)])
def test_a_refused_request_is_one_line(client: Client, log: Log, address: str, status: int) -> None:
    assert client.get(f"/{address}/").status_code == status
    assert len(log()) == 1


def test_an_error_of_ours_has_its_traceback(client: Client, log: Log) -> None:
    assert client.get("/broken/").status_code == 500
    assert "ValueError: ours" in "\n".join(log())
    assert "Traceback" in "\n".join(log())


@pytest.mark.parametrize("log", ["json"], indirect=True)
def test_json_is_one_object_a_line_whatever_the_message_holds(log: Log) -> None:
    logger = logging.getLogger(__name__)
    with span("task", task_id=5), span("stage draft", stage="draft"):
        try:
            raise ValueError("two\nlines \u2028 \ud800")
        except ValueError:
            logger.exception("It broke: %s", 'a "quoted"\nword')
    logger.warning("After")
    first, second = map(json.loads, log())
    assert (first["task_id"], first["stage"], first["level"]) == (5, "draft", "ERROR")
    assert first["message"] == 'It broke: a "quoted"\nword'
    assert "ValueError: two\nlines" in first["exception"]
    assert first["time"].endswith("+00:00")
    assert "task_id" not in second


@pytest.mark.parametrize("log", ["plain"], indirect=True)
def test_a_plain_line_ends_with_its_fields(log: Log) -> None:
    with span("task", task_id=5):
        logging.getLogger(__name__).warning("It is slow")
    logging.getLogger(__name__).warning("It is over")
    first, second = log()
    assert first.endswith("It is slow [task_id=5]")
    assert second.endswith("It is over")


def test_what_a_job_logs_names_the_job() -> None:
    job = {"id": "abc", "func": "publishing.jobs.publish_due"}
    pre_execute.send("django_q", func=None, task=job)
    assert dict(log_fields()) == {"job": "publishing.jobs.publish_due", "job_id": "abc"}
    post_execute_in_worker.send("django_q", func=None, task=job)
    assert dict(log_fields()) == {}


def test_a_job_that_was_interrupted_leaves_nothing_to_the_next() -> None:
    for name in ("one", "two"):
        pre_execute.send("django_q", func=None, task={"id": name, "func": "some.job"})
    assert log_fields()["job_id"] == "two"
    post_execute_in_worker.send("django_q", func=None, task={})
    assert dict(log_fields()) == {}
