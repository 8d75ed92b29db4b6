"""Health for load balancers and monitors: alive means the process answers, ready that it can serve pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from contentpipeline.probes import DEPENDENCIES, REQUIRED, ProbeResult, State, probe


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "live"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    findings = _findings()
    states = {name: found.state for name, found in findings.items()}
    if any(states.get(name) == State.DOWN for name in REQUIRED):
        status = "unavailable"
    else:
        status = "ready" if set(states.values()) == {State.OK} else "degraded"
    body = {"status": status, "checks": {name: _as_json(found) for name, found in findings.items()}}
    return JsonResponse(body, status=503 if status == "unavailable" else 200)


def _findings() -> dict[str, ProbeResult]:
    findings = {"database": probe(DEPENDENCIES["database"])}
    for name, check in DEPENDENCIES.items():
        # Without a database the others would each wait for it, and say the same.
        if name not in findings and (name == "cache" or findings["database"].state == State.OK):
            findings[name] = probe(check)
    return findings


def _as_json(found: ProbeResult) -> dict[str, Any]:
    body: dict[str, Any] = {"state": found.state, "latency_ms": found.latency_ms, **found.details}
    return body | ({"message": found.message} if found.message else {})
