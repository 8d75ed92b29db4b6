"""The incident check for scheduled publications that failed."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from tasks.alerts.incidents import Findings, findings_in
from tasks.models import ContentTask


def failed_schedules(now: datetime, since: datetime) -> Findings | None:
    found = ContentTask.objects.filter(draft__schedules__failed_at__gt=since).annotate(
        failed_at=F("draft__schedules__failed_at"), outcome=F("draft__schedules__outcome")
    )
    return findings_in(found, "failed_at", "outcome")
