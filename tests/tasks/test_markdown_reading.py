"""Markdown is read by its grammar, with the extensions that texts in the wild have."""

from __future__ import annotations

import pytest

from tasks.pipeline.reading.document import read_bytes
from tasks.pipeline.reading.types import Reading


def read(text: str) -> Reading:
    return read_bytes(text.encode(), name="text.md")


def blocks(text: str) -> list[tuple[str, str]]:
    return [(block.kind.value, block.text) for block in read(text).blocks]


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("Only one `Worker` thread at a\ntime is trying  \nto request a `job`.",
         "Only one Worker thread at a time is trying to request a job."),
        ("412 ships[^a] and ~~40~~ 41^[inline] more\n\n[^a]: A note.", "412 ships and 41 more"),
        ("10^6^ crates, H~2~O, 25 m<sup>2</sup>, 412<sup>3</sup> ships", "10⁶ crates, H₂O, 25 m², 412 ships"),
        ("from 5~10 to 7~9, 5~10,7~9 and 2024~2025", "from 5~10 to 7~9, 5~10,7~9 and 2024~2025"),
        ("It costs $5 and $6, as $a^2 + b_1$ says", "It costs $5 and $6, as $a^2 + b_1$ says"),
        (r"\*as\* it is, snake_case_name and `a*b*c`", "*as* it is, snake_case_name and a*b*c"),
        ("これは**「重要」**です。", "これは「重要」です。"),
        ("中文**“强调”**文字。价格是**50%**以上。", "中文“强调”文字。价格是50%以上。"),
        ("한국어**(강조)**입니다.", "한국어(강조)입니다."),
        ("港湾事務所は\n船を数えた。", "港湾事務所は船を数えた。"),
        ("&copy; A &amp; B &#8364;5", "© A & B €5"),
        ("See <https://a.example/x> and [it][r] ![pic](a.png)\n\n[r]: http://x.example",
         "See https://a.example/x and it"),
        ("A <b>bold</b> <!-- SECRET --> word<br>here <span hidden>SECRET</span>", "A bold word here"),
        ("<del>gone</del> <ins>new</ins> <q>said</q>", "new “said”"),
        ("[[Page|the page]], [[Harbour]] and ![[embedded]]", "the page, Harbour and"),
        ("{--gone--}{++new++}{>>comment<<} ==marked== {~~old~>fresh~~}", "new marked fresh"),
        ("See {ref}`the part <label>` and {term}`ship`", "See the part and ship"),
        ("As said [@smith2020, p. 4]. It is [1] so.", "As said. It is [1] so."),
        ("A line{: .class #id } of text", "A line of text"),
    ],
)  # fmt: skip
def test_a_paragraph_says_what_its_page_shows(markdown, text):
    assert blocks(markdown)[0] == ("paragraph", text)


def test_footnotes_are_blocks_of_their_own():
    assert blocks("Text[^1] and^[An inline one.] more.\n\n[^1]: The *note*\n    goes on.") == [
        ("paragraph", "Text and more."), ("footnote", "The note goes on."), ("footnote", "An inline one."),
    ]  # fmt: skip


def test_rows_of_tables_have_their_headings():
    table = "| Port | Ships | Share |\n|:--|--:|---|\n| Bergen | **412** | a \\| b |\n| Oslo | `1,203` |  |\n"
    assert blocks(table) == [
        ("table_row", "Port: Bergen; Ships: 412; Share: a | b"), ("table_row", "Port: Oslo; Ships: 1,203"),
    ]  # fmt: skip


def test_lists_quotations_and_definitions_keep_their_items_whole():
    text = (
        "- One item\n  goes on.\n- [x] Done.\n\n1. Loose.\n\n   Second paragraph.\n\n2. Other.\n\n"
        "> Quoted.\n>\n> Again.\n\n> [!NOTE]\n> An alert.\n\nPort\n: Where ships land.\n"
    )
    assert blocks(text) == [
        ("list_item", "One item goes on."), ("list_item", "Done."), ("list_item", "Loose."),
        ("list_item", "Second paragraph."), ("list_item", "Other."), ("quotation", "Quoted."),
        ("quotation", "Again."),
        ("quotation", "An alert."), ("list_item", "Port: Where ships land."),
    ]  # fmt: skip


def test_headings_lose_their_ids_and_code_is_code():
    text = (
        "# The port {#port}\n\nShips\n=====\n\n### Third ###\n\n"
        "```python\nx = 1\n```\n\n    indented\n\n$$\na^2\n$$\n"
    )
    assert blocks(text) == [
        ("heading", "The port"), ("heading", "Ships"), ("heading", "Third"), ("code", "x = 1"),
        ("code", "indented"),
        ("code", "$$a^2$$"),
    ]  # fmt: skip


def test_a_list_of_links_within_the_page_is_a_table_of_contents():
    assert [
        kind for kind, _ in blocks("- [A](#a)\n  - [B](#b)\n- [C](#c)\n\n* [Out](https://x.example)\n")
    ] == [
        *["contents"] * 3,
        "list_item",
    ]


@pytest.mark.parametrize(
    "text",
    [
        '!!! note "Mind"\n    The text of it.\n', ":::tip Mind\n\nThe text of it.\n\n:::\n",
        "```{note}\nThe text of it.\n```\n", "> [!TIP]\n> The text of it.\n",
        "::: warning\nThe text of it.\n:::\n",
        "<details>\n<summary>Mind</summary>\n\nThe text of it.\n\n</details>\n",
        "<div>\n\nThe text of it.\n\n</div>\n",
        '{% include x.html %}\n\nThe text of it.\n', '{{< figure src="x" >}}\n\nThe text of it.\n',
        "(label)=\nThe text of it.\n", "[TOC]\n\nThe text of it.\n", "%% a comment %%\n\nThe text of it.\n",
        "import X from 'y'\n\nThe text of it.\n",
    ],
)  # fmt: skip
def test_habits_of_site_generators_leave_no_trace(text):
    found = [text for _, text in blocks(text)]
    assert found[-1] == "The text of it."
    assert set(found[:-1]) <= {"Mind"}


def test_html_within_is_read_by_its_elements():
    text = (
        "<table><tr><th>Port</th><th>Ships</th></tr><tr><td>Bergen</td><td>412<sup>2</sup></td></tr></table>\n\n"
        "<ul><li>One</li><li>Two</li></ul>\n\n<div style='display:none'>\n\nSECRET\n\n"
        "</div>\n\n<!--\n\nSECRET\n\n-->\n"
        "<script>SECRET</script>\n\nAfter.\n"
    )
    assert blocks(text) == [
        ("table_row", "Port: Bergen; Ships: 412"), ("list_item", "One"), ("list_item", "Two"),
        ("paragraph", "After."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("front", "title", "author", "published"),
    [
        ("---\ntitle: 'The port''s'\nauthor: A. Writer\ndate: 2024-05-06\n---\n", "The port's",
         "A. Writer", "2024-05-06"),
        ('+++\ntitle = "Häfen"\nauthors = ["A", "B"]\ndate = 2024-05-06T10:00:00Z\n+++\n', "Häfen", "A, B",
         "2024-05-06T10:00:00Z"),
        ("---\ntitle: T # why\nauthor:\n  - name: A\n  - name: B\n---\n", "T", "A, B", ""),
        ("% The port\n% A; B\n% 2024-05-06\n", "The port", "A, B", "2024-05-06"),
        ("Title: The port\nAuthor: A\nDate: 2024-05-06 10:30\n\n", "The port", "A", "2024-05-06T10:30"),
    ],
)  # fmt: skip
def test_what_stands_above_gives_title_author_and_date(front, title, author, published):
    reading = read(f"{front}\nThe text.\n")
    assert (reading.title, reading.author, reading.published) == (title, author, published)
    assert reading.text == "The text."


@pytest.mark.parametrize(
    "odd",
    [
        "[" * 20_000, "*a " * 7_000, "> " * 10_000, "`" * 20_000, "<a " * 7_000,
        "{--" * 7_000, "- " * 10_000, "|" * 20_000]
)  # fmt: skip
def test_unclosed_marks_take_no_long_time(odd):
    read(f"Text.\n\n{odd} x\n")


@pytest.mark.parametrize(
    ("markdown", "right"),
    [
        (":::tip Storm\n\nIt closed.\n\n:::\n", ["Storm", "It closed."]),
        (":::note[Storm warning]\nIt closed.\n:::\n", ["Storm warning", "It closed."]),
        ("::: warning\nIt closed.\n:::\n", ["It closed."]),
        ("+------+-----+\n| Port | No. |\n+======+=====+\n| Oslo | 412 |\n+------+-----+\n",
         ["Port: Oslo; No.: 412"]),
        ("We counted 412 ships {>>sure?<<}.", ["We counted 412 ships."]),
    ],
)  # fmt: skip
def test_titles_of_boxes_and_drawn_tables_are_read(markdown: str, right: list[str]) -> None:
    assert [text for _, text in blocks(markdown)] == right
