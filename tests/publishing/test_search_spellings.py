"""One word, several spellings: a text in either is found by the other, first, and its words are marked."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.db import transaction

from publishing.models import Post
from publishing.search import highlighted_hits, index_post, lists, ranking
from publishing.search.index import index_again
from publishing.search.normalization import clean
from tests.factories import without_triggers
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

BOTH_WAYS = {
    "compounds with a hyphen, joined and apart": [
        ("en", "e-mail", "email"), ("en", "wi-fi", "wifi"), ("en", "on-line", "online"),
        ("en", "heat wave", "heatwave"), ("en", "heat-wave", "heatwave"), ("en", "co-operate", "cooperate"),
        ("en", "data base", "database"), ("en", "state-of-the-art", "state of the art"),
        ("de", "E-Mail", "Email"), ("de", "Daten-Schutz", "Datenschutz"), ("fr", "week-end", "weekend"),
        ("de", "Datenschutz-Verordnung", "Datenschutzverordnung"), ("nl", "e-bike", "ebike"),
    ],
    "names of programs": [
        ("en", "Node.js", "nodejs"), ("en", "C++", "c++"), ("en", "C++11", "c++11"), ("en", "C#", "c#"),
        ("en", ".NET", "dotnet"), ("en", "python3.11", "python 3.11"), ("en", "manage.py", "MANAGE.PY"),
        ("en", "GPT-4", "gpt4"), ("en", "GPT-4", "gpt 4"), ("en", "F-16", "f16"), ("en", "x86-64", "x86 64"),
    ],
    "abbreviations": [
        ("en", "AT&T", "at&t"), ("en", "U.S.", "US"), ("en", "E.U.", "EU"),
        ("en", "U.S.A.", "USA"), ("en", "S&P 500", "s&p 500"), ("de", "z.B. GmbH", "zb gmbh"),
        ("en", "R&D", "r&d"), ("en", "N.A.T.O.", "NATO"),
    ],
    "apostrophes": [
        ("en", "O'Brien", "obrien"), ("en", "O’Brien", "o'brien"), ("en", "OʼBrien", "O'Brien"),
        ("fr", "L'Oréal", "loreal"), ("fr", "L’Oréal", "l'oreal"), ("en", "rock'n'roll", "rocknroll"),
        ("fr", "l'école", "école"), ("en", "rock 'n' roll", "rock ’n’ roll"), ("it", "dell'arte", "arte"),
        ("uk", "сім'я", "сім’я"),
    ],
    "numbers": [
        ("en", "$1,299.99", "1299.99"), ("en", "1.299,99 €", "1,299.99"), ("en", "10,000", "10000"),
        ("en", "10 000", "10000"), ("en", "-5.5%", "5.5"), ("en", "5,5 %", "5.5%"),
        ("en", "5km", "5 km"), ("en", "1st place", "1ST place"), ("en", "v2.0", "V2.0"),
        ("en", "2024-11-30", "2024-11-30"), ("en", "12:30", "12:30"), ("en", "3/4", "3/4"),
        ("en", "\uff12\uff10\uff12\uff14", "2024"), ("ar", "٢٠٢٤", "2024"), ("en", "½ cup", "1⁄2 cup"),
        ("en", "1'000'000", "1,000,000"),
    ],
    "accents and umlauts": [
        ("en", "café", "cafe"), ("en", "naïve", "naive"), ("es", "educación", "educacion"),
        ("de", "Häuser", "Haeuser"), ("de", "Straße", "Strasse"), ("de", "Grüße", "Gruesse"),
        ("de", "Müller", "Mueller"), ("de", "Müller", "Muller"), ("pl", "żółw", "zolw"),
        ("da", "smørrebrød", "smorrebrod"), ("sv", "Malmö", "Malmo"), ("vi", "Việt Nam đẹp", "viet nam dep"),
        ("vi", "Đà Nẵng", "da nang"), ("tr", "ışık", "isik"), ("tr", "İstanbul", "istanbul"),
        ("tr", "IŞIK", "ışık"), ("ro", "știință", "stiinta"), ("cs", "příliš", "prilis"),
        ("el", "Αθήνα", "αθηνα"), ("el", "ΟΔΟΣ", "οδος"), ("el", "λόγος", "ΛΟΓΟΣ"), ("ru", "ёлка", "елка"),
        ("en", "cafe\u0301", "caf\u00e9"), ("hu", "árvíztűrő", "arvizturo"), ("is", "þorskur", "thorskur"),
    ],
    "signs nobody sees, and other characters for the same": [
        ("en", "ca\u00adthedral", "cathedral"), ("en", "cathe\u200bdral", "cathedral"),
        ("en", "\ufb01lm", "film"), ("en", "\uff23\uff41\uff46\uff45", "cafe"),
        ("ja", "\uff76\uff9e\uff97\uff7d", "ガラス"), ("en", "wi\u2011fi", "wifi"),
        ("en", "heat\u00a0wave", "heat wave"), ("en", "“canopies”", "canopies"), ("en", "x²", "x2"),
    ],
    "British and American, and irregular forms": [
        ("en", "colour", "color"), ("en", "organise", "organize"), ("en", "theatre", "theater"),
        ("en", "mice", "mouse"), ("en", "children", "child"), ("en", "centre", "center"),
        ("en", "grey", "gray"), ("en", "behaviour", "behavior"), ("en", "travelled", "traveled"),
        ("en", "feet", "foot"),
    ],
    "tags, handles and files": [
        ("en", "#climate", "climate"), ("en", "@handle", "handle"), ("en", "#heat_wave", "heat_wave"),
        ("en", "anna@example.org", "anna@example.org"),
    ],
    "Hebrew and Arabic": [
        ("he", "שָׁלוֹם", "שלום"), ("he", "הבית", "בית"), ("ar", "كِتَاب", "كتاب"), ("ar", "الكتاب", "كتاب"),
        ("ar", "أحمد", "احمد"), ("fa", "کتاب", "كتاب"), ("he", "צה״ל", 'צה"ל'),
    ],
    "scripts without spaces": [
        ("zh", "北京天气很好", "北京天气"), ("zh", "北京今天的天气很好", "北京天气"),
        ("zh", "气候变化影响城市", "气候变化"), ("zh", "人工智能", "人工 智能"),
        ("ja", "東京タワー", "タワー"), ("ja", "ひらがな", "ひらがな"), ("ja", "東京の天気", "東京 天気"),
        ("ja", "コンピューター", "コンピューター"),
        ("th", "อากาศกรุงเทพ", "กรุงเทพ"), ("th", "สวัสดีชาวโลก", "ชาวโลก"), ("lo", "ສະບາຍດີ", "ສະບາຍ"),
        ("km", "សួស្តីពិភពលោក", "ពិភពលោក"), ("my", "မြန်မာနိုင်ငံ", "မြန်မာ"),
        ("ko", "서울 날씨", "서울날씨"), ("ko", "서울에서 날씨가", "서울 날씨"),
        ("ko", "대한민국", "대한 민국"), ("ko", "학교에 갔다", "학교"),
    ],
    "Indian scripts": [
        ("hi", "ज़मीन", "जमीन"), ("hi", "हिन्दी", "हिन्दी"), ("bn", "বাংলাদেশ", "বাংলাদেশ"), ("ta", "தமிழ்", "தமிழ்"),
    ],
}  # fmt: skip
"""By kind: the language, and two spellings. Each is the text once and the query once."""

ONE_WAY = {
    "a part of a compound": [
        ("en", "Node.js", "node"), ("en", "C++11", "c++"), ("en", "CVE-2024-3094", "3094"),
        ("en", "CVE-2024-3094", "2024-3094"), ("en", "CVE-2024-3094", "cve-2024-3094"),
        ("en", "COVID-19", "19"), ("en", "COVID-19", "covid"), ("en", "Boeing 737-800", "800"),
        ("en", "Boeing 737-800", "737"), ("en", "2024-25", "25"), ("en", "2024-25", "2024"),
        ("en", "2024-11-30", "30"), ("en", "-5.5%", "-5.5%"), ("en", "v2.0", "2.0"), ("en", "x86-64", "x86"),
        ("en", "node.js and react", "react"), ("en", "USB-C/HDMI", "hdmi"),
    ],
    "addresses": [
        ("en", "https://www.example.org/path", "example.org"), ("en", "https://www.example.org/path", "path"),
        ("en", "https://www.example.org/path", "www.example.org"),
        ("en", "https://www.example.org/path", "https://www.example.org/path"),
        ("en", "anna@example.org", "example.org"), ("en", "anna@example.org", "anna"),
    ],
    "compounds by their parts": [
        ("de", "Datenschutzverordnung", "Datenschutz"), ("de", "Datenschutzverordnung", "Verordnung"),
        ("de", "Datenschutz-Verordnung", "Datenschutz"), ("de", "Bundeskanzleramt", "Kanzleramt"),
        ("sv", "sjukförsäkring", "försäkring"), ("nl", "waterleiding", "leiding"), ("zh", "猫很可爱", "猫"),
    ],
    "questions": [
        ("zh", "北京的天气今天很好，适合散步。", "北京的天气怎么样？"),
        ("th", "อากาศในกรุงเทพร้อนมาก", "อากาศกรุงเทพเป็นอย่างไร"),
        ("ja", "東京の人口は千四百万人である。", "東京の人口は何人ですか？"),
        ("ko", "서울의 인구는 천만 명이다", "서울의 인구는 얼마인가요?"),
        ("en", "sycamores or lindens", "do sycamores or lindens give shade"),
        ("en", "lindens", "sycamores OR lindens"), ("en", "sycamores", "sycamores or lindens in a park"),
        ("en", "lindens and limes", '"limes lindens"'),
        ("en", "glacier retreat", 'why "glacier retreat" matters'),
        ("en", "glacier retreat", 'why do "glaciers that" retreat'),
    ],
}  # fmt: skip
"""By kind: the language, the text and the query."""

TITLES = [
    ("The Who", "the who"), ("To be or not to be", "to be or not to be"),
    ("To be or not to be", '"to be or not to be"'),
]  # fmt: skip

OTHERS = [
    ("en", "Trees in the street cool the pavement"), ("en", "The council met on Tuesday evening"),
    ("en", "A bridge over the river is being repaired"), ("en", "Farmers sell cheese at the market"),
    ("en", "She plays the violin in an orchestra"), ("en", "Who is it that was not to be there"),
    ("de", "Die Bäume der Allee sind hoch"), ("de", "Der Rat tagte am Dienstag"),
    ("de", "Bauern verkaufen Käse auf dem Markt"), ("es", "Los árboles de la calle dan sombra"),
    ("es", "El puente sobre el río"), ("fr", "Les arbres de la rue donnent de l’ombre"),
    ("fr", "Le pont sur le fleuve"), ("it", "Gli alberi della strada"), ("pt", "As árvores da rua"),
    ("nl", "De bomen in de straat"), ("sv", "Träden på gatan"), ("pl", "Drzewa przy ulicy"),
    ("tr", "Sokaktaki ağaçlar gölge verir"), ("ru", "Деревья на улице"), ("uk", "Дерева на вулиці"),
    ("el", "Τα δέντρα του δρόμου"), ("he", "העצים ברחוב"), ("ar", "الأشجار في الشارع"),
    ("hi", "सड़क के पेड़"), ("zh", "上海的夜晚"), ("ja", "京都の寺"), ("ko", "부산 바다"), ("th", "ต้นไม้ริมถนน"),
    ("vi", "Cây xanh trên phố"),
]  # fmt: skip


@pytest.fixture
def example():
    """A post among others, to make more like it."""
    example = make_post("Nothing of interest", "Rain fell upon hills.", summary="Rain.")
    others = [
        _like(example, number, language, text, text) for number, (language, text) in enumerate(OTHERS, 1)
    ]
    index_again(others)
    lists.rebuild()
    return example


def _like(example, number, language, title, body):
    """A post without the evidence that a published one has: search does not read it."""
    row = {field.attname: getattr(example, field.attname) for field in Post._meta.concrete_fields}
    pk = example.pk + number
    row |= {"id": pk, "draft_id": -pk, "approval_id": -pk, "slug": f"p{pk}", "title": title, "body": body}
    with without_triggers():
        return Post.objects.bulk_create([Post(**row | {"language": language, "summary": ""})])[0]


def _fault(example, language, text, query, *, in_title):
    """What is wrong, if anything."""
    title, body = (text, "Rain fell upon hills.") if in_title else ("Rain", f"Rain fell: {text} .")
    with transaction.atomic():
        post = _like(example, 1000, language, title, body)
        index_post(post)
        found = ranking.search(query)
        hits = highlighted_hits(found, found.post_ids[:1])
        transaction.set_rollback(True)
    where = f"{language}: {query!r} in {'the title' if in_title else 'the body'} {text!r}"
    if found.post_ids[:1] != [post.pk]:
        return f"{where}: {'not first' if post.pk in found.post_ids else 'not found'}"
    shown = hits[0].title if in_title else hits[0].passage
    marks = [unescape(mark) for mark in re.findall("<mark>(.*?)</mark>", shown)]
    if not marks:
        return f"{where}: nothing is marked"
    if outside := [mark for mark in marks if clean(mark) not in clean(text)]:
        return f"{where}: {outside} is marked"
    return f"{where}: taken for {found.corrected_query!r}" if found.corrected_query else ""


def test_a_text_in_one_spelling_is_found_first_by_the_other_and_marked(example):
    faults = []
    for pairs in BOTH_WAYS.values():
        for number, (language, one, other) in enumerate(pairs):
            faults.append(_fault(example, language, one, other, in_title=number % 2 == 0))
            faults.append(_fault(example, language, other, one, in_title=number % 2 == 1))
    assert not list(filter(None, faults)), "\n".join(filter(None, faults))


def test_a_text_is_found_first_by_a_part_of_it_and_by_a_question_about_it(example):
    faults = [
        _fault(example, language, text, query, in_title=in_title)
        for cases in ONE_WAY.values()
        for language, text, query in cases
        for in_title in (False, True)
    ]
    assert not list(filter(None, faults)), "\n".join(filter(None, faults))


def test_a_title_of_nothing_but_stop_words_is_found(example):
    faults = [_fault(example, "en", title, query, in_title=True) for title, query in TITLES]
    assert not list(filter(None, faults)), "\n".join(filter(None, faults))
