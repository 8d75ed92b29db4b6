"""Sentences about harbours, to fill with figures: what the made documents say.

`{a}` is a whole number, `{d}` one with a fraction, `{y}` a year, `{p}` a place. `10^6^` has a raised figure,
`<<…>>` is quoted speech.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MadeLanguage:
    code: str
    title: str
    headings: tuple[str, ...]
    sentences: tuple[str, ...]
    items: tuple[str, ...]
    columns: tuple[str, str, str]
    caption: str
    note: str
    menu: tuple[str, ...]
    """What surrounds the article on a page: no part of it."""
    places: tuple[str, ...] = ("Bergen", "Ostende", "Riga", "Genua", "Porto", "Gdynia", "Vigo", "Malmö")
    quotes: tuple[str, str] = ("“", "”")
    comma: bool = True
    """Whether fractions have a comma."""
    has_blanks: bool = True
