"""From characters to words and rows: blanks are where there are gaps, whatever the file says."""

from __future__ import annotations

import re
import statistics
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from tasks.pipeline.reading.exponents import Placement
from tasks.pipeline.reading.pdf.bidi import (
    has_right_to_left,
    line_in_reading_order,
    word_in_reading_order,
)
from tasks.pipeline.reading.pdf.types import Glyph, PlacedRow, PlacedWord, Style
from tasks.pipeline.reading.raised import lowered, raised, without_joins

WORD_GAP = 0.14
"""Of the size: kerning leaves less, a blank of the tightest justified line more."""
WORD_GAP_AMONG_BLANKS = 0.3
"""Where the line has blanks as characters, its letters may be spaced."""
WORD_GAP_IN_ARABIC = 0.24
"""Letters that are not joined stand further apart."""
SAME_PLACE = 0.12
"""Of the size: the same character painted again so near makes it bold."""
MAX_MARK = 14
"""Characters of a raised or lowered piece."""
NEIGHBOURS = 8
"""Rows above and below that may be the line of a raised piece."""

_ARABIC = re.compile("[\u0600-\u08ff\ufb50-\ufdff\ufe70-\ufeff]")


def rows_of(glyphs: Sequence[Glyph]) -> list[PlacedRow]:
    """The rows of a page from top to bottom, with their words from left to right."""
    clusters = _with_marks(_clusters(glyphs))
    is_placed_singly = _places_words_singly(clusters)
    rows = list[PlacedRow]()
    for baseline, cluster in clusters:
        words = _words(cluster, is_placed_singly)
        if words:
            first = next(glyph for glyph in cluster if glyph.text != " ")
            rows.append(PlacedRow(baseline, _usual_style(cluster).size, words, first.shift > 0))
    return _with_drop_caps(rows)


def text_of(words: Sequence[PlacedWord], is_turned: bool = False) -> str:
    """The words of one line in the order of reading; they are given from left to right."""
    return line_in_reading_order([word.text for word in words], is_turned)


# --- Rows -----------------------------------------------------------------------------------------------


def _clusters(glyphs: Sequence[Glyph]) -> list[tuple[float, list[Glyph]]]:
    """Glyphs of one baseline, from left to right; the highest first."""
    clusters = list[tuple[float, list[Glyph]]]()
    for glyph in sorted(glyphs, key=lambda glyph: -glyph.baseline):
        size = min(glyph.style.size, clusters[-1][1][0].style.size) if clusters else 0.0
        if clusters and clusters[-1][0] - glyph.baseline <= max(0.12 * size, 0.6):
            clusters[-1][1].append(glyph)
        else:
            clusters.append((glyph.baseline, [glyph]))
    for _, cluster in clusters:
        cluster.sort()
    return clusters


def _with_marks(clusters: list[tuple[float, list[Glyph]]]) -> list[tuple[float, list[Glyph]]]:
    """Put raised and lowered pieces into the rows that they belong to."""
    sizes = [_usual_style(cluster).size for _, cluster in clusters]
    added, left = dict[int, list[Glyph]](), list[list[Glyph]]()
    for place, (baseline, cluster) in enumerate(clusters):
        near = [
            other
            for other in range(max(0, place - NEIGHBOURS), min(len(clusters), place + NEIGHBOURS + 1))
            if other != place and abs(clusters[other][0] - baseline) <= 0.8 * sizes[other]
        ]
        if not near:
            left.append(cluster)
            continue
        rest = list[Glyph]()
        for segment in _segments(cluster):
            host = _host(segment, near, clusters, sizes)
            if host is None:
                rest += segment
            else:
                shift = 1 if baseline > clusters[host][0] else -1
                added.setdefault(host, []).extend(glyph._replace(shift=shift) for glyph in segment)
        left.append(rest)
    result = list[tuple[float, list[Glyph]]]()
    for place, (baseline, _) in enumerate(clusters):
        cluster = left[place]
        if place in added and cluster:
            cluster = sorted(cluster + added[place])
        elif place in added:
            cluster = added[place]
        if cluster:
            result.append((baseline, cluster))
    return result


def _host(
    segment: list[Glyph], near: list[int], clusters: list[tuple[float, list[Glyph]]], sizes: list[float]
) -> int | None:
    """The row in which these glyphs stand raised or lowered, directly at another glyph."""
    visible = [glyph for glyph in segment if glyph.text != " "]
    if not visible or len(visible) > MAX_MARK:
        return None
    size = max(glyph.style.size for glyph in visible)
    is_sign = len(visible) <= 3 and not any(
        character.isalpha() for glyph in visible for character in glyph.text
    )
    for other in near:
        rise = (visible[0].baseline - clusters[other][0]) / sizes[other]
        if not (0.14 <= rise <= 0.75 or -0.55 <= rise <= -0.06):
            continue
        least = (0.99 if is_sign and rise > 0 else 1.18) * size
        if _touches(visible, clusters[other][1], least):
            return other
    return None


def _touches(segment: list[Glyph], row: list[Glyph], least: float) -> bool:
    """Whether a glyph of this size or more stands directly before or after."""
    place = bisect_left(row, (segment[0].x0,))
    before = next((glyph for glyph in reversed(row[max(0, place - 3) : place]) if glyph.text != " "), None)
    after = next((glyph for glyph in row[place : place + 3] if glyph.text != " "), None)
    nearest = 0.35 * max(least, segment[0].style.size)
    is_first = before is None or segment[0].x0 - before.x1 > 2 * segment[0].style.size
    # The mark before a note may have a blank after it.
    furthest = 0.75 * after.style.size if after and is_first and segment[-1].text.isdigit() else nearest
    return bool(
        (before and before.style.size >= least and -1.5 * nearest <= segment[0].x0 - before.x1 <= nearest)
        or (after and after.style.size >= least and -0.6 * nearest <= after.x0 - segment[-1].x1 <= furthest)
    )


def _segments(cluster: list[Glyph]) -> Iterable[list[Glyph]]:
    """Glyphs of a row that stand close to each other."""
    segment = list[Glyph]()
    for glyph in cluster:
        if segment and glyph.x0 - segment[-1].x1 > 0.4 * glyph.style.size:
            yield segment
            segment = []
        segment.append(glyph)
    if segment:
        yield segment


def _with_drop_caps(rows: list[PlacedRow]) -> list[PlacedRow]:
    """Put a first letter that is as high as several lines before the word that it begins."""
    for place, row in enumerate(rows):
        letter = row.words[0]
        if len(letter.text) > 2 or not letter.text.isupper() or place == 0:
            continue
        size = row.size if len(row.words) > 1 else rows[place - 1].size
        if letter.style.size < 1.9 * size:
            continue
        top = letter.baseline + 0.75 * letter.style.size
        for other in rows[max(0, place - 6) : place]:
            first = other.words[0]
            is_next_to = -0.5 * size <= first.x0 - letter.x1 <= 1.5 * size
            if other.baseline < top and is_next_to and first.style.size < letter.style.size / 1.9:
                other.words[0] = first._replace(text=letter.text + first.text)
                row.words.pop(0)
                break
    return [row for row in rows if row.words]


# --- Words ----------------------------------------------------------------------------------------------


def _places_words_singly(clusters: list[tuple[float, list[Glyph]]]) -> bool:
    """Whether each word of the page is placed by coordinates of its own, without any blank.

    Some of the gaps may be too narrow to be seen then: the word before was expected to be narrower.
    """
    gaps = pieces = letters = 0
    for _, cluster in clusters:
        for before, glyph in zip([None, *cluster], cluster, strict=False):
            if glyph.text == " ":
                return False
            if not glyph.is_first or glyph.shift:
                continue
            pieces += 1
            if before is not None and glyph.x0 - before.x1 >= WORD_GAP * glyph.style.size:
                gaps += 1
        letters += len(cluster)
    return pieces >= 6 and letters >= 3 * pieces and gaps >= 0.5 * (pieces - len(clusters))


def _words(cluster: list[Glyph], is_placed_singly: bool) -> list[PlacedWord]:
    """Split a row at its gaps; single letters that are spaced out evenly are one word."""
    glyphs = _without_doubles(cluster)
    groups = _groups(glyphs, is_placed_singly)
    has_shifts = any(glyph.shift for glyph in glyphs)
    words = [_word(group, groups, place, has_shifts) for place, group in enumerate(groups)]
    return [word for word in words if word is not None]


def _groups(glyphs: list[Glyph], is_placed_singly: bool) -> list[list[Glyph]]:
    blanks = sum(glyph.text == " " for glyph in glyphs)
    visible = len(glyphs) - blanks
    usual = WORD_GAP_AMONG_BLANKS if blanks * 14 >= visible else WORD_GAP
    joined_script = WORD_GAP_IN_ARABIC if any(_ARABIC.match(glyph.text) for glyph in glyphs) else 0.0
    spacing = _letter_spacing(glyphs)
    if spacing:
        return _spaced_out(glyphs, spacing)
    groups, is_apart, end = list[list[Glyph]](), True, 0.0
    for glyph in glyphs:
        if glyph.text == " ":
            is_apart = True
            continue
        if is_placed_singly and glyph.is_first and not glyph.shift:
            is_apart = True
        # What is placed by itself stands apart by less: a cell of a table, for one.
        gap = max(joined_script, WORD_GAP if glyph.is_first else usual)
        before = groups[-1][-1].style.size if groups else 0.0
        is_drop_cap = before >= 1.9 * glyph.style.size and not glyph.shift
        if not is_apart and not is_drop_cap and glyph.x0 - end <= gap * max(glyph.style.size, before):
            groups[-1].append(glyph)
            if glyph.x1 > end:
                end = glyph.x1
        else:
            groups.append([glyph])
            end = glyph.x1
        is_apart = False
    return groups


def _letter_spacing(glyphs: list[Glyph]) -> float:
    """The gap between letters, in sizes, where each letter of a row stands alone; else 0."""
    touching = sum(
        after.x0 - before.x1 < 0.09 * before.style.size
        for before, after in pairwise(glyphs[:12])
        if " " not in (before.text, after.text)
    )
    visible = [] if touching > 5 else [glyph for glyph in glyphs if glyph.text != " "]
    if len(visible) < 4:
        return 0.0
    gaps = [
        (after.x0 - before.x1) / before.style.size for before, after in pairwise(visible) if before.style.size
    ]
    wide = [gap for gap in gaps if 0.09 <= gap <= 1.0]
    letters = sum(glyph.text.isalpha() and not _is_ideograph(glyph.text) for glyph in visible)
    if len(wide) < 0.75 * len(gaps) or letters < 0.8 * len(visible):
        return 0.0
    middle = statistics.median(wide)
    # Words of one letter have gaps of a blank between them, and few rows consist of them.
    is_even = sum(abs(gap - middle) <= 0.25 * middle + 0.03 for gap in wide) >= 0.6 * len(wide)
    return middle if is_even else 0.0


def _spaced_out(glyphs: list[Glyph], spacing: float) -> list[list[Glyph]]:
    groups = list[list[Glyph]]()
    for glyph in glyphs:
        if glyph.text == " ":
            continue
        is_near = groups and glyph.x0 - groups[-1][-1].x1 <= (1.45 * spacing + 0.05) * glyph.style.size
        if is_near:
            groups[-1].append(glyph)
        else:
            groups.append([glyph])
    return groups


def _word(group: list[Glyph], groups: list[list[Glyph]], place: int, has_shifts: bool) -> PlacedWord | None:
    if not has_shifts:
        text = word_in_reading_order([glyph.text for glyph in group])
    else:
        text = _with_shifts(group, groups, place)
    if not text:
        return None
    x1 = group[-1].x1 if not has_shifts else max(glyph.x1 for glyph in group)
    plain = ([glyph for glyph in group if not glyph.shift] or group) if has_shifts else group
    return PlacedWord(group[0].x0, x1, plain[0].baseline, text, _usual_style(plain))


def _with_shifts(group: list[Glyph], groups: list[list[Glyph]], place: int) -> str:
    """The word with what is raised or lowered in it; the words on both sides are looked at."""
    before = "".join(glyph.text for glyph in groups[place - 1]) + " " if place else ""
    following = " " + "".join(glyph.text for glyph in groups[place + 1]) if place + 1 < len(groups) else ""
    text, at = "", 0
    while at < len(group):
        end = at
        while end < len(group) and group[end].shift == group[at].shift:
            end += 1
        piece = "".join(glyph.text for glyph in group[at:end])
        after = "".join(glyph.text for glyph in group[end:]) + following
        if group[at].shift > 0:
            piece = without_joins(raised(piece, Placement(before + text, after)))
        elif group[at].shift < 0:
            piece = lowered(piece, before + text)
        text += piece
        at = end
    return text.lstrip()


def _without_doubles(cluster: list[Glyph]) -> list[Glyph]:
    """Without characters that are painted twice to look bold; combining marks join their letters."""
    glyphs, waiting = list[Glyph](), ""
    for glyph in cluster:
        near = SAME_PLACE * glyph.style.size
        is_near = glyphs and glyph.x0 - glyphs[-1].x0 <= near
        if is_near and any(glyph.x0 - other.x0 <= near and other.text == glyph.text for other in glyphs[-3:]):
            continue
        if glyph.text < "\u0300" or unicodedata.category(glyph.text[0]) != "Mn":
            glyphs.append(glyph._replace(text=glyph.text + waiting) if waiting else glyph)
            waiting = ""
        elif has_right_to_left(glyph.text) and not (glyphs and glyph.x0 < glyphs[-1].x1 - 0.01):
            waiting += glyph.text  # it stands at the left edge of its letter
        elif glyphs:
            glyphs[-1] = glyphs[-1]._replace(text=glyphs[-1].text + glyph.text)
    return glyphs


def _usual_style(glyphs: Sequence[Glyph]) -> Style:
    first = glyphs[0].style
    if glyphs[-1].style is first and all(glyph.style is first for glyph in glyphs):
        return first
    counts = Counter(glyph.style for glyph in glyphs if glyph.text != " ")
    return counts.most_common(1)[0][0] if counts else Style(10.0)


def _is_ideograph(text: str) -> bool:
    return bool(re.match("[\u2e80-\u9fff\uf900-\ufaff\uac00-\ud7af\U00020000-\U0003ffff]", text))
