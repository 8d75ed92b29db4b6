"""Posts, their schedules and corrections, and the search index."""

from publishing.models.announcements import Announcement
from publishing.models.categories import Category, Tag
from publishing.models.corrections import Correction
from publishing.models.posts import (
    COPIED_FIELDS,
    POSTS_A_SITEMAP,
    Author,
    Image,
    ListPosition,
    Post,
    PostQuerySet,
    Redirect,
    RelatedPost,
)
from publishing.models.schedules import Schedule
from publishing.models.search import (
    PostSearch,
    PostTerms,
    Real,
    SearchDelta,
    SearchLanguage,
    SearchList,
    SearchTerm,
)

__all__ = [
    "COPIED_FIELDS", "POSTS_A_SITEMAP", "Announcement", "Author", "Category", "Correction", "Image",
    "ListPosition", "Post", "PostQuerySet", "PostSearch", "PostTerms", "Real", "Redirect", "RelatedPost",
    "Schedule", "SearchDelta", "SearchLanguage", "SearchList", "SearchTerm", "Tag",
]  # fmt: skip
