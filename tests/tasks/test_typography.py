"""What typography does to a text is undone where it is shown, and ignored where texts are compared."""

import pytest

from tasks.pipeline.text.typography import folded, shown


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("The ﬁrst ofﬁce ﬂoods", "The first office floods"),
        ("So\u00adft \u200bhyphen\u202e and tags\U000e0041.", "Soft hyphen and tags."),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("👩\u200d🔬 works", "👩\u200d🔬 works"),
        ("plain\u200dly", "plainly"),
        ("ﷲ and ﻻ", "الله and لا"),
        ("25 m² and 10⁶ and ½", "25 m² and 10⁶ and ½"),
        ("ｆｕｌｌ　ｗｉｄｔｈ", "ｆｕｌｌ ｗｉｄｔｈ"),
        ("e\u0301t\u00e9", "été"),
        ("שלום \u200fעולם", "שלום \u200fעולם"),
        ("left \u200eto right", "left to right"),
    ],
)
def test_readers_see_letters_and_nothing_invisible(written, seen):
    assert shown(written) == seen


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The ﬁrst ofﬁce", "the first office"),
        ("“Well‐known”, he said…", '"well-known", he said...'),
        ("ｆｕｌｌ", "full"),
        ("می\u200cخواهم", "میخواهم"),
        ("كِتَاب", "كتاب"),
        ("שָׁלוֹם", "שלום"),
        ("Straße", "STRASSE"),
        ("cafe\u0301", "café"),
        ("it’s", "it's"),
    ],
)
def test_equal_words_compare_as_equal(one, other):
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("10⁶", "106"), ("m²", "m2"), ("2½", "21/2"), ("café", "cafe")])
def test_different_figures_and_words_stay_different(one, other):
    assert folded(one) != folded(other)
