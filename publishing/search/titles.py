"""The titles of posts as suggestions look them up: by the beginning, and by the words, of any of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from publishing.models import Post, PostTitle
from publishing.search import lexemes
from publishing.search.lexemes import quoted
from publishing.search.normalization import clean
from publishing.search.words import divide, unaccented

POSTS_A_ROUND = 2000


def titles_of(posts: Sequence[Post]) -> list[PostTitle]:
    """What suggestions need of these posts, unsaved."""
    words = [
        (lexemes.config_of(post.language), title_words(post.title, post.language.lower()[:2]))
        for post in posts
    ]
    spellings: dict[str, set[str]] = {}
    for config, some in words:
        spellings.setdefault(config, set()).update(some)
    stems = lexemes.of(spellings)
    return [
        PostTitle(post=post, text=plain(post.title), words=_literal(some, config, stems))
        for post, (config, some) in zip(posts, words, strict=True)
    ]


def write_titles(posts: Sequence[Post]) -> None:
    PostTitle.objects.bulk_create(
        titles_of(posts), update_conflicts=True, unique_fields=["post"], update_fields=["text", "words"]
    )


def write_missing_titles() -> None:
    """Of posts that were added without being indexed, as by an import."""
    missing = Post.objects.articles().filter(suggested_title=None).order_by("pk").only("title", "language")
    while posts := list(missing[:POSTS_A_ROUND]):
        write_titles(posts)


def plain(text: str) -> str:
    """In one line, without case and accents: texts are compared in this form."""
    return unaccented(" ".join(clean(text).casefold().split()))


def title_words(text: str, language: str = "") -> set[str]:
    """The words of a title or a name and other spellings of them."""
    return {form for word in divide(clean(text), language) for form in (word.text, *word.forms)}


def _literal(words: Iterable[str], config: str, stems: Mapping[tuple[str, str], tuple[str, ...]]) -> str:
    """Of a tsvector without places."""
    found = {one for word in words for one in (unaccented(word), *stems[config, word])}
    return " ".join(quoted(word) for word in sorted(found))
