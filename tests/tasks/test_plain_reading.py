"""Plain text is read by how its lines stand."""

from __future__ import annotations

import pytest

from tasks.pipeline.reading.document import read_bytes


def blocks(text: str, name: str = "notes.txt") -> list[tuple[str, str]]:
    return [(block.kind.value, block.text) for block in read_bytes(text.encode(), name=name).blocks]


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        (
            "The harbour office counted 412 ships in the spring of the year\n"
            "2024, which is more than it had ever counted there.\n"
            "\nThe storm came later.\n",
            [
                "The harbour office counted 412 ships in the spring of the year 2024, which is more than it "
                "had ever counted there.",
                "The storm came later.",
            ],
        ),
        (
            "港湾事務所は春に四百十二隻の\n船を数えた。\n\n嵐が来た。\n",
            ["港湾事務所は春に四百十二隻の船を数えた。", "嵐が来た。"],
        ),
        (
            "항구 사무소는 봄에 배를\n세었다.\n\n폭풍이 왔다.\n",
            ["항구 사무소는 봄에 배를 세었다.", "폭풍이 왔다."],
        ),
        (
            "   A first paragraph is indented and goes on over several lines, as\n"
            "typescripts have it, until another one begins.\n"
            "   The second paragraph begins with blanks and says that there\n"
            "were ships in the harbour.\n",
            [
                "A first paragraph is indented and goes on over several lines, as typescripts have it, "
                "until another one begins.",
                "The second paragraph begins with blanks and says that there were ships in the harbour.",
            ],
        ),
    ],
)
def test_wrapped_lines_are_one_paragraph(text, paragraphs):
    assert blocks(text) == [("paragraph", paragraph) for paragraph in paragraphs]


def test_lists_are_items_and_keep_their_wrapped_lines():
    text = (
        "The office:\n\n- counts ships that\n  come in;\n- closes.\n\n1. Load.\n2. Leave.\n\n• Één\n• Twee\n"
    )
    assert blocks(text) == [
        ("paragraph", "The office:"),
        *[
            ("list_item", item)
            for item in ("counts ships that come in;", "closes.", "Load.", "Leave.", "Één", "Twee")
        ],
    ]


@pytest.mark.parametrize(
    "table",
    [
        "Port       Ships    Share\nBergen       412    12.5 %\nOslo       1,203    30.0 %\n",
        "Port      Ships   Share\n-------   -----   ------\n"
        "Bergen      412   12.5 %\nOslo      1,203   30.0 %\n",
        "| Port   | Ships | Share  |\n| Bergen | 412   | 12.5 % |\n| Oslo   | 1,203 | 30.0 % |\n",
        "+--------+-------+--------+\n| Port   | Ships | Share  |\n+========+=======+========+\n"
        "| Bergen | 412   | 12.5 % |\n+--------+-------+--------+\n| Oslo   | 1,203 | 30.0 % |\n"
        "+--------+-------+--------+\n",
    ],
)
def test_a_table_is_rows_with_their_headings(table):
    assert blocks(f"The office counted.\n\n{table}\nThat was all of it.\n", "a.rst")[1:3] == [
        ("table_row", "Port: Bergen; Ships: 412; Share: 12.5 %"),
        ("table_row", "Port: Oslo; Ships: 1,203; Share: 30.0 %"),
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "Port,Ships\nBergen,412\n"), ("a.csv", "Port;Ships\r\nBergen;412\r\n"),
        ("a.csv", 'sep=;\n"Port";"Ships"\n"Bergen";"412"\n'), ("a.tsv", "Port\tShips\nBergen\t412\n"),
    ],
)  # fmt: skip
def test_a_file_of_values_is_rows_with_their_headings(name, text):
    assert blocks(text, name) == [("table_row", "Port: Bergen; Ships: 412")]


def test_headings_contents_quotations_and_code_are_distinguished():
    text = (
        "THE HARBOUR\n\n1 Introduction ........ 3\n2 Ships ........... 17\n\n"
        "Ships\n-----\n\n1.2 The storm\n\n"
        "They came.\n\n> We close\n> the harbour.\n\n    def count(ships):\n        return len(ships)\n"
    )
    assert blocks(text, "a.rst") == [
        ("heading", "THE HARBOUR"),
        ("contents", "1 Introduction ........ 3"),
        ("contents", "2 Ships ........... 17"),
        ("heading", "Ships"),
        ("heading", "1.2 The storm"),
        ("paragraph", "They came."),
        ("quotation", "We close the harbour."),
        ("code", "def count(ships): return len(ships)"),
    ]


def test_lines_of_a_poem_and_an_address_stay_apart():
    assert [text for _, text in blocks("A\n\nJohn Smith\n12 Quay Street\nBergen\n\nThe end.\n")][1:4] == [
        "John Smith", "12 Quay Street", "Bergen",
    ]  # fmt: skip


def test_the_heads_of_pages_are_left_out():
    page = "RFC 9999        Harbours        May 2024\n\n{}\n\nSmith           [Page {}]\f\n"
    sentences = ["The office counted 412 ships.", "A storm came.", "Few waited.", "It was closed in 1905."]
    text = "".join(page.format(sentence, n) for n, sentence in enumerate(sentences, 1))
    assert [text for kind, text in blocks(text) if kind == "paragraph"] == sentences


def test_a_manual_page_is_read_section_by_section():
    text = "NAME\n       ls - list what is there\n\nDESCRIPTION\n       List  the  files  of\n       it.\n"
    assert blocks(text) == [
        ("heading", "NAME"), ("paragraph", "ls - list what is there"),
        ("heading", "DESCRIPTION"), ("paragraph", "List the files of it."),
    ]  # fmt: skip


def test_a_year_at_the_start_of_a_line_begins_no_list():
    text = "The harbour was closed by a storm in the spring of\n1905. It was\nopened in\n1906. Few came.\n"
    assert [kind for kind, _ in blocks(text)] == ["paragraph"]


@pytest.mark.parametrize(
    "text", ["a " * 400_000, "- " * 200_000, "\n \n" * 200_000 + "end of it", "| " * 200_000]
)
def test_odd_texts_take_no_long_time(text):
    read_bytes(("A word.\n\n" + text + " word").encode(), name="a.rst")


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Title\n\nOne ship came. [1]\n\n[Footnote 1: In 1905.]\n", ["heading", "paragraph", "footnote"]),
        ("They had:\n\n* one thing\n\n* two things\n", ["paragraph", "list_item", "list_item"]),
        ("He said so.\n\n* * *\n\nShe did not.\n", ["paragraph", "paragraph"]),
        ("Name:    Bergen\nCountry: Norway\n\nThat was it.\n", ["table_row", "table_row", "paragraph"]),
    ],
)
def test_short_lines_are_what_they_look_like(text, kinds):
    assert [kind for kind, _ in blocks(text)] == kinds


def test_years_head_the_columns_of_a_table():
    assert blocks("Port,2022,2023\nBergen,412,430\n", "a.csv") == [
        ("table_row", "Port: Bergen; 2022: 412; 2023: 430")
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "a.rst",
            "Harbours\n=====\n\nThe ``office`` *counted* `ships <x>`_ [1]_ there.\n\n.. image:: x.png\n",
        ),
        ("a.adoc", "= Harbours\n:toc:\n\nThe _office_ *counted* https://x.example[ships] there.\n"),
        ("a.org", "#+TITLE: Harbours\n#+AUTHOR: A\nThe /office/ *counted* [[x][ships]][fn:1] there.\n"),
    ],
)
def test_marks_of_other_languages_of_text_are_not_read(name, text):
    assert blocks(text, name) == [("heading", "Harbours"), ("paragraph", "The office counted ships there.")]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("The harbour office counted\n412 ships in the spring of\n2024.",
         ["The harbour office counted 412 ships in the spring of 2024."]),
        ("Das Hafenamt zählte im\r\nFrühjahr 412 Schiffe. Ein\r\nSturm schloss den Hafen.",
         ["Das Hafenamt zählte im Frühjahr 412 Schiffe. Ein Sturm schloss den Hafen."]),
        ("The sea is calm tonight\nThe tide is full\nThe moon lies fair",
         ["The sea is calm tonight", "The tide is full", "The moon lies fair"]),
        ("2024-05-01 10:00:01 INFO Ship 412 arrived\n2024-05-01 10:00:05 WARN Storm\n  at sea\n",
         ["2024-05-01 10:00:01 INFO Ship 412 arrived", "2024-05-01 10:00:05 WARN Storm at sea"]),
        ("May  1 10:00:01 quay shipd: arrived\nMay  1 10:00:05 quay shipd: left\n",
         ["May 1 10:00:01 quay shipd: arrived", "May 1 10:00:05 quay shipd: left"]),
        ("\u3000港の事務所は船を数えました。\n\u3000嵐で港は閉鎖\nされました。",
         ["港の事務所は船を数えました。", "嵐で港は閉鎖されました。"]),
        ("1. Harbour\nThe director said that 412 ships came in May and that the\nstorm closed the port.\n",
         ["1. Harbour", "The director said that 412 ships came in May and that the storm closed the port."]),
    ],
)  # fmt: skip
def test_lines_are_joined_where_they_were_wrapped(text: str, right: list[str]) -> None:
    assert [shown for _, shown in blocks(text)] == right


def test_a_title_above_a_delimited_table_is_no_row_of_headings() -> None:
    assert blocks("Ships by port\n\nPort,Ships\nBergen,412\nOslo,37\n", "a.csv") == [
        ("table_row", "Ships by port"),
        ("table_row", "Port: Bergen; Ships: 412"),
        ("table_row", "Port: Oslo; Ships: 37"),
    ]


def test_the_foot_of_a_page_of_a_standard_is_left_out() -> None:
    foot = "Lund & Ek                    Informational                      [Page 1]"
    text = f"The protocol counts ships in spring.\n\n\n{foot}\n\f\nIt closes the port for six days.\n"
    assert blocks(text) == [
        ("paragraph", "The protocol counts ships in spring."),
        ("paragraph", "It closes the port for six days."),
    ]
