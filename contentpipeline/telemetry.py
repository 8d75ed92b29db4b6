"""Traces to an OpenTelemetry collector and errors to Sentry, where the settings name them.

Neither package is loaded otherwise. What leaves the desk holds no address that a person requested, since some
of them are secrets (previews, invitations), no body, no cookie and no name: routes, numbers, durations and
tracebacks alone.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse

from tasks import tracing
from tasks.tracing import Field

if TYPE_CHECKING:
    from opentelemetry.trace import Span

REQUIREMENTS = "requirements-telemetry.lock"
SERVICE = "desk"
EXPORT_MILLISECONDS = 1000
EXPORT_SECONDS = 5
"""A collector that does not answer costs no request anything, and the end of a process about this long."""
SEMANTIC_NAMES = {
    "provider": "gen_ai.provider.name",
    "model": "gen_ai.request.model",
    "input_tokens": "gen_ai.usage.input_tokens",
    "output_tokens": "gen_ai.usage.output_tokens",
}
"""What OpenTelemetry's conventions have a name for; all other fields are `desk.NAME`."""
HOLDS_ADDRESS = ("http.url", "http.target", "url.full", "url.path", "url.query", "url.original")
HOLDS_CLIENT = ("net.peer.ip", "client.address", "http.client_ip", "net.peer.port", "client.port")


def start() -> None:
    """Called once a process, before it forks: both packages go on in its children."""
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        _load("opentelemetry.sdk.trace", "OTEL_EXPORTER_OTLP_ENDPOINT")
        _start_traces()
    if settings.SENTRY_DSN:
        _load("sentry_sdk", "SENTRY_DSN")
        _start_errors()


def _load(module: str, setting: str) -> None:
    try:
        importlib.import_module(module)
    except ImportError:
        raise ImproperlyConfigured(
            f"{setting} is set, but what it needs is not installed: pip install -r {REQUIREMENTS}."
        ) from None


# --- Traces ---


def _start_traces() -> None:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.django import DjangoInstrumentor
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    named = Resource.create({SERVICE_NAME: settings.OTEL_SERVICE_NAME})
    provider = TracerProvider(resource=named)
    exporter = OTLPSpanExporter(f"{settings.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces", timeout=EXPORT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=EXPORT_MILLISECONDS))
    tracing.install(OpenTelemetryTracer(provider))
    DjangoInstrumentor().instrument(tracer_provider=provider, response_hook=_name_by_route)


class OpenTelemetryTracer:
    """Spans of `tasks.tracing` as OpenTelemetry has them."""

    def __init__(self, provider: Any) -> None:
        self._tracer = provider.get_tracer(SERVICE)

    @contextmanager
    def measure(self, name: str, fields: Mapping[str, Field]) -> Iterator[None]:
        with self._tracer.start_as_current_span(name, attributes=_attributes(fields)):
            yield

    def add(self, name: str, seconds: float, fields: Mapping[str, Field]) -> None:
        end = time.time_ns()
        span = self._tracer.start_span(
            name, attributes=_attributes(fields), start_time=end - int(seconds * 1e9)
        )
        span.end(end)


def _attributes(fields: Mapping[str, Field]) -> dict[str, Field]:
    return {SEMANTIC_NAMES.get(name, f"desk.{name}"): value for name, value in fields.items()}


def _name_by_route(span: Span, request: HttpRequest, response: HttpResponse) -> None:
    """Put the route in place of the address, and leave the client out."""
    match = request.resolver_match
    route = f"/{match.route}" if match is not None else ""
    known: Mapping[str, object] = getattr(span, "attributes", None) or {}
    for name in HOLDS_ADDRESS:
        if name in known:
            span.set_attribute(name, "" if name == "url.query" else route)
    for name in HOLDS_CLIENT:
        if name in known:
            span.set_attribute(name, "")
    if request_id := response.headers.get("X-Request-Id"):
        span.set_attribute("desk.request_id", request_id)


# --- Errors ---


def _start_errors() -> None:
    import sentry_sdk
    from sentry_sdk.integrations.argv import ArgvIntegration
    from sentry_sdk.integrations.django import DjangoIntegration

    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        environment=settings.SENTRY_ENVIRONMENT,
        send_default_pii=False,
        max_request_body_size="never",
        include_local_variables=False,
        max_breadcrumbs=0,
        auto_enabling_integrations=False,
        disabled_integrations=[ArgvIntegration()],
        integrations=[DjangoIntegration(middleware_spans=False, signals_spans=False)],
        before_send=_reduced,
    )


def _reduced(event: Any, _: Any) -> Any:
    """The event with the fields of the spans around it, and of its request the method alone."""
    if "request" in event:
        event["request"] = {"method": event["request"].get("method", "")}
    tags = {name: str(value) for name, value in tracing.log_fields().items()}
    event["tags"] = {**(event.get("tags") or {}), **tags}
    return event
