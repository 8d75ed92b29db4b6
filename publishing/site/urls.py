"""The public site."""

from django.urls import URLPattern, path

from publishing.images import media, title_cards
from publishing.site import appearance, corrections, feeds, post_sources, search, sitemaps, views, well_known
from publishing.site.public_pages import public_page


def feeds_of(kind: str) -> list[URLPattern]:
    """The three feeds of the site, or of each category, tag or author, below the page they belong to."""
    base, which, name = (f"{kind}/<name:slug>/", {"kind": kind}, f"{kind}-feed") if kind else ("", {}, "feed")
    return [
        path(f"{base}feed/", public_page(feeds.rss), which, name=f"{name}-rss"),
        path(f"{base}feed/atom/", public_page(feeds.atom), which, name=f"{name}-atom"),
        path(f"{base}feed.json", public_page(feeds.json_feed), which, name=f"{name}-json"),
    ]


def icon(file: str, content_type: str) -> dict[str, str]:
    return {"file": file, "content_type": content_type}


urlpatterns = [
    path("", views.home, name="home"),
    path("posts/<name:slug>/", views.post, name="post"),
    path("posts/<name:slug>/sources/", post_sources.post_sources, name="post-sources"),
    path("category/<name:slug>/", views.category, name="category"),
    path("tag/<name:slug>/", views.tag, name="tag"),
    path("author/<name:slug>/", views.author, name="author"),
    path("archive/", views.archives, name="archives"),
    path("archive/<int:year>/<int:month>/", views.archive, name="archive"),
    path("about/", views.about, name="about"),
    path("corrections/", corrections.log, name="corrections"),
    path("search/", search.results, name="search"),
    path("search/suggest/", search.suggest, name="suggest"),
    path("posts/<name:slug>.md", well_known.markdown, name="post-markdown"),
    path("media/site/<sha256:name>.png", appearance.picture, name="site-picture"),
    path("media/titles/<name:slug>/<sha256:name>.jpg", title_cards.show, name="title-card"),
    path("media/colours/<colour:light>-<colour:dark>.css", appearance.colours, name="site-colours"),
    path("media/covers/<sha256:name>/<int:width>.<encoding:encoding>", media.public, name="media"),
    path(
        "preview/<str:token>/images/<sha256:name>/<int:width>.<encoding:encoding>",
        media.in_preview,
        name="preview-media",
    ),
    *feeds_of(""),
    *(route for kind in ("category", "tag", "author") for route in feeds_of(kind)),
    path("sitemap.xml", public_page(sitemaps.index), name="sitemap"),
    path("sitemap-pages.xml", public_page(sitemaps.pages), name="sitemap-pages"),
    path("sitemap-posts-<int:number>.xml", public_page(sitemaps.posts), name="sitemap-posts"),
    path("sitemap-tags-<int:number>.xml", public_page(sitemaps.tags), name="sitemap-tags"),
    path("favicon.ico", well_known.icon, icon("favicon.ico", "image/x-icon"), name="favicon"),
    path("apple-touch-icon.png", well_known.icon, icon("touch-icon.png", "image/png"), name="touch-icon"),
    path("robots.txt", well_known.robots, name="robots"),
    path("llms.txt", well_known.llms, name="llms"),
    path("opensearch.xml", well_known.opensearch, name="opensearch"),
    path(".well-known/security.txt", well_known.security, name="security"),
    path("<slug:key>.txt", well_known.indexnow_key, name="indexnow-key"),
    # Last: a page shadows no other address. See publishing.pages.
    path("<name:slug>/", views.page, name="page"),
    path("<name:slug>", views.page_without_slash, name="page-without-slash"),
]
