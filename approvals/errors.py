"""Why a decision is refused; the type tells the caller what to do."""

from typing import Any


class ApprovalsError(Exception):
    """Base of every error this app raises on purpose; its text is one sentence for a person."""


class StaleReview(ApprovalsError):
    """The text or its state changed since the reviewer read it: look again, then decide."""


class FourEyes(ApprovalsError):
    """The reviewer wrote or last edited this text: another editor has to approve it."""


class LockedByOther(ApprovalsError):
    """Another editor holds the review lock: the decision has to be confirmed."""


class ObjectionsStand(ApprovalsError):
    """There are objections to an approval: it has to be confirmed."""


class ReviewTokenInvalid(ApprovalsError):
    """It is not known which text in which state was read: open the page again."""


class ReasonMissing(ApprovalsError):
    """Rejecting or requesting changes needs a reason code and a reason. `field` names the missing one."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class CommentSettled(ApprovalsError):
    """The comment can no longer be changed: too much time has passed, it was answered, or it is gone."""


class DossierTooLarge(ApprovalsError):
    """The documents of its sources are too large together to be part of one file."""


class NoSuchVersion(ApprovalsError):
    """The draft never had this version."""


class HunkUnknown(ApprovalsError):
    """The two versions differ by no such hunk."""


class HunksNotApplicable(ApprovalsError):
    """A later edit changed what a hunk is about, or nothing would be left of the text."""


class LinkUnknown(ApprovalsError):
    """A preview link that was never issued, or not in this form."""


class LinkEnded(ApprovalsError):
    """A preview link that worked once: it expired, was revoked, or was used."""

    def __init__(self, message: str, link: Any) -> None:
        super().__init__(message)
        self.link = link


class FeedbackIncomplete(ApprovalsError):
    """Sign-off feedback that says too little. `field` names what is missing."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class WebhookConflict(ApprovalsError):
    """The subscription, or another of the same owner, is in the way: the sentence says how."""


class SecretLost(ApprovalsError):
    """A webhook's secret cannot be made again, because the site's key changed."""


class PersonRefused(ApprovalsError):
    """A change of an account that would lock people out, or that its state does not allow."""


class TokenRefused(ApprovalsError):
    """What the state of a token or of its account does not allow."""
