"""Search over published posts, in PostgreSQL alone, by one statement for fifty posts and for a million.

A post's score is the sum of idf · `ts_rank` over the query's words, which `ts_rank` of a whole query is not.
Posts with all words come first, those with some of them follow. Rare words are looked up in the index; of a
common one only the posts are considered in which it weighs most, so that no query costs more for more posts.
"""

from publishing.search.cache import search
from publishing.search.facets import Facet, SearchFilters, Sort
from publishing.search.highlighting import Hit, highlighted_hits
from publishing.search.index import index_post
from publishing.search.nothing_found import TopicLink, near_words, topics_to_read
from publishing.search.ranking import SearchResults
from publishing.search.result_set import ResultPage, ResultSet
from publishing.search.suggestions import Suggestion, suggestions
from publishing.search.typed import MAX_QUERY_CHARACTERS

__all__ = [
    "MAX_QUERY_CHARACTERS",
    "Facet",
    "Hit",
    "ResultPage",
    "ResultSet",
    "SearchFilters",
    "SearchResults",
    "Sort",
    "Suggestion",
    "TopicLink",
    "highlighted_hits",
    "index_post",
    "near_words",
    "search",
    "suggestions",
    "topics_to_read",
]
