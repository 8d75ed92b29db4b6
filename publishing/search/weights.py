"""How much a word says of a post: fragments of SQL that every ranking shares."""

from __future__ import annotations

WEIGHTS = "{.1,.7,.8,1}"
"""Of body (C), summary (B) and title (A); the first is D, which no text has."""


def impact(tsv: str, query: str) -> str:
    """SQL: the weight of one word in one text, which is best given unpacked: it is read twice.

    Divided by the length, or else long texts win; by the root of its logarithm, or else short ones do.
    """
    return f"(ts_rank('{WEIGHTS}', {tsv}, {query}) / sqrt(ln(2 + length({tsv}))))::real"


def as_query(lexeme: str) -> str:
    """SQL: a lexeme as the tsquery of itself, quoted as its input syntax wants it."""
    return rf"(E'\'' || replace(replace({lexeme}, E'\\', E'\\\\'), E'\'', E'\'\'') || E'\'')::tsquery"


def unpacked(tsv: str) -> str:
    """SQL: the same tsvector in memory. A stored one is unpacked again by each function that reads it.

    An array holds its elements unpacked; by concatenation with nothing this took three times as long.
    """
    return f"(SELECT (ARRAY[{tsv}])[1] AS tsv OFFSET 0)"
