"""Images, the media library in which people find them, and the drafts that use them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models.functions import Now

from publishing.addresses import path_of
from tasks.models import Draft

MAX_WORDS = 10
"""Of a search."""
PREVIEW_WIDTH = 480


class Image(models.Model):
    """An image in all formats and widths. Drafts and posts refer to it; see pictures.py.

    Its files never change. Its focal point may, as no file and no word depends on it.
    """

    name = models.CharField(max_length=64, primary_key=True, help_text="SHA-256 over its files.")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    variants = models.JSONField(help_text="Each file: format, width, height, bytes, sha256; widest last.")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        help_text="Empty for what the desk made or found by itself.",
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)
    origin = models.JSONField(
        default=dict,
        db_default={},
        editable=False,
        help_text="Where the desk has it from: see publishing.images.automatic. Empty for uploads.",
    )

    focal_x = models.PositiveSmallIntegerField(
        "focal point, from the left", default=50, db_default=50, validators=[MaxValueValidator(100)]
    )
    focal_y = models.PositiveSmallIntegerField(
        "focal point, from the top", default=50, db_default=50, validators=[MaxValueValidator(100)],
        help_text="Where a card shows a part of the image, this point stays in sight.",
    )  # fmt: skip

    class Meta:
        ordering = ["-uploaded_at"]

    def __str__(self) -> str:
        return self.name

    def path_of(self, variant: Mapping[str, Any]) -> str:
        """Where the file lies in the storage."""
        return f"covers/{self.name}/{variant['width']}.{variant['format']}"

    @property
    def title(self) -> str:
        """The title that is drawn on it; empty for what was not made from one."""
        return str(self.origin.get("title", "")) if self.origin.get("is_generated") else ""

    @property
    def is_drawn(self) -> bool:
        """Made by the desk itself, with the title on it, and not a picture of anything."""
        return bool(self.origin.get("is_generated"))

    @property
    def largest_jpeg(self) -> str:
        """Its public path, to be shown on other sites."""
        return path_of("media", self.name, self.width, "jpeg")


class ImageUse(models.Model):
    """A draft of which a version shows the image in its body. The image may be uploaded only later."""

    name = models.CharField(max_length=64, help_text="Of the image.")
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="image_uses")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "draft"], name="publishing_image_used_once")]

    def __str__(self) -> str:
        return f"Image {self.name[:12]} in draft {self.draft_id}"


class MediaItemQuerySet(models.QuerySet["MediaItem"]):
    def search(self, words: str) -> MediaItemQuerySet:
        """Those that have each of the words somewhere in what was written about them."""
        found = self
        for word in words.replace("\0", "").split()[:MAX_WORDS]:
            fields = ("title", "alt", "credit", "licence")
            found = found.filter(
                models.Q(*((f"{field}__icontains", word) for field in fields), _connector=models.Q.OR)
            )
        return found


class MediaItem(models.Model):
    """An image in the media library, with what people say about it.

    What readers see of it stands in the text that uses it: a change here changes no text.
    """

    image = models.OneToOneField(Image, on_delete=models.PROTECT, related_name="media_item")
    title = models.CharField(max_length=200)
    alt = models.CharField(
        "alternative text",
        max_length=250,
        blank=True,
        help_text="Describes the image for readers who cannot see it.",
    )
    credit = models.CharField(
        max_length=300, blank=True, help_text="The creator, as readers are to see it: Photo: Edda Tor."
    )
    licence = models.CharField(
        "licence note", max_length=500, blank=True, help_text="For the desk: on which terms it may be used."
    )
    replaced_by = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, editable=False, related_name="replaces"
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    added_by_name = models.CharField(max_length=150, editable=False)
    added_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = MediaItemQuerySet.as_manager()

    class Meta:
        ordering = ["-added_at", "-id"]
        indexes = [models.Index(fields=["-added_at", "-id"], name="publishing_newest_media")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return path_of("publishing_desk:image", self.image_id)

    @property
    def preview(self) -> str:
        """The path at the desk of a file that is large enough for a grid."""
        jpegs = [one for one in self.image.variants if one["format"] == "jpeg"]
        width = next((one["width"] for one in jpegs if one["width"] >= PREVIEW_WIDTH), jpegs[-1]["width"])
        return path_of("publishing_desk:media", self.image_id, width, "jpeg")
