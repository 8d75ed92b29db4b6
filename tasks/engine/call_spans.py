"""A model call as a span."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks.tracing import past_span

if TYPE_CHECKING:
    from tasks.pipeline.providers.model_calls.calls import CallRecord


def trace_call(record: CallRecord) -> None:
    past_span(
        "model call",
        record.duration_ms / 1000,
        provider=record.provider,
        model=record.model,
        input_tokens=record.input_tokens,
        output_tokens=record.output_tokens,
        outcome=str(record.outcome),
    )
