"""Images in bodies as Markdown: figures, words and what editors see of the rest."""

from __future__ import annotations

import pytest

from tasks.pipeline.text.attachments import Attachments
from tasks.pipeline.text.body_images import BodyImage, Caption, figure_markdown, names_in
from tasks.pipeline.text.link_lines import CardText, addresses_in
from tasks.pipeline.text.markdown import plain_text, render, render_blocks, unshown

NAME, OTHER = "ab" * 32, "cd" * 32
FILES = tuple((encoding, width) for width in (480, 1600) for encoding in ("avif", "webp", "jpeg"))
PAGE = "https://example.org/films?a=1&b=ü"
STORED = Attachments(
    {NAME: BodyImage(f"/media/covers/{NAME}/", 1600, 900, FILES)},
    {PAGE: CardText("A <film> on trees", "Example", "Ten minutes in the shade.")},
)


def html_of(body: str, **how: bool) -> str:
    return render(body, attachments=STORED, **how)


def test_an_image_on_a_line_of_its_own_is_a_figure() -> None:
    html = html_of(f'![Trees "by" a <street>](image:{NAME} "The harbour | Photo: Edda Tor")')
    assert html.startswith('<figure><picture><source type="image/avif" srcset="/media/covers/')
    assert f"/media/covers/{NAME}/480.webp 480w, /media/covers/{NAME}/1600.webp 1600w" in html
    assert 'width="1600" height="900" alt="Trees &quot;by&quot; a &lt;street&gt;"' in html
    assert 'loading="lazy"' in html
    assert '<figcaption>The harbour <span class="credit">Photo: Edda Tor</span></figcaption>' in html
    assert html.count("<p>") == 0


@pytest.mark.parametrize(
    ("body", "figures", "pictures"),
    [
        (f"![a](image:{NAME})\n![b](image:{NAME})", 2, 2),
        (f"Words ![a](image:{NAME}) and words.", 0, 1),
        (f"- ![a](image:{NAME})", 1, 1),
        (f"> ![a](image:{NAME})", 1, 1),
        (f"| x |\n| - |\n| ![a](image:{NAME}) |", 0, 1),
        (f"[![a](image:{NAME})](https://elsewhere.example/)", 1, 1),
        (f"![a](IMAGE:{NAME.upper()})", 1, 1),
        (f"`![a](image:{NAME})`", 0, 0),
        (f"![a](image:{OTHER})", 0, 0),
        ("![a](https://elsewhere.example/a.png)", 0, 0),
        ("![a](image:abc)", 0, 0),
        (f'<img src="/media/covers/{NAME}/480.jpeg">', 0, 0),
    ],
)
def test_only_stored_images_are_shown_and_none_is_broken(body: str, figures: int, pictures: int) -> None:
    html = html_of(body)
    assert (html.count("<figure>"), html.count("<img ")) == (figures, pictures)
    assert "elsewhere" not in html or "<img" not in html.split("elsewhere")[0][-20:]


def test_editors_see_what_is_not_shown_and_where() -> None:
    body = f'First.\n\n![lost](image:{OTHER} "x")\n\n![](image:{NAME})\n\nA ![b](image:{NAME} "cap") line.'
    found = [(one.line, one.what.split(":")[0]) for one in unshown(body, attachments=STORED)]
    assert found == [
        (3, "The image “lost” is not shown, because the media library has none of this hash"),
        (5, "The image has no alternative text for readers who cannot see it"),
        (7, "The caption is not shown, because the image stands inside a line of text"),
    ]
    html = html_of(body, for_editors=True)
    assert html.count('class="not-shown"') == 3
    assert "not-shown" not in html_of(body)


def test_captions_are_words_of_the_text_and_addresses_are_not() -> None:
    body = f'Words.\n\n![Trees](image:{NAME} "The old harbour | Photo: Edda Tor")\n\nMore ![x](image:{NAME}).'
    assert plain_text(body) == "Words. The old harbour More ."


def test_blocks_for_comments_are_those_of_the_source() -> None:
    lines = ["One.", f"![Trees](image:{NAME})", f"![lost](image:{OTHER})", PAGE, "Last."]
    blocks = render_blocks("\n\n".join(lines), attachments=STORED)
    assert [block.source for block in blocks] == lines


@pytest.mark.parametrize(
    ("alt", "caption", "credit"),
    [
        ("Trees", "", ""),
        ('A [sign] that says "go" \\ *now*', "The harbour", "Photo: Edda Tor"),
        ("", 'She said "no" | and left', ""),
        ("", "", "Photo: A | B"),
        ("two\nlines", "a\n b", " c "),
    ],
)
def test_what_is_inserted_is_shown_as_it_was_written(alt: str, caption: str, credit: str) -> None:
    line = figure_markdown(NAME, alt, caption, credit)
    assert "\n" not in line
    assert names_in(line) == [NAME]
    html = html_of(line).replace("&quot;", '"')
    assert f'alt="{" ".join(alt.split())}"' in html
    if credit and "|" not in credit:
        assert f'<span class="credit">{credit.strip()}</span>' in html
    assert " ".join(caption.split()) in html


def test_the_last_bar_parts_caption_and_credit() -> None:
    parsed = {title: tuple(Caption.parse(title)) for title in ("a | b", "a |", "| b", "a | b | c", "a|b", "")}
    assert parsed == {
        "a | b": ("a", "b"),
        "a |": ("a", ""),
        "| b": ("", "b"),
        "a | b | c": ("a | b", "c"),
        "a|b": ("a|b", ""),
        "": ("", ""),
    }


def test_a_line_that_is_only_a_link_is_a_card_of_words() -> None:
    html = html_of(PAGE)
    assert html.startswith('<p class="link-card"><a href="https://example.org/films?a=1&amp;b=%C3%BC" rel=')
    assert "A &lt;film&gt; on trees</a>" in html
    assert '<span class="about">Ten minutes in the shade.</span>' in html
    assert '<span class="site">Example · example.org</span>' in html
    own = html_of(f'[My film]({PAGE} "My words")')
    assert "My film</a>" in own
    assert '<span class="about">My words</span>' in own


@pytest.mark.parametrize(
    "body",
    [f"See {PAGE} too.", f"- {PAGE}", f"> {PAGE}", f"`{PAGE}`", "https://unknown.example/", f"# {PAGE}"],
)
def test_other_links_are_no_cards(body: str) -> None:
    assert "link-card" not in html_of(body)
    assert "link-card" not in render(body)


def test_lines_that_are_only_a_link_are_found() -> None:
    body = f'{PAGE}\n\nhttps://a.example/ words\n\n  <https://b.example/>\n\n[c](https://c.example/ "d")\n'
    assert addresses_in(body) == [PAGE, "https://b.example/", "https://c.example/"]
