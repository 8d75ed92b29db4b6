"""How much a word says of a post: fragments of SQL that every ranking shares."""

from __future__ import annotations

TITLE, SUMMARY, BODY = 1, 0.75, 0.5
WEIGHTS = f"{{.1,{BODY},{SUMMARY},{TITLE}}}"
"""As `ts_rank` takes them; the first is of D, which no text has."""
ONCE = 0.606
"""What a word counts that stands once, of one that stands everywhere."""


def impact(tsv: str, query: str) -> str:
    """SQL: the weight of one word in one text, which is best given unpacked: it is read twice.

    Divided by the length, or else long texts win; by the root of its logarithm, or else short ones do.
    """
    return f"(ts_rank('{WEIGHTS}', {tsv}, {query}) / {_root(tsv)})::real"


def impact_of_places(positions: str, weights: str, root: str) -> str:
    """SQL: nearly the same from what `unnest(tsvector)` gives, for all words of a text at once.

    `root` comes from `size_of`, once a text. Places come in their order, the title's first: for n of them
    `ts_rank` sums 1/n² · 6/π², which is n/(n + .65) to a hundredth.
    """
    first = f"CASE ({weights})[1] WHEN 'A' THEN {TITLE} WHEN 'B' THEN {SUMMARY} ELSE {BODY} END::float8"
    amount = f"cardinality({positions})::float8"
    repeated = f"{BODY}::float8 * ({amount} / ({amount} + .65::float8) - {ONCE}::float8)"
    return f"(({ONCE}::float8 * {first} + {repeated}) / {root})::real"


def size_of(tsv: str) -> str:
    """SQL: a row with `root`, by which the weights of a text's words are divided."""
    return f"(SELECT {_root(tsv)} AS root OFFSET 0)"


def _root(tsv: str) -> str:
    return f"sqrt(ln(2 + length({tsv})))"


def as_query(lexeme: str) -> str:
    """SQL: a lexeme as the tsquery of itself, quoted as its input syntax wants it."""
    return rf"(E'\'' || replace(replace({lexeme}, E'\\', E'\\\\'), E'\'', E'\'\'') || E'\'')::tsquery"


def unpacked(tsv: str) -> str:
    """SQL: the same tsvector in memory. A stored one is unpacked again by each function that reads it.

    An array holds its elements unpacked; by concatenation with nothing this took three times as long.
    """
    return f"(SELECT (ARRAY[{tsv}])[1] AS tsv OFFSET 0)"
