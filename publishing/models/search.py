"""The search index: the text of posts, and how common their words are."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class PostSearch(models.Model):
    """The indexed text of a post: title (A), summary (B) and body (C), and their plain text."""

    post = models.OneToOneField(
        "publishing.Post", on_delete=models.CASCADE, primary_key=True, related_name="search"
    )
    config = models.CharField(
        max_length=63, help_text="The text search configuration that `tsv` was made with."
    )
    tsv = SearchVectorField()
    text = models.TextField(help_text="Summary and body as plain text, for the highlighted passages.")

    class Meta:
        indexes = [
            # Without fast update: its pending list made single searches stall for seconds.
            GinIndex(fields=["tsv"], name="publishing_tsv", fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"Search row of post {self.post_id}"


class PostTerms(models.Model):
    """The stems that say most about a post, and its tags: similar posts are found by these."""

    post = models.OneToOneField(
        "publishing.Post", on_delete=models.CASCADE, primary_key=True, related_name="terms"
    )
    terms = ArrayField(models.CharField(max_length=120))

    class Meta:
        indexes = [GinIndex(fields=["terms"], name="publishing_terms", fastupdate=False)]

    def __str__(self) -> str:
        return f"Terms of post {self.post_id}"


class SearchLanguage(models.Model):
    """A text search configuration in use, and the number of its posts: for the weights of its words."""

    config = models.CharField(max_length=63, primary_key=True)
    posts = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.config


class SearchTerm(models.Model):
    """A word of the index, and the number of posts that have it: the fewer, the more it says of a post."""

    config = models.CharField(max_length=63)
    lexeme = models.TextField()
    posts = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["config", "lexeme"],
                name="publishing_term",
                opclasses=["varchar_pattern_ops", "text_pattern_ops"],  # by their beginnings too
            )
        ]
        indexes = [
            # For similar words, as corrections of mistyped ones.
            GinIndex(
                fields=["lexeme"],
                name="publishing_term_alike",
                opclasses=["gin_trgm_ops"],
                fastupdate=False,
            )
        ]

    def __str__(self) -> str:
        return self.lexeme


class Real(models.FloatField):  # type: ignore[type-arg]  # generic in the stubs only
    """A number in four bytes."""

    def db_type(self, connection: object) -> str:
        return "real"


class SearchList(models.Model):
    """The posts in which a common word weighs most, best first: ranking all of them would take too long.

    `impact` is `ts_rank` of that one word. A post below the cutoff is not on the list.
    """

    term = models.OneToOneField(SearchTerm, on_delete=models.CASCADE, primary_key=True, related_name="best")
    post_ids = ArrayField(models.IntegerField())
    impacts = ArrayField(Real())
    cutoff = Real()

    def __str__(self) -> str:
        return f"The best posts of term {self.term_id}"


class SearchDelta(models.Model):
    """An entry of a post published since its list was last built, to be merged into it."""

    term = models.ForeignKey(SearchTerm, on_delete=models.CASCADE, related_name="+")
    post_id = models.IntegerField()
    impact = Real()

    def __str__(self) -> str:
        return f"Post {self.post_id} for term {self.term_id}"
