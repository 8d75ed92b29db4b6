"""What is planned for the site: when an approved version goes online, or a post is withdrawn; the outcome."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.formats import date_format

from publishing.models.corrections import MAX_NOTE, Correction
from tasks.delivery.outbox import OutboxEntry, OutboxQuerySet
from tasks.models import Draft
from tasks.naming import AnyScriptSlugField


class ScheduleQuerySet(OutboxQuerySet["Schedule"]):
    def open(self) -> ScheduleQuerySet:
        """What is still to happen."""
        return self.filter(ended_at=None)

    def of_texts(self) -> ScheduleQuerySet:
        """Those that put a text online."""
        return self.exclude(action=Schedule.Action.WITHDRAW)

    def withdrawals(self) -> ScheduleQuerySet:
        return self.filter(action=Schedule.Action.WITHDRAW)

    def due(self) -> ScheduleQuerySet:
        """By the database's clock, which is the same for every process."""
        return super().due().open().filter(publish_at__lte=Now())


class Schedule(OutboxEntry):
    """When one exact approved text goes online, or a post is withdrawn.

    Written by `publishing.schedule` and `publishing.live_plans` alone, its task locked. A withdrawal is of
    the post, whichever version is live then; its version is the one that was live when it was planned.
    """

    class Action(models.TextChoices):
        PUBLISH = "publish", "Publication"
        UPDATE = "update", "Update"
        WITHDRAW = "withdraw", "Withdrawal"

    class EndReason(models.TextChoices):
        PUBLISHED = "published", "Published"
        UNSCHEDULED = "unscheduled", "Removed from the schedule"
        VOIDED = "voided", "Voided"
        GIVEN_UP = "given_up", "Could not be published"
        WITHDRAWN = "withdrawn", "Withdrawn"

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="schedules")
    action = models.CharField(
        max_length=10, choices=Action, default=Action.PUBLISH, db_default=Action.PUBLISH
    )
    correction_kind = models.CharField(
        max_length=10, choices=Correction.Kind, blank=True, default="", db_default="",
        help_text="Of an update.",
    )  # fmt: skip
    note = models.CharField(
        max_length=MAX_NOTE, blank=True, default="", db_default="",
        help_text="The note to readers of an update, or the reason of a withdrawal.",
    )  # fmt: skip
    version = models.PositiveIntegerField()
    content_sha256 = models.CharField(max_length=64)
    slug = AnyScriptSlugField(
        max_length=100,
        db_index=False,
        blank=True,
        db_default="",
        help_text="The address that it reserves until it ends; empty in old rows, which reserve none.",
    )
    publish_at = models.DateTimeField()
    zone = models.CharField(max_length=64, help_text="As entered: Europe/Berlin, or UTC+01:00.")
    # As for decisions: removing an account must not touch the record.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    by_name = models.CharField(max_length=150)
    created_at = models.DateTimeField(db_default=Now())

    delivered_at = None  # `outcome` and `ended_at` say it
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, choices=EndReason, blank=True)
    why = models.TextField(blank=True, help_text="Why it ended.")
    failed_at = models.DateTimeField(
        null=True, db_index=True, help_text="When it was ended because it could not be published."
    )

    objects = ScheduleQuerySet.as_manager()  # type: ignore[misc]  # the plugin's managers are no ClassVar

    class Meta:
        ordering = ["publish_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["draft"],
                name="publishing_one_open_schedule",
                condition=models.Q(ended_at=None) & ~models.Q(action="withdraw"),
            ),
            models.UniqueConstraint(
                fields=["draft"],
                name="publishing_one_open_withdrawal",
                condition=models.Q(ended_at=None, action="withdraw"),
            ),
            models.CheckConstraint(
                condition=models.Q(action="update") & ~models.Q(correction_kind="")
                | ~models.Q(action="update") & models.Q(correction_kind=""),
                name="publishing_update_has_a_note",
            ),
            models.UniqueConstraint(
                fields=["slug"],
                name="publishing_one_plan_an_address",
                condition=models.Q(ended_at=None) & ~models.Q(slug=""),
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, outcome="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(outcome="")),
                name="publishing_schedule_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="publishing_due", condition=models.Q(ended_at=None)),
            models.Index(fields=["publish_at"], name="publishing_planned", condition=models.Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        what = "" if self.action == self.Action.PUBLISH else f"{self.get_action_display().lower()}, "
        return f"{what}version {self.version} of draft {self.draft_id}, {self.local_clock}"

    @property
    def is_update(self) -> bool:
        return self.action == self.Action.UPDATE

    @property
    def is_withdrawal(self) -> bool:
        return self.action == self.Action.WITHDRAW

    @property
    def local_clock(self) -> str:
        """As in *1 Dec 2026, 09:30 Europe/Berlin*."""
        return f"{date_format(self.local_time, 'j M Y, H:i')} {self.zone}"

    @property
    def local_time(self) -> datetime:
        """The time of publication in the time zone in which it was chosen."""
        if self.zone.startswith("UTC"):
            return self.publish_at.astimezone(datetime.strptime(self.zone[3:] or "+00:00", "%z").tzinfo)
        return self.publish_at.astimezone(ZoneInfo(self.zone))
