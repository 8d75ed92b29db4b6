"""The score of each version: that of its own checks, which for a person's text run after it was saved."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from tasks.models import QualityReport


def with_checked_scores(versions: QuerySet[Any]) -> QuerySet[Any]:
    """Rows of a draft's history, each with `checked_score`."""
    report = QualityReport.objects.filter(draft=OuterRef("id"), version=OuterRef("version"))
    score = Coalesce(Subquery(report.values("score")[:1]), "score")
    rows: QuerySet[Any] = versions.annotate(checked_score=score)
    return rows
