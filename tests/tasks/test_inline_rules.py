"""Citations, links, addresses and tags where people and models write them."""

import pytest

from tasks.pipeline.text.markdown import plain_text, render, render_blocks
from tasks.pipeline.text.paragraphs import joined, paragraphs

SOURCES = [
    {"number": 1, "url": "https://example.org/trees"},
    {"number": 2, "url": "https://en.wikipedia.org/wiki/Rust_(programming_language)"},
]
REL = ' rel="noopener nofollow"'
FIRST, SECOND = (
    f'<sup><a href="#source-{number}" aria-label="Source {number}">[{number}]</a></sup>' for number in (1, 2)
)
TREES = f'<a href="https://example.org/trees"{REL}>https://example.org/trees</a>'
RUST = f'<a href="{SOURCES[1]["url"]}"{REL}>{SOURCES[1]["url"]}</a>'


@pytest.mark.parametrize("end", ["\n", "\n\n"])
@pytest.mark.parametrize(
    "body",
    ["- item [1]", "1. one\n2. two [1]", "> quoted [1]", "| a |\n| - |\n| cell [1] |", "text [1]",
     "# Head [1]", "Text[^a] [1]\n\n[^a]: note", "- outer\n  - inner [1]", "> - item [1]"],
)  # fmt: skip
def test_lines_of_references_end_whatever_stands_above_them(body, end):
    with_lines = f"{body}{end}[1]: https://example.org/trees\n[2]: <https://example.org/b> 'B'"
    assert render(with_lines, SOURCES).split() == render(body, SOURCES).split()
    assert plain_text(with_lines) == plain_text(body)
    assert [one.source for one in render_blocks(with_lines)] == paragraphs(with_lines)
    assert render(joined(paragraphs(with_lines)), SOURCES).split() == render(body, SOURCES).split()


@pytest.mark.parametrize(
    "lines",
    ["[1]:\nhttps://example.org/trees", "[1]:\n  <https://example.org/trees>",
     '[1]: https://example.org/trees\n"How a tree cools"', "[1]: https://example.org/trees\n    (A study)"],
)  # fmt: skip
def test_a_reference_may_take_two_lines(lines):
    assert plain_text(f"Text [1].\n\n{lines}") == "Text."
    assert plain_text(f"Text [1].\n\n{lines}\nMore.") == "Text. More."


@pytest.mark.parametrize(
    "body", ["> q[^1]\n[^1]: note", "| a[^1] |\n| - |\n| b |\n[^1]: note", "- a[^1]\n[^1]: note"]
)
def test_a_footnote_ends_whatever_stands_above_it(body):
    assert '<li id="footnote-1">\n<p>note' in render(body)


def test_words_lead_to_an_address_by_its_number():
    body = "A [study][1] and [this][2], [1][2].\n\n[1]: https://example.org/trees\n[2]: https://x.example/"
    study = f'<a href="https://example.org/trees"{REL}>study</a>'
    assert render(body, SOURCES) == f"<p>A {study} and <a{REL}>this</a>,{FIRST}{SECOND}.</p>\n"
    assert render("The [study][1].", SOURCES) == f"<p>The [study]{FIRST}.</p>\n"


def test_the_mark_of_a_footnote_is_no_text_of_a_link():
    html = render("A[^1][1]\n\n[^1]: x\n[1]: https://example.org/trees", SOURCES)
    assert 'role="doc-noteref"' in html
    assert FIRST in html


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("https://example.org/trees[1]", f"{TREES}{FIRST}"),
        ("https://example.org/trees[1][2].", f"{TREES}{FIRST}{SECOND}."),
        ("~~https://example.org/trees~~", f"<s>{TREES}</s>"),
        ("**https://example.org/trees**", f"<strong>{TREES}</strong>"),
        ("https://example.org/trees、https://example.org/trees。次", f"{TREES}、{TREES}。次"),
        ("（https://example.org/trees）を", f"（{TREES}）を"),
        ("“https://example.org/trees”", f"“{TREES}”"),
        (f"({SOURCES[1]['url']}).", f"({RUST})."),
        (f"{SOURCES[1]['url']}は", f"{RUST}は"),
        ("https://a.example/?x[0]=1", "https://a.example/?x[0]=1"),
        (
            '<a href="https://example.org/trees">x</a>',
            '&lt;a href="https://example.org/trees"&gt;x&lt;/a&gt;',
        ),
        ("<!-- *a* https://example.org/trees -->", "&lt;!-- *a* https://example.org/trees --&gt;"),
        ("<https://example.org/trees>", TREES),
        ("a < b *and* c > d", "a &lt; b <em>and</em> c &gt; d"),
    ],
)
def test_an_address_ends_where_its_sentence_goes_on(body, html):
    assert render(body, SOURCES) == f"<p>{html}</p>\n"


@pytest.mark.parametrize(
    ("body", "html"),
    [
        (
            "\\begin{align}\na_1 &= b*c*d \\\\\n\\end{align}",
            "\\begin{align}\na_1 &amp;= b*c*d \\\\\n\\end{align}",
        ),
        ("\ufeff\\(a_1*b*c_1\\)", "\\(a_1*b*c_1\\)"),
    ],
)
def test_formulas_keep_their_signs(body, html):
    assert render(body) == f"<p>{html}</p>\n"


def test_a_bracket_that_is_escaped_makes_no_task():
    assert render("- \\[ ] five") == "<ul>\n<li>[ ] five</li>\n</ul>\n"


def test_a_mark_of_the_order_of_bytes_hides_no_heading():
    assert render("\ufeff# Head") == '<h2 id="section-head">Head</h2>\n'


@pytest.mark.parametrize("body", ["## \n", "## ![a](b.png)\n", "##\n\n### Head\n"])
def test_a_heading_without_words_is_left_out(body):
    assert "<h2 id" not in render(body) or "Head" in render(body)
    assert "></h" not in render(body)


@pytest.mark.parametrize("first", ["{.python .numberLines}", "python title='a'", "{ .python }", ".python"])
def test_code_has_its_language_in_other_habits_too(first):
    assert 'class="language-python"' in render(f"```{first}\nx\n```")


def test_addresses_that_no_link_uses_are_noted_where_they_stand():
    body = "[text][a]\n\n[a]: https://example.org/trees\n[b]: /b\n[c]: /c"
    blocks = render_blocks(body, SOURCES)
    assert [block.source for block in blocks] == paragraphs(body)
    assert blocks[1].html.count("no link uses it") == 2
    assert "[b]" not in render(body, SOURCES)
    assert len(render_blocks("[a]\n\n[a]: /about/")) == 1
    assert render("- [a]: /x\n- [b]: /y") == ""


@pytest.mark.parametrize(
    "part", ["[1]:\n", "[12] ", "[x](https://example.org/trees) ", "https://example.org/trees[1] "]
)
def test_a_text_of_many_citations_is_rendered_to_its_end(part):
    """Each citation once copied all before it: this would take half a minute."""
    assert render(f"{part * 5000}\n\nThe end.", SOURCES, for_editors=True).endswith("<p>The end.</p>\n")
