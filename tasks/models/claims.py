"""The claim ledger: what the sources say of each factual sentence of a version."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, IntegerField, OuterRef, Subquery
from django.db.models.functions import Now

from tasks.models.drafts import Draft
from tasks.pipeline.claim_verdict import ClaimVerdict


class ClaimRecordQuerySet(models.QuerySet["ClaimRecord"]):
    def current(self) -> ClaimRecordQuerySet:
        """Those in the last ledger of the version that their draft has now, in the order of the text."""
        ledgers = ClaimLedger.objects.filter(draft=OuterRef("draft"), version=OuterRef("draft__version"))
        newest = Subquery(ledgers.order_by("-id").values("claims")[:1])
        place = Func(newest, F("id"), function="array_position", output_field=IntegerField())
        return self.annotate(place=place).filter(place__isnull=False).order_by("place")


class ClaimRecord(models.Model):
    """A factual sentence of a draft, and the nearest passage of its sources.

    One row for all versions that have the sentence with the same citations, passage and verdict. Never
    changed. The reading that the passage is from is named by the source's number, the hash of its bytes and
    the reader.
    """

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="claims")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 over everything below but the version.")
    first_version = models.PositiveIntegerField(help_text="The first version that has it.")
    text = models.TextField(help_text="As readers see it, without citations.")
    section = models.TextField(blank=True, help_text="The heading above it.")
    citations = ArrayField(models.PositiveIntegerField())
    source = models.PositiveIntegerField(null=True, help_text="The number of the source with the passage.")
    sha256 = models.CharField(max_length=64, blank=True, help_text="Of the bytes that source was read from.")
    reader = models.CharField(max_length=100, blank=True, help_text="Which read them, with its version.")
    start = models.PositiveIntegerField(help_text="Where the passage begins in the text of that reading.")
    end = models.PositiveIntegerField()
    passage = models.TextField(blank=True)
    score = models.FloatField(help_text="How much of the sentence the passage has, 0 to 1.")
    verdict = models.CharField(max_length=20, choices=[(one.value, one.label) for one in ClaimVerdict])
    why = models.TextField(blank=True)

    objects = ClaimRecordQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["draft", "fingerprint"], name="tasks_claim_recorded_once")
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def is_doubted(self) -> bool:
        return self.verdict != ClaimVerdict.SUPPORTED

    @property
    def percent(self) -> int:
        return round(100 * self.score)


class ClaimLedger(models.Model):
    """The claims of one version, in the order of the text. Of several about a version the last holds."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="claim_ledgers")
    version = models.PositiveIntegerField()
    claims = ArrayField(models.BigIntegerField(), help_text="Ids of claim records.")
    counts = models.JSONField(help_text="How many claims have each verdict.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]
        default_permissions = ()
        indexes = [models.Index(fields=["draft", "version", "-id"], name="tasks_claims_of_version")]

    def __str__(self) -> str:
        return f"Claims of version {self.version} of draft {self.draft_id}"

    @property
    def entries(self) -> list[tuple[int, ClaimRecord]]:
        """Each claim with its place in the text, from 1."""
        found = ClaimRecord.objects.in_bulk(set(self.claims))
        return [(number, found[pk]) for number, pk in enumerate(self.claims, start=1)]
