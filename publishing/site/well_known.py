"""Well-known files for crawlers and other programs, and each post as Markdown."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from publishing.addresses import absolute
from publishing.models import Post
from publishing.pages import live_pages
from publishing.site.public_pages import public_page
from publishing.site.views import moved_or_gone

POSTS_IN_LLMS_TXT = 50
SECURITY_TXT_DAYS = 180


@require_safe
@public_page
def robots(request: HttpRequest) -> HttpResponse:
    hidden = [reverse("admin:index"), reverse("api-root"), reverse("search")]
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in hidden),
        "",
        f"Sitemap: {absolute(reverse('sitemap'))}",
    ]
    return _text("\n".join(lines) + "\n")


@require_safe
@public_page
def markdown(request: HttpRequest, slug: str) -> HttpResponse:
    """The post as Markdown: an alternate of its page, which remains the canonical address."""
    post = (
        Post.objects.published()
        .articles()
        .filter(slug=slug)
        .select_related("category", "author", "cover", "approval")
        .first()
    )
    if post is None:
        return moved_or_gone(request, slug, "post-markdown")
    response = render(
        request, "publishing/post.md", {"post": post}, content_type="text/markdown; charset=utf-8"
    )
    response["Link"] = f'<{absolute(post.get_absolute_url())}>; rel="canonical"'
    response["Last-Modified"] = http_date(post.updated_at.timestamp())
    return response


@require_safe
@public_page
def llms(request: HttpRequest) -> HttpResponse:
    """A guide for language models, as llmstxt.org proposes."""
    posts = Post.objects.published().articles().for_lists()[:POSTS_IN_LLMS_TXT]
    context = {"posts": posts, "pages": live_pages()}
    return render(request, "publishing/llms.txt", context, content_type="text/plain; charset=utf-8")


@require_safe
@public_page
def opensearch(request: HttpRequest) -> HttpResponse:
    """The description by which a browser searches this site (OpenSearch)."""
    return render(request, "publishing/opensearch.xml", content_type="application/opensearchdescription+xml")


@require_safe
@public_page
def security(request: HttpRequest) -> HttpResponse:
    """Where to report a vulnerability (RFC 9116)."""
    contact = settings.SECURITY_CONTACT
    if not contact:
        raise Http404("SECURITY_CONTACT is not set.")
    if ":" not in contact:
        contact = f"mailto:{contact}"
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {contact}",
        f"Expires: {(today + timedelta(days=SECURITY_TXT_DAYS)).isoformat()}",
        f"Canonical: {absolute(request.path)}",
        f"Preferred-Languages: {settings.LANGUAGE_CODE}",
    ]
    return _text("\n".join(lines) + "\n")


@require_safe
@public_page
def icon(request: HttpRequest, file: str, content_type: str) -> HttpResponse:
    """At the addresses where browsers and telephones look without being told."""
    response = HttpResponse(_icon(file), content_type=content_type)
    response["Cache-Control"] = "public, max-age=86400"
    return response


@cache
def _icon(file: str) -> bytes:
    return (settings.BASE_DIR / "static" / "site" / file).read_bytes()


@require_safe
def indexnow_key(request: HttpRequest, key: str) -> HttpResponse:
    """Proves to search engines that IndexNow notifications with this key come from this site."""
    if not settings.INDEXNOW_KEY or key != settings.INDEXNOW_KEY:
        raise Http404("There is no page here.")
    return _text(settings.INDEXNOW_KEY)


def _text(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
