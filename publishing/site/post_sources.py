"""What the sources of a post say, sentence by sentence: a page of its own, so that the post stays light."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from publishing.claims import cited_sentences, summary_of
from publishing.models import Post
from publishing.site.public_pages import public_page
from publishing.site.views import moved_or_gone

COLUMNS = ("title", "slug", "is_page", "language", "citations", "provenance")


@require_safe
@public_page
def post_sources(request: HttpRequest, slug: str) -> HttpResponse:
    post = Post.objects.published().articles().filter(slug=slug).only(*COLUMNS).first()
    if post is None:
        return moved_or_gone(request, slug, "post-sources")
    summary = summary_of(post)
    if summary is None:
        raise Http404("This article's sentences were not compared with its sources.")
    context = {"post": post, "claims": summary, "sentences": cited_sentences(post)}
    return render(request, "publishing/post_sources.html", context)
