"""Comments on paragraphs: made on one version, and carried along as long as their paragraph can be found."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from approvals.models.desk import DraftComment
from tasks.models import Draft
from tasks.pipeline.text.markdown import render_blocks

COMMENT = "approvals.add_draftcomment"
ALIKE = 0.6
"""Share of its words that a paragraph must have in common with the commented one to be that one, reworded."""


@dataclass(frozen=True)
class Placed:
    """A comment beside its paragraph; `is_reworded` when that is no longer word for word the same."""

    comment: DraftComment
    is_reworded: bool = False


@dataclass
class Paragraph:
    number: int
    source: str
    sha256: str
    html: str
    comments: list[Placed] = field(default_factory=list)


@dataclass(frozen=True)
class Commented:
    """A text with the comments that are open, and those that have no place in it any more."""

    paragraphs: list[Paragraph]
    on_the_whole: list[DraftComment]
    outdated: list[DraftComment]

    @property
    def count(self) -> int:
        beside = sum(len(paragraph.comments) for paragraph in self.paragraphs)
        return beside + len(self.on_the_whole) + len(self.outdated)


def paragraph_sha256(source: str) -> str:
    """The name of a paragraph: other line breaks inside it are no other paragraph."""
    return hashlib.sha256(" ".join(source.split()).encode()).hexdigest()


def comment(
    draft: Draft, *, version: int, text: str, by: AbstractBaseUser, paragraph: str = "", quote: str = ""
) -> DraftComment:
    """Say something about a paragraph of that version, or about the whole of it.

    A paragraph is named by its hash or by words that stand in it. Raises PermissionDenied, or
    ValidationError naming the field.
    """
    _require_commenter(by)
    found = draft.history.filter(version=version).first()
    if found is None:
        raise ValidationError({"version": f"There is no version {version} of this draft."})
    source = _paragraph(found.body, paragraph, quote)
    row = DraftComment(
        draft=draft,
        version=version,
        paragraph_sha256=paragraph_sha256(source) if source else "",
        quote=source,
        text=text.strip(),
        author=by,
        author_name=by.get_username(),
    )
    row.clean_fields(exclude={"draft", "author", "created_at", "resolved_at", "resolved_by"})
    row.save()
    row.refresh_from_db(fields=["created_at"])
    return row


def resolve(row: DraftComment, *, by: AbstractBaseUser) -> bool:
    """Close a comment. False when somebody has done so already."""
    _require_commenter(by)
    still_open = DraftComment.objects.filter(pk=row.pk, resolved_at=None)
    return bool(
        still_open.update(resolved_at=timezone.now(), resolved_by=by, resolved_by_name=by.get_username())
    )


def commented(body: str, citations: Iterable[Any], comments: Iterable[DraftComment]) -> Commented:
    """Put each open comment beside its paragraph, or the nearest there is to it."""
    blocks = render_blocks(body, citations)
    paragraphs = [
        Paragraph(number, block.source, paragraph_sha256(block.source), block.html)
        for number, block in enumerate(blocks, start=1)
    ]
    anchored = Commented(paragraphs, [], [])
    still_open = [row for row in comments if row.resolved_at is None]
    finder = _Finder(paragraphs)
    for row in still_open:
        if not row.paragraph_sha256:
            anchored.on_the_whole.append(row)
            continue
        index, is_reworded = finder.find(row)
        if index is None:
            anchored.outdated.append(row)
        else:
            paragraphs[index].comments.append(Placed(row, is_reworded))
    return anchored


class _Finder:
    """Where commented paragraphs are now. The words of the text are counted once, and only if needed."""

    def __init__(self, paragraphs: Sequence[Paragraph]) -> None:
        self._paragraphs = paragraphs
        # Of equal ones the first.
        self._places = {paragraph.sha256: paragraph.number - 1 for paragraph in reversed(paragraphs)}
        self._words: list[Counter[str]] | None = None

    def find(self, row: DraftComment) -> tuple[int | None, bool]:
        if row.paragraph_sha256 in self._places:
            return self._places[row.paragraph_sha256], False
        if self._words is None:
            self._words = [Counter(paragraph.source.split()) for paragraph in self._paragraphs]
        wanted = Counter(row.quote.split())
        likeness = [_likeness(wanted, words) for words in self._words]
        best = max(range(len(likeness)), key=likeness.__getitem__, default=None)
        return (best, True) if best is not None and likeness[best] >= ALIKE else (None, False)


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    total, totals = one.total(), one.total() + other.total()
    # No overlap can reach the bar when the lengths differ too much; most paragraphs end here.
    if not total or 2 * min(total, totals - total) < ALIKE * totals:
        return 0.0
    return 2 * sum(min(count, other[word]) for word, count in one.items()) / totals


def _paragraph(body: str, sha256: str, quote: str) -> str:
    """The Markdown of the paragraph that is meant; empty when none is named."""
    words = " ".join(quote.split())
    if not sha256 and not words:
        return ""
    for block in render_blocks(body):
        if paragraph_sha256(block.source) == sha256 or (words and words in " ".join(block.source.split())):
            return block.source
    name = "paragraph" if sha256 else "quote"
    raise ValidationError({name: "That version has no such paragraph: read it again."})


def _require_commenter(user: AbstractBaseUser) -> None:
    if not user.has_perm(COMMENT):  # type: ignore[attr-defined]
        raise PermissionDenied("Only writers and editors comment on drafts.")
