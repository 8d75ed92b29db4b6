import pytest

from publishing.search import word_lists


@pytest.mark.parametrize(
    ("language", "common", "rare", "no_word"),
    [
        ("en", "house", "turbine", "turbides"),
        ("de", "straße", "schadstoffe", "straeß"),
        ("el", "πόλησ", "δέντρα", "δέντρρα"),  # as folded: without the sigma of the end
        ("ru", "город", "асфальт", "асфалт"),
        ("tr", "İstanbul", "asfalt", "asfaltt"),
        ("ar", "مدينة", "أشجار", "اشججار"),
        ("no", "gate", "asfalt", "asfalltt"),
    ],
)
def test_a_word_list_knows_how_common_a_word_is(language, common, rare, no_word):
    asked = {word: word_lists.zipf(word, language) for word in (common, rare, no_word)}
    assert asked[common] > asked[rare] > asked[no_word] == 0, asked


def test_case_does_not_matter():
    assert word_lists.zipf("House", "en") == word_lists.zipf("house", "en")


def test_a_language_without_a_list_has_no_common_words():
    for code in ("", "xx", "../large_en", "ka"):
        assert word_lists.of_language(code) is None
        assert word_lists.zipf("house", code) == 0


@pytest.mark.parametrize("word", ["", "a" * 500, "\ud800", "\xa3the", "in the", "the\xa2of"])
def test_what_is_no_word_is_in_no_list(word):
    assert word_lists.zipf(word, "en") == 0
