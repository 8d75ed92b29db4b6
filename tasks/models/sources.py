"""What an article may say: its sources, the documents they were, and what was read from these."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now

from tasks.models.tasks import ContentTask
from tasks.pipeline.web_search import known_engines

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from tasks.pipeline.reading.types import Reading

NO_CONTENT = "Give the source a URL or a text."


@dataclass(frozen=True)
class SourceFile:
    """A file that was read for a source, until both are saved."""

    name: str
    data: bytes
    media_type: str
    reading: Reading
    by: User | None = None


class SourceQuerySet(models.QuerySet["Source"]):
    def with_warnings(self) -> SourceQuerySet:
        """Add `warnings`, those of the newest reading; null for a source that was never read."""
        readings = SourceReading.objects.filter(snapshot__source=OuterRef("pk"))
        newest = readings.order_by("-snapshot_id", "-id").values("warnings")[:1]
        return self.annotate(warnings=Subquery(newest))


class Source(models.Model):
    """What an article may say, numbered as its citations are."""

    file: SourceFile | None = None
    """The file that its text was just read from: it is stored when the source is saved."""

    task = models.ForeignKey(ContentTask, on_delete=models.CASCADE, related_name="sources")
    number = models.PositiveSmallIntegerField(editable=False)
    title = models.CharField(max_length=300, blank=True)
    url = models.URLField(max_length=2000, blank=True)
    text = models.TextField(blank=True, help_text="The source's own words. Leave empty to fetch the URL.")
    file_name = models.CharField(
        max_length=255, blank=True, default="", db_default="", editable=False,
        help_text="Of the file that the text was read from, if it was.",
    )  # fmt: skip
    problem = models.TextField(blank=True, editable=False, help_text="Why it could not be used.")
    found_by = models.CharField(
        max_length=20, blank=True, default="", db_default="", editable=False,
        help_text="The web search that found it, such as searxng; empty for what an editor gave.",
    )  # fmt: skip
    found_query = models.CharField(
        max_length=200, blank=True, default="", db_default="", editable=False,
        help_text="What was searched for.",
    )  # fmt: skip
    found_rank = models.PositiveSmallIntegerField(
        null=True, editable=False, help_text="Its place among the results, from 1."
    )
    found_at = models.DateTimeField(null=True, editable=False)

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["task", "number"], name="tasks_source_number"),
            models.CheckConstraint(
                condition=~models.Q(url="") | ~models.Q(text=""),
                name="tasks_source_has_content",
                violation_error_message=NO_CONTENT,
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.url or f"Source {self.number}"

    @property
    def found_by_title(self) -> str:
        """The web search that found it, as its makers write it."""
        engine = known_engines().get(self.found_by)
        return engine.title if engine else self.found_by

    def check_fields(self) -> None:
        """Validate without asking the database. Raises ValidationError."""
        self.clean_fields(exclude={"task"})
        if not (self.url or self.text):
            raise ValidationError({NON_FIELD_ERRORS: NO_CONTENT})

    @transaction.atomic  # the apps above record it, and no change without its record
    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.number:
            used = Source.objects.filter(task=self.task).aggregate(models.Max("number"))["number__max"]
            self.number = (used or 0) + 1
        super().save(*args, **kwargs)


class SourceBytes(models.Model):
    """The bytes of a document, once for each source, however often they are fetched."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(help_text="In bytes, before they were compressed.")
    data = models.BinaryField()
    is_compressed = models.BooleanField(help_text="By zlib.")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["source", "sha256"], name="tasks_source_bytes_stored_once")
        ]

    def __str__(self) -> str:
        return self.sha256

    @property
    def content(self) -> bytes:
        if not self.is_compressed:
            return bytes(self.data)
        return zlib.decompressobj().decompress(bytes(self.data), self.size)


class SourceSnapshot(models.Model):
    """What a source was at one time: a fetched page, an uploaded file or a typed text. Never changed."""

    class Origin(models.TextChoices):
        FETCHED = "fetched"
        UPLOADED = "uploaded"
        TYPED = "typed"

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="snapshots")
    content = models.ForeignKey(SourceBytes, on_delete=models.CASCADE, related_name="+")
    origin = models.CharField(max_length=10, choices=Origin)
    media_type = models.CharField(
        max_length=255, blank=True, help_text="As it was served, or as the name of the file says."
    )
    requested_url = models.TextField(blank=True)
    final_url = models.TextField(blank=True, help_text="Where redirects led.")
    file_name = models.CharField(max_length=255, blank=True)
    fetched_at = models.DateTimeField(help_text="When it was fetched, uploaded or first read.")
    # No database constraint, and the name as text: removing an account must not touch the record.
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, null=True,
        related_name="+",
    )  # fmt: skip
    uploaded_by_name = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(origin__in=["fetched", "uploaded", "typed"]),
                name="tasks_snapshot_origin_known",
            )
        ]

    def __str__(self) -> str:
        return self.file_name or self.final_url or f"Text of source {self.source_id}"

    @property
    def download_name(self) -> str:
        """The name under which its bytes are downloaded."""
        return self.file_name or f"source-{self.source_id}"


class SourceReading(models.Model):
    """What one version of a reader took from a snapshot. A newer one adds a row, and changes none."""

    snapshot = models.ForeignKey(SourceSnapshot, on_delete=models.CASCADE, related_name="readings")
    reader = models.CharField(max_length=100, help_text="With its version.")
    media_type = models.CharField(max_length=100, help_text="What the document is.")
    charset = models.CharField(max_length=40, blank=True)
    charset_from = models.CharField(max_length=40, blank=True, help_text="How the charset was found.")
    title = models.CharField(max_length=1000, blank=True)
    author = models.CharField(max_length=1000, blank=True)
    published = models.CharField(
        max_length=40, blank=True, help_text="In ISO 8601, as precise as the document states it."
    )
    language = models.CharField(max_length=40, blank=True, help_text="As the document declares it.")
    text = models.TextField()
    kinds = ArrayField(models.CharField(max_length=20), help_text="Of each block of the text.")
    words = models.PositiveIntegerField()
    share_taken = models.FloatField(
        null=True, help_text="Of the words of a plain reading, 0 to 1; null where it was not measured."
    )
    warnings = ArrayField(models.TextField(), help_text="What is missing or doubtful in it.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "reader"], name="tasks_source_read_once_by_a_reader")
        ]

    def __str__(self) -> str:
        return f"{self.title or self.snapshot} by {self.reader}"

    @property
    def unit(self) -> str:
        """What `words` counts: characters where its language, else the brief's, is measured in them."""
        from tasks.pipeline.text.words import unit_of_length  # its patterns take a while to compile

        return unit_of_length(self.language or self.snapshot.source.task.language)
