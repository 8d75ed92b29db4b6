import random
import re

import pytest

from approvals.diffs.line_diff import ChangeKind
from approvals.diffs.rendered_diff import CHANGED, diff_rendered
from tasks.pipeline.text.markdown import render

CITATIONS = [{"number": 1, "title": "One", "url": "https://one.example/"}, {"number": 2, "title": "Two"}]


def diff(old, new):
    return diff_rendered(render(old, CITATIONS), render(new, CITATIONS))


def html(blocks):
    return "".join(block.html for block in blocks)


def signs(blocks):
    return [block.kind for block in blocks]


def without(mark, text):
    return re.sub(rf"<{mark}>.*?</{mark}>", "", text, flags=re.DOTALL)


def letters(text):
    return re.sub(r"<[^>]*>|\s", "", text)


def test_a_text_against_itself_has_no_mark():
    blocks = diff("## Shade\n\nTrees *cool* [1].", "## Shade\n\nTrees *cool* [1].")
    assert signs(blocks) == [ChangeKind.SAME, ChangeKind.SAME]
    assert html(blocks) == render("## Shade\n\nTrees *cool* [1].", CITATIONS).replace("\n", "")


def test_only_the_words_that_changed_are_marked():
    (block,) = diff("Trees cool streets by **2** degrees.", "Trees cool streets by **4** degrees.")
    assert block.kind == CHANGED
    assert block.html == ("<p>Trees cool streets by <strong><del>2</del><ins>4</ins></strong> degrees.</p>")


def test_blocks_that_came_or_went_are_marked_whole():
    blocks = diff("First.\n\nGone *now*.\n\nLast.", "First.\n\nLast.\n\n## New")
    assert signs(blocks) == [ChangeKind.SAME, ChangeKind.REMOVED, ChangeKind.SAME, ChangeKind.ADDED]
    assert blocks[1].html == "<p><del>Gone </del><em><del>now</del></em><del>.</del></p>"
    assert blocks[3].html == '<h2 id="section-new"><ins>New</ins></h2>'


def test_a_paragraph_that_moved_is_shown_at_both_ends_under_one_number():
    first = "Trees cool a street by shade and by the water that their leaves give off."
    rest = "Roots need room.\n\nA young tree is watered for three summers."
    blocks = diff(f"{first}\n\n{rest}", f"{rest}\n\n{first}")
    assert [(block.kind, block.move) for block in blocks if block.move] == [
        (ChangeKind.MOVED_AWAY, 1), (ChangeKind.MOVED_HERE, 1)
    ]  # fmt: skip
    assert "<ins>" not in html(blocks)
    assert "<del>" not in html(blocks)


def test_a_list_is_compared_item_by_item():
    (block,) = diff("- shade\n- water from leaves\n- wind", "- shade\n- water from roots\n- wind\n- birds")
    assert block.kind == CHANGED
    assert "<li>shade</li>" in block.html
    assert "<li>water from <del>leaves</del><ins>roots</ins></li>" in block.html
    assert '<li class="desk-added"><ins>birds</ins></li>' in block.html


def test_a_table_is_compared_cell_by_cell_and_stays_a_table():
    table = "| Tree | Metres |\n| --- | --- |\n| Lime | 30 |\n| Plane | 35 |\n"
    (block,) = diff(table, table.replace("30", "28") + "| Oak | 40 |\n")
    assert "<td><del>30</del><ins>28</ins></td>" in block.html
    assert "<tr><td><ins>Oak</ins></td><td><ins>40</ins></td></tr>" in block.html.replace("\n", "")
    assert block.html.count("<table") == 1


def test_a_word_that_became_bold_or_a_link_that_leads_elsewhere_is_a_change():
    (bold,) = diff("Trees cool streets.", "Trees **cool** streets.")
    assert "<strong><ins>cool</ins></strong>" in bold.html
    (link,) = diff("See [here](https://one.example/) for more.", "See [here](/posts/x/) for more.")
    assert "<del>here</del>" in link.html
    assert 'href="/posts/x/"' in link.html


def test_a_word_taken_out_before_a_citation_does_not_become_part_of_its_link():
    (block,) = diff("Trees cool the streets [1].", "Trees cool [1].")
    assert re.search(r"<del>.*?</del><sup>", block.html)


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script> was here once more",
        "[click here for it](javascript:alert(1)) now or never",
        "![image of it](https://evil.example/x.png) and some words",
        "a &lt;script&gt;alert(1)&lt;/script&gt; that is written out",
        '[a link](https://one.example/ "a > b <script>alert(1)</script>") with a title',
        "`<ins onclick=alert(1)>` in code, as authors write it",
    ],
)
def test_neither_side_brings_in_what_the_site_would_not_show(attack):
    for blocks in (diff("", attack), diff(attack, ""), diff(f"{attack} one", f"{attack} two")):
        shown = re.sub(r'title="[^"]*"', "", html(blocks))
        assert not re.search(
            r"<(script|img|iframe)|<[^>]*\bon\w+\s*=|<[^>]*javascript:", shown, re.IGNORECASE
        )


@pytest.mark.parametrize("seed", range(60))
def test_without_the_marks_each_side_reads_as_it_did(seed):
    chooser = random.Random(seed)
    vocabulary = [
        "tree",
        "street",
        "*shade*",
        "**water**",
        "root",
        "[crown](/x/)",
        "R&D",
        "5 < 6",
        "[1]",
        "`leaf`",
    ]
    forms = ["{}", "- {}\n- {}", "> {}", "## {}", "1. {}\n2. {}", "{}\n{}", "```\n{}\n```"]

    def some(_):
        return " ".join(chooser.choices(vocabulary, k=chooser.randrange(1, 14)))

    def block():
        return re.sub(r"\{\}", some, chooser.choice(forms))

    old = [block() for _ in range(6)]
    new = [chooser.choice([one, one, block(), one.replace("tree", "oak")]) for one in old]
    blocks = diff("\n\n".join(old), "\n\n".join(new))
    if any(block.move for block in blocks) or "desk-moved" in html(blocks):
        return  # what moved is shown twice
    assert letters(without("ins", html(blocks))) == letters(render("\n\n".join(old), CITATIONS))
    assert letters(without("del", html(blocks))) == letters(render("\n\n".join(new), CITATIONS))


def test_an_edit_in_every_paragraph_of_50_kilobytes_is_marked_the_moved_one_too():
    chooser = random.Random(1)
    vocabulary = [f"word{number}" for number in range(2000)]
    old = [" ".join(chooser.choices(vocabulary, k=60)) + " [1]." for _ in range(125)]
    new = [line.replace(f" {line.split()[chooser.randrange(1, 50)]} ", " edited ", 1) for line in old]
    new.insert(3, new.pop(90))
    blocks = diff("\n\n".join(old), "\n\n".join(new))
    assert html(blocks).count("<ins>edited</ins>") == len(old)
    assert [block.kind for block in blocks if block.move] == [ChangeKind.MOVED_HERE, ChangeKind.MOVED_AWAY]
