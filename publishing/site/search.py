"""The page of search results. Every string is a valid query."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from publishing.addresses import absolute
from publishing.search import (
    MAX_QUERY_CHARACTERS,
    Facet,
    ResultPage,
    ResultSet,
    SearchFilters,
    SearchResults,
    Sort,
    highlighted_hits,
    near_words,
    search,
    suggestions,
    topics_to_read,
)
from publishing.search.normalization import clean
from publishing.site.public_pages import revalidated
from publishing.site.queries import Listing, all_posts
from tasks.naming import slugs_of

HITS_A_PAGE, NEWEST = 10, 5
PAGE_NUMBER = re.compile("0*[1-9][0-9]{0,5}", re.ASCII)
FACETS = {
    "category": gettext_lazy("Category"),
    "tag": gettext_lazy("Tag"),
    "author": gettext_lazy("Author"),
    "year": gettext_lazy("Year"),
}
KINDS = {
    "article": gettext_lazy("article"),
    "category": gettext_lazy("category"),
    "tag": gettext_lazy("tag"),
    "word": gettext_lazy("word"),
}
"""Of suggestions."""


@dataclass(frozen=True)
class SearchRequest:
    """The parameters of the page, which also make the links to pages that differ in one of them."""

    text: str
    filters: SearchFilters
    sort: Sort
    as_typed: bool

    def query(self) -> str:
        parameters = {"q": self.text} | self.filters.active()
        if self.sort is not Sort.BEST:
            parameters["sort"] = self.sort
        if self.as_typed:
            parameters["as_typed"] = "1"
        return urlencode(parameters)


@dataclass(frozen=True)
class FilterLink:
    name: str
    href: str
    posts: int | None = None
    is_active: bool = False


@dataclass(frozen=True)
class NumberedPage:
    """Of the results, as the links to its neighbours need it."""

    results: ResultPage
    number: int

    @property
    def amount(self) -> int | None:
        """Of the pages, if that is known."""
        listed = self.results.listed
        return None if listed is None else max(1, -(-listed // HITS_A_PAGE))

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.results.has_more else None


@require_safe
@gzip_page  # for another web server: ours removes Accept-Encoding and compresses itself
def results(request: HttpRequest) -> HttpResponse:
    asked = _search_request(request)
    found = search(request.GET.get("q", ""), as_typed=asked.as_typed)
    result_set = ResultSet(found, asked.filters)
    page = _page(request, result_set, asked.sort)
    context = {
        "query": asked.text,
        "query_string": f"{asked.query()}&",
        "results": found,
        "page": page,
        "hits": highlighted_hits(found, page.results.post_ids) if page.results.post_ids else [],
        **_offered_instead(asked.text, found),
        "as_typed": replace(asked, as_typed=True).query(),
        "unfiltered": replace(asked, filters=SearchFilters()).query(),
        "is_filtered": bool(asked.filters),
        "is_best_first": asked.sort is Sort.BEST,
        "has_several_words": any(len(query.words) > 1 for query in found.queries),
        "sorts": _sorts(asked),
        "facets": [
            (FACETS.get(facet.name, facet.name), facet.is_about, _facet_links(asked, facet))
            for facet in result_set.facets
        ],
    }
    return render(request, "publishing/search.html", context)


@require_safe
@revalidated
def suggest(request: HttpRequest) -> HttpResponse:
    """Completions of the beginning of a query, as browsers expect them (OpenSearch suggestions)."""
    text = request.GET.get("q", "")[:MAX_QUERY_CHARACTERS]
    found = suggestions(text)
    parts = [
        [one.text for one in found],
        [str(KINDS[one.kind]) for one in found],
        [absolute(one.path) for one in found],
    ]
    return JsonResponse([text, *parts], safe=False, content_type="application/x-suggestions+json")


def _offered_instead(text: str, found: SearchResults) -> dict[str, Any]:
    """For a page without results: words and topics; without these, or without a query, the newest posts."""
    if found.post_ids:
        return {}
    near, subjects = (near_words(text), topics_to_read(text)) if text else ([], [])
    if near or subjects:
        return {"near": near, "topics": subjects}
    return {"newest": Listing(all_posts).cards(NEWEST)}


def _search_request(request: HttpRequest) -> SearchRequest:
    query = request.GET
    text = clean(query.get("q", "")[:MAX_QUERY_CHARACTERS]).strip()
    sort = Sort.NEWEST if query.get("sort") == Sort.NEWEST else Sort.BEST
    return SearchRequest(text, SearchFilters.from_query(query), sort, query.get("as_typed") == "1")


def _sorts(asked: SearchRequest) -> list[FilterLink]:
    names = {Sort.BEST: _("Best first"), Sort.NEWEST: _("Newest first")}
    return [
        FilterLink(name, replace(asked, sort=sort).query(), is_active=asked.sort is sort)
        for sort, name in names.items()
    ]


def _facet_links(asked: SearchRequest, facet: Facet) -> list[FilterLink]:
    """A link for each value; that of the active one removes the filter."""
    chosen = asked.filters.active().get(facet.name)
    active = slugs_of(chosen, otherwise=facet.name) if chosen else []
    links = []
    for each in facet.values:
        is_active = each.value in active
        filters = replace(asked.filters, **{facet.name: "" if is_active else each.value})
        links.append(FilterLink(each.name, replace(asked, filters=filters).query(), each.posts, is_active))
    return links


def _page(request: HttpRequest, result_set: ResultSet, sort: Sort) -> NumberedPage:
    given = request.GET.get("page", "1")
    if not PAGE_NUMBER.fullmatch(given):
        raise Http404("There is no such page.")
    number = int(given)
    found = result_set.page(sort, (number - 1) * HITS_A_PAGE, number * HITS_A_PAGE)
    if number > 1 and not found.post_ids and not found.is_incomplete:
        raise Http404("There is no such page.")
    return NumberedPage(found, number)
