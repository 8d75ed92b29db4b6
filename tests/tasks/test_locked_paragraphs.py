"""Where a locked paragraph goes in a text that a machine revised."""

import pytest

from tasks.pipeline.text.locked_paragraphs import anchored, lost, with_locked

SHADE = "Trees cool a street by shade and by the water that their leaves give off [1]."
ROOTS = "Roots need room: a pit of twelve cubic metres is the least for a large crown [2]."
WATER = "A young tree is watered for three summers, after that it looks after itself [1]."


def body(*paragraphs):
    return "\n\n".join(paragraphs)


BASE = body("Opening words of the text.", "## Care", SHADE, ROOTS, "## End", WATER)


def revise(*revised, locked=(ROOTS,), base=BASE):
    return with_locked(body(*revised), anchored(BASE, locked), base)


def test_a_lock_knows_what_stands_around_its_paragraph():
    (one,) = anchored(BASE, [ROOTS, "not in the text"])
    assert (one.text, one.before, one.after, one.section) == (ROOTS, SHADE, "## End", "Care")


def test_a_text_that_has_it_word_for_word_is_left_as_it_is():
    revised = f"New.\n\n\n\n{ROOTS}  \n\n* a list\n"
    assert revise(revised) == revised


def test_its_new_wording_gives_way_to_it():
    reworded = ROOTS.replace("twelve", "sixteen").replace("least", "minimum")
    assert revise("New.", "## Care", "Other.", reworded, "End.") == body(
        "New.", "## Care", "Other.", ROOTS, "End."
    )


def test_one_that_was_left_out_stands_after_the_paragraph_that_it_followed():
    shade = SHADE.replace("cool", "chill")
    assert revise("New.", "## Care", shade, "Other.") == body("New.", "## Care", shade, ROOTS, "Other.")


def test_or_before_the_one_that_it_preceded():
    assert revise("New.", "All different here.", "## End", "Other.") == body(
        "New.", "All different here.", ROOTS, "## End", "Other."
    )


def test_or_at_the_end_of_its_section():
    assert revise("New.", "## CARE", "Other.", "More.", "## Costs", "Money.") == body(
        "New.", "## CARE", "Other.", "More.", ROOTS, "## Costs", "Money."
    )


def test_the_first_paragraph_of_a_text_without_sections_goes_to_its_beginning():
    base = body(SHADE, ROOTS)
    assert with_locked("All new.", anchored(base, [SHADE]), base) == body(SHADE, "All new.")


def test_one_without_any_place_is_left_out_and_named():
    locked = anchored(BASE, [ROOTS])
    revised = with_locked("All new.\n\n## Money\n\nIt costs.", locked, BASE)
    assert revised == "All new.\n\n## Money\n\nIt costs."
    assert lost(revised, locked) == (ROOTS,)


def test_several_keep_their_order():
    revised = revise("New.", "## Care", "Other.", "## End", locked=(ROOTS, SHADE, WATER))
    assert revised == body("New.", "## Care", SHADE, ROOTS, "Other.", "## End", WATER)


def test_a_locked_heading_takes_the_place_of_its_new_wording_and_of_no_paragraph():
    revised = revise("New.", "## The care of trees", SHADE, "## The end", locked=("## End",))
    assert revised == body("New.", "## The care of trees", SHADE, "## End")


def test_a_locked_paragraph_never_gives_way_to_another_locked_one():
    twin = SHADE.replace("street", "square")
    base = body(SHADE, twin)
    revised = with_locked(SHADE, anchored(base, [SHADE, twin]), base)
    assert revised == body(SHADE, twin)


@pytest.mark.parametrize("revised", ["", "\n\n", "```\nnever closed"])
def test_a_strange_text_does_not_break_it(revised):
    locked = anchored(BASE, [ROOTS])
    assert lost(with_locked(revised, locked, BASE), locked) in {(), (ROOTS,)}
