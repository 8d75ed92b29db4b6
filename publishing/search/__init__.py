"""Search over published posts, in PostgreSQL alone and the same for fifty posts and for a million.

A post's score is the sum of idf · `ts_rank` over the query's words, which `ts_rank` of a whole query is not.
Posts with all words come first, those with some of them follow. Rare words are looked up in the index; of a
common one only the posts are considered in which it weighs most, so that no query costs more for more posts.
"""

from publishing.search.cache import search
from publishing.search.facets import Facet, Narrowing, Sort, facets, narrowed
from publishing.search.highlighting import Hit, hits
from publishing.search.index import index_post
from publishing.search.query import MAX_QUERY_CHARACTERS
from publishing.search.ranking import Found
from publishing.search.suggestions import Suggestion, suggestions

__all__ = [
    "MAX_QUERY_CHARACTERS",
    "Facet",
    "Found",
    "Hit",
    "Narrowing",
    "Sort",
    "Suggestion",
    "facets",
    "hits",
    "index_post",
    "narrowed",
    "search",
    "suggestions",
]
