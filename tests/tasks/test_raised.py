"""Raised text: a note's mark is no part of a figure, and an exponent is one."""

from __future__ import annotations

import pytest

from tasks.pipeline.reading.exponents import Placement
from tasks.pipeline.reading.raised import lowered, raised, without_joins


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        ("412", "3", " ships"), ("levels.", "3", " The"), ("word", "a", " next"), ("word", "*", ""),
        ("in 2010", "3", " the"), ("", "1", " See"), ("", "1", "See Smith"), ("year", "1,2", ""),
        ("levels", "[1]", ""), ("1 210", "3", " ships"), ("1,210", "2", " ships"),
        ("the 2", "3", " ships"), ("about 1.10", "6", ""), ("1,10", "3", ""), ("港口", "3", "的"),
        ("412艘", "3", "。"), ("412", "a", ""), ("of", "1", " the"), ("I", "1", ""),
        ("in the year", "3", " "), ("Bergen", "1–3", ""), ("was in", "2", " of"), ("Smith", "iv", ""),
        ("Smith", "[note 2]", ""), ("Smith", "[citation needed]", ""), ("Bergen", "港", "港"),
        ("Smith", "a,b", " and"), ("Smith", "1,a", " and"), ("Smith", "a*", " and"), ("Smith", "2a", ""),
        ("412", "b", " ships"), ("Smith", "a)", " and"), ("Smith", "note 3", " and"), ("注", "注", "的"),
        ("Bergen", "1,2,3,4,5,6,7,8,9,10,11", ""), ("worth $10", "12", " million"),
    ],
)  # fmt: skip
def test_a_mark_is_left_out(before: str, text: str, after: str) -> None:
    assert raised(text, Placement(before, after)) == ""


@pytest.mark.parametrize(
    ("before", "text", "after", "right"),
    [
        ("and 10", "6", " crates", "⁶"), ("25 m", "2", " of", "²"), ("Ca", "2+", " ions", "²⁺"),
        ("m s", "-1", "", "⁻¹"), ("the 1", "st", " of", "st"), ("M", "me", " X", "me"),
        ("n", "o", " 5", "º"), ("5 × 10", "-3", "", "⁻³"), ("10", "1.5", "", "^(1.5)"),
        ("E = mc", "2", ".", "²"), ("x", "2", " + y", "²"), ("", "14", "C dating", "¹⁴"),
        ("3", "1", "⁄2", " 1"), ("", "1", "/2", "1"), ("cm", "3", ",", "³"), ("e", "-x", "", "^(-x)"),
        ("x", "n", "", "ⁿ"), ("(a+b)", "2", "", "²"), ("the brand", "TM", " is", "™"),
        ("persons/km", "2", "", "²"), ("3", "2", " + 4", "²"), ("20", "e", " siècle", "e"),
        ("2", "32", " addresses", "³²"), ("$10", "6", " crates", "⁶"), ("大约10", "6", "个", "⁶"),
        ("およそ10", "12", "箱", "¹²"), ("Vitamin C", "3", "", "³"), ("10", "12", "", "¹²"),
        ("2.5·10", "8", " m", "⁸"), ("XIX", "e", " s", "e"), ("5", "h", "30", "h"), ("77 ", "o", "F", "°"),
        ("m", "2", "の", "²"), ("25 м", "2", " ", "²"), ("1,000 in", "2", " of", "²"),
        ("word", "registered trademark", " x", " registered trademark "), ("Acme", "®", " x", "®"),
        ("the 2", "nd", "", "nd"), ("Acme", "SM", "", "℠"), ("M", "lle", " X", "lle"),
        ("3", "rd", " ", "rd"), ("25", "o", "C", "°"), ("30", "°", "C", "°"), ("5", "′", " x", "′"),
        ("", "$", "19", "$"), ("1", "er", " mai", "er"), ("$19", "99", " each", ".99"),
        ("5", "%", "", "%"), ("a", "ª", "", "ª"), ("said", "“", " ", "“"),
    ],
)  # fmt: skip
def test_what_is_no_mark_stays_and_an_exponent_stays_raised(
    before: str, text: str, after: str, right: str
) -> None:
    assert without_joins(raised(text, Placement(before, after))) == right


def test_a_letter_after_a_figure_is_a_mark_unless_the_language_has_such_ordinals() -> None:
    assert raised("a", Placement("5", " ed")) == ""
    assert without_joins(raised("a", Placement("5", " ed", language="es"))) == "ª"


def test_a_figure_that_leads_the_notes_on_is_a_mark_and_one_among_links_is_none() -> None:
    assert raised("6", Placement("10", " ships", is_next_note=True)) == ""
    assert raised("12", Placement("$412", " each", is_next_note=True)) == ""
    is_linked = Placement("10", " ships", is_next_note=True, has_linked_marks=True)
    assert without_joins(raised("6", is_linked)) == "⁶"


@pytest.mark.parametrize(
    ("before", "text", "right"),
    [
        ("CO", "2", "₂"),
        ("101", "2", "₂"),
        ("(NH₄)", "2", "₂"),
        ("1⁄", "2", "2"),
        ("x", "max", "ₘₐₓ"),
        ("T", "water", "_water"),
    ],
)
def test_a_lowered_figure_is_no_part_of_the_figure_before_it(before: str, text: str, right: str) -> None:
    assert lowered(text, before) == right


@pytest.mark.parametrize("piece", ["1", "a,", "(", "10 ", "[", "1,", "* ", "x-"])
def test_no_text_takes_long(piece: str) -> None:
    for text in (piece, piece * 20, piece * 50_000):
        raised(text, Placement(piece * 50_000, piece * 50_000))
