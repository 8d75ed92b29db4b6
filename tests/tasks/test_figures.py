"""Figures are values: the same however they are written, and different where they mean something else."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tasks.pipeline.text.figures import (
    Figure,
    FigureKind,
    figures,
    has_figure,
    missing_figures,
    nearest,
    same,
    values,
)

RIGHT_VALUES = [
    # Digits and their separators, by language
    ("en", "1,500 ships", [(1500, "")]),
    ("en", "1.500 ships", [("1.5", "")]),
    ("de", "1.500 Schiffe", [(1500, "")]),
    ("de", "1,500 Liter", [("1.5", "litre")]),
    ("en", "1,234,567.89", [("1234567.89", "")]),
    ("de", "1.234.567,89", [("1234567.89", "")]),
    ("fr", "1 500 navires", [(1500, "")]),
    ("fr", "1\u202f500 navires", [(1500, "")]),
    ("en", "1\u00a0500 ships", [(1500, "")]),
    ("en", "1\u2009234\u2009567 ships", [(1234567, "")]),
    ("de", "1'500 Franken", [(1500, "franc")]),
    ("de", "1’500’000 Franken", [(1500000, "franc")]),
    ("hi", "1,23,456", [(123456, "")]),
    ("en", "12,34,56,789", [(123456789, "")]),
    ("en", "0.125", [("0.125", "")]),
    ("de", "0,125", [("0.125", "")]),
    ("en", "a value of .5 here", [("0.5", "")]),
    ("sv", "12 400 personer", [(12400, "")]),
    # Other scripts
    ("ar", "٤١٢ سفينة", [(412, "")]),
    ("ar", "١٬٥٠٠", [(1500, "")]),
    ("ar", "٣٫٥ مليون", [(3500000, "")]),
    ("ar", "٣٠٪", [(30, "percent")]),
    ("fa", "۴۱۲ کشتی", [(412, "")]),
    ("hi", "४१२ जहाज", [(412, "")]),
    ("bn", "৪১২", [(412, "")]),
    ("th", "๔๑๒ ลำ", [(412, "")]),
    ("ja", "４１２隻", [(412, "")]),
    ("ja", "１，５００", [(1500, "")]),
    # Chinese, Japanese, Korean, Thai, Indian
    ("zh", "共有412艘船", [(412, "")]),
    ("zh", "四百一十二艘船", [(412, "")]),
    ("zh", "三百二十家企业", [(320, "")]),
    ("zh", "三百零五人", [(305, "")]),
    ("zh", "两千人", [(2000, "")]),
    ("zh", "3.5万人", [(35000, "")]),
    ("zh", "三万亿元", [(3 * 10**12, "yuan")]),
    ("zh", "5亿元", [(500000000, "yuan")]),
    ("zh", "百分之三十", [(30, "percent")]),
    ("zh", "百分之三点五", [("3.5", "percent")]),
    ("zh", "3个百分点", [(3, "percentage points")]),
    ("zh", "三分之二", [(Decimal(2) / 3, "")]),
    ("zh", "二〇二四年", [(2024, "")]),
    ("zh", "25平方米", [(25, "m²")]),
    ("ja", "四百十二隻", [(412, "")]),
    ("ja", "1億2000万人", [(120000000, "")]),
    ("ja", "3千万円", [(30000000, "yen")]),
    ("ja", "3割", [(30, "percent")]),
    ("ja", "3分の2", [(Decimal(2) / 3, "")]),
    ("ja", "30パーセント", [(30, "percent")]),
    ("ja", "3ポイント", [(3, "percentage points")]),
    ("ko", "412척", [(412, "")]),
    ("ko", "3만 명", [(30000, "")]),
    ("ko", "3만5천 명", [(35000, "")]),
    ("ko", "1억 2000만 명", [(120000000, "")]),
    ("ko", "30퍼센트", [(30, "percent")]),
    ("ko", "삼백이십 척", [(320, "")]),
    ("th", "3 ล้านคน", [(3000000, "")]),
    ("th", "30 เปอร์เซ็นต์", [(30, "percent")]),
    ("hi", "3 लाख", [(300000, "")]),
    ("hi", "5 करोड़", [(50000000, "")]),
    ("hi", "30 प्रतिशत", [(30, "percent")]),
    ("en", "3 lakh people", [(300000, "")]),
    ("en", "5 crore rupees", [(50000000, "rupee")]),
    # Words that multiply
    ("en", "2.3 million", [(2300000, "")]),
    ("en", "1.2bn", [(1200000000, "")]),
    ("en", "3k downloads", [(3000, "")]),
    ("en", "1.2 billion", [(1200000000, "")]),
    ("en", "1 trillion", [(10**12, "")]),
    ("de", "2,3 Mio. Euro", [(2300000, "euro")]),
    ("de", "1,2 Milliarden", [(1200000000, "")]),
    ("de", "3 Billionen", [(3 * 10**12, "")]),
    ("de", "5 Tsd. Stück", [(5000, "")]),
    ("fr", "2 billions", [(2 * 10**12, "")]),
    ("fr", "3,5 milliards d’euros", [(3500000000, "euro")]),
    ("es", "3 mil millones", [(3 * 10**9, "")]),
    ("es", "2 billones", [(2 * 10**12, "")]),
    ("it", "2 miliardi", [(2 * 10**9, "")]),
    ("nl", "2 miljard", [(2 * 10**9, "")]),
    ("pt", "2 bilhões", [(2 * 10**9, "")]),
    ("pl", "5 tys. osób", [(5000, "")]),
    ("ru", "5 тыс. человек", [(5000, "")]),
    ("ru", "3,5 млн рублей", [(3500000, "rouble")]),
    # Exponents, fractions, signs
    ("en", "10⁶ crates", [(1000000, "")]),
    ("en", "10^6 crates", [(1000000, "")]),
    ("en", "1e6", [(1000000, "")]),
    ("en", "1.2 × 10^6", [(1200000, "")]),
    ("en", "1.2·10⁻³", [("0.0012", "")]),
    ("en", "412³ ships", [(412, "")]),
    ("en", "½", [("0.5", "")]),
    ("en", "2½ hours", [("2.5", "hour")]),
    ("en", "1 1/2 cups", [("1.5", "")]),
    ("en", "3/4 of it", [("0.75", "")]),
    ("en", "1⁄4", [("0.25", "")]),
    ("en", "−3 °C", [(-3, "°C")]),
    ("en", "at -3 °C", [(-3, "°C")]),
    ("en", "at –3 °C", [(-3, "°C")]),
    ("en", "minus 3 degrees", [(-3, "degree")]),
    ("de", "minus 3 Grad", [(-3, "degree")]),
    ("fr", "moins 3 degrés", [(-3, "degree")]),
    # Units
    ("en", "3 percent", [(3, "percent")]),
    ("en", "3 per cent", [(3, "percent")]),
    ("en", "3%", [(3, "percent")]),
    ("de", "3 Prozent", [(3, "percent")]),
    ("fr", "3 pour cent", [(3, "percent")]),
    ("es", "3 por ciento", [(3, "percent")]),
    ("ru", "3 процента", [(3, "percent")]),
    ("en", "3 percentage points", [(3, "percentage points")]),
    ("en", "a 3-percentage-point rise", [(3, "percentage points")]),
    ("de", "3 Prozentpunkte", [(3, "percentage points")]),
    ("fr", "3 points de pourcentage", [(3, "percentage points")]),
    ("es", "3 puntos porcentuales", [(3, "percentage points")]),
    ("en", "25 m²", [(25, "m²")]),
    ("en", "25 m^2", [(25, "m²")]),
    ("en", "25 m", [(25, "m")]),
    ("en", "25 square metres", [(25, "m²")]),
    ("de", "25 Quadratmeter", [(25, "m²")]),
    ("en", "5 km", [(5, "km")]),
    ("en", "a 5-kilometre run", [(5, "km")]),
    ("en", "5km/h", [(5, "km/h")]),
    ("en", "$5", [(5, "dollar")]),
    ("en", "€5", [(5, "euro")]),
    ("en", "US$ 3.5 billion", [(3500000000, "dollar.us")]),
    ("en", "EUR 5", [(5, "euro")]),
    ("en", "-$5", [(-5, "dollar")]),
    ("en", "5 kg", [(5, "kg")]),
    ("en", "5 g", [(5, "g")]),
    ("en", "5 degrees Celsius", [(5, "°C")]),
    # Ranges and lists
    ("en", "5-10 percent", [(5, "percent"), (10, "percent")]),
    ("en", "5–10 %", [(5, "percent"), (10, "percent")]),
    ("en", "5 – 10 %", [(5, "percent"), (10, "percent")]),
    ("en", "from 5 to 10 percent", [(5, "percent"), (10, "percent")]),
    ("en", "between 5 and 10 percent", [(5, "percent"), (10, "percent")]),
    ("de", "5 bis 10 Prozent", [(5, "percent"), (10, "percent")]),
    ("en", "5, 10 and 15 percent", [(5, "percent"), (10, "percent"), (15, "percent")]),
    ("en", "2024-2026", [(2024, ""), (2026, "")]),
    ("en", "1939–45", [(1939, ""), (1945, "")]),
    ("en", "$5-10 million", [(5000000, "dollar"), (10000000, "dollar")]),
    ("en", "between 3 and 4 million euros", [(3000000, "euro"), (4000000, "euro")]),
    # Ordinals, decades, centuries
    ("en", "the 19th century", [(19, "century")]),
    ("de", "im 19. Jahrhundert", [(19, "century")]),
    ("en", "the 1990s", [(1990, "decade")]),
    ("de", "die 1990er Jahre", [(1990, "decade")]),
    ("en", "the 21st ship", [(21, "")]),
]


@pytest.mark.parametrize(("code", "text", "right"), RIGHT_VALUES)
def test_a_figure_has_its_value_and_unit(code, text, right):
    found = [(one.quantities[0].value, one.unit) for one in figures(text, code)]
    assert found == [(Decimal(value), unit) for value, unit in right]


SPELLED = [
    ("en", "forty-two", 42),
    ("en", "three hundred and twelve", 312),
    ("en", "one hundred and four thousand nine hundred and forty-seven", 104947),
    ("en", "two and a half million", 2500000),
    ("en", "half a million", 500000),
    ("en", "nineteen ninety-four", 1994),
    ("en", "twenty twenty-four", 2024),
    ("en", "a dozen", 12),
    ("en", "two dozen", 24),
    ("en", "a hundred", 100),
    ("en", "two point five", "2.5"),
    ("en", "two thirds", Decimal(2) / 3),
    ("en", "three-quarters", "0.75"),
    ("en", "a quarter of", "0.25"),
    ("en", "half of", "0.5"),
    ("en", "twenty-first", 21),
    ("de", "zweiundvierzig", 42),
    ("de", "dreihundertzwölf", 312),
    ("de", "eineinhalb", "1.5"),
    ("de", "anderthalb", "1.5"),
    ("de", "zweieinhalb Millionen", 2500000),
    ("de", "zwei Millionen dreihunderttausend", 2300000),
    ("de", "zwei Drittel", Decimal(2) / 3),
    ("fr", "quatre-vingt-dix-sept", 97),
    ("fr", "vingt et un", 21),
    ("fr", "soixante et onze", 71),
    ("fr", "deux mille", 2000),
    ("fr", "cent dix-sept", 117),
    ("fr", "deux tiers", Decimal(2) / 3),
    ("es", "mil millones", 10**9),
    ("es", "cuarenta y nueve mil quinientos catorce", 49514),
    ("es", "tres cuartos", "0.75"),
    ("it", "trecentododici", 312),
    ("it", "duemilatrecento", 2300),
    ("it", "ventuno", 21),
    ("nl", "tweeënveertig", 42),
    ("nl", "driehonderdtwaalf", 312),
    ("pt", "duzentos e cinquenta e três", 253),
    ("pt", "mil novecentos e noventa e nove", 1999),
]


@pytest.mark.parametrize(("code", "text", "right"), SPELLED)
def test_a_number_in_words_has_its_value(code, text, right):
    (found,) = figures(text, code)
    assert found.values[0] == Decimal(right)
    assert found.is_spelled


NAMES = [
    ("en", "3 March 2024", "2024-03-03"),
    ("en", "March 3, 2024", "2024-03-03"),
    ("en", "the 3rd of March 2024", "2024-03-03"),
    ("en", "2024-03-03", "2024-03-03"),
    ("de", "3. März 2024", "2024-03-03"),
    ("de", "3.3.2024", "2024-03-03"),
    ("de", "03.03.2024", "2024-03-03"),
    ("fr", "1er mars 2024", "2024-03-01"),
    ("es", "3 de marzo de 2024", "2024-03-03"),
    ("it", "3 marzo 2024", "2024-03-03"),
    ("pt", "3 de março de 2024", "2024-03-03"),
    ("nl", "3 maart 2024", "2024-03-03"),
    ("pl", "3 marca 2024", "2024-03-03"),
    ("ru", "3 марта 2024 года", "2024-03-03"),
    ("zh", "2024年3月3日", "2024-03-03"),
    ("ja", "２０２４年３月３日", "2024-03-03"),
    ("ko", "2024년 3월 3일", "2024-03-03"),
    ("th", "3 มีนาคม 2024", "2024-03-03"),
    ("ar", "3 مارس 2024", "2024-03-03"),
    ("hi", "3 मार्च 2024", "2024-03-03"),
    ("en", "March 2024", "2024-03"),
    ("en", "3 March", "--03-03"),
    ("ja", "3月3日", "--03-03"),
    ("en", "737-800", "737-800"),
    ("en", "COVID-19", "covid19"),
    ("en", "A320-200", "a320200"),
    ("en", "ISO 9001:2015", "9001:2015"),
    ("en", "section 4.2.1", "4.2.1"),
    ("en", "version 3.11.7", "3.11.7"),
    ("en", "version 3.10", "3.10"),
    ("en", "14:30", "14:30"),
    ("de", "14.30 Uhr", "14:30"),
    ("fr", "14h30", "14:30"),
    ("en", "3:2", "3:2"),
]


@pytest.mark.parametrize(("code", "text", "name"), NAMES)
def test_a_date_or_identifier_has_one_name_however_it_is_written(code, text, name):
    (found,) = figures(text, code)
    assert name in found.names


def test_a_date_of_digits_alone_may_be_one_of_two():
    (found,) = figures("03/04/2024", "en")
    assert found.names == ("2024-03-04", "2024-04-03")


def test_what_is_ambiguous_has_both_values_where_the_language_is_not_known():
    assert {value for one in figures("1.500", "") for value in one.values} == {Decimal("1.5"), Decimal(1500)}


def test_other_figures_of_the_text_tell_its_decimal_mark():
    (first, *_) = figures("1.500 tonnes, at 3,5 percent, then 4,2 percent", "en")
    assert set(first.values) == {Decimal("1.5"), Decimal(1500)}


FOUND = [
    ("en", "2.3 million", "en", "2,300,000"),
    ("en", "5 to 10 percent", "en", "5–10 %"),
    ("en", "5–10 percent", "de", "5 bis 10 Prozent"),
    ("en", "412 ships", "zh", "四百一十二艘船"),
    ("en", "412", "ar", "٤١٢"),
    ("en", "3 March 2024", "de", "am 3.3.2024"),
    ("en", "3 March 2024", "ja", "2024年3月3日"),
    ("en", "March 2024", "en", "3 March 2024"),
    ("en", "in 2024", "en", "2024-03-03"),
    ("en", "on 3 March 2024", "en", "In 2024 much happened. On 3 March it rained."),
    ("en", "4 March 2024", "en", "03/04/2024"),
    ("en", "1.2bn", "de", "1,2 Mrd."),
    ("en", "forty-two", "de", "zweiundvierzig"),
    ("en", "two thirds", "zh", "三分之二"),
    ("en", "half of the ships", "en", "50 percent of the ships"),
    ("en", "fell by 3 percent", "en", "-3 %"),
    ("en", "-3 percent", "en", "a decline of 3 percent"),
    ("en", "aged 18-25", "en", "aged 18 to 25"),
    ("en", "1500", "de", "1.500"),
    ("en", "25 m²", "de", "25 Quadratmeter"),
    ("en", "five kilometres", "en", "5 km"),
    ("en", "5 km", "en", "Length (km): 5"),
    ("en", "PM2.5", "en", "PM 2.5 levels"),
    ("en", "Covid-19", "en", "COVID‑19"),
    ("en", "the 1990s", "de", "in den 1990ern"),
    ("en", "19th century", "de", "im 19. Jahrhundert"),
    ("ko", "3만 5천", "en", "35,000"),
    ("en", "$5 million", "en", "USD 5m"),
    ("en", "350,000 people", "zh", "35万人"),
    ("ja", "３割", "en", "30%"),
    ("en", "one of the two sides came first", "en", "nothing"),
    ("fr", "un des deux", "fr", "rien"),
    ("de", "eine der zwei Seiten", "de", "nichts"),
    ("en", "rose by 3.5%", "en", "rose by three and a half percent"),
    ("en", "three and a half percent", "en", "3.5 %"),
    ("en", "a population of 1.4 million", "en", "1,400,000 inhabitants"),
    ("en", "£2.5m", "en", "£2.5 million"),
    ("en", "$1.2bn", "en", "1.2 billion dollars"),
    ("en", "EUR 1.5 million", "de", "1,5 Mio. €"),
    ("en", "1.5 million euros", "fr", "1,5 M€"),
    ("en", "1.5 million euros", "fr", "1,5 million d'euros"),
    ("en", "€20,000", "de", "20.000 Euro"),
    ("en", "20,000 euros", "de", "EUR 20.000,–"),
    ("en", "20,000 Swiss francs", "de", "CHF 20'000.-"),
    ("en", "a third of households", "en", "33⅓ percent"),
    ("en", "one in five", "en", "one in five people"),
    ("en", "1 in 5", "en", "one in five"),
    ("en", "on 3 March", "en", "On March 3rd"),
    ("en", "on the 3rd of March", "en", "3 March"),
    ("en", "Monday, 3 March 2024", "en", "3/3/2024"),
    ("en", "3 Mar 2024", "en", "3 March 2024"),
    ("en", "from 3 to 5 March 2024", "en", "3–5 March 2024"),
    ("en", "3–5 March 2024", "en", "from 3 to 5 March 2024"),
    ("en", "between March and May 2024", "en", "in March, April and May 2024"),
    ("en", "in the 1990s", "en", "during the 1990s"),
    ("en", "in the nineties", "en", "in the nineties"),
    ("en", "the '90s", "en", "the 1990s"),
    ("en", "at 2:30 pm", "en", "at 2.30 p.m."),
    ("en", "at 2:30 pm", "en", "2:30pm"),
    ("en", "from 9 to 17", "de", "9–17 Uhr"),
    ("de", "um 14:30 Uhr", "de", "14.30 Uhr"),
    ("en", "the 2023/24 season", "en", "2023-24"),
    ("en", "the 2023–24 season", "en", "2023/24"),
    ("en", "2023-2024", "en", "2023/2024"),
    ("en", "5 to 10 kilometres", "en", "5-10 km"),
    ("en", "5 km to 10 km", "en", "5-10 km"),
    ("en", "between five and ten percent", "en", "5–10%"),
    ("en", "5%–10%", "en", "5–10 percent"),
    ("en", "5% to 10%", "en", "5-10%"),
    ("en", "−5 to 10 °C", "en", "-5–10 °C"),
    ("en", "below minus 5 degrees", "en", "−5°"),
    ("en", "a temperature of -5C", "en", "−5 °C"),
    ("en", "20°C", "en", "20 degrees Celsius"),
    ("en", "20 °C", "de", "20 Grad Celsius"),
    ("en", "20 degrees", "en", "20°C"),
    ("en", "CO2 emissions of 5 Mt", "en", "CO₂ emissions of 5 megatonnes"),
    ("en", "H2O", "en", "H₂O"),
    ("en", "PM2.5", "en", "PM₂.₅"),
    ("en", "10,000 m²", "en", "10 000 m2"),
    ("en", "25 sq m", "en", "25 m²"),
    ("en", "25 square feet", "en", "25 ft²"),
    ("en", "5 cubic metres", "en", "5 m³"),
    ("en", "100 km/h", "en", "100 kilometres per hour"),
    ("en", "100 kph", "en", "100 km/h"),
    ("en", "fifty-fifty", "en", "fifty-fifty"),
    ("en", "twenty-odd", "en", "twenty-odd"),
    ("en", "a hundred and one", "en", "101"),
    ("en", "1,001 nights", "en", "one thousand and one nights"),
    ("en", "thirty thousand", "en", "30,000"),
    ("en", "thirty to forty thousand", "en", "30,000 to 40,000"),
    ("en", "two or three hundred", "en", "200 or 300"),
    ("en", "1.5x", "en", "1.5 times"),
    ("en", "3x faster", "en", "three times faster"),
    ("en", "three-fold", "en", "threefold"),
    ("en", "ages 5–10", "en", "aged five to ten"),
    ("en", "six-year-old", "en", "6 years old"),
    ("en", "a 6-year-old", "en", "six years of age"),
    ("en", "24-hour", "en", "24 hours"),
    ("en", "No. 5", "en", "number five"),
    ("en", "#5", "en", "No. 5"),
    ("en", "Chapter 5", "en", "chapter five"),
    ("en", "World War 2", "en", "World War Two"),
    ("en", "4.0 percent", "en", "4%"),
    ("en", "4,0", "en", "4.0"),
    ("de", "4,0 Prozent", "en", "4%"),
    ("en", "100 000", "en", "100,000"),
    ("en", "100,000", "sv", "100 000"),
    ("en", "12 million", "zh", "1200万"),
    ("en", "1.2 billion", "zh", "12亿"),
    ("en", "350 million", "ja", "3億5000万"),
    ("ja", "3億5,000万円", "ja", "3.5億円"),
    ("zh", "３．５％", "zh", "3.5%"),
    ("zh", "五成", "zh", "50%"),
    ("zh", "一半以上", "zh", "50%以上"),
    ("zh", "二十一世纪", "en", "21st century"),
    ("zh", "20世纪90年代", "en", "1990s"),
    ("ja", "令和6年", "ja", "令和6年"),
    ("ja", "二〇二四年三月三日", "ja", "2024年3月3日"),
    ("zh", "2024年3月3日", "zh", "二〇二四年三月三日"),
    ("ja", "第3章", "ja", "第三章"),
    ("zh", "3月", "zh", "三月"),
    ("zh", "十二月", "zh", "12月"),
    ("ko", "삼백이십 개", "ko", "320개"),
    ("ko", "2024년", "ko", "2024년 3월"),
    ("ko", "30%", "ko", "30퍼센트"),
    ("ko", "3천만 원", "ko", "3000만 원"),
    ("th", "๑,๒๐๐ บาท", "th", "1,200 บาท"),
    ("hi", "12 लाख", "hi", "12,00,000"),
    ("en", "12 lakh", "en", "1,200,000"),
    ("ar", "٢٠٢٤", "ar", "2024"),
    ("fa", "۲۰۲۴", "fa", "2024"),
    ("ar", "١٢٫٥٪", "ar", "12.5%"),
    ("de", "einhundertzwanzig", "de", "120"),
    ("de", "hundertzwanzig", "de", "120"),
    ("de", "zwölf Millionen", "de", "12.000.000"),
    ("de", "1,5 Mio", "de", "1.500.000"),
    ("de", "30 v. H.", "de", "30 %"),
    ("de", "ein Drittel", "de", "1/3"),
    ("de", "die Hälfte", "de", "50 Prozent"),
    ("de", "drei Viertel", "de", "75 Prozent"),
    ("de", "im Jahr 2024", "de", "2024"),
    ("de", "am 3.3.", "de", "am 3. März"),
    ("de", "3. bis 5. März 2024", "de", "3.–5. März 2024"),
    ("de", "der 1. Mai", "de", "am ersten Mai"),
    ("fr", "mille neuf cent quatre-vingt-dix-neuf", "fr", "1999"),
    ("fr", "12,5 %", "fr", "douze virgule cinq pour cent"),
    ("fr", "le 1er janvier", "fr", "1 janvier"),
    ("fr", "2 500 €", "fr", "2.500 euros"),
    ("fr", "la moitié", "fr", "50 %"),
    ("fr", "vingt-trois mille", "fr", "23 000"),
    ("es", "1.500.000", "es", "un millón y medio"),
    ("es", "el 12,5 %", "es", "12.5%"),
    ("es", "veintitrés mil", "es", "23.000"),
    ("es", "siglo 21", "en", "21st century"),
    ("it", "mezzo milione", "it", "500.000"),
    ("it", "mille e cinquecento", "it", "1.500"),
    ("pt", "R$ 5 milhões", "pt", "5 milhões de reais"),
    ("pt", "meio milhão", "pt", "500 mil"),
    ("nl", "anderhalf miljoen", "nl", "1,5 miljoen"),
    ("ru", "2 млн человек", "ru", "2 миллиона человек"),
    ("ru", "3,5 тыс.", "ru", "3500"),
    ("ru", "1990-е годы", "en", "the 1990s"),
    ("pl", "5 mln zł", "pl", "5 000 000 zł"),
    ("sv", "3,5 miljoner kronor", "sv", "3 500 000 kr"),
    ("en", "10^6", "en", "1 million"),
    ("en", "3×10⁸ m/s", "en", "3 × 10^8 m/s"),
    ("en", "6.02e23", "en", "6.02 × 10²³"),
    ("en", "the ratio is 3:1", "en", "3:1"),
    ("en", "a 3–1 win", "en", "3-1"),
    ("en", "scored 3-1", "en", "won 3–1"),
    ("en", "iPhone 15", "en", "the iPhone 15"),
    ("en", "Windows 11", "en", "Windows 11"),
    ("en", "Boeing 737", "en", "Boeing 737-800"),
    ("en", "section 4.2", "en", "§ 4.2"),
    ("en", "Article 5(2)", "en", "Art. 5 (2)"),
    ("en", "ISO 9001", "en", "ISO 9001:2015"),
    ("en", "Python 3.11", "en", "Python 3.11.7"),
    ("en", "12 pounds", "en", "12 lb"),
    ("en", "0.5 mm", "en", "half a millimetre"),
    ("en", "half an hour", "en", "½ hour"),
    ("fr", "12h30", "fr", "12 h 30"),
    ("pl", "1,5 mld zł", "pl", "1,5 miliarda złotych"),
]


@pytest.mark.parametrize(("draft_code", "draft", "source_code", "source"), FOUND)
def test_a_figure_is_found_however_the_source_writes_it(draft_code, draft, source_code, source):
    assert missing_figures(draft, draft_code, source, source_code) == []


MISSING = [
    ("en", "12 lb", "en", "£12"),
    ("en", "5-90 percent", "en", "5-10 percent"),
    ("en", "5-90 percent", "en", "5-10 percent here and 90 percent there"),
    ("en", "2024-2031", "en", "2024-2026"),
    ("en", "737-900", "en", "737-800 with 900 seats"),
    ("en", "1.2 billion", "en", "1.2 million"),
    ("en", "1.2 billion", "de", "1,2 Billionen"),
    ("en", "3 percent", "en", "3 percentage points"),
    ("en", "3 percent", "en", "3 ships"),
    ("en", "25 m", "en", "25 m²"),
    ("en", "5 kg", "en", "5 g"),
    ("en", "5 miles", "en", "5 km"),
    ("en", "5000 m", "en", "5 km"),
    ("en", "$5", "en", "€5"),
    ("en", "3 °C", "en", "−3 °C"),
    ("en", "about 400", "en", "412"),
    ("en", "more than 400", "en", "412"),
    ("en", "912", "zh", "412艘"),
    ("zh", "912艘", "zh", "412艘"),
    ("ja", "九百十二隻", "ja", "四百十二隻"),
    ("ko", "912척", "ko", "412척"),
    ("th", "๙๑๒ ลำ", "th", "๔๑๒ ลำ"),
    ("ar", "٩١٢ سفينة", "ar", "٤١٢ سفينة"),
    ("hi", "९१२ जहाज", "hi", "४१२ जहाज"),
    ("en", "ninety ships", "en", "ten ships"),
    ("de", "neunzig Schiffe", "de", "zehn Schiffe"),
    ("en", "COVID-20", "en", "COVID-19"),
    ("en", "3.12.7", "en", "3.11.7"),
    ("en", "version 3.1", "en", "version 3.10"),
    ("en", "14:40", "en", "14:30"),
    ("en", "3:1", "en", "3:2"),
    ("en", "4 March 2024", "en", "3 March 2024"),
    ("en", "April 2024", "en", "March 2024"),
    ("en", "10^7", "en", "10⁶"),
    ("en", "three quarters", "en", "two thirds"),
    ("en", "106 crates", "en", "10⁶ crates"),
    ("en", "4123 ships", "en", "412³ ships"),
    ("en", "3.6%", "en", "3.5%"),
    ("en", "$5 billion", "en", "$5 million"),
    ("en", "5 million", "en", "5"),
    ("en", "5", "en", "5 million"),
    ("en", "two million", "en", "2 billion"),
    ("en", "4 March", "en", "3 March"),
    ("en", "3 May 2024", "en", "3 March 2024"),
    ("en", "3 March 2025", "en", "3 March 2024"),
    ("en", "2:30 am", "en", "2:30 pm"),
    ("en", "15:30", "en", "14:30"),
    ("en", "the 1980s", "en", "the 1990s"),
    ("en", "the 18th century", "en", "the 19th century"),
    ("en", "18th century", "en", "19th century, with 18 ships"),
    ("en", "3 percentage points", "en", "3 percent"),
    ("en", "3 miles", "en", "3 kilometres"),
    ("en", "30 mg", "en", "30 g"),
    ("en", "30 °F", "en", "30 °C"),
    ("en", "€30", "en", "£30"),
    ("en", "US$30", "en", "A$30"),
    ("en", "2024-27", "en", "2024-26"),
    ("en", "5 to 12 km", "en", "5 to 10 km"),
    ("en", "Boeing 747-800", "en", "Boeing 737-800"),
    ("en", "A321", "en", "A320"),
    ("en", "COVID-18", "en", "COVID-19"),
    ("en", "H5N1", "en", "H1N1"),
    ("en", "RFC 9458", "en", "RFC 9457"),
    ("en", "version 2.1", "en", "version 2.10"),
    ("en", "1/3", "en", "2/3"),
    ("en", "a third of", "en", "a quarter of"),
    ("en", "half of the ships", "en", "a third of the ships"),
    ("en", "fifteen", "en", "fifty"),
    ("en", "thirteen", "en", "thirty"),
    ("en", "sixty thousand", "en", "sixteen thousand"),
    ("de", "siebzehn", "de", "siebzig"),
    ("de", "dreihundert", "de", "dreitausend"),
    ("de", "2 Milliarden", "de", "2 Millionen"),
    ("de", "2 Billionen", "en", "2 billion"),
    ("fr", "2 milliards", "fr", "2 millions"),
    ("fr", "soixante-dix", "fr", "soixante"),
    ("es", "mil millones", "es", "un millón"),
    ("zh", "三千", "zh", "三万"),
    ("zh", "1.2亿", "zh", "1.2万"),
    ("ja", "12億円", "ja", "12万円"),
    ("ko", "3억", "ko", "3만"),
    ("zh", "百分之三", "zh", "百分之三十"),
    ("zh", "四月三日", "zh", "三月三日"),
    ("ar", "٩١٢", "ar", "٤١٢"),
    ("hi", "5 करोड़", "hi", "5 लाख"),
    ("ru", "5 млрд", "ru", "5 млн"),
    ("en", "-5 °C", "en", "5 °C"),
    ("en", "10⁵", "en", "10⁶"),
    ("en", "m² 25", "en", "26"),
    ("en", "1 in 6", "en", "1 in 5"),
    ("en", "Article 6", "en", "Article 5"),
    ("en", "ten kilometres", "en", "ten miles"),
    ("en", "12%", "en", "1.2%"),
    ("en", "1,200", "en", "1.200"),
    ("en", "+49 30 123456", "en", "+49 30 123457"),
    ("en", "95 percent", "en", "9.5 percent"),
    ("en", "5 hours", "en", "5 days"),
]


@pytest.mark.parametrize(("draft_code", "draft", "source_code", "source"), MISSING)
def test_a_figure_that_means_something_else_is_missing(draft_code, draft, source_code, source):
    assert missing_figures(draft, draft_code, source, source_code)


def test_the_nearest_figure_has_the_same_unit():
    (wanted,) = figures("912 km", "en")
    found = nearest(wanted, "912 km", "In 2024 the road of 412 km had 900 bends.", "en")
    assert isinstance(found, Figure)
    assert found.written == "412 km"


def test_a_figure_without_a_unit_may_have_any():
    (draft,), (source,) = figures("412", "en"), figures("412 km", "en")
    assert same(draft, source)
    assert not same(source, figures("412 ships", "en")[0])


def test_the_values_of_a_text_are_numbers_and_names():
    assert {Decimal(412), "2024-03-03"} <= values("412 ships on 3 March 2024", "en")


@pytest.mark.parametrize(
    ("code", "text", "has"),
    [
        ("en", "It held 412 ships.", True),
        ("zh", "共有四百一十二艘船。", True),
        ("en", "It opened in 2024.", False),
        ("en", "One of the two sides came first.", False),
        ("en", "It held ninety ships.", True),
        ("en", "No number at all.", False),
    ],
)
def test_a_year_or_an_idiom_alone_is_no_figure(code, text, has):
    assert has_figure(text, code) is has


def test_numbers_in_words_may_be_left_out_of_account():
    assert not has_figure("It held ninety ships.", "en", in_words=False)
    assert has_figure("共有四百一十二艘船。", "zh", in_words=False)
    assert has_figure("It held 90 ships.", "en", in_words=False)


def test_places_are_those_of_the_text():
    text = "Le prix monte de ２，５ % à 1\u202f500 €, soit quatre-vingt-dix-sept fois"
    for one in figures(text, "fr"):
        assert text[one.start : one.end] == one.written


def test_kinds_tell_dates_years_ordinals_bounds_fractions_and_identifiers():
    found = [one.kind for one in figures("In 2024, 3 of 5–7; the 4th, 3/4, 737-800 on 3 March 2023", "en")]
    kinds = FigureKind
    assert found == [
        kinds.YEAR, kinds.CARDINAL, kinds.BOUND, kinds.BOUND, kinds.ORDINAL, kinds.FRACTION, kinds.IDENTIFIER,
        kinds.DATE,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "hostile",
    [
        "1" * 20_000, "1," * 10_000, "1-" * 10_000, "1 " * 10_000, "1:" * 10_000, "三" * 20_000,
        "3万" * 10_000, "one " * 7_500, "hundert" * 5_000, "einund" * 5_000, "A1-" * 10_000, "½" * 12_500,
        "$" * 22_500,
        "1 March " * 5_000, "百分之" * 10_000, "twenty-" * 5_000, "10^" * 10_000, "- " * 22_500,
    ],
)  # fmt: skip
def test_hostile_text_takes_linear_time(hostile):
    for code in ("en", "de", "zh", "ko"):
        figures(hostile, code)


@pytest.mark.parametrize("text", ["Use 1-1/2 cups of honey.", "The board is 2-1/2 inches thick.", "1/4-1/2"])
def test_a_fraction_joined_by_a_hyphen_is_named_as_written(text):
    [found] = figures(text, "en")
    assert found.written in text
    assert found.names == (found.written,)
