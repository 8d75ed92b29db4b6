"""Words that multiply a number, such as "million", as powers of ten."""

from __future__ import annotations

_EVERYWHERE = {
    2: "hundred hundert cent cien cento honderd सौ",
    3: "thousand thousands tausend tsd mille mil mila duizend tusen tusind tuhat tuhatta tys tysiąc "
    "tysiące tysięcy tis tisíc "
    "tisíce тыс тысяча тысячи тысяч тис тисяча тисячі тисяч хиляди хил ezer mie mii χιλιάδες bin ribu "
    "nghìn ngàn ألف آلاف אלף אלפים हज़ार हजार হাজার",
    5: "lakh lakhs lac lacs लाख লাখ লক্ষ",
    6: "million millions mio mln mill millionen millón millones milhão milhões milione milioni miljoen "
    "miljoenen "
    "miljon miljoner millioner miljoona miljoonaa milj milion miliony milionů milionów milióny miliónov "
    "milioane milió milions millió "
    "млн миллион миллиона миллионов мільйон мільйона мільйонів милион милиона милиони εκατομμύρια εκατ "
    "milyon juta triệu مليون ملايين מיליון मिलियन মিলিয়ন",
    7: "crore crores करोड़ কোটি koti",
    9: "milliard milliards mrd mia milliarde milliarden miliardo miliardi miljard miljarden miljarder "
    "milliarder "
    "miliard miliarda miliardy miliardów miliardů miljardi miljardia mld mlrd md mds milliárd mdr "
    "млрд миллиард миллиарда миллиардов мільярд мільярда мільярдів милиард милиарда милиарди "
    "δισεκατομμύρια δισ milyar miliar tỷ tỉ مليار مليارات מיליארד bilhão bilhões अरब bn",
    12: "billón billones bilione bilioni biljoen biljoenen biljoner bilião biliões bilion biliony "
    "bilionů bilionów billionen trilhão trilhões tn трлн триллион триллиона триллионов трильйон trilyon "
    "triliun "
    "تريليون טריליון खरब",
    18: "trillón trillones trillionen triljoen",
}
_BY_WORD = {word: power for power, words in _EVERYWHERE.items() for word in words.split()}
_LONG_SCALE = frozenset((
    "de", "fr", "es", "it", "nl", "pt", "sv", "da", "no", "nn", "nb", "fi", "pl", "cs", "sk", "hu",
    "sl", "hr", "sr", "ca", "ro",
))  # fmt: skip
_LONG = {"billion": 12, "billions": 12, "trillion": 18, "trillions": 18, "billiarde": 15, "billiarden": 15}
_SHORT = {"billion": 9, "billions": 9, "trillion": 12, "trillions": 12, "trn": 12, "quadrillion": 15}
# Glued to the digits: 3k, 1.2bn. An "m" may also be metres.
GLUED = {"k": 3, "K": 3, "M": 6, "m": 6, "mn": 6, "Mn": 6, "mm": 6, "bn": 9, "Bn": 9, "BN": 9, "b": 9, "B": 9,
         "tn": 12, "T": 12, "L": 5, "Cr": 7}  # fmt: skip
HAN = {"十": 1, "百": 2, "千": 3, "万": 4, "萬": 4, "亿": 8, "億": 8, "兆": 12, "京": 16}
HANGUL = {"십": 1, "백": 2, "천": 3, "만": 4, "억": 8, "조": 12}


def power_of(word: str, code: str) -> int | None:
    """The power of ten of a word in a language: "billion" is 9 in English and 12 in German."""
    word = word.lower().rstrip(".")
    if word in _SHORT:
        return (_LONG if code in _LONG_SCALE else _SHORT).get(word)
    if word in _LONG:
        return _LONG[word]
    if word == "mil" and code not in ("es", "pt", "ca", "gl"):
        return 6 if code in ("cs", "sk", "sl", "en", "") else None
    if word in ("md", "mds") and code not in ("fr", ""):
        return None
    if word == "bin" and code != "tr":
        return None
    if word in ("mille", "cent", "cento", "mila") and code not in ("fr", "it", "pt"):
        return None
    if word == "mie" and code != "ro":
        return None
    return _BY_WORD.get(word)
