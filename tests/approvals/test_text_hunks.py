"""Hunks of a body: each is whole paragraphs, and any of them make a body that is neither more nor less."""

import random

import pytest

from approvals.diffs.content_hunks import ContentComparison
from approvals.diffs.text_hunks import BodyComparison, HunksConflict, rebased
from tasks.content import CONTENT_FIELDS

SOURCES = [
    {"number": number, "title": f"Source {number}", "url": f"https://example.org/{number}"}
    for number in range(1, 5)
]
LIST = "- lime\n- oak\n- elm"
OLD = f"Shade cools [1].\n\n## Roots\n\nRoots need room for a large crown [2].\n\n{LIST}\n\nThe end."
NEW = OLD.replace("cools", "cools streets").replace(
    "room for a large crown [2]", "much room for a large crown [3]"
)
NEW = NEW.replace("oak", "ash tree")

KINDS = [
    # what the old and the new body are, and the hunks: kind and section
    ("One.", "One.\n\nTwo is new.", [("added", "")]),
    ("One.\n\nTwo goes away.", "One.", [("removed", "")]),
    ("## A\n\nRed and blue trees.", "## A\n\nRed and green trees.", [("changed", "A")]),
    ("- a tree\n- b\n- c", "- a tree\n- b\n- c\n- d", [("added", "")]),
    ("Apples.", "Something else altogether.", [("changed", "")]),
    ("One is.\n\nTwo goes.\n\nThree stays.", "Two goes.\n\nThree stays.\n\nOne is.", [("moved", "")]),
    ("```\na\n\nb\n```", "```\na\n\nc\n```", [("changed", "")]),
    ("One.  \n\n\nTwo.", "One.\n\nTwo.", []),
    ("木は街を冷やす。\n\n根。", "木は街をよく冷やす。\n\n根。", [("changed", "")]),
    ("| a |\n| - |\n| 1 |", "| a |\n| - |\n| 2 |", [("changed", "")]),
    ("", "One.", [("added", "")]),
]  # fmt: skip


def content(body=OLD, **fields):
    return dict.fromkeys(CONTENT_FIELDS, "") | {"tags": [], "body": body, "citations": SOURCES[:2], **fields}


def test_each_kind_of_change_is_a_hunk_that_can_be_taken_by_itself(subtests):
    for old, new, expected in KINDS:
        with subtests.test(old=old, new=new):
            compared = BodyComparison(old, new)
            assert [(hunk.kind, hunk.section) for hunk in compared.hunks] == expected
            every = [hunk.id for hunk in compared.hunks]
            assert compared.taken(every) == new
            assert compared.taken([]) == (old if every else new)


def test_what_is_taken_and_what_is_refused_is_in_the_body_to_the_letter():
    compared = BodyComparison(OLD, NEW)
    by_kind = {hunk.new: hunk.id for hunk in compared.hunks}
    taken = compared.taken([by_kind["- ash tree"], by_kind["Shade cools streets [1]."]])
    assert taken == (
        "Shade cools streets [1].\n\n## Roots\n\nRoots need room for a large crown [2].\n\n"
        "- lime\n- ash tree\n- elm\n\nThe end."
    )


def test_ids_are_the_same_whenever_two_texts_are_compared_and_differ_for_equal_changes():
    old, new = "Same.\n\nStop.\n\nSame.", "Other words entirely.\n\nStop.\n\nOther words entirely."
    first, again = (BodyComparison(old, new) for _ in range(2))
    ids = [hunk.id for hunk in first.hunks]
    assert ids == [hunk.id for hunk in again.hunks]
    assert len(set(ids)) == len(ids) > 1


def test_any_choice_among_random_texts_has_each_accepted_and_no_refused_paragraph():
    chooser = random.Random(7)
    words = ["tree", "street", "shade", "water", "root", "crown", "summer", "heat", "soil", "bark"]

    def body():
        return "\n\n".join(
            " ".join(chooser.choices(words, k=9)) + f" {chooser.random()}."
            for _ in range(chooser.randrange(1, 9))
        )

    for _ in range(60):
        old = body()
        changed = old.split("\n\n")
        for _ in range(chooser.randrange(4)):
            place = chooser.randrange(len(changed))
            changed[place : place + chooser.randrange(2)] = [body().split("\n\n")[0]]
        compared = BodyComparison(old, "\n\n".join(changed))
        accepted = {hunk.id for hunk in compared.hunks if chooser.random() < 0.5}
        taken = compared.taken(accepted).split("\n\n")
        for hunk in compared.hunks:
            there, gone = (hunk.new, hunk.old) if hunk.id in accepted else (hunk.old, hunk.new)
            assert not there or there in taken
            assert not gone or gone == there or gone not in taken


def test_changes_go_into_a_text_that_was_edited_elsewhere_since():
    base, target = "One.\n\nTwo.\n\n- a\n- b\n\nFour.", "One!\n\nTwo.\n\n- a\n- b\n- c\n\nFour."
    assert rebased(base, target, base.replace("Four.", "Four, edited.")) == target.replace(
        "Four.", "Four, edited."
    )
    assert rebased(base, target, "Zero.\n\n" + base) == "Zero.\n\n" + target
    with pytest.raises(HunksConflict, match="One"):
        rebased(base, target, base.replace("One.", "Once."))


def test_the_list_of_citations_follows_what_was_taken():
    new = content(NEW, citations=[SOURCES[0], SOURCES[2]], title="New")
    compared = ContentComparison(content(), new)
    by_new = {hunk.new: hunk.id for hunk in compared.hunks}
    roots = by_new["Roots need much room for a large crown [3]."]
    every = set(by_new.values())
    assert compared.taken(every)["citations"] == new["citations"]
    assert [one["number"] for one in compared.taken({roots})["citations"]] == [1, 3]
    assert [one["number"] for one in compared.taken(every - {roots})["citations"]] == [1, 2]
    assert compared.taken({roots})["title"] == ""


def test_one_number_for_two_sources_is_refused_rather_than_mixed_up():
    old = content("Shade cools [1].\n\nRoots need room [1].", citations=[SOURCES[0]])
    new = content(
        "Shade cools well [1].\n\nRoots need much room [1].", citations=[SOURCES[3] | {"number": 1}]
    )
    compared = ContentComparison(old, new)
    with pytest.raises(HunksConflict, match="1"):
        compared.taken({compared.hunks[0].id})
