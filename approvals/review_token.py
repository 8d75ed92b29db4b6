"""What was on a reviewer's screen, signed, so that a decision can be held to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.core import signing
from django.utils import timezone

from approvals.errors import ReadingUnknown
from tasks.models import Draft

SALT = "approvals.review_token"


@dataclass(frozen=True)
class Reading:
    """Which text somebody saw in which state, and since when.

    The state is the moment of the task's last move: a draft that was decided about and came back with the
    same bytes is not what was on the screen.
    """

    draft_id: int
    version: int
    content_sha256: str
    state_since: datetime
    reader_id: int
    opened_at: datetime

    @classmethod
    def begin(cls, draft: Draft, reader: AbstractBaseUser) -> Reading:
        since = draft.task.status_changed_at
        return cls(draft.pk, draft.version, draft.content_sha256, since, reader.pk, timezone.now())

    @property
    def token(self) -> str:
        times = (self.state_since.isoformat(), self.opened_at.isoformat())
        return signing.dumps(
            [self.draft_id, self.version, self.content_sha256, self.reader_id, *times], salt=SALT
        )

    @classmethod
    def from_token(cls, token: str, reader: AbstractBaseUser) -> Reading:
        """Raises ReadingUnknown for a token that is not ours or not this reader's."""
        try:
            draft_id, version, sha256, reader_id, since, opened = signing.loads(token, salt=SALT)
        except signing.BadSignature as error:
            raise ReadingUnknown from error
        if reader_id != reader.pk:
            raise ReadingUnknown
        since_at, opened_at = datetime.fromisoformat(since), datetime.fromisoformat(opened)
        return cls(draft_id, version, sha256, since_at, reader_id, opened_at)

    def require_about(self, draft_id: int, version: int, content_sha256: str) -> None:
        """Raises ReadingUnknown when the form says another text than the token."""
        if (draft_id, version, content_sha256) != (self.draft_id, self.version, self.content_sha256):
            raise ReadingUnknown
