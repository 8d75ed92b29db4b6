"""Structured data for search engines, in the vocabulary of schema.org."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from publishing import site_identity
from publishing.addresses import absolute, path_of
from publishing.models import Author, Correction, Post
from tasks.pipeline.text.words import unit_of_length

Data = dict[str, Any]


def of_post(post: Post, tags: Iterable[str]) -> Data:
    steps = [(post.category.name, post.category.get_absolute_url())] if post.category else []
    return _graph(_posting(post, tags), _breadcrumbs(*steps, (post.title, post.get_absolute_url())))


def of_site() -> Data:
    identity = site_identity.current()
    site = {
        "@type": "WebSite",
        "@id": _site_id(),
        "name": identity.name,
        "description": identity.description,
        "inLanguage": identity.language,
        "url": absolute(path_of("home")),
        "publisher": _organization(),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": absolute(path_of("search")) + "?q={search_term_string}",
            },
            "query-input": "required name=search_term_string",
        },
    }
    return _graph(site)


def of_page(name: str, path: str, *above: tuple[str, str], kind: str = "CollectionPage") -> Data:
    """A page that lists posts or is a text of its own; `above` are the names and paths of its breadcrumbs."""
    page = {
        "@type": kind,
        "@id": absolute(path),
        "url": absolute(path),
        "name": name,
        "isPartOf": {"@id": _site_id()},
    }
    return _graph(page, _breadcrumbs(*above, (name, path)))


def of_about() -> Data:
    return of_page(_("How articles are made"), path_of("about"), kind="AboutPage")


def of_author(author: Author) -> Data:
    path = author.get_absolute_url()
    page = {
        "@type": "ProfilePage",
        "@id": absolute(path),
        "url": absolute(path),
        "mainEntity": _person(author),
    }
    return _graph(page, _breadcrumbs((author.name, path)))


def _graph(*things: Data) -> Data:
    return {"@context": "https://schema.org", "@graph": list(things)}


def _posting(post: Post, tags: Iterable[str]) -> Data:
    address = absolute(post.get_absolute_url())
    posting: Data = {
        "@type": "BlogPosting",
        "@id": address,
        "mainEntityOfPage": address,
        "url": address,
        "headline": post.title,
        "description": post.description,
        "datePublished": post.published_at.isoformat(),
        "dateModified": post.updated_at.isoformat(),
        "inLanguage": post.language,
        "timeRequired": f"PT{post.reading_minutes}M",
        "isPartOf": {"@id": _site_id()},
        # The author is the site; the person who approved the text is named as its editor.
        "author": _organization(),
        "publisher": _organization(),
        "publishingPrinciples": absolute(path_of("about")),
        "keywords": list(tags),
        "citation": [
            {"@type": "CreativeWork", "name": source["title"] or source["url"]}
            | ({"url": source["url"]} if source["url"] else {})
            for source in post.sources
        ],
    }
    if unit_of_length(post.language) == "words":
        posting["wordCount"] = post.words
    if corrections := [entry for entry in post.logged if entry.kind == Correction.Kind.CORRECTION]:
        posting["correction"] = [
            {"@type": "CorrectionComment", "text": entry.note, "datePublished": entry.at.isoformat()}
            for entry in corrections
        ]
    if post.category:
        posting["articleSection"] = post.category.name
    if post.card:
        posting["image"] = {
            "@type": "ImageObject",
            "url": post.card["address"],
            "width": post.card["width"],
            "height": post.card["height"],
            "caption": post.card["alt"],
        } | ({"creditText": post.cover_credit} if post.cover_credit else {})
    if post.editor:
        posting["editor"] = _person(post.editor)
    return posting


def _person(author: Author) -> Data:
    address = absolute(author.get_absolute_url())
    person = {"@type": "Person", "@id": f"{address}#person", "name": author.name, "url": address}
    return person | ({"description": author.bio} if author.bio else {})


def _organization() -> Data:
    home = absolute(path_of("home"))
    identity = site_identity.current()
    organization = {
        "@type": "Organization",
        "@id": f"{home}#organization",
        "name": identity.name,
        "url": home,
    }
    if identity.logo:
        organization["logo"] = absolute(identity.logo.path)
    profiles = [link.address for link in identity.social_links if link.address.startswith("http")]
    return organization | ({"sameAs": profiles} if profiles else {})


def _site_id() -> str:
    return f"{absolute(path_of('home'))}#site"


def _breadcrumbs(*steps: tuple[str, str]) -> Data:
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": absolute(path)}
            for position, (name, path) in enumerate(
                [(site_identity.current().name, path_of("home")), *steps], start=1
            )
        ],
    }
