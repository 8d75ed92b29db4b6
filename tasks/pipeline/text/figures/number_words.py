"""Words for numbers in the languages that are spelled out often, as data for the parser in spelled.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache


@dataclass(frozen=True)
class NumberWords:
    values: dict[str, int]
    """Of single words, compounds of German, Dutch and Italian aside."""
    connectors: frozenset[str] = frozenset()
    compounds: tuple[str, ...] = ()
    """What separates the parts of one word; () where numbers are written in several."""
    ordinals: dict[str, int] = field(default_factory=dict)
    fractions: dict[str, int] = field(default_factory=dict)
    """The denominators by their names."""
    halves: frozenset[str] = frozenset()
    """What stands for one half where nothing else does: "Hälfte"."""
    and_a_half: tuple[str, ...] = ()
    decimal_words: frozenset[str] = frozenset()
    article: frozenset[str] = frozenset()
    """What stands for one before "hundred", "million" and "third"."""
    dozen: str = ""
    minus: str = "minus"
    half_before: tuple[str, ...] = ("half ",)
    """What halves the number after it: "half a million"."""


def _row(words: str, start: int = 0, step: int = 1) -> dict[str, int]:
    """The first is `start`; alternatives are joined by a stroke."""
    return {
        word: start + step * index for index, both in enumerate(words.split()) for word in both.split("|")
    }


def _english() -> NumberWords:
    ones = (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen "
        "seventeen eighteen nineteen"
    )
    tens = "twenty thirty forty fifty sixty seventy eighty ninety"
    ordinals = (
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
        "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
    )
    tenths = "twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth"
    fractions = _row("third|thirds quarter|quarters|fourth|fourths fifth|fifths sixth|sixths "
    "seventh|sevenths "
                     "eighth|eighths ninth|ninths tenth|tenths", 3)  # fmt: skip
    fractions |= {"half": 2, "halves": 2, "hundredth": 100, "hundredths": 100, "quarter": 4, "quarters": 4}
    folds = {f"{word}fold": number for number, word in enumerate(ones.split()[:13])}
    return NumberWords(
        _row(ones) | _row(tens, 20, 10) | folds | {"hundred": 100, "thousand": 1000}
        | {"million": 10**6, "billion": 10**9, "trillion": 10**12},
        frozenset({"and"}),
        ordinals=_row(ordinals, 1) | _row(tenths, 20, 10) | {"hundredth": 100, "thousandth": 1000},
        fractions=fractions, halves=frozenset({"half of", "half the"}),
        dozen="dozen",
        and_a_half=("and a half", "and one half", "and one-half"), decimal_words=frozenset({"point"}),
        article=frozenset({"a", "an"}),
    )  # fmt: skip


def _german() -> NumberWords:
    ones = (
        "null eins|ein|eine|einen|einem|einer zwei|zwo drei vier fünf sechs sieben acht neun zehn elf zwölf "
        "dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn"
    )
    tens = "zwanzig dreißig|dreissig vierzig fünfzig sechzig siebzig achtzig neunzig"
    scales = {"million": 10**6, "millionen": 10**6, "milliarde": 10**9, "milliarden": 10**9,
              "billion": 10**12, "billionen": 10**12}  # fmt: skip
    stems = "erst zweit dritt viert fünft sechst siebt acht neunt zehnt elft zwölft dreizehnt vierzehnt"
    ordinals = {
        f"{stem}{end}": number
        for number, stem in enumerate(stems.split(), 1)
        for end in ("e", "en", "er", "es", "em")
    }
    for number, ten in enumerate(tens.split(), 2):
        ordinals |= {
            f"{word}st{end}": number * 10 for word in ten.split("|") for end in ("e", "en", "er", "es")
        }
    return NumberWords(
        _row(ones) | _row(tens, 20, 10) | {"hundert": 100, "tausend": 1000} | scales,
        compounds=("und",), ordinals=ordinals,
        dozen="dutzend", fractions=_row("drittel viertel fünftel sechstel siebtel achtel neuntel zehntel", 3),
        halves=frozenset({"hälfte"}), half_before=("halbe ", "halben ", "halbes "),
        decimal_words=frozenset({"komma"}),
        article=frozenset({"ein", "eine", "einem", "einer", "einen"}),
    )  # fmt: skip


def _french() -> NumberWords:
    ones = (
        "zéro un|une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize "
        "dix-sept dix-huit dix-neuf"
    )
    tens = "vingt|vingts trente quarante cinquante soixante septante huitante|octante nonante"
    stems = "deuxième troisième quatrième cinquième sixième septième huitième neuvième dixième"
    return NumberWords(
        _row(ones) | _row(tens, 20, 10)
        | {"cent": 100, "cents": 100, "mille": 1000, "million": 10**6, "millions": 10**6, "milliard": 10**9,
           "milliards": 10**9, "billion": 10**12, "billions": 10**12},
        frozenset({"et"}),
        ordinals=_row(stems, 2) | {"premier": 1, "première": 1, "second": 2, "seconde": 2},
        dozen="douzaine", fractions=_row("tiers quart|quarts cinquième|cinquièmes sixième|sixièmes", 3),
        halves=frozenset({"moitié"}), and_a_half=("et demie", "et demi"), half_before=("demi-", "demi ",
        "demie-"),
        decimal_words=frozenset({"virgule"}), article=frozenset({"un", "une"}), minus="moins",
    )  # fmt: skip


def _spanish() -> NumberWords:
    ones = (
        "cero uno|un|una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince "
        "dieciséis diecisiete dieciocho diecinueve veinte veintiuno|veintiún|veintiuna veintidós veintitrés "
        "veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve"
    )
    hundreds = (
        "cien|ciento doscientos|doscientas trescientos|trescientas cuatrocientos|cuatrocientas "
        "quinientos|quinientas "
        "seiscientos|seiscientas setecientos|setecientas ochocientos|ochocientas novecientos|novecientas"
    )
    stems = "primer|primero|primera segundo|segunda tercer|tercero|tercera cuarto|cuarta quinto|quinta "
    "sexto|sexta"
    return NumberWords(
        _row(ones) | _row("treinta cuarenta cincuenta sesenta setenta ochenta noventa", 30, 10)
        | _row(hundreds, 100, 100)
        | {"mil": 1000, "millón": 10**6, "millones": 10**6, "billón": 10**12, "billones": 10**12},
        frozenset({"y"}), ordinals=_row(stems, 1),
        dozen="docena", fractions=_row("tercio|tercios|tercera|terceras cuarto|cuartos|cuarta|cuartas "
        "quinto|quintos|quinta|quintas", 3),
        halves=frozenset({"mitad"}), and_a_half=("y medio", "y media"), half_before=("medio ", "media "),
        decimal_words=frozenset({"coma"}), article=frozenset({"un", "una"}), minus="menos",
    )  # fmt: skip


def _portuguese() -> NumberWords:
    ones = (
        "zero um|uma dois|duas três quatro cinco seis sete oito nove dez onze doze treze catorze|quatorze "
        "quinze "
        "dezasseis|dezesseis dezassete|dezessete dezoito dezanove|dezenove"
    )
    hundreds = (
        "cem|cento duzentos|duzentas trezentos|trezentas quatrocentos|quatrocentas quinhentos|quinhentas "
        "seiscentos|seiscentas setecentos|setecentas oitocentos|oitocentas novecentos|novecentas"
    )
    stems = "primeiro|primeira segundo|segunda terceiro|terceira quarto|quarta quinto|quinta sexto|sexta"
    return NumberWords(
        _row(ones) | _row("vinte trinta quarenta cinquenta sessenta setenta oitenta noventa", 20, 10)
        | _row(hundreds, 100, 100)
        | {"mil": 1000, "milhão": 10**6, "milhões": 10**6, "bilhão": 10**9, "bilhões": 10**9,
           "bilião": 10**12, "biliões": 10**12, "trilhões": 10**12},
        frozenset({"e"}), ordinals=_row(stems, 1),
        dozen="dúzia", fractions=_row("terço|terços quarto|quartos quinto|quintos", 3),
        halves=frozenset({"metade"}), and_a_half=("e meio", "e meia"), half_before=("meio ", "meia "),
        decimal_words=frozenset({"vírgula"}), article=frozenset({"um", "uma"}), minus="menos",
    )  # fmt: skip


def _italian() -> NumberWords:
    ones = (
        "zero uno|un|una due tre|tré quattro cinque sei sette otto nove dieci undici dodici tredici "
        "quattordici "
        "quindici sedici diciassette diciotto diciannove"
    )
    values = _row(ones) | _row("venti trenta quaranta cinquanta sessanta settanta ottanta novanta", 20, 10)
    for ten in ("vent", "trent", "quarant", "cinquant", "sessant", "settant", "ottant", "novant"):
        tens = values[f"{ten}i" if ten == "vent" else f"{ten}a"]
        values |= {f"{ten}uno": tens + 1, f"{ten}un": tens + 1, f"{ten}otto": tens + 8}
    stems = "primo|prima secondo|seconda terzo|terza quarto|quarta quinto|quinta sesto|sesta"
    return NumberWords(
        values
        | {"cento": 100, "cent": 100, "mille": 1000, "mila": 1000, "milione": 10**6, "milioni": 10**6,
           "miliardo": 10**9, "miliardi": 10**9, "bilione": 10**12, "bilioni": 10**12},
        frozenset({"e"}), compounds=("",), ordinals=_row(stems, 1),
        dozen="dozzina",
        fractions=_row("terzo|terzi quarto|quarti quinto|quinti", 3), halves=frozenset({"metà"}),
        and_a_half=("e mezzo", "e mezza"), half_before=("mezzo ", "mezza "),
        decimal_words=frozenset({"virgola"}),
        article=frozenset({"un", "una"}), minus="meno",
    )  # fmt: skip


def _dutch() -> NumberWords:
    ones = (
        "nul een|één twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien "
        "zestien "
        "zeventien achttien negentien"
    )
    stems = "eerste tweede derde vierde vijfde zesde zevende achtste negende tiende"
    return NumberWords(
        _row(ones) | _row("twintig dertig veertig vijftig zestig zeventig tachtig negentig", 20, 10)
        | {"honderd": 100, "duizend": 1000, "miljoen": 10**6, "miljard": 10**9, "biljoen": 10**12},
        compounds=("en", "ën"), ordinals=_row(stems, 1),
        dozen="dozijn",
        fractions=_row("derde|derden kwart|vierde vijfde|vijfden", 3), halves=frozenset({"helft"}),
        and_a_half=(), decimal_words=frozenset({"komma"}), article=frozenset({"een"}), minus="min",
    )  # fmt: skip


_MADE_BY = {"en": _english, "de": _german, "fr": _french, "es": _spanish, "pt": _portuguese, "it": _italian,
            "nl": _dutch}  # fmt: skip


@cache
def number_words(code: str) -> NumberWords | None:
    """The words of a language; None for one whose words for numbers are not known here."""
    return _MADE_BY[code]() if code in _MADE_BY else None
