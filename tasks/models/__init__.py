"""Briefs, the work on them, and the drafts that come of it."""

from tasks.models.brief_templates import BriefTemplate
from tasks.models.calls import ModelCall, OpenCall
from tasks.models.checks import PublishedSketch, QualityCheckRule
from tasks.models.claims import ClaimLedger, ClaimRecord
from tasks.models.drafts import CategoryGuidance, Draft, Guidance, ParagraphLock, QualityReport
from tasks.models.operations import Incident, TaskEvent, Worker
from tasks.models.proposals import Proposal
from tasks.models.recordings import RecordedExchange
from tasks.models.sources import Source, SourceBytes, SourceFile, SourceReading, SourceSnapshot
from tasks.models.tasks import NO_ZONE, ContentTask, IdempotencyKey, Stage, StageRun, TaskKind
from tasks.models.uploads import StagedUpload

__all__ = [
    "NO_ZONE", "BriefTemplate", "CategoryGuidance", "ClaimLedger", "ClaimRecord", "ContentTask", "Draft",
    "Guidance", "IdempotencyKey", "Incident", "ModelCall", "OpenCall", "ParagraphLock", "Proposal",
    "PublishedSketch", "QualityCheckRule", "QualityReport", "RecordedExchange", "Source", "SourceBytes",
    "SourceFile", "SourceReading", "SourceSnapshot", "Stage", "StageRun", "StagedUpload", "TaskEvent",
    "TaskKind", "Worker",
]  # fmt: skip
