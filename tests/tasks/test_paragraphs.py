import pytest

from tasks.pipeline.text.markdown import render
from tasks.pipeline.text.paragraphs import heading_text, joined, paragraph_sha256, paragraphs


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", []),
        ("\n \n", []),
        ("One.\n\nTwo,\ngoes on.\n\n\nThree.  \n", ["One.", "Two,\ngoes on.", "Three."]),
        ("## Shade\nAt once.\n### More\n", ["## Shade", "At once.", "### More"]),
        ("#nothing special\nat all", ["#nothing special\nat all"]),
        ("- one\n- two\n\n- three", ["- one\n- two", "- three"]),
        ("A\r\n\r\nB", ["A", "B"]),
        ("```py\na\n\nb\n# no heading\n```\nAfter.", ["```py\na\n\nb\n# no heading\n```\nAfter."]),
        ("~~~\n```\n\n~~~\n\nAfter.", ["~~~\n```\n\n~~~", "After."]),
        ("````\n```\n\n````\n\nAfter.", ["````\n```\n\n````", "After."]),
        ("```\nnever closed\n\nto the end", ["```\nnever closed\n\nto the end"]),
        ("    indented\n\n    code", ["    indented", "    code"]),
    ],
)
def test_a_body_is_cut_where_blank_lines_and_headings_are(body, expected):
    assert paragraphs(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        "One.\n\n\n\nTwo.\n## Three\nFour.",
        "1. one\n\n2. two\n\n   more of two\n\n3. three",
        "> quoted\n> twice\n\n```\ncode\n\n\nmore\n```\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\nEnd.",
    ],
)
def test_joined_again_they_render_as_the_body_does(body):
    assert render(joined(paragraphs(body))) == render(body)


def test_the_words_of_a_heading_are_without_its_signs():
    assert heading_text("## Shade ##") == "Shade"
    assert heading_text("No heading") is None


def test_a_paragraph_is_known_by_its_hash():
    (one,) = paragraphs("Shade.  \n")
    assert paragraph_sha256(one) == paragraph_sha256("Shade.")
    assert paragraph_sha256(one) != paragraph_sha256("shade.")
