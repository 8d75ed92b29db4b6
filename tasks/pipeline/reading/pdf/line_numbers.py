"""Numbers of lines in the margin, as manuscripts and laws have them: no figures of the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from tasks.pipeline.reading.pdf.types import PlacedRow

FEWEST_OF_ALL = 6
"""Where every line has one: fewer may be a list."""
SAME_PLACE = 1.5


def without_line_numbers(rows: Sequence[PlacedRow]) -> list[PlacedRow]:
    """The rows of a page, without a column of numbers at their left that counts them."""
    places = _counting([place for place, row in enumerate(rows) if _begins_with_number(row)], rows)
    if not places or not _is_margin([rows[place] for place in places], rows):
        return list(rows)
    plain = [
        PlacedRow(row.baseline, row.words[1].style.size, row.words[1:]) if place in places else row
        for place, row in enumerate(rows)
    ]
    inside = plain[min(places) : max(places) + 1]
    # Entries of a list or rows of a table begin with capitals or figures.
    continued = sum(row.words[0].text[:1].islower() for row in inside)
    return plain if continued >= 0.25 * len(inside) else list(rows)


def _begins_with_number(row: PlacedRow) -> bool:
    first = row.words[0]
    return (
        len(row.words) > 1
        and first.text.isdecimal()
        and len(first.text) <= 4
        and row.words[1].x0 - first.x1 >= 0.8 * row.size
    )


def _counting(numbered: Sequence[int], rows: Sequence[PlacedRow]) -> set[int]:
    """Rows whose numbers grow as they do, by one or in steps of five; headings may have none."""
    values = {place: int(rows[place].words[0].text) for place in numbered}
    counts = Counter(value - place for place, value in values.items())
    places = [place for place in numbered if counts[values[place] - place] > 1]
    if len(places) < 2 or len(places) < 0.8 * len(numbered):
        return set()
    if all(values[place] % 5 == 0 for place in places):
        return set(places)
    steps = Counter(values[after] - values[before] for before, after in pairwise(places))
    is_each = steps[1] == len(places) - 1 and len(places) >= FEWEST_OF_ALL
    return set(places) if is_each else set()


def _is_margin(numbered: Sequence[PlacedRow], rows: Sequence[PlacedRow]) -> bool:
    """Whether the numbers stand below each other, with all text at their right."""
    numbers = [row.words[0] for row in numbered]
    lefts, rights = [word.x0 for word in numbers], [word.x1 for word in numbers]
    is_aligned = min(max(lefts) - min(lefts), max(rights) - min(rights)) <= SAME_PLACE
    text = min(row.words[1 if row in numbered else 0].x0 for row in rows)
    return is_aligned and max(rights) < text
