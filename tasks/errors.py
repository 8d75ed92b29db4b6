"""Why a task or draft is not as the caller asked for. The pipeline's own errors: `tasks.pipeline.errors`."""

from tasks.pipeline.errors import TasksError


class TransitionRefused(TasksError):
    """The lifecycle does not allow the move, or another process moved the task first."""


class DraftChanged(TasksError):
    """The draft is no longer the version that the caller read."""


class NoModel(TasksError):
    """No language model is configured."""


class ProposalOutdated(TasksError):
    """What a proposal was to replace is no longer in the text."""


class GuidanceRefused(TasksError):
    """The category has this guideline already, or as many as a writer can follow."""


class ChecksBusy(TasksError):
    """This process is checking another text."""


class DueDateMoved(TasksError):
    """The due date is no longer the one that the caller read."""
