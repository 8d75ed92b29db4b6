"""Taking part of what a machine changed: each hunk is accepted or refused, and the result is a version."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from approvals.diffs.content_hunks import ContentComparison
from approvals.diffs.text_hunks import HunksConflict, TextHunk
from approvals.errors import HunksNotApplicable, HunkUnknown, NoSuchVersion
from tasks.actions import edit_draft
from tasks.content import CONTENT_FIELDS
from tasks.models import Draft
from tasks.proposals import names_of_both


@dataclass(frozen=True)
class VersionHunks:
    """The hunks from one version of a draft to another; `old` and `new` are rows of its history."""

    old: Any
    new: Any
    comparison: ContentComparison

    @property
    def hunks(self) -> list[TextHunk]:
        return self.comparison.hunks


def hunks_between(draft: Draft, old: int, new: int) -> VersionHunks:
    """Raises NoSuchVersion."""
    rows = {row.version: row for row in draft.history.filter(version__in={old, new})}
    for number in (old, new):
        if number not in rows:
            raise NoSuchVersion(f"Draft {draft.pk} has no version {number}.")
    contents = ({name: getattr(rows[number], name) for name in CONTENT_FIELDS} for number in (old, new))
    return VersionHunks(rows[old], rows[new], ContentComparison(*contents))


def take_hunks(
    draft: Draft, from_version: int, to_version: int, accept: Collection[str], *, by: User, reason: str = ""
) -> bool:
    """Make a version of the text before a pass and the accepted hunks of it; the others are refused.

    What was edited since the pass stays. False when the text has it so already: no version is made. Raises
    what `edit_draft` raises, NoSuchVersion, HunkUnknown, and HunksNotApplicable when a later edit is in
    the way.
    """
    found = hunks_between(draft, from_version, to_version)
    known = {hunk.id for hunk in found.hunks}
    if unknown := sorted(set(accept) - known):
        raise HunkUnknown(
            f"From version {from_version} to version {to_version} there is no hunk {', '.join(unknown[:5])}."
        )
    try:
        content = found.comparison.taken(set(accept), draft.content)
    except HunksConflict as conflict:
        raise HunksNotApplicable(
            f"“{conflict.start}” was changed after version {to_version}, so it is not clear what part of it "
            "to take. Edit the text by hand, or compare with the current version."
        ) from None
    if not content["body"].strip():
        raise HunksNotApplicable(
            "Nothing would be left of the text: accept what was added, or refuse what was removed."
        )
    taken = f"took {len(set(accept))} of {len(known)} changes of version {to_version}"
    return edit_draft(
        draft,
        content,
        by=by,
        reason=f"{taken}: {reason}" if reason else taken,
        written_by=_writers(by, found.new if accept else found.old),
    )


def _writers(by: User, other: Any) -> str:
    """Both who chose and who wrote, where a machine wrote it."""
    return names_of_both(by, other.written_by if other.author_id is None else "")


def machine_pass_of(draft: Draft) -> int | None:
    """The version before the latest one by a machine; None when it wrote the first alone."""
    by_machine = draft.versions.filter(author_id=None, version__gt=1).values_list("version", flat=True)
    latest: int | None = by_machine.first()
    return latest and latest - 1
