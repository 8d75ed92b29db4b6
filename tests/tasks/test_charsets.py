"""Bytes become the characters that were written, or the editor is told which are in doubt."""

from __future__ import annotations

import pytest

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading.charset_labels import charset_named
from tasks.pipeline.reading.charsets import declared_in, decode
from tasks.pipeline.reading.document import read_bytes
from tasks.pipeline.reading.text_problems import problems_of

POLISH = (
    "Urząd portowy naliczył wiosną czterysta statków. Załoga każdego statku podpisała kartę. "
    "Burza zamknęła port na sześć dni. Żółte łodzie czekały."
)
CZECH = (
    "Přístavní úřad napočítal na jaře čtyři sta lodí. Bouře zavřela přístav na šest dní. Žluté čluny stály."
)
HUNGARIAN = (
    "A kikötői hivatal tavasszal négyszáz hajót számolt meg. Később a könyveket elégették, őszi ködben."
)
TURKISH = "Liman idaresi ilkbaharda dört yüz gemi saydı. Fırtına limanı altı gün kapattı. Işıklar söndü."
LITHUANIAN = (
    "Uosto įstaiga pavasarį suskaičiavo keturis šimtus laivų. Audra uždarė uostą. Žvejai laukė geresnio oro."
)
RUSSIAN = "В порту весной насчитали четыреста кораблей. Буря закрыла порт на шесть дней. Рыбаки ждали погоды."
UKRAINIAN = (
    "Портова контора нарахувала чотириста кораблів. Її буря зачинила на шість днів. Рибалки чекали погоди."
)
GREEK = "Το γραφείο του λιμανιού μέτρησε τετρακόσια πλοία. Μια καταιγίδα έκλεισε το λιμάνι για έξι ημέρες."
HEBREW = "משרד הנמל ספר באביב ארבע מאות אוניות, יותר מאשר בשנה הקודמת. סערה סגרה את הנמל לשישה ימים."
ARABIC = "أحصى مكتب الميناء في الربيع أربعمئة سفينة، أكثر من العام السابق. أغلقت عاصفة الميناء ستة أيام."
THAI = "สำนักงานท่าเรือนับเรือได้สี่ร้อยลำในฤดูใบไม้ผลิ พายุปิดท่าเรือเป็นเวลาหกวัน ชาวประมงรออากาศ"
JAPANESE = "港湾事務所は春に四百十二隻の船を数えた。嵐のために港は六日間閉鎖された。コーヒーは五百円です。"
SIMPLIFIED = "港务办公室在春天统计了四百一十二艘船，比前一年更多。四月的风暴使港口关闭了六天。"
TRADITIONAL = "港務辦公室在春天統計了四百一十二艘船，比前一年更多。四月的風暴使港口關閉了六天。"
KOREAN = "항구 사무소는 봄에 사백열두 척의 배를 세었다. 폭풍 때문에 항구가 엿새 동안 닫혔다."
FRENCH = "Le bureau du port a compté quatre cents navires. Une tempête a fermé l’accès. Où était-il déjà ?"
GERMAN = (
    "Das Hafenamt zählte vierhundert Schiffe. Ein Sturm schloss ihn für sechs Tage. Die Straße führt hin."
)

WRITTEN = [
    (POLISH, "cp1250"), (POLISH, "iso8859-2"), (CZECH, "cp1250"), (CZECH, "iso8859-2"), (HUNGARIAN, "cp1250"),
    (TURKISH, "cp1254"), (LITHUANIAN, "cp1257"), (RUSSIAN, "cp1251"), (RUSSIAN, "koi8-r"), (RUSSIAN, "cp866"),
    (RUSSIAN, "iso8859-5"), (RUSSIAN, "mac_cyrillic"), (UKRAINIAN, "cp1251"), (UKRAINIAN, "koi8-u"),
    (GREEK, "cp1253"), (GREEK, "iso8859-7"), (HEBREW, "cp1255"), (ARABIC, "cp1256"), (THAI, "cp874"),
    (JAPANESE, "cp932"), (JAPANESE, "euc_jp"), (JAPANESE, "iso2022_jp"), (SIMPLIFIED, "gbk"),
    (SIMPLIFIED, "gb18030"), (TRADITIONAL, "big5"), (KOREAN, "euc_kr"), (FRENCH, "cp1252"),
    (FRENCH, "mac_roman"), (GERMAN, "cp1252"), (GERMAN, "iso8859-15"), (GERMAN, "utf-16-le"),
    (GERMAN, "utf-16-be"), (RUSSIAN, "utf-8"), (JAPANESE, "utf-8"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "codec"), WRITTEN, ids=[f"{codec}-{text[:6]}" for text, codec in WRITTEN])
def test_a_text_without_a_declaration_is_read_as_it_was_written(text, codec):
    assert decode(text.encode(codec)).text == text


WRONGLY_CALLED = [one for one in WRITTEN if one[1] not in ("cp1252", "iso8859-15")]
"""For the others that header is right."""


@pytest.mark.parametrize(
    ("text", "codec"), WRONGLY_CALLED, ids=[f"{codec}-{text[:6]}" for text, codec in WRONGLY_CALLED]
)
def test_a_wrong_header_of_a_server_that_calls_all_iso_8859_1_is_overruled(text, codec):
    assert decode(text.encode(codec), "ISO-8859-1").text == text


@pytest.mark.parametrize(("text", "codec"), WRITTEN, ids=[f"{codec}-{text[:6]}" for text, codec in WRITTEN])
def test_a_true_header_is_believed(text, codec):
    assert decode(text.encode(codec), codec.replace("_", "-").replace("iso8859", "iso-8859")).text == text


@pytest.mark.parametrize("label", ["ISO-8859-1", "latin1", "us-ascii", "windows-1252", '"iso-8859-1"'])
def test_quotes_and_the_euro_sign_survive_what_is_called_iso_8859_1(label):
    data = b"He said \x93we close\x94 \x96 it\x92s a storm \x85 for \x805."
    decoded = decode(data, label)
    assert decoded.text == "He said “we close” – it’s a storm … for €5."
    assert (decoded.charset, decoded.found_by, decoded.warnings) == ("windows-1252", "header", ())


@pytest.mark.parametrize("label", ["iso-8859-1", "windows-1251", "gbk", "shift_jis", "", "nonsense"])
def test_valid_utf_8_is_utf_8_whatever_is_declared(label):
    decoded = decode("Häfen – “café” 港".encode(), label)
    assert decoded.text == "Häfen – “café” 港"
    assert (decoded.charset, decoded.found_by) == ("utf-8", "valid UTF-8")


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("GB2312", "gbk"), ("ks_c_5601-1987", "euc-kr"), ("x-sjis", "shift_jis"), ("TIS-620", "windows-874"),
        ("iso-8859-11", "windows-874"), ("iso-8859-9", "windows-1254"), ("latin5", "windows-1254"),
        ("utf-7", ""),
        ("big5-hkscs", "big5"), ("unicode-1-1-utf-8", "utf-8"), ("x-mac-ukrainian", "x-mac-cyrillic"),
        ("base64", ""),
    ],
)  # fmt: skip
def test_labels_mean_what_they_mean_to_browsers(label, name):
    assert charset_named(label) == name


@pytest.mark.parametrize(
    "head",
    [
        '<html><head><meta charset="{}"></head>',
        "<HTML><META HTTP-EQUIV=Content-Type CONTENT='text/html; charset={}'>",
        '<?xml version="1.0" encoding="{}"?><html>',
        "<!-- <meta charset=utf-8> --><meta  charset = '{}' />",
    ],
)
def test_a_page_may_declare_its_own(head):
    data = f"{head.format('windows-1250')}<p>{POLISH}</p>".encode("cp1250")
    assert declared_in(data) == "windows-1250"
    decoded = decode(data, is_markup=True)
    assert POLISH in decoded.text
    assert decoded.found_by == "document"


@pytest.mark.parametrize(
    "text",
    ["It cost £412 a ship.", "It cost 412 £ a ship.", "It’s 412 ships.", "5 m² and 12 km²",
     "© 2024 Harbour Office", "It was 12 °C at sea.", "412 ships – all of them – left…"],
)  # fmt: skip
@pytest.mark.parametrize("header", ["", "iso-8859-1"])
def test_a_sign_in_an_english_text_is_no_letter_of_another_language(text, header):
    decoded = decode(text.encode("cp1252"), header)
    assert (decoded.text, decoded.charset, decoded.warnings) == (text, "windows-1252", ())


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1252"])
def test_a_text_of_a_macintosh_is_read_whatever_a_server_says(declared):
    text = "Die Prüfung der Häfen für Köln kostet mehr."
    assert decode(text.encode("mac_roman"), declared).text == text


def test_utf_7_is_never_decoded():
    assert decode(b"+ADw-script+AD4- is shown as it is", "utf-7").text.startswith("+ADw-script")


def test_marks_of_byte_order_are_believed_first():
    for codec in ("utf-8-sig", "utf-16", "utf-32"):
        decoded = decode("Häfen: 412".encode(codec), "windows-1251")
        assert (decoded.text, decoded.found_by) == ("Häfen: 412", "byte order mark")


def test_line_ends_of_all_systems_are_one():
    assert decode("a\r\nb\rc\u0085d\u2028e\u2029f".encode()).text == "a\nb\nc\nd\ne\n\nf"


def test_a_text_cut_inside_its_last_character_is_read():
    data = (GERMAN + " Häfen").encode()[:-4]
    assert decode(data).text == GERMAN + " H"


def test_one_broken_character_in_utf_8_is_shown_and_reported():
    text = decode(RUSSIAN.encode() + b" \x93 " + RUSSIAN.encode()).text
    assert text.count("\ufffd") == 1
    assert "1 character of the document is lost" in problems_of(text)[0]


@pytest.mark.parametrize("data", [bytes(range(256)) * 20, b"\x89PNG\r\n\x1a\n" + b"\x00\x01\x02" * 500])
def test_what_is_no_text_is_refused(data):
    with pytest.raises(UnreadableText, match=r"not text|could not be recognised"):
        decode(data)


@pytest.mark.parametrize(
    "right",
    [
        *dict(WRITTEN), "Não há CAFÉ” em SÃO TOMÉ – 25 °C, «Été»", "ÅÄÖ åäö, Ærø, Þór, naïve",
        "3½ % für 10 m²",
        "iPhone, MacBook и SMS-ка, COVID-вакцина", "the α-helix and β-carotene of Δt",
        "Tシャツと3Dプリンター",
        "L’ŒUVRE D’ART, ÇA MARCHE", "Đà Nẵng, Việt Nam; Łódź", "Âge: 30 ans", "«Ñandú» y ¿qué? ¡No!",
        "Why? Who? What? See /a?b /c?d /e?f and http://a.example/?q=x",
    ],
)  # fmt: skip
def test_a_text_that_is_right_has_no_problem(right):
    assert problems_of(right) == ()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("The cafÃ© at the pier saidâ€™ no", "garbled"),
        ("Itâ€™s a storm", "garbled"),
        (RUSSIAN.encode().decode("cp1251", "replace"), "garbled"),
        (RUSSIAN.encode().decode("latin-1"), "garbled"),
        (JAPANESE.encode().decode("cp1252", "replace"), "garbled"),
        ("They met in a cafÃ© at the pier.", "garbled"),
        ("Die Pr?fung der H?fen in K?ln kostet mehr.", "Question marks"),
        ("It\x92s a \x93storm\x94", "cannot be shown"),
        ("Ships \ufffd\ufffd waited", "2 characters"),
        ("Вoйнa и миp нaчaлиcь, кaк пиcaл oн вчeрa", "different scripts"),
    ],
)
def test_what_was_garbled_before_is_a_warning(wrong, words):
    assert any(words in problem for problem in problems_of(wrong))


def test_a_long_text_of_odd_bytes_takes_no_long_time():
    for data in (
        b"\xc3" * 1_000_000,
        b"<" * 1_000_000 + b"\xe9",
        b"<!--" * 200_000 + b"\xe9",
        b"\x93 \xe9a" * 200_000,
    ):
        try:
            problems_of(decode(data, is_markup=True).text)
        except UnreadableText:
            pass


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
@pytest.mark.parametrize("content_type", ["text/html", ""])
def test_a_page_in_utf_16_is_read_with_and_without_a_byte_order_mark(encoding, content_type):
    page = "<html><body><h1>Der Hafen</h1><p>Der Hafen zählte 412 Schiffe im Frühjahr.</p></body></html>"
    reading = read_bytes(page.encode(encoding), content_type=content_type)
    assert (reading.media_type, reading.text) == (
        "text/html",
        "Der Hafen\n\nDer Hafen zählte 412 Schiffe im Frühjahr.",
    )


def test_a_page_says_that_its_charset_was_doubted_and_bytes_that_are_no_text_name_every_format():
    page = "<html><body><p>Порт принял четыреста двенадцать судов весной.</p></body></html>" * 3
    reading = read_bytes(page.encode("cp1251"), content_type="text/html; charset=iso-8859-1")
    assert reading.charset == "windows-1251"
    assert any("declared as windows-1252" in warning for warning in reading.warnings)
    with pytest.raises(UnreadableText, match=r"HTML, Markdown, .*EPUB, RTF.* or TSV"):
        read_bytes(bytes(range(256)) * 20, content_type="text/html")
