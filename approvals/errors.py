"""Why a decision is refused; the type tells the caller what to do."""

from typing import Any


class ApprovalsError(Exception):
    """Base of every error this app raises on purpose; its text is one sentence for a person."""


class StaleReview(ApprovalsError):
    """The text or its state changed since the reviewer read it: look again, then decide."""


class FourEyes(ApprovalsError):
    """The reviewer wrote or last edited this text: somebody else has to approve it."""


class ClaimedByOther(ApprovalsError):
    """Somebody else is looking at the draft: say that it is meant all the same."""


class ObjectionsStand(ApprovalsError):
    """Something stands against an approval: say that it is meant all the same."""


class ReadingUnknown(ApprovalsError):
    """It cannot be told which text in which state was read: open the page again."""


class ReasonMissing(ApprovalsError):
    """A no needs a reason code and a reason. `field` names which is missing."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NoSuchVersion(ApprovalsError):
    """The draft never had this version."""


class LinkIsUnknown(ApprovalsError):
    """A link to a text that was never given out, or not in this form."""


class LinkIsOver(ApprovalsError):
    """A link that led to a text once: it expired, was withdrawn, or was used up."""

    def __init__(self, message: str, link: Any) -> None:
        super().__init__(message)
        self.link = link


class OpinionIncomplete(ApprovalsError):
    """An opinion that says too little. `field` names what is missing."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class WebhookConflict(ApprovalsError):
    """The subscription, or another of the same owner, is in the way: the sentence says how."""


class SecretLost(ApprovalsError):
    """A webhook's secret cannot be made again, because the site's key changed."""
