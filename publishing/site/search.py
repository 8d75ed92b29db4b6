"""The page of search results. Every string gets one."""

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
    Narrowing,
    Sort,
    facets,
    hits,
    narrowed,
    search,
    suggestions,
)
from publishing.search.normalization import clean
from publishing.site.public_pages import asking_first
from publishing.site.queries import Listing, everything

HITS_A_PAGE, NEWEST = 10, 5


@dataclass(frozen=True)
class Asked:
    """What the page is asked for. It makes the addresses of pages that differ in one thing."""

    text: str
    narrowing: Narrowing
    sort: Sort
    as_typed: bool

    def query(self) -> str:
        asked = {"q": self.text} | self.narrowing.chosen()
        if self.sort is not Sort.BEST:
            asked["sort"] = self.sort
        if self.as_typed:
            asked["as_typed"] = "1"
        return urlencode(asked)


@dataclass(frozen=True)
class Link:
    name: str
    href: str
    posts: int | None = None
    is_chosen: bool = False


@require_safe
@gzip_page  # for a server without the front, which asks for no encoding
def results(request: HttpRequest) -> HttpResponse:
    asked = _asked(request)
    found = search(request.GET.get("q", ""), as_typed=asked.as_typed)
    post_ids = narrowed(found.post_ids, asked.narrowing, asked.sort)
    page = _page(request, post_ids)
    context = {
        "query": asked.text,
        "query_string": f"{asked.query()}&",
        "found": found,
        "page": page,
        "hits": hits(found, page.object_list) if post_ids else [],
        "newest": () if found.post_ids else Listing(everything).cards(NEWEST),
        "as_typed": replace(asked, as_typed=True).query(),
        "everything": replace(asked, narrowing=Narrowing()).query(),
        "narrowed": bool(asked.narrowing),
        "sorts": _sorts(asked),
        "facets": [(facet.name, _choices(asked, facet)) for facet in facets(found.post_ids)],
    }
    return render(request, "publishing/search.html", context)


@require_safe
@asking_first
def suggest(request: HttpRequest) -> HttpResponse:
    """What could be meant by the beginning of a query, as browsers expect it (OpenSearch suggestions)."""
    text = request.GET.get("q", "")[:MAX_QUERY_CHARACTERS]
    found = suggestions(text)
    parts = [[one.text for one in found], [one.kind for one in found], [absolute(one.path) for one in found]]
    return JsonResponse([text, *parts], safe=False, content_type="application/x-suggestions+json")


def _asked(request: HttpRequest) -> Asked:
    given = request.GET
    text = clean(given.get("q", "")[:MAX_QUERY_CHARACTERS]).strip()
    sort = Sort.NEWEST if given.get("sort") == Sort.NEWEST else Sort.BEST
    return Asked(text, Narrowing.read(given), sort, given.get("as_typed") == "1")


def _sorts(asked: Asked) -> list[Link]:
    names = {Sort.BEST: "Best first", Sort.NEWEST: "Newest first"}
    return [
        Link(name, replace(asked, sort=sort).query(), is_chosen=asked.sort is sort)
        for sort, name in names.items()
    ]


def _choices(asked: Asked, facet: Facet) -> list[Link]:
    """A link to each; that of the one chosen leads back to all."""
    chosen = asked.narrowing.chosen().get(facet.name)
    links = []
    for choice in facet.choices:
        is_chosen = choice.value == chosen
        value = "" if is_chosen else choice.value
        narrowing = replace(asked.narrowing, **{facet.name: value})
        links.append(Link(choice.name, replace(asked, narrowing=narrowing).query(), choice.posts, is_chosen))
    return links


def _page(request: HttpRequest, post_ids: list[int]) -> Page[int]:
    try:
        return Paginator(post_ids, HITS_A_PAGE).page(request.GET.get("page", 1))
    except InvalidPage:
        raise Http404("There is no such page.") from None
