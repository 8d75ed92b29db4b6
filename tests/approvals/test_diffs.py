import random
import time

from approvals.diffs import Sign, diff_content, diff_text


def marked(lines, sign):
    return [piece.text for line in lines if line.sign is sign for piece in line.pieces if piece.is_changed]


def test_equal_texts_have_no_changed_line():
    lines = diff_text("one\n\ntwo", "one\n\ntwo")
    assert {line.sign for line in lines} == {Sign.FOLDED}


def test_only_the_changed_word_of_a_line_is_marked():
    lines = diff_text("Trees cool streets by 2 degrees.", "Trees cool streets by 4 degrees.")
    assert [line.sign for line in lines] == [Sign.REMOVED, Sign.ADDED]
    assert marked(lines, Sign.REMOVED) == ["2"]
    assert marked(lines, Sign.ADDED) == ["4"]


def test_every_edit_of_a_long_text_is_shown():
    old = [f"Paragraph {number} says something about street trees." for number in range(200)]
    new = list(old)
    for number in (3, 97, 180):
        new[number] = new[number].replace("something", "nothing")
    assert marked(diff_text("\n\n".join(old), "\n\n".join(new)), Sign.ADDED) == ["nothing"] * 3


def test_an_inserted_paragraph_leaves_its_neighbours_alone():
    lines = diff_text("first\n\nlast", "first\n\nin between\n\nlast")
    assert "".join(marked(lines, Sign.ADDED)) == "in between"
    assert not marked(lines, Sign.REMOVED)


def test_a_reworded_line_is_found_behind_an_added_one():
    lines = diff_text(
        "Young trees need water in summer.", "A new line.\nYoung trees need more water in summer."
    )
    assert "A new line." in marked(lines, Sign.ADDED)
    assert "more " in marked(lines, Sign.ADDED)
    assert not marked(lines, Sign.REMOVED)


def test_unchanged_lines_far_from_a_change_are_counted_not_shown():
    old = "\n".join(str(number) for number in range(30))
    lines = diff_text(old, old.replace("15", "fifteen"))
    assert lines[0].sign is Sign.FOLDED
    assert lines[0].count == 13
    assert [line.text for line in lines if line.sign is Sign.SAME] == ["13", "14", "16", "17"]


def test_both_sides_can_be_put_together_again():
    chooser = random.Random(4)
    words = ["tree", "street", "shade", "water", "root", "crown", "summer", "heat", "soil"]
    for _ in range(50):
        old = [" ".join(chooser.choices(words, k=8)) for _ in range(chooser.randrange(12))]
        new = [line if chooser.random() < 0.6 else " ".join(chooser.choices(words, k=8)) for line in old]
        new.append("the end")
        lines = diff_text("\n".join(old), "\n".join(new), context=99)
        assert [line.text for line in lines if line.sign is not Sign.ADDED] == old
        assert [line.text for line in lines if line.sign is not Sign.REMOVED] == new


def test_only_fields_that_differ_are_compared():
    old = {"title": "Trees", "tags": ["shade"], "summary": "same"}
    new = {"title": "Trees", "tags": ["shade", "heat"], "summary": "same"}
    (field,) = diff_content(old, new)
    assert field.name == "tags"
    assert marked(field.lines, Sign.ADDED) == ["heat"]


def fifty_kilobytes(chooser):
    words = [f"word{number}" for number in range(2000)]
    return [" ".join(chooser.choices(words, k=60)) + "." for _ in range(125)]


def best_of(times, call):
    def seconds():
        start = time.perf_counter()
        call()
        return time.perf_counter() - start

    return min(seconds() for _ in range(times))


def test_fifty_kilobytes_with_an_edit_in_every_paragraph_take_less_than_50_milliseconds():
    chooser = random.Random(1)
    old = fifty_kilobytes(chooser)
    new = [line.replace(line.split()[chooser.randrange(50)], "edited", 1) for line in old]
    assert len("\n\n".join(old)) > 45_000
    assert best_of(5, lambda: diff_text("\n\n".join(old), "\n\n".join(new))) < 0.05


def test_one_paragraph_of_fifty_kilobytes_takes_less_than_50_milliseconds():
    chooser = random.Random(2)
    old = " ".join(fifty_kilobytes(chooser))
    new = old.replace("word17 ", "edited ").replace("word400 ", "changed ")
    assert best_of(5, lambda: diff_text(old, new)) < 0.05


def test_a_text_written_anew_takes_less_than_a_fifth_of_a_second():
    old, new = fifty_kilobytes(random.Random(3)), fifty_kilobytes(random.Random(5))
    assert best_of(3, lambda: diff_text("\n\n".join(old), "\n\n".join(new))) < 0.2
