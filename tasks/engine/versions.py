"""Versions of a draft that a run saves: those that were judged, and unfinished text when it ended early."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from tasks import naming
from tasks.covers import COVER_FIELDS, is_decided_by_person
from tasks.engine.checkpoints import Lease
from tasks.engine.mapping import content_of, save_report
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft
from tasks.pipeline.errors import LeaseLost, ParagraphLocked
from tasks.pipeline.text.locked_paragraphs import anchored, lost, with_locked
from tasks.pipeline.text.lost_images import with_lost_images
from tasks.pipeline.types import Article, Assessment, WrittenPart

logger = logging.getLogger(__name__)

ENDS = {
    Status.IN_PROGRESS: "broke off",
    Status.CANCELLED: "cancelled",
    Status.ON_HOLD: "on hold",
}
"""The states in which a run leaves a text unfinished. In progress, it is about to fail or to wait."""


@dataclass
class UnsavedText:
    """What a run has written that is in no version yet: a whole article, or what there is of its text."""

    article: Article | None = None
    finished: str = ""
    """The parts that are complete, of a text that is written in parts."""
    finished_by: str = ""
    text: str = ""
    broken_off: tuple[str, str] = ("", "")
    """The longest text that a model did not end before the next one began, and who wrote it."""

    def note(self, text: str, previous_writer: str) -> None:
        """Take the text so far. A shorter one belongs to a new call: the previous call's text is complete."""
        if len(text) < len(self.text):
            self.broken_off = max(self.broken_off, (self.text, previous_writer), key=_length)
        self.text = text

    def add(self, output: object) -> None:
        """Take what a stage returned, if it is a text. Of a part, the text so far was what it is made of."""
        if isinstance(output, Article):
            self.article = output
        elif isinstance(output, WrittenPart):
            self.finished = self.with_parts(output.body)
            self.finished_by = self.finished_by or output.written_by
            self.text, self.broken_off = "", ("", "")

    def with_parts(self, text: str) -> str:
        """The finished parts, and the text of the next one."""
        return f"{self.finished}\n\n{text}" if self.finished and text.strip() else self.finished or text

    def content(self, task: ContentTask, writer: str) -> tuple[dict[str, Any], str] | None:
        """The fields of a draft, and who wrote them; None without any. `writer` is of the last call."""
        if self.article is not None:
            return content_of(self.article), self.article.written_by
        text, last_writer = max(self.broken_off, (self.text, writer), key=_length)
        # A version names one writer: of several parts, the one that wrote the first.
        writer, text = self.finished_by or last_writer, self.with_parts(text)
        if not text.strip():
            return None
        fields = {"title": task.topic, "slug": naming.slug_of(task.topic), "body": text}
        return fields | {"category": task.category, "tags": task.tags}, writer


def is_in_a_version(key: str, saved_outputs: Mapping[str, Any]) -> bool:
    """Whether the text saved under a key, or the one that it is a part of, is a version already."""
    return f"version-{key}" in saved_outputs or f"version-{key.partition('-')[0]}" in saved_outputs


def _length(text_and_writer: tuple[str, str]) -> int:
    return len(text_and_writer[0])


@transaction.atomic
def save_version(
    task: ContentTask, lease: Lease, article: Article, report: Assessment, reason: str, key: str
) -> None:
    held = ContentTask.objects.select_for_update().get(pk=task.pk)
    if (held.status, held.lease_epoch) != (Status.IN_PROGRESS, lease.epoch):
        raise LeaseLost(f"The lease of task {task.pk} has ended.")
    draft = Draft.objects.filter(task=held).first() or Draft(task=held)
    content = _with_decided_cover(draft, _with_locked(draft, content_of(article)))
    is_new = draft.save_version(content, reason=reason, written_by=article.written_by, score=report.score)
    if is_new or report.critique or not _is_judged(draft):
        save_report(draft, report, article.editor_notes)
    held.stage_runs.create(
        run=held.run,
        attempt=held.attempts,
        key=key,
        started_at=timezone.now(),
        output={"version": draft.version},
    )


def _is_judged(draft: Draft) -> bool:
    return draft.quality_reports.filter(version=draft.version, critique__isnull=False).exists()


@transaction.atomic
def save_unfinished(lease: Lease, content: Mapping[str, Any], written_by: str) -> None:
    """Save an article that was not judged, or a text as far as it was written, as a version.

    Only while the task is as its run left it: nothing later is overwritten. A locked paragraph that has
    no place in it is appended.
    """
    task = ContentTask.objects.select_for_update().get(pk=lease.task_id)
    if task.status not in ENDS or task.lease_epoch != lease.epoch:
        return
    draft = Draft.objects.filter(task=task).first() or Draft(task=task)
    content = _with_locked(draft, content)
    if draft.pk:
        missing = lost(content["body"], anchored(draft.body, draft.locks.values_list("text", flat=True)))
        content = {**content, "body": "\n\n".join([content["body"], *missing])}
    reason = f"{ENDS[Status(task.status)]} in {task.stage}: unfinished"
    try:
        draft.save_version(content, reason=reason, written_by=written_by)
    except ParagraphLocked:
        # The text would swallow it, as an open block of code does.
        logger.info("The unfinished text of task %s has no place for a locked paragraph", task.pk)


def _with_decided_cover(draft: Draft, content: Mapping[str, Any]) -> Mapping[str, Any]:
    """The content without a cover where a person has chosen one, or none, since the run made its own."""
    if not draft.pk or "cover_image" not in content or not is_decided_by_person(draft):
        return content
    return {name: value for name, value in content.items() if name not in COVER_FIELDS}


def _with_locked(draft: Draft, content: Mapping[str, Any]) -> Mapping[str, Any]:
    """The content with the images of the text, what is locked by now, and the slug.

    Stages that ran before did not know of them.
    """
    if draft.pk and "body" in content:
        content = {**content, "body": with_lost_images(content["body"], draft.body)}
    if draft.pk and draft.title == content.get("title"):
        content = {**content, "slug": draft.slug}  # an address that people know, or chose, stays
    locks = list(draft.locks.values_list("text", flat=True)) if draft.pk else []
    if not locks:
        return content
    return {**content, "body": with_locked(content["body"], anchored(draft.body, locks))}
