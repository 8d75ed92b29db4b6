"""The language of a text is recognised from the text alone, or not at all."""

import pytest

from tasks.pipeline.text.languages import guess_language, language, primary_language

SENTENCES = {
    "en": "The trees along the street cool the pavement below them by several degrees.",
    "de": "Die Bäume an der Straße kühlen den Gehweg unter ihnen um mehrere Grad.",
    "fr": "Les arbres le long de la rue rafraîchissent le trottoir de plusieurs degrés.",
    "es": "Los árboles a lo largo de la calle enfrían la acera varios grados en verano.",
    "it": "Gli alberi lungo la strada rinfrescano il marciapiede di parecchi gradi.",
    "nl": "De bomen langs de straat koelen de stoep eronder met een paar graden af.",
    "pt": "As árvores ao longo da rua refrescam a calçada em vários graus no verão.",
    "pl": "Drzewa wzdłuż ulicy ochładzają chodnik pod nimi o kilka stopni latem.",
    "ru": "Деревья вдоль улицы охлаждают тротуар под ними на несколько градусов.",
    "no": "Jeg vet ikke hva trærne gjør med gaten, men den er mye kjøligere nå enn før.",
    "zh": "街道两旁的树木使下面的人行道降温了好几度。夏天的午后,行人都喜欢走在树荫下面,因为那里凉快得多。",
    "ar": "الأشجار على طول الشارع تبرد الرصيف تحتها بعدة درجات في الصيف",
}


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_tells_its_language(code):
    assert guess_language(SENTENCES[code]) == code


@pytest.mark.parametrize("text", ["", "Too short to tell.", "1234 5678 ** ^ " * 10, "🌳" * 50])
def test_what_is_too_short_or_no_language_is_not_guessed(text):
    assert guess_language(text) == ""


def test_neither_line_breaks_nor_broken_characters_hide_the_language():
    assert guess_language(SENTENCES["en"].replace(" ", "\n", 5) + "\ud800\x00") == "en"


def test_codes_are_compared_by_their_language():
    assert primary_language("de-AT") == primary_language("DE_at") == "de"
    assert primary_language("nb-NO") == primary_language("nn") == "no"
    assert language("de-AT").name == "German"
