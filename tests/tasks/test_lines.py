"""Wrapped lines are joined as their script and their hyphens ask, in every format."""

from __future__ import annotations

import pytest

from tasks.pipeline.reading.hyphens import words_of
from tasks.pipeline.reading.lines import joined, unwrapped
from tasks.pipeline.text.markdown import plain_text


@pytest.mark.parametrize(
    ("lines", "text", "document"),
    [
        (["a harbour off-", "ice counted"], "a harbour office counted", "the office"),
        (["a well-", "known storm"], "a well-known storm", "the well-known storm"),
        (["die Hafen-", "und Seeämter"], "die Hafen- und Seeämter", ""),
        (["die Nord-", "Ostsee-Bahn"], "die Nord-Ostsee-Bahn", ""),
        (["from 412-", "430 ships"], "from 412-430 ships", ""),
        (["soft\u00ad", "ware"], "software", ""),
        (["see https://example.org/a-", "b/report.html"], "see https://example.org/a-b/report.html", ""),
        (["see https://example.org/", "Thanks"], "see https://example.org/ Thanks", ""),
    ],
)
def test_a_hyphen_at_the_end_of_a_line_goes_unless_the_word_has_one(lines, text, document):
    assert joined(lines, words_of([document])) == text


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("港口在春天\n统计了船。", "港口在春天统计了船。"),
        ("他们“启航\n”那一天", "他们“启航”那一天"),
        ("他们“启航”\n那一天", "他们“启航”那一天"),
        ("他们\n“启航”那一天", "他们“启航”那一天"),
        ("他们“\n启航”那一天", "他们“启航”那一天"),
        ("他说：“好。”\n“走吧。”", "他说：“好。”“走吧。”"),
        ("港口(\n春天\n)统计", "港口(春天)统计"),
        ("港口（\n春天\n）统计", "港口（春天）统计"),
        ("港は「\n春に\n」閉じた", "港は「春に」閉じた"),
        ("船来了……\n又走了——\n很久", "船来了……又走了——很久"),
        ("港は\nABC\n社の", "港はABC社の"),
        ("港は 412 隻\nの船と\n37 隻を", "港は 412 隻の船と 37 隻を"),
        ("항구는 봄에\n배를 세었다.", "항구는 봄에 배를 세었다."),
        ("he said “we\nclose” (and\nleft)", "he said “we close” (and left)"),
        ("ท่าเรือ\nปิด", "ท่าเรือ ปิด"),
    ],
)
def test_lines_in_scripts_without_blanks_continue_each_other_directly(text, right):
    assert unwrapped(text).replace("\n", " ") == right
    assert joined(text.split("\n"), words_of([])) == right
    if "ABC" not in text and "412" not in text:
        assert plain_text(text) == right


def test_software_that_sets_pages_breaks_thai_between_words_and_addresses_anywhere():
    assert joined(["ท่าเรือ", "ปิด"], words_of([]), is_typeset=True) == "ท่าเรือปิด"
    address = ["see https://example.org/", "report.html"]
    assert joined(address, words_of([]), is_typeset=True) == "see https://example.org/report.html"
