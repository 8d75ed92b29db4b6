"""Comments on paragraphs: made on one version, and carried over while their paragraph can be found."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from approvals.models.desk import DraftComment
from tasks.models import Draft
from tasks.pipeline.text.markdown import render_blocks

COMMENT = "approvals.add_draftcomment"
MIN_SIMILARITY = 0.6
"""Share of words that a paragraph must have in common with the commented one to count as its rewording."""


@dataclass(frozen=True)
class AnchoredComment:
    """A comment at its paragraph; `is_reworded` when the paragraph has changed since."""

    comment: DraftComment
    is_reworded: bool = False


@dataclass
class CommentedParagraph:
    number: int
    source: str
    sha256: str
    html: str
    comments: list[AnchoredComment] = field(default_factory=list)


@dataclass(frozen=True)
class CommentedText:
    """A text with its open comments, and those whose paragraph is gone."""

    paragraphs: list[CommentedParagraph]
    on_whole_text: list[DraftComment]
    outdated: list[DraftComment]

    @property
    def count(self) -> int:
        anchored = sum(len(paragraph.comments) for paragraph in self.paragraphs)
        return anchored + len(self.on_whole_text) + len(self.outdated)


def paragraph_sha256(source: str) -> str:
    """Identifies a paragraph; line breaks inside it make no difference."""
    return hashlib.sha256(" ".join(source.split()).encode()).hexdigest()


def comment(
    draft: Draft, *, version: int, text: str, by: User, paragraph: str = "", quote: str = ""
) -> DraftComment:
    """Comment on a paragraph of that version, or on the whole text.

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


def resolve(row: DraftComment, *, by: User) -> bool:
    """Close a comment. False when it was closed already."""
    _require_commenter(by)
    still_open = DraftComment.objects.filter(pk=row.pk, resolved_at=None)
    return bool(
        still_open.update(resolved_at=timezone.now(), resolved_by=by, resolved_by_name=by.get_username())
    )


def commented(
    body: str, citations: Iterable[Any], comments: Iterable[DraftComment], *, language: str = "en"
) -> CommentedText:
    """Put each open comment at its paragraph, or at the most similar one."""
    blocks = render_blocks(body, citations, language=language)
    paragraphs = [
        CommentedParagraph(number, block.source, paragraph_sha256(block.source), block.html)
        for number, block in enumerate(blocks, start=1)
    ]
    result = CommentedText(paragraphs, [], [])
    still_open = [row for row in comments if row.resolved_at is None]
    finder = _Finder(paragraphs)
    for row in still_open:
        if not row.paragraph_sha256:
            result.on_whole_text.append(row)
            continue
        index, is_reworded = finder.find(row)
        if index is None:
            result.outdated.append(row)
        else:
            paragraphs[index].comments.append(AnchoredComment(row, is_reworded))
    return result


class _Finder:
    """Finds where commented paragraphs are now. Words are counted once, and only if needed."""

    def __init__(self, paragraphs: Sequence[CommentedParagraph]) -> None:
        self._paragraphs = paragraphs
        # Of identical paragraphs the first.
        self._places = {paragraph.sha256: paragraph.number - 1 for paragraph in reversed(paragraphs)}
        self._words: list[Counter[str]] | None = None

    def find(self, row: DraftComment) -> tuple[int | None, bool]:
        if row.paragraph_sha256 in self._places:
            return self._places[row.paragraph_sha256], False
        if self._words is None:
            self._words = [Counter(paragraph.source.split()) for paragraph in self._paragraphs]
        wanted = Counter(row.quote.split())
        similarity = [_similarity(wanted, words) for words in self._words]
        best = max(range(len(similarity)), key=similarity.__getitem__, default=None)
        return (best, True) if best is not None and similarity[best] >= MIN_SIMILARITY else (None, False)


def _similarity(one: Counter[str], other: Counter[str]) -> float:
    total, totals = one.total(), one.total() + other.total()
    # No overlap can reach the threshold when the lengths differ too much; most paragraphs end here.
    if not total or 2 * min(total, totals - total) < MIN_SIMILARITY * totals:
        return 0.0
    return 2 * sum(min(count, other[word]) for word, count in one.items()) / totals


def _paragraph(body: str, sha256: str, quote: str) -> str:
    """The Markdown of the paragraph that is named; empty when none is."""
    words = " ".join(quote.split())
    if not sha256 and not words:
        return ""
    for block in render_blocks(body):
        if paragraph_sha256(block.source) == sha256 or (words and words in " ".join(block.source.split())):
            return block.source
    name = "paragraph" if sha256 else "quote"
    raise ValidationError({name: "That version has no such paragraph."})


def _require_commenter(user: User) -> None:
    if not user.has_perm(COMMENT):
        raise PermissionDenied("Only writers and editors can comment on drafts.")
