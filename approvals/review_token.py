"""A signed statement of what a reviewer had on the screen, so that a decision can be bound to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.core import signing
from django.utils import timezone

from approvals.errors import ReviewTokenInvalid
from tasks.models import Draft

SALT = "approvals.review_token"


@dataclass(frozen=True)
class ReviewToken:
    """Which text a reviewer saw in which state, and since when.

    The state is the time of the task's last transition: a draft that was decided and came back with the
    same bytes is not what was on the screen.
    """

    draft_id: int
    version: int
    content_sha256: str
    state_since: datetime
    reviewer_id: int
    opened_at: datetime

    @classmethod
    def issue(cls, draft: Draft, reviewer: User) -> ReviewToken:
        since = draft.task.status_changed_at
        return cls(draft.pk, draft.version, draft.content_sha256, since, reviewer.pk, timezone.now())

    @property
    def signed(self) -> str:
        times = (self.state_since.isoformat(), self.opened_at.isoformat())
        return signing.dumps(
            [self.draft_id, self.version, self.content_sha256, self.reviewer_id, *times], salt=SALT
        )

    @classmethod
    def parse(cls, signed: str, reviewer: User) -> ReviewToken:
        """Raises ReviewTokenInvalid for a token that this site or this reviewer was not given."""
        try:
            draft_id, version, sha256, reviewer_id, since, opened = signing.loads(signed, salt=SALT)
        except signing.BadSignature as error:
            raise ReviewTokenInvalid from error
        if reviewer_id != reviewer.pk:
            raise ReviewTokenInvalid
        since_at, opened_at = datetime.fromisoformat(since), datetime.fromisoformat(opened)
        return cls(draft_id, version, sha256, since_at, reviewer_id, opened_at)

    def require_about(self, draft_id: int, version: int, content_sha256: str) -> None:
        """Raises ReviewTokenInvalid when the form names another text than the token."""
        if (draft_id, version, content_sha256) != (self.draft_id, self.version, self.content_sha256):
            raise ReviewTokenInvalid
