import random
import time

import pytest

from approvals.diffs.line_diff import NEW, OLD, ChangeKind, Piece, diff_content, diff_text, hunks, moved_lines


def marked(lines, sign):
    return [piece.text for line in lines if line.kind is sign for piece in line.pieces if piece.is_changed]


def test_equal_texts_have_no_changed_line():
    lines = diff_text("one\n\ntwo", "one\n\ntwo")
    assert {line.kind for line in lines} == {ChangeKind.FOLDED}


def test_only_the_changed_word_of_a_line_is_marked():
    lines = diff_text("Trees cool streets by 2 degrees.", "Trees cool streets by 4 degrees.")
    assert [line.kind for line in lines] == [ChangeKind.REMOVED, ChangeKind.ADDED]
    assert marked(lines, ChangeKind.REMOVED) == ["2"]
    assert marked(lines, ChangeKind.ADDED) == ["4"]


def test_every_edit_of_a_long_text_is_shown():
    old = [f"Paragraph {number} says something about street trees." for number in range(200)]
    new = list(old)
    for number in (3, 97, 180):
        new[number] = new[number].replace("something", "nothing")
    assert marked(diff_text("\n\n".join(old), "\n\n".join(new)), ChangeKind.ADDED) == ["nothing"] * 3


def test_an_inserted_paragraph_leaves_its_neighbours_alone():
    lines = diff_text("first\n\nlast", "first\n\nin between\n\nlast")
    assert "".join(marked(lines, ChangeKind.ADDED)) == "in between"
    assert not marked(lines, ChangeKind.REMOVED)


def test_a_reworded_line_is_found_behind_an_added_one():
    lines = diff_text(
        "Young trees need water in summer.", "A new line.\nYoung trees need more water in summer."
    )
    assert "A new line." in marked(lines, ChangeKind.ADDED)
    assert "more " in marked(lines, ChangeKind.ADDED)
    assert not marked(lines, ChangeKind.REMOVED)


def test_unchanged_lines_far_from_a_change_are_counted_not_shown():
    old = "\n".join(str(number) for number in range(30))
    lines = diff_text(old, old.replace("15", "fifteen"))
    assert lines[0].kind is ChangeKind.FOLDED
    assert lines[0].count == 13
    assert [line.text for line in lines if line.kind is ChangeKind.SAME] == ["13", "14", "16", "17"]


def test_both_sides_can_be_put_together_again():
    chooser = random.Random(4)
    words = ["tree", "street", "shade", "water", "root", "crown", "summer", "heat", "soil"]
    for _ in range(50):
        old = [" ".join(chooser.choices(words, k=8)) for _ in range(chooser.randrange(12))]
        new = [line if chooser.random() < 0.6 else " ".join(chooser.choices(words, k=8)) for line in old]
        new.append("the end")
        lines = diff_text("\n".join(old), "\n".join(new), context=99)
        assert [line.text for line in lines if line.kind is not ChangeKind.ADDED] == old
        assert [line.text for line in lines if line.kind is not ChangeKind.REMOVED] == new


def test_only_fields_that_differ_are_compared():
    old = {"title": "Trees", "tags": ["shade"], "summary": "same"}
    new = {"title": "Trees", "tags": ["shade", "heat"], "summary": "same"}
    (field,) = diff_content(old, new)
    assert field.name == "tags"
    assert marked(field.lines, ChangeKind.ADDED) == ["heat"]


def fifty_kilobytes(chooser):
    words = [f"word{number}" for number in range(2000)]
    return [" ".join(chooser.choices(words, k=60)) + "." for _ in range(125)]


def test_an_edit_in_every_paragraph_of_fifty_kilobytes_is_marked_word_by_word():
    chooser = random.Random(1)
    old = fifty_kilobytes(chooser)
    new = [line.replace(f" {line.split()[chooser.randrange(1, 50)]} ", " edited ", 1) for line in old]
    assert len("\n\n".join(old)) > 45_000
    assert marked(diff_text("\n\n".join(old), "\n\n".join(new)), ChangeKind.ADDED) == ["edited"] * len(old)


def test_two_words_of_one_paragraph_of_fifty_kilobytes_are_marked_alone():
    chooser = random.Random(2)
    old = " ".join(fifty_kilobytes(chooser))
    new = old.replace("word17 ", "edited ").replace("word400 ", "changed ")
    assert set(marked(diff_text(old, new), ChangeKind.ADDED)) == {"edited", "changed"}


# --- Moves --------------------------------------------------------------------------------------------

PARAGRAPHS = [
    "Trees cool a street by shade and by the water that their leaves give off.",
    "Roots need room: a pit of twelve cubic metres is the least for a large crown.",
    "A young tree is watered for three summers, after that it looks after itself.",
    "Limes drip, planes shed bark, and gingkos smell: every species has its critics.",
]


def move_ends(lines):
    return [(line.kind, line.move, line.text) for line in lines if line.move]


def sides(lines):
    return (
        [line.text for line in lines if line.kind in OLD],
        [line.text for line in lines if line.kind in NEW],
    )


def test_a_paragraph_that_stands_elsewhere_is_moved_and_neither_removed_nor_added():
    first, *rest = PARAGRAPHS
    lines = diff_text("\n\n".join(PARAGRAPHS), "\n\n".join([*rest, first]), context=99)
    assert move_ends(lines) == [(ChangeKind.MOVED_AWAY, 1, first), (ChangeKind.MOVED_HERE, 1, first)]
    assert not marked(lines, ChangeKind.REMOVED) + marked(lines, ChangeKind.ADDED)
    assert not [piece for line in lines if line.move for piece in line.pieces if piece.is_changed]


def test_a_section_that_moves_takes_its_heading_along():
    section = ["## Critics", PARAGRAPHS[3], "They are right."]
    old = [PARAGRAPHS[0], *section, PARAGRAPHS[1], PARAGRAPHS[2], "## End", "So plant them."]
    new = [PARAGRAPHS[0], PARAGRAPHS[1], PARAGRAPHS[2], "## End", "So plant them.", *section]
    lines = diff_text("\n\n".join(old), "\n\n".join(new))
    assert [text for sign, _, text in move_ends(lines) if sign is ChangeKind.MOVED_HERE] == section


def test_of_a_paragraph_that_was_moved_and_reworded_only_the_words_are_marked():
    first, *rest = PARAGRAPHS
    lines = diff_text("\n\n".join(PARAGRAPHS), "\n\n".join([*rest, first.replace("shade", "shadow")]))
    assert marked(lines, ChangeKind.MOVED_AWAY) == ["shade"]
    assert marked(lines, ChangeKind.MOVED_HERE) == ["shadow"]


def test_lines_that_occur_more_than_once_are_not_said_to_have_moved():
    lines = diff_text("same line\n\nfirst\n\nsame line", "first\n\nsecond\n\nsame line\n\nsame line")
    assert "same line" not in [text for _, _, text in move_ends(lines)]


def test_a_blank_line_that_splits_a_paragraph_is_shown():
    (line,) = [line for line in diff_text("one\ntwo", "one\n\ntwo") if line.kind is ChangeKind.ADDED]
    assert line.pieces == (Piece("", True),)


def test_a_space_that_was_doubled_is_marked():
    lines = diff_text("one two", "one  two")
    assert marked(lines, ChangeKind.ADDED)


@pytest.mark.parametrize("seed", range(60))
def test_both_sides_can_be_put_together_again_whatever_was_moved(seed):
    chooser = random.Random(seed)
    words = ["tree", "street", "shade", "water", "root", "crown", "summer", "heat", "soil", "leaf", "rain"]
    old = [" ".join(chooser.choices(words, k=chooser.randrange(1, 30))) for _ in range(chooser.randrange(20))]
    old = [line if chooser.random() < 0.7 else "" for line in old]
    new = chooser.sample(old, len(old)) if chooser.random() < 0.5 else list(old)
    new = [line.replace("tree", "oak", 1) if chooser.random() < 0.3 else line for line in new]
    for _ in range(chooser.randrange(4)):
        new.insert(chooser.randrange(len(new) + 1), " ".join(chooser.choices(words, k=5)))
    new.append("the end")  # texts that are the same are folded to one line
    lines = diff_text("\n".join(old), "\n".join(new), context=999)
    was, is_now = sides(lines)
    assert "\n".join(was) == "\n".join(old)
    assert "\n".join(is_now) == "\n".join(new)
    away = {line.move for line in lines if line.kind is ChangeKind.MOVED_AWAY}
    assert away == {line.move for line in lines if line.kind is ChangeKind.MOVED_HERE}


def test_hunks_say_at_which_line_they_begin_on_either_side():
    old = [f"line {number}" for number in range(1, 31)]
    new = [*old[:9], "put in", *old[9:19], "line twenty", *old[20:]]
    first, second = hunks(diff_text("\n".join(old), "\n".join(new)))
    assert (first.old_start, first.new_start, [line.kind for line in first.lines]) == (8, 8, [*"  +  "])
    assert (second.old_start, second.new_start) == (18, 19)
    assert [line.text for line in second.lines if line.kind is ChangeKind.ADDED] == ["line twenty"]


def test_a_move_names_the_lines_it_went_from_and_to_past_what_is_folded():
    old = [f"line number {number}" for number in range(1, 41)]
    new = [*old[:4], *old[5:30], "line number 5", *old[30:]]
    (found,) = moved_lines(diff_text("\n".join(old), "\n".join(new)))
    assert (found.text, found.old_line, found.new_line) == ("line number 5", 5, 30)
    assert new[29] == "line number 5"


# --- Texts that are made to take long -------------------------------------------------------------------


def best_of(times, call):
    """In seconds of this process: what else the machine does is not measured."""

    def seconds():
        start = time.process_time()
        call()
        return time.process_time() - start

    return min(seconds() for _ in range(times))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a b " * 12_000, "b a " * 12_000),
        ("a\nb\n" * 10_000, "b\na\nc\n" * 7_000),
        ("a " * 25_000, "b " * 25_000),
        (". " * 25_000, "? ! " * 12_000),
        ("\n".join(["a b c d e f g h " * 24] * 250), "\n".join(["h g f e d c b a " * 24 + "z"] * 250)),
    ],
    ids=["two words", "two lines", "one word", "sentences", "alike lines"],
)
def test_no_two_texts_of_50_kilobytes_hold_a_page_for_a_second(old, new):
    assert best_of(2, lambda: diff_text(old, new)) < 1
