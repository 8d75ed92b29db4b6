import re
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings

from tasks.pipeline.text import markdown
from tasks.pipeline.text.markdown import plain_text, render, render_blocks, unshown
from tasks.pipeline.text.paragraphs import paragraphs
from tests.tasks.markdown_bodies import markdown_bodies

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


def test_a_link_to_a_heading_as_other_programs_write_it_leads_there():
    html = render(
        "## Water & shade\n\n## Straße\n\n[a](#water--shade) [b](#straße) [c](#section-straße) [d](#no)"
    )
    found = [unquote(part.split('"')[0]) for part in html.split(' href="')[1:]]
    assert found == ["#section-water-shade", "#section-straße", "#section-straße", "#no"]


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


# --- Citations ------------------------------------------------------------------------------------------

THIRD = '<sup><a href="#source-3" aria-label="Source 3">[3]</a></sup>'
LINES_BELOW = '\n\n[1]: https://a.example/\n[2]: <https://b.example/> "Title"\n[3]: www.c.example (x)'


@pytest.mark.parametrize("below", ["", LINES_BELOW, LINES_BELOW[1:]])
@pytest.mark.parametrize(
    ("marks", "html"),
    [
        ("[1][2]", FIRST + SECOND),
        ("[1][2][3]", FIRST + SECOND + THIRD),
        ("[1] [2]", FIRST + SECOND),
        ("[1, 2]", FIRST + SECOND),
        ("[1; 3]", FIRST + THIRD),
        ("[1–3]", FIRST + SECOND + THIRD),
        ("[1]–[3]", f"{FIRST}–{THIRD}"),
        ("[1], [3]", f"{FIRST},{THIRD}"),
        ("[1]", FIRST),
    ],
)
def test_citations_stay_citations_whatever_stands_below(marks, html, below):
    assert render(f"Trees cool streets {marks}.{below}", SOURCES).startswith(
        f"<p>Trees cool streets{html}.</p>"
    )
    assert plain_text(f"Trees cool streets {marks}.{below}") == "Trees cool streets."


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("- [1]: https://a.example/\n- [2]: https://b.example/", ""),
        ("1. [1]: https://a.example/\n2. Text", "<ol><li>Text</li></ol>"),
        ("- a\n  - [1]: https://a.example/", "<ul><li>a</li></ul>"),
    ],
)
def test_a_list_of_references_leaves_no_empty_points(body, html):
    assert render(body, SOURCES).replace("\n", "") == html
    assert "<li>" in render(body, SOURCES, for_editors=True)


def test_lines_of_references_are_shown_to_no_reader():
    assert "example" not in render(f"Trees [1].{LINES_BELOW}", SOURCES)
    assert [one.line for one in unshown(f"Trees [1].{LINES_BELOW}", SOURCES)] == [3]


@pytest.mark.parametrize(
    "body", ["[1]: a study, 2020", "[1]: Miller", "[1]: Miller.", "[2024]: https://a.example/ and more"]
)
def test_a_line_with_words_after_a_number_is_text(body):
    assert plain_text(body).endswith(body.split(":", 1)[1].strip())


@pytest.mark.parametrize("body", ["[5–3]", "[1, 9]", "[5, 10]", "\\[1\\]", "[2024]"])
def test_other_numbers_in_brackets_are_shown_as_written(body):
    assert render(body, SOURCES) == f"<p>{body.replace(chr(92), '')}</p>\n"


def test_a_link_by_name_leads_where_its_definition_says():
    body = "See [the study][tree] and [tree].\n\n[tree]: https://example.org/trees\n[other]: /x/"
    assert render(body, SOURCES).count('href="https://example.org/trees"') == 2
    assert plain_text(body) == "See the study and tree."
    assert [(one.line, "[other]" in one.what) for one in unshown(body, SOURCES)] == [(4, True)]


# --- Tables, lists, code --------------------------------------------------------------------------------


def test_the_columns_of_a_table_are_aligned_by_class():
    html = render("| a | b | c |\n| :-- | :-: | --: |\n| 1 | 2 | 3 |")
    assert "style" not in html
    for name, column, cell in [("left", "a", 1), ("center", "b", 2), ("right", "c", 3)]:
        assert f'<th class="align-{name}" scope="col">{column}</th>' in html
        assert f'<td class="align-{name}">{cell}</td>' in html


def test_a_corner_without_words_is_no_heading():
    assert "<th></th>" not in render("| | b |\n| - | - |\n| 1 | 2 |").replace(' scope="col"', "")


def test_tasks_have_signs_that_are_read_out():
    html = render("- [x] Plant **trees**\n- [ ] Water them\n- [no] task\n\n1. [X] Loose\n\n2. more")
    assert (
        '<li class="task"><span role="img" aria-label="Done:">☑</span> Plant <strong>trees</strong></li>'
        in html
    )
    assert '<span role="img" aria-label="To do:">☐</span> Water them' in html
    assert "<li>[no] task</li>" in html
    assert html.count("☑") == 2
    assert plain_text("- [x] Plant trees\n- [ ] Water them") == "Plant trees Water them"


@pytest.mark.parametrize("language", ["python", "c++", "c#", "objective-c", "html"])
def test_code_keeps_its_language(language):
    assert f'<code class="language-{language}">x' in render(f"```{language} title=a\nx\n```")


def test_a_language_is_no_way_to_another_class():
    assert "class" not in render('```"x\nx\n```').replace('class="language-&quot;x"', "class")


# --- Signs ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "5~10 and 20~30 degrees",
        "5~~10 and 20~~30 degrees",
        "5km~~10km and 20km~~30km",
        "1990~1995, 2000~2005",
        "~/code and ~/data",
        "~one~ and ~~~three~~~ tildes",
        "$5~~$10 and $20~~$30",
    ],
)
def test_ranges_are_not_struck_out(body):
    assert render(body) == f"<p>{body}</p>\n"


@pytest.mark.parametrize(
    ("body", "html", "text"),
    [
        ("It was ~~bad~~ good.", "It was <s>bad</s> good.", "It was good."),
        ("Some~~where~~one", "Some<s>where</s>one", "Someone"),
        ("これは~~削除~~です", "これは<s>削除</s>です", "これはです"),
        ("~~5 of 10~~ all", "<s>5 of 10</s> all", "all"),
        ("~~20~~15 euros, 5~~10", "<s>20</s>15 euros, 5~~10", "15 euros, 5~~10"),
        ("~~a **b** [1]~~ c", "<s>a <strong>b</strong> [1]</s> c", "c"),
    ],
)
def test_what_is_struck_out_is_in_no_plain_text(body, html, text):
    assert render(body) == f"<p>{html}</p>\n"
    assert plain_text(body) == text


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("**重要。**です", "<strong>重要。</strong>です"),
        ("これは**「強調」**です", "これは<strong>「強調」</strong>です"),
        ("他说**“你好”**然后", "他说<strong>“你好”</strong>然后"),
        ("我可以强调**这个`code`**吗", "我可以强调<strong>这个<code>code</code></strong>吗"),
        ("**이 용어(This term)**를 강조", "<strong>이 용어(This term)</strong>를 강조"),
        ("*（注）*と", "<em>（注）</em>と"),
        ("**大事！**です", "<strong>大事！</strong>です"),
        ("これは***重要！***だ", "これは<em><strong>重要！</strong></em>だ"),
        ("**价格：100%**的", "<strong>价格：100%</strong>的"),
        ("snake_case_name and 2*3*4", "snake_case_name and 2<em>3</em>4"),
        ("a * b * c", "a * b * c"),
        ("**สำคัญ!**ครับ", "<strong>สำคัญ!</strong>ครับ"),
        ("**សំខាន់។**នេះ", "<strong>សំខាន់។</strong>នេះ"),
    ],
)
def test_emphasis_works_next_to_chinese_japanese_and_korean_marks(body, html):
    assert render(body) == f"<p>{html}</p>\n"


@pytest.mark.parametrize(
    "formula",
    [
        r"\(a^2\)", r"\( x_1 * y * z_2 \)", r"\[ \sum_{i=1}^n x_i \]", r"\[E = mc^2\]", "$a_1 * b * c_2$",
        "$$x^2 * y * z$$", r"$\alpha$", r"\[\frac{a}{b}\]",
    ],
)  # fmt: skip
def test_a_formula_is_shown_as_it_is_written(formula):
    assert render(f"As {formula} says.") == f"<p>As {formula} says.</p>\n"
    assert plain_text(f"As {formula} says.") == f"As {formula} says."


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("$5 and *so on* for $10", "$5 and <em>so on</em> for $10"),
        (r"\[sic\] and \[1\]", "[sic] and [1]"),
        (r"\*no\* emphasis", "*no* emphasis"),
        (r"\(never closed *x*", "(never closed <em>x</em>"),
    ],
)
def test_prices_and_escapes_are_no_formulas(body, html):
    assert render(body) == f"<p>{html}</p>\n"


def test_wrapped_lines_of_chinese_and_japanese_are_joined():
    assert render("日本語の\n文です。\nEnglish\ntext") == "<p>日本語の文です。\nEnglish\ntext</p>\n"
    assert plain_text("汉字\n文本 **粗**\n**体**") == "汉字文本 粗体"
    assert plain_text("한국어\n문장") == "한국어 문장"


def test_a_line_ends_where_it_is_broken():
    assert render("one  \ntwo\\\nthree").count("<br>") == 2


# --- Links ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "rest"),
    [
        ("See https://example.org/trees.", "."),
        ("(https://example.org/trees)", ")"),
        ("https://example.org/treesを見る", "を見る"),
        ("https://example.org/trees。次", "。次"),
        ("https://example.org/trees, and", ", and"),
    ],
)
def test_the_bare_address_of_a_source_is_a_link(body, rest):
    assert f'">https://example.org/trees</a>{rest}' in render(body, SOURCES)


@pytest.mark.parametrize(
    "body",
    [
        "https://evil.example/_a_b_ is bad",
        "https://example.org/trees/more",
        "example.org",
        "www.example.org/trees",
    ],
)
def test_other_bare_addresses_are_text(body):
    assert render(body, SOURCES) == f"<p>{body}</p>\n"


# --- Footnotes ------------------------------------------------------------------------------------------

WITH_FOOTNOTES = (
    "One[^a] and two[^b], one again[^a].\n\n[^b]: Second.\n\n    More of it.\n\n[^a]: First [1].\n"
)


def test_footnotes_stand_at_the_end_in_the_order_of_their_marks():
    html = render(WITH_FOOTNOTES, SOURCES)
    text, notes = html.split('<section class="footnotes" role="doc-endnotes" aria-label="Footnotes">')
    assert re.findall(r'href="#(footnote-\d)"', text) == ["footnote-1", "footnote-2", "footnote-1"]
    assert re.findall(r'<li id="(footnote-\d)">\n<p>(\w+)', notes) == [
        ("footnote-1", "First"), ("footnote-2", "Second")
    ]  # fmt: skip
    assert FIRST in notes
    ids, links = re.findall(r' id="([^"]+)"', html), re.findall(r'href="#([^"]+)"', html)
    assert len(set(ids)) == len(ids)
    assert set(links) - {"source-1"} == set(ids)
    assert plain_text(WITH_FOOTNOTES) == "One and two, one again. First. Second. More of it."


def test_a_prefix_sets_footnotes_of_several_bodies_apart():
    html = render(WITH_FOOTNOTES, prefix="post-7-")
    assert re.findall(r' id="(?!post-7-footnote-)', html) == []
    assert re.findall(r'href="#(?!post-7-footnote-)', html) == []


def test_for_comments_each_footnote_stands_where_it_is_written():
    blocks = render_blocks(WITH_FOOTNOTES, SOURCES)
    assert [block.source for block in blocks] == [
        "One[^a] and two[^b], one again[^a].", "[^b]: Second.\n\n    More of it.", "[^a]: First [1]."
    ]  # fmt: skip
    assert '<ol start="2">' in blocks[1].html
    assert 'id="footnote-1"' in blocks[2].html


# --- What is not shown ----------------------------------------------------------------------------------

UNSHOWN = {
    "![A tree](https://x.example/t.png)": "image “A tree”",
    "See [this](https://x.example/).": "leads to no source",
    "See https://x.example/a now": "leads to no source",
    "Write <a@b.example>": "leads to no source",
    "Some <b>bold</b> text": "HTML is shown as it is written: <b>",
    "<div class='x'>": "HTML is shown as it is written: <div",
    "<!-- a note -->": "HTML is shown as it is written: <!--",
    "Text[^1]": "The footnote [^1] has no text",
    "Text[^1]\n\n[^1]:": "The footnote [^1] has no text",
    "[^1]: Alone.": "nothing refers to it: [^1]",
    "> [!NOTE]\n> Text": "A box is shown as plain text, with its mark: [!NOTE]",
    ":::tip\nText\n:::": "A box is shown as plain text, with its mark: :::tip",
    "!!! note\n    Text": "A box is shown as plain text, with its mark: !!! note",
    "| a |\n| - |\n| 1 | 2 |": "The row has 2 cells, but the table 1 column",
    "[1]: https://x.example/": "The line is not shown",
    "- [1]: https://x.example/\n- [2]: https://y.example/": "The line is not shown",
    r"As \(a^2\) says": r"The formula is shown as it is written: \(a^2\)",
    "Some ==marked== words": "A mark of another dialect is shown as it is written: ==marked==",
    "[TOC]": "A mark of another dialect",
    "See [[Trees]]": "A mark of another dialect",
    "Text^[a note] here": "A mark of another dialect is shown as it is written: ^[a note]",
    "CO~2~ and x^2^": "A mark of another dialect",
    "As [@smith2020, p. 3] says": "A mark of another dialect is shown as it is written: [@smith2020, p. 3]",
    "The ~old~ rule": "A mark of another dialect is shown as it is written: ~old~",
    "Good :smile: news": "A mark of another dialect is shown as it is written: :smile:",
    "Text[^a note].": "A footnote's name has no blanks, so it is shown as it is written: [^a note]",
    "As [12] says": "No source has this number, so it is shown as it is written: [12]",
    "**Note:**text": "Marks of emphasis that enclose nothing are shown as they are written: **",
    "##Heading": "No blank follows the mark of a heading, so it is shown as it is written: ##",
    "#标题": "No blank follows the mark of a heading, so it is shown as it is written: #",
    "| a | b |\n|---|\n| 1 | 2 |": "A table is shown as it is written",
    "+---+---+\n| a | b |\n+---+---+": "A table is shown as it is written",
    "[words]() here": "The link leads nowhere",
    "See [](https://example.org/trees).": "The link has no words, so it is not shown: https://example.org/trees",
    "## ": "A heading without words is not shown.",
    "```js {1,3} title=a\nx\n```": "Of the first line of code, only the language is kept: {1,3} title=a",
    '<a href="https://example.org/trees">x</a>': 'HTML is shown as it is written: <a href="https://',
    "\\begin{align}\na_1 &= b \\\\\n\\end{align}": "The formula is shown as it is written: \\begin{align}",
}
AS_WRITTEN = "5~10 and ~10, 20~30; 12:30:45, a:b:c, 2**3, 5 ** 4, f(x)^2, {x}, #1 and C#, a_b^c, x[i]"


@pytest.mark.parametrize(("body", "what"), UNSHOWN.items())
def test_editors_see_at_the_place_what_is_not_shown(body, what):
    whole = f"First.\n\n{body}\n\nLast."
    found = unshown(whole, SOURCES)
    assert any(what in one.what for one in found), found
    assert all(3 <= one.line <= 5 for one in found)
    for_editors = render(whole, SOURCES, for_editors=True)
    assert for_editors.count('class="not-shown"') == len(found)
    assert for_editors.index("First.") < for_editors.index("not-shown") < for_editors.index("Last.")
    assert "not-shown" not in render(whole, SOURCES)
    assert not unshown("First.\n\n## Heading\n\n- [a](/about/) [1] `<b>`\n\n```\n<b>\n```", SOURCES)


def test_signs_that_are_meant_as_written_are_not_noted():
    assert unshown(f"{AS_WRITTEN}\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n---\n\nHead\n----") == []


def test_code_without_an_end_is_noted():
    noted = "The code has no last line of marks, so all that follows is shown as code."
    assert [(one.line, one.what) for one in unshown("Text.\n\n~~~py\nx\n\nMore.")] == [(3, noted)]
    assert unshown("> ```\n> x\n> ```\n\n- ~~~~\n  y\n  ~~~~") == []


def test_a_note_belongs_to_the_block_it_is_about():
    for body in ("---\ntitle: Trees\n---\n\nText.", "```js a\nx\n```\n\n## \n\nText."):
        assert [block.source for block in render_blocks(body)] == paragraphs(body)


def test_fields_at_the_beginning_are_text_and_said_to_be():
    assert [one.line for one in unshown("---\ntitle: Trees\n---\n\nText.")] == [1]
    assert unshown("---\n\nText: more.\n\n---") == []


def test_the_line_is_that_of_the_place():
    body = "# Head\n\nOne\ntwo <b>\nthree ![x](y.png)\n\n- a\n- [b](https://x.example/)"
    assert [one.line for one in unshown(body)] == [4, 5, 8]


# --- Whatever the text ----------------------------------------------------------------------------------

SAFE = re.compile(rf"<(?!/?(?:{'|'.join(markdown.TAGS)})[ >\n])")


@settings(max_examples=300)
@given(markdown_bodies())
def test_whatever_the_body_its_html_is_safe_and_well_formed(body):
    for html in (render(body, SOURCES), render(body, SOURCES, for_editors=True)):
        assert not SAFE.search(html)
        assert not re.search(r"<[^>]*\s(?:style|on\w+|src)=", html)
        ElementTree.fromstring(f"<x>{re.sub('<(?:br|hr)>|&nbsp;', '', html)}</x>")
    unshown(body, SOURCES)


@settings(max_examples=300)
@given(markdown_bodies())
def test_whatever_the_body_its_plain_text_is_one_line_of_words(body):
    text = plain_text(body)
    assert text == " ".join(text.split())
    assert not markdown.CONTROL_CHARACTERS.search(text)


@given(markdown_bodies())
def test_whatever_the_body_its_ids_differ(body):
    ids = re.findall(r'<[^>]* id="([^"]+)"', render(body, SOURCES))
    assert len(set(ids)) == len(ids)
