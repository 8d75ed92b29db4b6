"""What search reads of posts, and what it knows of their words."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class PostSearch(models.Model):
    """What search reads of a post: title (A), summary (B) and body (C), and their plain text."""

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
            # No fast update: its pending list made single searches stall for seconds.
            GinIndex(fields=["tsv"], name="publishing_tsv", fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"Search row of post {self.post_id}"


class PostTerms(models.Model):
    """The words that say most about a post, as stems, and its tags: what similar posts are found by."""

    post = models.OneToOneField(
        "publishing.Post", on_delete=models.CASCADE, primary_key=True, related_name="terms"
    )
    terms = ArrayField(models.CharField(max_length=120))

    class Meta:
        indexes = [GinIndex(fields=["terms"], name="publishing_terms", fastupdate=False)]

    def __str__(self) -> str:
        return f"Terms of post {self.post_id}"


class SearchLanguage(models.Model):
    """A text search configuration in use, and how many posts it has: for the weight of its words."""

    config = models.CharField(max_length=63, primary_key=True)
    posts = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.config


class SearchTerm(models.Model):
    """A word as the index has it, and how many posts have it: the fewer, the more it says of a post."""

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
            # For words like it, when somebody mistypes one.
            GinIndex(
                fields=["lexeme"],
                name="publishing_term_alike",
                opclasses=["gin_trgm_ops"],
                fastupdate=False,
            )
        ]

    def __str__(self) -> str:
        return self.lexeme


class Real(models.FloatField):
    """A number in four bytes."""

    def db_type(self, connection: object) -> str:
        return "real"


class SearchList(models.Model):
    """Of a common word the posts in which it weighs most, best first: nobody could rank all of them in time.

    `impact` is `ts_rank` of that one word. A post below the cutoff is not on the list.
    """

    term = models.OneToOneField(SearchTerm, on_delete=models.CASCADE, primary_key=True, related_name="best")
    post_ids = ArrayField(models.IntegerField())
    impacts = ArrayField(Real())
    cutoff = Real()

    def __str__(self) -> str:
        return f"The best posts of term {self.term_id}"


class SearchDelta(models.Model):
    """An entry that was published since its list was last made, and belongs there."""

    term = models.ForeignKey(SearchTerm, on_delete=models.CASCADE, related_name="+")
    post_id = models.IntegerField()
    impact = Real()

    def __str__(self) -> str:
        return f"Post {self.post_id} for term {self.term_id}"
