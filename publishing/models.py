"""What readers see."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from simple_history.models import HistoricalRecords

from approvals.models import Decision
from tasks.models import Draft


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
            models.Index(fields=["-published_at", "-id"], name="publishing_newest", condition=models.Q(is_live=True))
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("post", args=[self.slug])


class PostSearch(models.Model):
    """What search reads of a post: title (A), summary (B) and body (C), and their plain text."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="search")
    tsv = SearchVectorField()
    text = models.TextField(help_text="Summary and body as plain text, for the highlighted passages.")

    class Meta:
        # No fast update: its pending list made single searches stall for seconds.
        indexes = [GinIndex(fields=["tsv"], name="publishing_tsv", fastupdate=False)]

    def __str__(self) -> str:
        return f"Search row of post {self.post_id}"
