"""The public site."""

from django.contrib.sitemaps.views import sitemap
from django.urls import path, register_converter
from django.urls.converters import StringConverter

from publishing import feeds, views
from publishing.sitemaps import SITEMAPS


class UnicodeSlug(StringConverter):
    """A slug in any script: a name in Chinese has an address in Chinese."""

    regex = r"[-\w]+"


register_converter(UnicodeSlug, "name")

urlpatterns = [
    path("", views.home, name="home"),
    path("posts/<name:slug>/", views.post, name="post"),
    path("category/<name:slug>/", views.category, name="category"),
    path("tag/<name:slug>/", views.tag, name="tag"),
    path("author/<name:slug>/", views.author, name="author"),
    path("archive/", views.archives, name="archives"),
    path("archive/<int:year>/<int:month>/", views.archive, name="archive"),
    path("about/", views.about, name="about"),
    path("search/", views.search_page, name="search"),
    path("feed/", views.conditional(feeds.RssFeed()), name="feed-rss"),
    path("feed/atom/", views.conditional(feeds.AtomFeed()), name="feed-atom"),
    path("feed.json", views.conditional(feeds.json_feed), name="feed-json"),
    path("sitemap.xml", views.conditional(sitemap), {"sitemaps": SITEMAPS}, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
]
