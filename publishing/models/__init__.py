"""Posts, their schedules and corrections, the search index, and the identity of the site."""

from publishing.models.announcements import Announcement
from publishing.models.categories import Category, Tag
from publishing.models.corrections import Correction
from publishing.models.images import Image, ImageUse, MediaItem
from publishing.models.link_cards import LinkCard
from publishing.models.posts import (
    COPIED_FIELDS,
    POSTS_A_SITEMAP,
    Author,
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
    PostTitle,
    Real,
    SearchDelta,
    SearchForm,
    SearchKeywords,
    SearchLanguage,
    SearchList,
    SearchTerm,
)
from publishing.models.site_identity import SiteIdentity, SiteLanguage

__all__ = [
    "COPIED_FIELDS", "POSTS_A_SITEMAP", "Announcement", "Author", "Category", "Correction", "Image",
    "ImageUse", "LinkCard", "ListPosition", "MediaItem", "Post", "PostQuerySet", "PostSearch", "PostTerms",
    "PostTitle", "Real", "Redirect", "RelatedPost", "Schedule", "SearchDelta", "SearchForm",
    "SearchKeywords", "SearchLanguage", "SearchList", "SearchTerm", "SiteIdentity", "SiteLanguage", "Tag",
]  # fmt: skip
