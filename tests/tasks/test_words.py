"""Lengths and units of comparison follow the script: words, characters, or letters that make a word."""

import pytest

from tasks.pipeline.text.languages import Stems, language
from tasks.pipeline.text.words import minutes_to_read, reading_minutes, unit_of_length, word_count, words

CHINESE = "街道两旁的树木使下面的人行道降温了好几度。"
JAPANESE = "街路樹は夏の歩道の気温を数度下げる。"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("– & * …", 0),
        ("Don't count 3.5 well-known things — or 1,200 of them.", 9),
        ("l’arbre à l'ombre", 3),
        (CHINESE, 20),
        (JAPANESE, 17),
        ("ﾊﾞｽは来ない｡", 7),
        ("東京タワーは1958年に333 mで建った。", 15),
        ("나무는 여름에 거리를 시원하게 한다.", 5),
        ("किताब में 3.5 लाख शब्द हैं।", 6),
        ("می‌خواهم بروم", 2),
        ("ต้นไม้ริมถนนทำให้ทางเท้าเย็นลงหลายองศา", 8),
        ("街の木 trees が good だ", 7),
    ],
)
def test_a_text_is_as_long_as_its_readers_say(text, length):
    assert word_count(text) == length


def test_lengths_of_joined_texts_add_up():
    for text in (CHINESE, JAPANESE, "Trees cool streets.", "나무는 거리를 식힌다."):
        assert word_count(f"{text} {text}") == 2 * word_count(text)


def test_reading_time_goes_by_characters_where_a_language_has_no_spaces():
    assert reading_minutes("水が高い" * 470) == minutes_to_read(1880, "ja") == 4
    assert reading_minutes("水位上升" * 650) == minutes_to_read(2600, "zh-Hant-TW") == 10
    assert reading_minutes("word " * 690) == minutes_to_read(690, "en") == 3
    assert reading_minutes("") == minutes_to_read(0, "") == 1


@pytest.mark.parametrize(
    ("code", "unit"), [("ja", "characters"), ("zh-TW", "characters"), ("ko", "words"), ("th", "words")]
)
def test_the_unit_of_a_length_is_named(code, unit):
    assert unit_of_length(code) == unit


def test_words_are_whole_with_their_marks_and_joiners():
    assert words("किताब में 3.5 लाख", "hi") == ["किताब", "में", "3", "5", "लाख"]
    assert words("می‌خواهم don’t l'arbre", "fa") == ["می‌خواهم", "don’t", "l'arbre"]
    assert words('צה"ל ועוד צה״ל', "he") == ["צה", "ל", "ועוד", "צה״ל"]
    assert words("e\u0301te\u0301", "fr") == ["e\u0301te\u0301"]


def test_scripts_without_blanks_are_compared_by_neighbours():
    assert words("街道两旁", "zh") == ["街道", "道两", "两旁"]
    assert words("東京タワーへ行く", "ja") == ["東京", "タワー", "へ", "行", "く"]
    assert words("水", "zh") == ["水"]
    assert words("ถนน", "th") == ["ถนน"]
    assert words("Python 3 的街道", "zh") == ["Python", "3", "的街", "街道"]


TRUE_AND_INVENTED = {
    "zh": (
        "1905年4月，一场风暴使港口关闭了六天。港务局当年登记了412艘船只。老灯塔建于1788年，至今仍在使用。"
        "春季的洪水淹没了下城的三条街道。渔民协会在码头旁建了一座新仓库。",
        "市长在广场上为获奖的足球队举行了盛大的欢迎仪式。",
    ),
    "ja": (
        "1905年4月、嵐のため港は六日間閉鎖された。港湾事務所はこの年に412隻の船を記録した。"
        "古い灯台は1788年に建てられ、現在も使われている。春の洪水は下町の三つの通りを水浸しにした。"
        "漁業組合は埠頭の隣に新しい倉庫を建てた。",
        "市長は広場で優勝したサッカーチームの盛大な歓迎会を開いた。",
    ),
    "ko": (
        "1905년 4월 폭풍 때문에 항구가 엿새 동안 폐쇄되었다. 항만청은 그해 선박 412척을 기록했다. "
        "오래된 등대는 1788년에 세워져 지금도 쓰인다. 봄철 홍수가 아랫마을의 세 거리를 덮쳤다. "
        "어민 조합은 부두 옆에 새 창고를 지었다.",
        "시장은 광장에서 우승한 축구팀을 위해 성대한 환영식을 열었다.",
    ),
    "th": (
        "พายุในเดือนเมษายนทำให้ท่าเรือปิดหกวัน สำนักงานท่าเรือบันทึกเรือ 412 ลำในปีนั้น "
        "ประภาคารเก่าสร้างขึ้นใน พ.ศ. 2331 และยังใช้งานอยู่",
        "นายกเทศมนตรีจัดงานต้อนรับทีมฟุตบอลที่ชนะเลิศอย่างยิ่งใหญ่",
    ),
}


@pytest.mark.parametrize("code", TRUE_AND_INVENTED)
def test_an_invented_sentence_shares_few_stems_with_true_ones(code):
    true, invented = TRUE_AND_INVENTED[code]
    stems = Stems(language(code))
    known = set(stems.of_text(true))
    of_invented = set(stems.of_text(invented))
    assert len(of_invented) >= 5
    assert len(of_invented & known) / len(of_invented) < 0.25


@pytest.mark.parametrize(
    ("code", "one", "other"),
    [
        ("ko", "나무는 거리를 식힌다", "나무가 거리에서"),
        ("ja", "街路樹は気温を下げる", "気温が下がる街路樹"),
        ("zh", "行道树降低气温", "气温因行道树而下降"),
        ("sv", "träden kyler gatorna", "trädet i gatan"),
        ("pl", "drzewa chłodzą ulice", "drzewo na ulicy"),
        ("ru", "деревья охлаждают улицы", "дерево на улице"),
        ("tr", "ağaçlar sokakları serinletir", "ağacın sokakta"),
        ("fi", "talot varjostavat puistoa", "talossa puistossa"),
        ("hi", "पेड़ सड़कों को ठंडा करते हैं", "सड़क पर पेड़"),
        ("el", "τα δέντρα δροσίζουν τους δρόμους", "δέντρο στον δρόμο"),
        ("ar", "الأشجار تبرد الشوارع", "الأشجارُ في الشوارع"),
    ],
)
def test_inflected_words_have_a_stem_in_common(code, one, other):
    stems = Stems(language(code))
    assert set(stems.of_text(one)) & set(stems.of_text(other))


def test_typography_makes_no_difference_to_stems():
    stems = Stems(language("ja"))
    assert stems.of_text("ﾊﾞｽの停留所") == stems.of_text("バスの停留所")
    assert Stems(language("en")).of_text("The oﬃce’s ﬂoods") == Stems(language("en")).of_text(
        "the office's floods"
    )


def test_counting_takes_no_longer_than_the_text_is():
    for text in ("水" * 300_000, "ก" * 300_000, "a'" * 150_000, "—" * 300_000, "\u0301" * 300_000):
        word_count(text)
        words(text, "zh")
