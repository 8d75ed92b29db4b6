"""What readers see."""

from __future__ import annotations

import re
from html import unescape

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from simple_history.models import HistoricalRecords

from approvals.models import Decision
from tasks.models import Draft

WORDS_A_MINUTE = 230
HEADING = re.compile(r'<h2 id="([^"]+)">(.*?)</h2>', re.DOTALL)
MARKS = re.compile(r"<sup>.*?</sup>|<[^>]+>", re.DOTALL)


class Category(models.Model):
    name = models.CharField(max_length=100, unique=True)
    slug = models.SlugField(max_length=100, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("category", args=[self.slug])


class Tag(models.Model):
    name = models.CharField(max_length=100, unique=True)
    slug = models.SlugField(max_length=100, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("tag", args=[self.slug])


class PostQuerySet(models.QuerySet["Post"]):
    def published(self) -> PostQuerySet:
        """The only rule of visibility: pages, search, feeds, sitemap and API all start here."""
        return self.filter(is_live=True)

    def for_lists(self) -> PostQuerySet:
        """With what a list shows of a post, without its long texts."""
        return self.select_related("category").defer("body", "body_html", "citations")

    def older_than(self, post: Post) -> PostQuerySet:
        """Newest first; of posts published in the same moment, the one with the lower number is older."""
        same_moment = models.Q(published_at=post.published_at, id__lt=post.pk)
        return self.filter(models.Q(published_at__lt=post.published_at) | same_moment)

    def newer_than(self, post: Post) -> PostQuerySet:
        """Oldest first."""
        same_moment = models.Q(published_at=post.published_at, id__gt=post.pk)
        return self.filter(models.Q(published_at__gt=post.published_at) | same_moment).order_by(
            "published_at", "id"
        )


class Post(models.Model):
    """The published copy of an approved text. Written by `publishing.publish` alone."""

    draft = models.OneToOneField(Draft, on_delete=models.PROTECT, related_name="post")
    approval = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    content_sha256 = models.CharField(max_length=64)

    title = models.CharField(max_length=200)
    slug = models.SlugField(max_length=100, unique=True)
    summary = models.TextField(blank=True)
    body = models.TextField()
    body_html = models.TextField(help_text="The body, rendered and sanitised when it was published.")
    seo_title = models.CharField(max_length=70, blank=True)
    seo_description = models.CharField(max_length=160, blank=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True, related_name="posts")
    tags = models.ManyToManyField(Tag, related_name="posts", blank=True)
    cover_image = models.CharField(max_length=500, blank=True)
    cover_alt = models.CharField(max_length=125, blank=True)
    cover_credit = models.CharField(max_length=300, blank=True)
    citations = models.JSONField(default=list)
    language = models.CharField(max_length=10, default="en")
    words = models.PositiveIntegerField(default=0)

    is_live = models.BooleanField(default=True)
    published_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    history = HistoricalRecords(user_db_constraint=False)

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-id"]
        permissions = [("publish_post", "Can publish and unpublish")]
        indexes = [
            models.Index(
                fields=["-published_at", "-id"], name="publishing_newest", condition=models.Q(is_live=True)
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("post", args=[self.slug])

    @property
    def description(self) -> str:
        return self.seo_description or self.summary

    @property
    def reading_minutes(self) -> int:
        return max(1, round(self.words / WORDS_A_MINUTE))

    @property
    def was_updated(self) -> bool:
        return self.updated_at > self.published_at

    @property
    def contents(self) -> list[tuple[str, str]]:
        """Id and text of each section's heading, from HTML that our own sanitiser wrote."""
        return [
            (anchor, unescape(MARKS.sub("", html)).strip())
            for anchor, html in HEADING.findall(self.body_html)
        ]

    @property
    def sources(self) -> list[dict[str, str]]:
        """The citations, with only such addresses as a reader may safely follow."""
        return [
            {
                "number": citation["number"],
                "title": citation.get("title", ""),
                "url": url if (url := citation.get("url") or "").startswith(("https://", "http://")) else "",
            }
            for citation in self.citations
        ]


class PostSearch(models.Model):
    """What search reads of a post: title (A), summary (B) and body (C), and their plain text."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="search")
    config = models.CharField(
        max_length=63, help_text="The text search configuration that `tsv` was made with."
    )
    tsv = SearchVectorField()
    text = models.TextField(help_text="Summary and body as plain text, for the highlighted passages.")

    class Meta:
        indexes = [
            # No fast update: its pending list made single searches stall for seconds.
            GinIndex(fields=["tsv"], name="publishing_tsv", fastupdate=False),
            models.Index(fields=["config"], name="publishing_config"),
        ]

    def __str__(self) -> str:
        return f"Search row of post {self.post_id}"
