"""What can go wrong while an article is written; the type tells the caller what to do."""

KINDS = {
    "timeout": "Time limit",
    "provider_unavailable": "Service unavailable",
    "provider_error": "Service refused",
    "provider_quota": "Provider's credit used up",
    "length_limit": "Model's length limit",
    "budget": "Budget spent",
    "stage_failed": "Needs attention",
    "locked_paragraph": "Locked paragraph",
    "replay_incomplete": "Recording incomplete",
    "worker_died": "Worker died",
    "bug": "Program error",
}
"""The values of ContentTask.error_kind and StageRun.error_kind, with their labels."""


class TasksError(Exception):
    """Base of every error this app raises on purpose; its text is one sentence for a person."""


class StageFailed(TasksError):
    """The run cannot go on until a person changes something: running again would fail again."""

    kind = "stage_failed"
    """Groups failures."""


class StageBroke(StageFailed):
    """A program error ended a stage; the log has it."""

    kind = "bug"


class ParagraphLocked(StageFailed):
    """The text lacks a paragraph that editors locked."""

    kind = "locked_paragraph"

    def __init__(self, text: str) -> None:
        start = text if len(text) <= 80 else text[:79] + "…"
        super().__init__(
            f"A locked paragraph is missing or was changed: “{start}” "
            "Keep it word for word, or unlock it first."
        )
        self.text = text


class ProviderError(StageFailed):
    """An outside service refused for good (a wrong key, an unknown model, a refused page)."""

    kind = "provider_error"


class UnreadableText(ProviderError):
    """A document has no text that can be used; the message says what to give instead."""


class ProviderQuotaExceeded(ProviderError):
    """The account at the provider has no credit left, or reached a limit that is set there."""

    kind = "provider_quota"


class LengthLimitReached(ProviderError):
    """The reply reached the model's length limit and is incomplete."""

    kind = "length_limit"


class ProviderUnavailable(ProviderError):
    """An outside service did not answer in time or is over its limits: worth trying again."""

    kind = "provider_unavailable"

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
        """How long the service asked to wait, if it did."""


class ModelRepeatsItself(ProviderUnavailable):
    """The model wrote the same again and again, and was stopped: another, or another try, may not."""


class BudgetExceeded(StageFailed):
    """The task's `budget_usd` or the day's budget is spent; no further call is made."""

    kind = "budget"


class StageTimeout(ProviderUnavailable):
    """A stage took longer than `stage_timeout_seconds`; what it waited for may be quicker next time."""

    kind = "timeout"


class TaskTimeout(StageFailed):
    """The whole task took longer than `timeout_seconds`."""

    kind = "timeout"


class LeaseLost(TasksError):
    """Another worker has the task by now, or it was stopped: the run ends and writes nothing more."""
