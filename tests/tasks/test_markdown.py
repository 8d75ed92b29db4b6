import re

import pytest

from tasks.pipeline.text.markdown import plain_text, render, render_blocks

SOURCES = [
    {"number": 1, "title": "How a tree cools a street", "url": "https://example.org/trees"},
    {"number": 2, "title": "A file", "url": ""},
    {"number": 3, "title": "An address with spaces", "url": "https://example.org/ä b"},
]
FIRST = '<sup><a href="#source-1" aria-label="Source 1">[1]</a></sup>'
SECOND = '<sup><a href="#source-2" aria-label="Source 2">[2]</a></sup>'


def test_a_citation_leads_to_its_source():
    assert render("Trees cool streets [1].", SOURCES) == f"<p>Trees cool streets{FIRST}.</p>\n"


def test_neighbouring_citations_both_lead_to_their_sources():
    assert render("Trees cool streets [1][2].", SOURCES) == f"<p>Trees cool streets{FIRST}{SECOND}.</p>\n"


def test_a_citation_of_no_source_stays_as_it_is():
    assert render("Trees cool streets [9].", SOURCES) == "<p>Trees cool streets [9].</p>\n"


@pytest.mark.parametrize(
    "body",
    ["`row[1]`", "    row[1]", "```\nrow[1]\n```", "[see [1]](/about/)", '[about](/about/ "as [1] says")'],
)
def test_a_number_in_code_or_in_a_link_is_no_citation(body):
    assert "#source-1" not in render(body, SOURCES)


def test_a_list_of_references_does_not_turn_citations_into_links_elsewhere():
    html = render("Trees cool streets [1].\n\n[1]: https://evil.example/", SOURCES)
    assert FIRST in html
    assert 'evil.example/"' not in html


@pytest.mark.parametrize(
    "address",
    ["https://example.org/trees", "https://example.org/ä%20b", "/about/", "#section-shade"],
)
def test_links_lead_to_sources_and_to_this_site(address):
    assert "href=" in render(f"[link]({address})", SOURCES)


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "<\t//evil.example/>",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "mailto:a@example.org",
    ],
)
def test_links_lead_nowhere_else(address):
    assert "href=" not in render(f"[link]({address}) <{address}>", SOURCES)


def test_a_source_with_a_script_for_an_address_is_not_linked():
    html = render(
        "[link](javascript:alert(1)) [1]", [{"number": 1, "title": "x", "url": "javascript:alert(1)"}]
    )
    assert 'javascript:alert(1)"' not in html


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "![x](https://example.org/x.png)",
        "<b onclick='alert(1)'>bold</b>",
        "<style>p {}</style>",
    ],
)
def test_raw_html_and_images_are_not_passed_on(body):
    html = render(body, SOURCES)
    assert not any(tag in html for tag in ("<script", "<img", "<b ", "<style"))


def test_no_heading_takes_the_id_of_a_source_or_of_another_heading():
    html = render("## source-1\n\n## Shade\n\n## Shade\n\n## Shade 1\n\n### 樹木 [1]\n\n## ?", SOURCES)
    ids = [part.split('"')[0] for part in html.split(' id="')[1:]]
    assert ids[0] == "section-source-1"
    assert len(set(ids)) == 6
    assert all(anchor.startswith("section") for anchor in ids)


def test_control_characters_which_no_feed_may_contain_are_dropped():
    assert render("a\x0bb\x00c\ufffe") == "<p>abc</p>\n"


def test_code_and_tables_can_be_scrolled_with_the_keyboard():
    html = render("    code\n\n| a |\n| --- |\n| b |", SOURCES)
    assert '<pre tabindex="0">' in html
    assert '<table tabindex="0">' in html


def test_plain_text_has_neither_markup_nor_citations():
    body = "## Shade [1]\n\nTrees **cool** [streets](/x/) [1][2], `row[1]` & <b>you</b>.\n\n- one\n- two"
    assert plain_text(body) == "Shade Trees cool streets, row[1] & <b>you</b>. one two"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_the_parts_of_a_body_are_the_whole_of_it(line_end):
    parts = ["## Shade [1]", "A *paragraph*\nof two lines [1].", "- one\n\n- two", "```\ncode\n\nmore\n```",
             "> said", "---", "| a | b |\n| --- | --- |\n| 1 | 2 |", "## Shade [1]"]  # fmt: skip
    body = "\n\n".join(parts).replace("\n", line_end)
    citations = [{"number": 1, "title": "A study", "url": ""}]
    blocks = render_blocks(body, citations)
    assert [block.source for block in blocks] == parts
    assert "".join(block.html for block in blocks) == render(body, citations)


@pytest.mark.parametrize(
    ("body", "levels"),
    [
        ("## A\n\n### B\n\n## C", [2, 3, 2]),
        ("## A\n\n#### B\n\n#### C\n\n## D", [2, 3, 3, 2]),
        ("#### A\n\n## B", [2, 2]),
        ("# A\n\n## B\n\n### C", [2, 2, 3]),
        ("## A\n\n### B\n\n#### C\n\n##### D", [2, 3, 4, 4]),
    ],
)
def test_headings_go_down_step_by_step_from_the_second_level(body, levels):
    html = render(body)
    assert [int(level) for level in re.findall(r"<h(\d) id=", html)] == levels
    assert [int(level) for level in re.findall(r"</h(\d)>", html)] == levels
