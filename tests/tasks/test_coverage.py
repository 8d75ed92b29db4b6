"""What share of a document's words a reading has."""

from __future__ import annotations

import pytest

from tasks.pipeline.reading.coverage import missing_words, share_of, words_in


@pytest.mark.parametrize(
    ("taken", "plain", "share"),
    [
        (["one two"], ["one two three four"], 0.5),
        (["one two three four"], ["one two three four"], 1.0),
        (["year one", "year two"], ["year one two"], 1.0),
        (["10⁶ crates"], ["10 crates"], 1.0),
        (["x"], ["one two"], 0.0),
        ([], [], 1.0),
        (["港は春に"], ["港は春に船を数え"], 0.5),
        (["ท่า"], ["ท่าเรือ"], 0.429),
    ],
)
def test_the_share_is_of_words_or_of_letters_without_blanks(
    taken: list[str], plain: list[str], share: float
) -> None:
    assert share_of(words_in(taken), words_in(plain)) == share


def test_a_warning_names_how_much_is_missing_and_where_it_begins() -> None:
    warning = missing_words(0.4, "The crew of each ship signed one paper before it left the harbour in May.")
    assert warning == (
        "About 60 % of the page's words were left out, beginning with “The crew of each ship signed one paper"
        " before it left the …”."
    )
    assert missing_words(0.4, "") == "About 60 % of the page's words were left out."
