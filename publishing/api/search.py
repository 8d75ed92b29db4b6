"""The search of the site in the API: the same results, with what was corrected, counts and facets."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qs, urlencode

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from publishing.search import ResultPage, ResultSet, SearchFilters, Sort, search
from publishing.search.facets import Facet
from tasks.api.base import COUNT, Cursor

MAX_POSITION = 1_000_000

FACET_SCHEMA = {
    "type": "object",
    "required": ["name", "is_about", "values"],
    "properties": {
        "name": {"type": "string", "description": "`category`, `tag`, `year` or `author`: the parameter."},
        "is_about": {"type": "boolean", "description": "Whether the numbers of posts are estimates."},
        "values": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["value", "name", "posts"],
                "properties": {
                    "value": {"type": "string", "description": "For the parameter."},
                    "name": {"type": "string"},
                    "posts": {"type": "integer", "description": "How many results it would leave."},
                },
            },
        },
    },
}
OF_SEARCHES: dict[str, dict[str, Any]] = {
    "query": {"type": "string", "description": "What was searched for."},
    "corrected_from": {
        "type": "string",
        "description": "What was typed, where its spelling was corrected: search with `as_typed=true` to "
        "insist on it. Otherwise empty.",
    },
    "did_you_mean": {
        "type": "string",
        "description": "A query with more common words, if there is one that finds something.",
    },
    "without_quotes": {
        "type": "boolean",
        "description": "Whether no post has the phrase, and its words were searched for instead.",
    },
    "has_all_words": {
        "type": "boolean",
        "description": "Whether the posts counted have all words of the query. If none has, they have some.",
    },
    "count": {"type": "integer", "description": "How many posts match, with the filters."},
    "count_is_about": {"type": "boolean", "description": "Whether the count is an estimate."},
    "is_incomplete": {
        "type": "boolean",
        "description": "Whether the time limit ended the search: a later one may find more.",
    },
    "facets": {"type": "array", "items": FACET_SCHEMA},
}
"""What the response to a search has in addition to a list of posts."""


class PostPages(Cursor):
    """The list of posts, or of what a search found."""

    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_paginated_response_schema(schema)
        for name, declared in OF_SEARCHES.items():
            when = "With `search`, or `count=true`." if name == COUNT else "Only with `search`."
            text = f"{when} {declared.get('description', '')}".strip()
            found["properties"][name] = declared | {"description": text}
        return found

    def search_page(
        self, posts: QuerySet[Any], request: Request, asked: dict[str, Any]
    ) -> tuple[list[Any], dict[str, Any]]:
        """The posts of one page, and the rest of the response. Raises ValidationError and NotFound."""
        size = self.get_page_size(request) or self.page_size
        start = _position(request.query_params.get(self.cursor_query_param))
        found = search(asked["search"], as_typed=bool(asked["as_typed"]))
        chosen = {name: str(asked[name] or "") for name in ("category", "tag", "year", "author")}
        result_set = ResultSet(found, SearchFilters.from_query(chosen))
        page = result_set.page(Sort(asked["sort"] or Sort.BEST), start, start + size)
        by_id = {post.pk: post for post in posts.filter(pk__in=page.post_ids)}
        links = {
            "next": self._link(request, start + size) if page.has_more else None,
            "previous": self._link(request, max(start - size, 0)) if start else None,
        }
        about = _about(asked["search"], found, page, result_set.facets)
        return [by_id[pk] for pk in page.post_ids if pk in by_id], links | about

    def _link(self, request: Request, position: int) -> str:
        cursor = urlsafe_b64encode(urlencode({"n": position}).encode()).decode()
        return replace_query_param(request.build_absolute_uri(), self.cursor_query_param, cursor)


def _about(text: str, found: Any, page: ResultPage, facets: list[Facet]) -> dict[str, Any]:
    return {
        "query": found.corrected_query or text,
        "corrected_from": text if found.corrected_query else "",
        "did_you_mean": found.did_you_mean,
        "without_quotes": found.without_quotes,
        "has_all_words": page.has_all_words,
        "count": page.count,
        "count_is_about": page.is_about,
        "is_incomplete": found.is_incomplete or page.is_incomplete,
        "facets": [_facet(facet) for facet in facets],
    }


def _facet(facet: Facet) -> dict[str, Any]:
    values = [{"value": each.value, "name": each.name, "posts": each.posts} for each in facet.values]
    return {"name": facet.name, "is_about": facet.is_about, "values": values}


def _position(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        (number,) = parse_qs(urlsafe_b64decode(cursor.encode()).decode())["n"]
        position = int(number)
    except (ValueError, KeyError):
        position = -1
    if not 0 <= position <= MAX_POSITION:
        raise NotFound("Invalid cursor: follow the links `next` and `previous`.")
    return position
