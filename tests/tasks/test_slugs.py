import re
import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.pipeline.text.slugs import MAX_ENCODED_BYTES, is_slug, slug

SLUGS = {
    "Über Größe & Œuvre: l'été 2024!": "uber-grosse-oeuvre-lete-2024",
    "Łódź, Đà Nẵng, Øre": "lodz-da-nang-ore",
    "Þór í Æðey": "thor-i-aedey",
    "ıŞIK İstanbul": "isik-istanbul",
    "ħ ŋ ŧ ĸ ə": "h-ng-t-q-e",
    "STRAẞE": "strasse",
    "茶": "茶",
    "чай": "чай",
    "شاي": "شاي",
    "שַׁלוֹם": "שלום",
    "चाय": "चाय",
    "น้ำชา": "น้ำชา",
    "커피 한 잔": "커피-한-잔",
    "東京タワー、夜": "東京タワー-夜",
    "ΔΡΟΜΟΣ Ελληνικά": "δρομος-ελληνικά",
    "მწვანე ᲩᲐᲘ": "მწვანე-ჩაი",
    "தமிழ் മലയാളം": "தமிழ்-മലയാളം",
    "ｶﾞｲﾄﾞ ＡＩ": "ガイド-ai",
    "O\ufb03ce": "office",
    "C": "c",
    "C++": "c-plus-plus",
    "C++20": "c-plus-plus-20",
    "C#": "c-sharp",
    "F♯": "f-sharp",
    ".NET": "dot-net",
    "ASP.NET, Node.js": "asp-net-node-js",
    "A&B": "a-and-b",
    "Müller & Söhne": "muller-sohne",
    "100 %": "100-percent",
    "O’Brien": "obrien",
    "A+": "a-plus",
    "#MeToo": "metoo",
    "10⁶": "10-6",
    "106": "106",
    "½": "1-2",
    "2½ cups": "2-1-2-cups",
    "m² CO₂": "m-2-co2",
    "①②": "1-2",
    "Word™": "word",
    "1️⃣": "1",
    "--a__b--": "a-b",
    "می‌خواهم": "میخواهم",
    "col·lecció": "colleccio",
    "约翰·史密斯": "约翰-史密斯",
}


@pytest.mark.parametrize(("text", "expected"), SLUGS.items())
def test_a_slug_keeps_letters_and_tells_signs_apart(text: str, expected: str) -> None:
    assert slug(text) == expected


@pytest.mark.parametrize(("text", "expected"), SLUGS.items())
def test_every_slug_is_accepted_as_one_and_stays_as_it_is(text: str, expected: str) -> None:
    assert is_slug(expected)
    assert slug(expected) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("茶", "cha"),
        ("北京 2024", "beijing-2024"),
        ("Деревья", "derevya"),
        ("Ελληνικά", "ellinika"),
        ("커피", "keopi"),
        ("C# für Größen", "c-sharp-fur-grossen"),
        ("10⁶", "10-6"),
    ],
)
def test_other_scripts_can_be_written_in_latin_letters(text: str, expected: str) -> None:
    assert slug(text, in_ascii=True) == expected


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC"])
@pytest.mark.parametrize("text", ["Café Ünal", "чай й", "ガイド", "커피", "Ελλάς ά", "Việt Nam"])
def test_unicode_forms_make_no_difference(text: str, form: str) -> None:
    assert slug(unicodedata.normalize(form, text)) == slug(text)


@pytest.mark.parametrize("text", ["🔥", "!!!", "", "👩‍💻", "…", "\u200b"])
def test_a_name_without_letters_gets_a_stable_name_of_its_own(text: str) -> None:
    assert re.fullmatch(r"tag-[0-9a-f]{10}", slug(text, otherwise="tag"))
    assert slug(text) == slug(text)
    assert slug(text) != slug("🌊")


def test_the_variant_of_an_emoji_makes_no_difference() -> None:
    assert slug("❤️") == slug("❤")


def test_a_long_title_is_cut_at_a_word() -> None:
    assert slug("word " * 50) == "-".join(["word"] * 16)
    assert slug("Деревья в городе и их тень " * 9).rsplit("-", 1)[1] in [
        "деревья",
        "в",
        "городе",
        "и",
        "их",
        "тень",
    ]


@pytest.mark.parametrize(
    "text", ["漢字" * 200, "ж" * 300, "क्षि" * 100, "a" * 300, "น้ำ" * 100, "AI " + "漢" * 300, "🏳" + "ß" * 300]
)
def test_a_title_without_blanks_is_cut_between_letters(text: str) -> None:
    short = slug(text)
    assert len(short) <= 80
    assert len(quote(short)) <= MAX_ENCODED_BYTES
    assert len(short) > 20
    rest = text.lower().replace(" ", "-")[len(short) :]
    assert not rest or unicodedata.category(rest[0]) not in {"Mn", "Mc"}


@given(st.text(max_size=300), st.booleans())
def test_whatever_the_text_its_slug_is_one(text: str, in_ascii: bool) -> None:
    short = slug(text, in_ascii=in_ascii)
    assert is_slug(short)
    assert 1 <= len(short) <= 80
    assert len(quote(short)) <= MAX_ENCODED_BYTES
    assert not short.startswith("-")
    assert not short.endswith("-")
    assert unicodedata.is_normalized("NFC", short)
    assert short.isascii() or not in_ascii


@pytest.mark.parametrize(
    "text", ["", "two words", "a/b", "../a", "a.b", "a%b", "a\u200bb", "a\nb", "🔥", "a'b"]
)
def test_what_cannot_be_part_of_an_address_is_no_slug(text: str) -> None:
    assert not is_slug(text)
