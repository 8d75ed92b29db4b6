import pytest
from hypothesis import given

from tasks.pipeline.text.markdown import plain_text, render, render_blocks
from tasks.pipeline.text.paragraphs import heading_text, joined, paragraph_sha256, paragraphs
from tests.tasks.markdown_bodies import markdown_bodies


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", []),
        ("\n \n", []),
        ("One.\n\nTwo,\ngoes on.\n\n\nThree.  \n", ["One.", "Two,\ngoes on.", "Three."]),
        ("## Shade\nAt once.\n### More\n", ["## Shade", "At once.", "### More"]),
        ("#nothing special\nat all", ["#nothing special\nat all"]),
        ("- one\n- two\n\n- three", ["- one\n- two\n\n- three"]),
        ("1. one\n\n   more\n\n2. two\n\nAfter.", ["1. one\n\n   more\n\n2. two", "After."]),
        ("Above:\n- one\n- two", ["Above:", "- one\n- two"]),
        ("Above\n| a |\n| - |\n| b |\n\nAfter.", ["Above", "| a |\n| - |\n| b |", "After."]),
        ("T[^1]\n\n[^1]: One.\n\n    More.\n[^2]: Two.", ["T[^1]", "[^1]: One.\n\n    More.", "[^2]: Two."]),
        ("See [a].\n\n[a]: /about/\n[b]: /x/", ["See [a].", "[a]: /about/\n[b]: /x/"]),
        (
            "Text [1]\n[1]: https://a.org\n[2]: https://b.org",
            ["Text [1]", "[1]: https://a.org\n[2]: https://b.org"],
        ),
        ("A\r\n\r\nB", ["A", "B"]),
        ("```py\na\n\nb\n# no heading\n```\nAfter.", ["```py\na\n\nb\n# no heading\n```", "After."]),
        ("~~~\n```\n\n~~~\n\nAfter.", ["~~~\n```\n\n~~~", "After."]),
        ("````\n```\n\n````\n\nAfter.", ["````\n```\n\n````", "After."]),
        ("```\nnever closed\n\nto the end", ["```\nnever closed\n\nto the end"]),
        ("    indented\n\n    code", ["    indented\n\n    code"]),
    ],
)
def test_a_body_is_cut_where_the_renderer_cuts_it(body, expected):
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


@given(markdown_bodies())
def test_they_are_the_parts_that_comments_are_made_on(body):
    sources = [block.source for block in render_blocks(body)]
    assert [text for text in paragraphs(body) if text in sources] == sources


@given(markdown_bodies())
def test_whatever_the_body_nothing_is_lost_between_them(body):
    texts = paragraphs(body)
    assert "".join(joined(texts).split()) == "".join(body.split())
    assert plain_text(joined(texts)) == plain_text(body)


def test_the_words_of_a_heading_are_without_its_signs():
    assert heading_text("## Shade ##") == "Shade"
    assert heading_text("No heading") is None


def test_a_paragraph_is_known_by_its_hash():
    (one,) = paragraphs("Shade.  \n")
    assert paragraph_sha256(one) == paragraph_sha256("Shade.")
    assert paragraph_sha256(one) != paragraph_sha256("shade.")
