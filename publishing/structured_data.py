"""What a page says to search engines, in the vocabulary of schema.org."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from publishing.addresses import absolute
from publishing.models import Post


def of_post(post: Post) -> dict[str, Any]:
    return {"@context": "https://schema.org", "@graph": [_posting(post), _breadcrumbs(post)]}


def of_site() -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": settings.SITE_NAME,
        "url": absolute(reverse("home")),
        "potentialAction": {
            "@type": "SearchAction",
            "target": absolute(reverse("search")) + "?q={query}",
            "query-input": "required name=query",
        },
    }


def _posting(post: Post) -> dict[str, Any]:
    address = absolute(post.get_absolute_url())
    publisher = {"@type": "Organization", "name": settings.SITE_NAME, "url": absolute(reverse("home"))}
    return {
        "@type": "BlogPosting",
        "@id": address,
        "mainEntityOfPage": address,
        "url": address,
        "headline": post.title,
        "description": post.description,
        "datePublished": post.published_at.isoformat(),
        "dateModified": post.updated_at.isoformat(),
        "inLanguage": post.language,
        "wordCount": post.words,
        "author": publisher,
        "publisher": publisher,
        "keywords": [tag.name for tag in post.tags.all()],
        "citation": [
            {"@type": "CreativeWork", "name": source["title"] or source["url"]}
            | ({"url": source["url"]} if source["url"] else {})
            for source in post.sources
        ],
    } | ({"articleSection": post.category.name} if post.category else {})


def _breadcrumbs(post: Post) -> dict[str, Any]:
    steps = [(settings.SITE_NAME, reverse("home"))]
    if post.category:
        steps.append((post.category.name, post.category.get_absolute_url()))
    steps.append((post.title, post.get_absolute_url()))
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": absolute(path)}
            for position, (name, path) in enumerate(steps, start=1)
        ],
    }
