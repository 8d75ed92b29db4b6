"""The page of search results. Every string is a valid query."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.core.paginator import InvalidPage, Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from publishing.addresses import absolute
from publishing.search import (
    MAX_QUERY_CHARACTERS,
    Facet,
    SearchFilters,
    Sort,
    facets,
    filter_posts,
    highlighted_hits,
    search,
    suggestions,
)
from publishing.search.normalization import clean
from publishing.site.public_pages import revalidated
from publishing.site.queries import Listing, all_posts

HITS_A_PAGE, NEWEST = 10, 5


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


@require_safe
@gzip_page  # for another web server: ours removes Accept-Encoding and compresses itself
def results(request: HttpRequest) -> HttpResponse:
    asked = _search_request(request)
    found = search(request.GET.get("q", ""), as_typed=asked.as_typed)
    post_ids = filter_posts(found.post_ids, asked.filters, asked.sort)
    page = _page(request, post_ids)
    context = {
        "query": asked.text,
        "query_string": f"{asked.query()}&",
        "results": found,
        "page": page,
        "hits": highlighted_hits(found, list(page.object_list)) if post_ids else [],
        "newest": () if found.post_ids else Listing(all_posts).cards(NEWEST),
        "as_typed": replace(asked, as_typed=True).query(),
        "unfiltered": replace(asked, filters=SearchFilters()).query(),
        "is_filtered": bool(asked.filters),
        "sorts": _sorts(asked),
        "facets": [(facet.name, _facet_links(asked, facet)) for facet in facets(found.post_ids)],
    }
    return render(request, "publishing/search.html", context)


@require_safe
@revalidated
def suggest(request: HttpRequest) -> HttpResponse:
    """Completions of the beginning of a query, as browsers expect them (OpenSearch suggestions)."""
    text = request.GET.get("q", "")[:MAX_QUERY_CHARACTERS]
    found = suggestions(text)
    parts = [[one.text for one in found], [one.kind for one in found], [absolute(one.path) for one in found]]
    return JsonResponse([text, *parts], safe=False, content_type="application/x-suggestions+json")


def _search_request(request: HttpRequest) -> SearchRequest:
    query = request.GET
    text = clean(query.get("q", "")[:MAX_QUERY_CHARACTERS]).strip()
    sort = Sort.NEWEST if query.get("sort") == Sort.NEWEST else Sort.BEST
    return SearchRequest(text, SearchFilters.from_query(query), sort, query.get("as_typed") == "1")


def _sorts(asked: SearchRequest) -> list[FilterLink]:
    names = {Sort.BEST: "Best first", Sort.NEWEST: "Newest first"}
    return [
        FilterLink(name, replace(asked, sort=sort).query(), is_active=asked.sort is sort)
        for sort, name in names.items()
    ]


def _facet_links(asked: SearchRequest, facet: Facet) -> list[FilterLink]:
    """A link for each value; that of the active one removes the filter."""
    active = asked.filters.active().get(facet.name)
    links = []
    for each in facet.values:
        is_active = each.value == active
        filters = replace(asked.filters, **{facet.name: "" if is_active else each.value})
        links.append(FilterLink(each.name, replace(asked, filters=filters).query(), each.posts, is_active))
    return links


def _page(request: HttpRequest, post_ids: list[int]) -> Page[int]:
    try:
        return Paginator(post_ids, HITS_A_PAGE).page(request.GET.get("page", 1))
    except InvalidPage:
        raise Http404("There is no such page.") from None
