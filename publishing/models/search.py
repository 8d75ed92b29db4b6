"""The search index: the text of posts, and how common their words are."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Reverse


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
    division = models.PositiveSmallIntegerField(
        db_default=0, help_text="By which version of the rules its words were divided: see search/index.py."
    )

    class Meta:
        indexes = [
            # Without fast update: its pending list made single searches stall for seconds.
            GinIndex(fields=["tsv"], name="publishing_tsv", fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"Search row of post {self.post_id}"


class PostTitle(models.Model):
    """The title of a post as suggestions compare it with what a reader types: without case and accents."""

    post = models.OneToOneField(
        "publishing.Post", on_delete=models.CASCADE, primary_key=True, related_name="suggested_title"
    )
    text = models.TextField()
    words = SearchVectorField(help_text="Its words and their stems, which are found by their beginnings.")

    class Meta:
        indexes = [
            GinIndex(fields=["words"], name="publishing_title_words", fastupdate=False),
            models.Index(OpClass("text", name="text_pattern_ops"), name="publishing_title_text"),
        ]

    def __str__(self) -> str:
        return self.text


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


class SearchKeywords(models.Model):
    """The stems that say most about a post, by hash, and idf · impact in thousandths: for feedback."""

    post = models.OneToOneField(
        "publishing.Post", on_delete=models.CASCADE, primary_key=True, related_name="search_keywords"
    )
    stems = ArrayField(models.IntegerField())
    weights = ArrayField(models.SmallIntegerField())

    def __str__(self) -> str:
        return f"Keywords of post {self.post_id}"


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


class SearchForm(models.Model):
    """A word as texts have it, in small letters, and its lexeme: for corrections and completions.

    It stays when its last post goes: whether a live post has it is asked when it is offered.
    """

    config = models.CharField(max_length=63)
    form = models.TextField()
    lexeme = models.TextField()
    plain_lexeme = models.TextField(
        default="", help_text="That of the word without accents, where it differs."
    )
    is_compound = models.BooleanField(
        default=False, help_text="Some text has it in parts, as “wi-fi”: looking for it there takes longer."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["config", "form"],
                name="publishing_form",
                opclasses=["varchar_pattern_ops", "text_pattern_ops"],  # by their beginnings too
            )
        ]
        indexes = [
            models.Index(fields=["config", "lexeme"], name="publishing_form_lexeme"),
            models.Index(
                fields=["config", "plain_lexeme"],
                name="publishing_form_plain",
                condition=~models.Q(plain_lexeme=""),
            ),
            # By their ends, as the second part of a compound.
            models.Index(
                "config", OpClass(Reverse("form"), name="text_pattern_ops"), name="publishing_form_end"
            ),
        ]

    def __str__(self) -> str:
        return self.form


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
