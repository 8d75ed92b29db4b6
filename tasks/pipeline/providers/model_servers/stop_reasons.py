"""Why a model stopped, in the words of every server: one table for all protocols, compared in lower case."""

from __future__ import annotations

from collections.abc import Mapping

from tasks.pipeline.providers.model_servers.vendor_protocol import ReportedError, StopReason

_WORDS: Mapping[StopReason, tuple[str, ...]] = {
    "length": (
        "length", "max_tokens", "max_output_tokens", "max_length", "model_length", "max_new_tokens", "limit",
        "token_limit", "max_completion_tokens", "model_context_window_exceeded", "context_length_exceeded",
        "context_window_exceeded", "length_limit", "context_length",
    ),
    "filter": (
        "content_filter", "content_filtered", "content-filter", "contentfilter", "filter", "refusal",
        "refused",
        "safety", "recitation", "blocklist", "prohibited_content", "spii", "language", "image_safety",
        "image_prohibited_content", "image_recitation", "model_armor", "escalation", "guardrail_intervened",
        "guardrail", "sensitive", "moderation", "blocked", "content_policy", "content_policy_violation",
    ),
    "pause": ("pause_turn", "pause"),
}  # fmt: skip
STOP_REASONS: Mapping[str, StopReason] = {word: reason for reason, words in _WORDS.items() for word in words}
FAILURES = frozenset(
    {
        "error", "network_error", "insufficient_system_resource", "abort", "aborted", "cancelled", "canceled",
        "failed", "failure", "timeout", "other", "malformed_function_call", "malformed_response",
        "unexpected_tool_call", "too_many_tool_calls", "missing_thought_signature", "no_image", "image_other",
        "repetition", "server_error", "engine_overloaded", "preempted",
    }
)  # fmt: skip
"""What ended the reply was no decision of the model; it is not whole."""
UNDECIDED = frozenset(
    {"", "null", "none", "finish_reason_unspecified", "unspecified", "in_progress", "queued", "incomplete"}
)


def stop_reason(word: object) -> StopReason | None:
    """None if the server has not said yet. A word that nobody knows is an end. Raises ReportedError."""
    if word is None or word is False:
        return None
    said = str(word).strip().lower()
    if said in UNDECIDED:
        return None
    if said in FAILURES:
        raise ReportedError({"message": f"the reply was broken off with “{str(word)[:60]}”"})
    return STOP_REASONS.get(said, "stop")
