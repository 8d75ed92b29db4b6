"""Traces and errors that are sent elsewhere: what arrives at a real collector, and what must not be in it."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import brotli
import pytest
from django.core.exceptions import ImproperlyConfigured
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from contentpipeline import telemetry
from tests.conftest import BASE_DIR
from tests.receivers import Hook

pytestmark = pytest.mark.slow  # most of it starts a process that loads the whole site

PROGRAM = [sys.executable, "-m", "tests.telemetry_program"]
DSN_KEY = "0123456789abcdef0123456789abcdef"


def run_program(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        PROGRAM,
        cwd=BASE_DIR,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture(scope="module")
def collector() -> Iterator[Hook]:
    hook = Hook()
    hook.status = 200
    address = hook.url.removeprefix("http://")
    done = run_program(
        OTEL_EXPORTER_OTLP_ENDPOINT=hook.url,
        SENTRY_DSN=f"http://{DSN_KEY}@{address}1",
        SENTRY_ENVIRONMENT="rehearsal",
        LOG_FORMAT="json",
    )
    assert done.returncode == 0, done.stderr
    yield hook
    hook.server.shutdown()
    hook.server.server_close()


def bodies(hook: Hook, ending: str) -> list[bytes]:
    found = [(headers, body) for path, headers, body in hook.got if path.endswith(ending)]
    assert found, [path for path, _, _ in hook.got]
    return [decoded(headers.get("Content-Encoding", ""), body) for headers, body in found]


def decoded(coding: str, body: bytes) -> bytes:
    return {"gzip": gzip.decompress, "br": brotli.decompress, "": bytes}[coding](body)


def spans_of(hook: Hook) -> list[Span]:
    exported = [ExportTraceServiceRequest.FromString(body) for body in bodies(hook, "/v1/traces")]
    return [
        span
        for export in exported
        for resource in export.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def attributes(span: Span) -> dict[str, str | int]:
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


def events_of(hook: Hook) -> list[dict[str, Any]]:
    found = []
    for body in bodies(hook, "/envelope/"):
        lines = [json.loads(line) for line in body.splitlines() if line]
        found += [line for head, line in pairwise(lines[1:]) if head.get("type") == "event"]
    return found


def test_a_task_its_stages_and_calls_are_one_trace(collector: Hook) -> None:
    spans = spans_of(collector)
    for number in (5, 6):
        (task,) = [each for each in spans if attributes(each).get("desk.task_id") == number]
        trace = {each.name: each for each in spans if each.trace_id == task.trace_id}
        assert set(trace) == {"task", "stage draft", "model call"}
        assert trace["stage draft"].parent_span_id == task.span_id
        call = trace["model call"]
        assert call.parent_span_id == trace["stage draft"].span_id
        assert attributes(call)["gen_ai.request.model"] == "small"
        assert attributes(call)["gen_ai.usage.input_tokens"] == 7
        assert 0.24 < (call.end_time_unix_nano - call.start_time_unix_nano) / 1e9 < 0.26


def test_requests_are_named_by_their_route(collector: Hook) -> None:
    requests = [each for each in spans_of(collector) if each.kind == Span.SPAN_KIND_SERVER]
    assert [attributes(each)["http.route"] for each in requests] == ["calm/", "preview/<str:token>/"]
    assert requests[1].status.code == 2


def test_an_error_arrives_with_its_traceback_and_the_fields_of_its_span(collector: Hook) -> None:
    events = events_of(collector)
    (broken,) = [event for event in events if "exception" in event]
    (raised,) = [each for each in broken["exception"]["values"] if each["type"] == "ValueError"]
    assert raised["stacktrace"]["frames"][-1]["function"] == "preview"
    assert "vars" not in raised["stacktrace"]["frames"][-1]
    assert broken["request"] == {"method": "GET"}
    logged = [event for event in events if event.get("logger") == "tasks.engine"]
    assert sorted(event["tags"]["task_id"] for event in logged) == ["5", "6"]
    assert {event["environment"] for event in events} == {"rehearsal"}


def test_neither_addresses_nor_keys_nor_clients_leave(collector: Hook) -> None:
    for body in bodies(collector, "/v1/traces") + bodies(collector, "/envelope/"):
        assert b"secret-" not in body


def test_a_collector_that_is_not_there_stops_nothing() -> None:
    done = run_program(
        OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1", SENTRY_DSN="http://key@127.0.0.1:1/1"
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("setting", ["OTEL_EXPORTER_OTLP_ENDPOINT", "SENTRY_DSN"])
def test_without_its_packages_the_setting_is_refused_with_the_remedy(
    setting: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("opentelemetry.sdk.trace", "sentry_sdk"):
        monkeypatch.setitem(sys.modules, module, None)
    setattr(settings, setting, "http://key@127.0.0.1:1/1")
    with pytest.raises(ImproperlyConfigured) as refused:
        telemetry.start()
    assert setting in str(refused.value)
    assert "pip install -r requirements-telemetry.lock" in str(refused.value)
