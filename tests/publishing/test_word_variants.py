from publishing.search.irregular_english import GROUPS
from publishing.search.variants import variants

SAME = [
    ("colour", "color"), ("organised", "organized"), ("containerise", "containerize"), ("centres", "centers"),
    ("travelling", "traveling"), ("grey", "gray"), ("programme", "program"), ("analyse", "analyze"),
    ("digitisation", "digitization"), ("mice", "mouse"), ("went", "go"), ("children", "child"),
    ("taught", "teach"), ("criteria", "criterion"), ("women", "woman"),
]  # fmt: skip


def test_british_and_american_spellings_and_irregular_forms_are_variants_of_each_other():
    for one, other in SAME:
        assert other in variants(one, "en"), one
        assert one in variants(other, "en"), other


def test_words_that_only_look_alike_are_no_variants():
    for word in (
        "rise",
        "wise",
        "size",
        "noise",
        "four",
        "house",
        "prize",
        "found",
        "saw",
        "left",
        "turbine",
    ):
        assert not {"rize", "wize", "sise", "noize", "for", "prise", "find", "see", "leave"} & {
            *variants(word, "en")
        }


def test_other_languages_and_scripts_have_no_variants_of_english():
    assert variants("colour", "fr") == variants("färbe", "en") == variants("", "en") == ()


def test_no_form_is_irregular_twice():
    forms = [form for group in GROUPS for form in group.split()]
    assert sorted(forms) == sorted(set(forms))
