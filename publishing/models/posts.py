"""Posts, and what they consist of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Lower, Now, Upper
from django.utils.text import Truncator
from simple_history.models import HistoricalRecords

from approvals.models import Decision
from publishing.addresses import absolute, path_of
from publishing.models.categories import Category, Tag
from publishing.models.corrections import Corrected
from publishing.models.images import Image
from tasks.content import CONTENT_FIELDS
from tasks.models import Draft
from tasks.naming import AnyScriptSlugField
from tasks.pipeline.text.markdown import plain_text
from tasks.pipeline.text.words import minutes_to_read

POSTS_A_SITEMAP = 2500
"""Sitemaps have ranges of this many ids each."""
COPIED_FIELDS = (
    *(name for name in CONTENT_FIELDS if name not in {"category", "tags"}),
    "version",
    "content_sha256",
)
"""What a post copies from its draft. Its category and tags are rows of their own."""
LONG_FIELDS = ("body", "body_html", "citations", "provenance")
"""What no list loads."""
UNTRACKED = ["author", "cover", "body_images", "provenance", "changes", "revised_at", "feed_id", "is_page"]
"""Fields that a post's history leaves out: derived from other records."""
HEADING = re.compile(r'<h2 id="([^"]+)">(.*?)</h2>', re.DOTALL)
FIGURE = re.compile(
    r'<img src="(/[^"]+)" srcset="[^"]*" sizes="[^"]*" width="(\d+)" height="(\d+)" alt="([^"]*)"'
)
MARKS = re.compile(r"<sup>.*?</sup>|<[^>]+>", re.DOTALL)


class Author(models.Model):
    """The public profile of a person who approves texts and wants to be named."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="author")
    name = models.CharField(max_length=100, help_text="As readers see it, on every text you approved.")
    slug = AnyScriptSlugField(max_length=100, unique=True, help_text="The address of your page: /author/…/")
    bio = models.TextField("about you", max_length=600, blank=True)
    is_public = models.BooleanField(
        "name me", default=False, help_text="If unset, your texts carry only the name of the site."
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return path_of("author", self.slug)


@dataclass(frozen=True)
class ListPosition:
    """A position in the site's order of posts: values, or expressions for them."""

    published_at: Any
    pk: Any


class PostQuerySet(models.QuerySet["Post"]):
    def published(self) -> PostQuerySet:
        """The only rule of visibility: pages, search, feeds, sitemap and API all start here."""
        return self.filter(is_live=True)

    def articles(self) -> PostQuerySet:
        """Those that lists, feeds and the search show: pages stand outside of them."""
        return self.filter(is_page=False)

    def pages(self) -> PostQuerySet:
        return self.filter(is_page=True)

    def for_lists(self) -> PostQuerySet:
        """With what a list shows of a post, without its long texts."""
        return self.select_related("category", "cover").defer(*LONG_FIELDS)

    def of(self, group: Category | Tag | Author) -> PostQuerySet:
        """Those of a category, a tag or an author."""
        name = "tags" if isinstance(group, Tag) else group._meta.label_lower.partition(".")[2]
        return self.filter(**{name: group})

    def older_than(self, post: Post | ListPosition) -> PostQuerySet:
        """Newest first; of posts published in the same moment, the one with the lower number is older."""
        before = models.Q(published_at__lt=post.published_at) | models.Q(id__lt=post.pk)
        # As a condition of its own it says where in the index to begin, which the alternatives do not.
        return self.filter(before, published_at__lte=post.published_at)

    def newer_than(self, post: Post | ListPosition) -> PostQuerySet:
        """Oldest first."""
        after = models.Q(published_at__gt=post.published_at) | models.Q(id__gt=post.pk)
        return self.filter(after, published_at__gte=post.published_at).order_by("published_at", "id")


class Post(Corrected):
    """The published copy of an approved text. Written by `publishing.publish` alone."""

    draft = models.OneToOneField(Draft, on_delete=models.PROTECT, related_name="post")
    approval = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    content_sha256 = models.CharField(max_length=64)

    title = models.CharField(max_length=200)
    slug = AnyScriptSlugField(max_length=100, unique=True)
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

    # Derived from the records at publication: no content, so no part of what was approved.
    author = models.ForeignKey(
        Author,
        on_delete=models.SET_NULL,
        null=True,
        related_name="posts",
        help_text="Who approved it, if they have an author page.",
    )
    cover = models.ForeignKey(Image, on_delete=models.PROTECT, null=True, related_name="posts")
    body_images = ArrayField(
        models.CharField(max_length=64), default=list, db_default=[], editable=False,
        help_text="The images that its body shows.",
    )  # fmt: skip
    provenance = models.JSONField(
        default=dict, db_column="making", help_text="How it was made and checked: see provenance.py."
    )

    feed_id = models.TextField(
        default="", db_default="", editable=False,
        help_text="Its permanent id in feeds: the address at which it was first published.",
    )  # fmt: skip

    is_page = models.BooleanField(
        default=False, db_default=False, editable=False,
        help_text="A page such as About or Imprint: at an address of its own, and in no list.",
    )  # fmt: skip
    is_live = models.BooleanField(default=True)
    published_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    history = HistoricalRecords(user_db_constraint=False, excluded_fields=UNTRACKED)
    # Where the history finds who changed a post, and why.
    _history_user: User | None
    _change_reason: str

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-id"]
        permissions = [("publish_post", "Can publish and unpublish")]
        indexes = [
            models.Index(
                fields=["-published_at", "-id"], name="publishing_newest", condition=models.Q(is_live=True)
            ),
            models.Index(
                fields=["category", "-published_at", "-id"],
                name="publishing_of_category",
                condition=models.Q(is_live=True),
            ),
            models.Index(
                fields=["author", "-published_at", "-id"],
                name="publishing_of_author",
                condition=models.Q(is_live=True),
            ),
            GinIndex(fields=["body_images"], name="publishing_body_images", condition=models.Q(is_live=True)),
            # As the desk's search compares.
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="publishing_title_parts"),
            # By range of ids, the latest change first; withdrawn posts too, because a withdrawal is a change.
            models.Index(
                models.F("id") / POSTS_A_SITEMAP, models.F("updated_at").desc(), name="publishing_sitemaps"
            ),
            # By its beginning during typing, and as a whole at the end.
            models.Index(
                OpClass(Lower("title"), name="text_pattern_ops"),
                name="publishing_title",
                condition=models.Q(is_live=True),
            ),
            models.Index(fields=["title"], name="publishing_pages", condition=models.Q(is_page=True)),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return path_of("page" if self.is_page else "post", self.slug)

    @property
    def card(self) -> dict[str, Any] | None:
        """The picture for previews on other sites: the cover, or else the first picture in the text."""
        if self.cover is None:
            return first_figure(self.body_html)
        size = {"width": self.cover.width, "height": self.cover.height}
        address = absolute(self.cover.largest_jpeg)
        return {"address": address, "type": "image/jpeg", "alt": self.cover_alt, **size}

    @property
    def markdown_path(self) -> str:
        return path_of("post-markdown", self.slug)

    @property
    def description(self) -> str:
        """A sentence or two for search results and previews; never empty, because it distinguishes pages."""
        return self.seo_description or self.summary or Truncator(plain_text(self.body)).chars(155)

    @property
    def editor(self) -> Author | None:
        """Who approved it, if they want to be named."""
        return self.author if self.author and self.author.is_public else None

    @property
    def reading_minutes(self) -> int:
        return minutes_to_read(self.words, self.language)

    @property
    def contents(self) -> list[tuple[str, str]]:
        """Id and text of each section's heading, from HTML of our own sanitiser."""
        return [
            (anchor, unescape(MARKS.sub("", html)).strip())
            for anchor, html in HEADING.findall(self.body_html)
        ]

    @property
    def sources(self) -> list[dict[str, str]]:
        """The citations, with only those addresses that a reader may safely follow."""
        return [
            {
                "number": citation["number"],
                "title": citation.get("title", ""),
                "url": url if (url := citation.get("url") or "").startswith(("https://", "http://")) else "",
            }
            for citation in self.citations
        ]


def first_figure(html: str) -> dict[str, Any] | None:
    """The first picture in a body, from HTML of our own sanitiser."""
    found = FIGURE.search(html)
    if found is None:
        return None
    path, width, height, alt = found.groups()
    shown = {"address": absolute(path), "type": "image/jpeg", "alt": unescape(alt)}
    return shown | {"width": int(width), "height": int(height)}


class Redirect(models.Model):
    """An address that a post had. Written by `publishing.redirects` alone."""

    slug = AnyScriptSlugField(max_length=100, unique=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="redirects")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return f"{self.slug} → {self.post.slug}"

    def get_absolute_url(self) -> str:
        """The old address."""
        return path_of("page" if self.post.is_page else "post", self.slug)


class RelatedPost(models.Model):
    """Another post about the same things. Each pair is stored twice, once in each direction."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="related")
    other = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField(help_text="Higher is more similar.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "other"], name="publishing_related_once")]
        indexes = [models.Index(fields=["post", "-score"], name="publishing_most_related")]

    def __str__(self) -> str:
        return f"{self.other_id}, related to {self.post_id}"
