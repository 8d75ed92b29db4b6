"""E-mail addresses, telephone numbers, IBANs and numbers of cards, without what only looks like them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.reader_text import Find

_AT, _DOT = r"(?:@|\s?[\[(](?:at|ät|@)[\])]\s?)", r"(?:\.|\s?[\[(](?:dot|punkt|\.)[\])]\s?)"
_EMAIL = re.compile(
    rf"(?<![\w.+/=-])[\w.+-]{{1,64}}{_AT}(?:[\w-]{{1,63}}{_DOT}){{1,5}}[^\W\d_]{{2,24}}(?![\w@])",
    re.IGNORECASE,
)
_SPELLED = re.compile(
    r"(?<![\w.+-])[\w.+-]{2,64} (?:AT|\(AT\)) (?:[\w-]{1,63} (?:DOT|\(DOT\)) ){1,3}[A-Za-z]{2,24}(?![\w@])"
)
# Reserved by RFC 2606 and 6761 for examples; `git@` is no person's.
_NOBODYS = re.compile(
    r"@(?:[\w-]{1,63}\.){0,5}(?:example\.(?:com|org|net)|example|test|invalid|localhost)$|^git@",
    re.IGNORECASE,
)

_IBAN = re.compile(
    r"(?<![A-Za-z\d])[A-Z]{2}\d{2}(?:[ \u00a0]?[A-Z\d]{4}){2,7}(?:[ \u00a0]?[A-Z\d]{1,4})?(?![A-Za-z\d])"
)
_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
    "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20,
    "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22,
    "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25,
    "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25,
    "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip

_CARD = re.compile(
    r"(?<![\w.,/-])(?<!\d[ \u00a0])"
    r"(?:\d{14,19}|\d{4}([ \u00a0-])\d{4}\1\d{4}\1\d{2,4}(?:\1\d{1,3})?|\d{4}([ \u00a0-])\d{6}\2\d{4,5})"
    r"(?![\w/-]|[.,]\d|[ \u00a0]\d)"
)
_ISSUER = re.compile(r"4|5[1-5]|2[2-7]|3[47]|30[0-5]|36|38|35|6011|65|64[4-9]|62|50|5[6-9]")

_BLANKS = r"[ \u00a0\u2009\u202f./()-]"
_INTERNATIONAL = re.compile(rf"(?<![\w+.])(?:\+|\(\+|00(?=[1-9]))\d(?:{_BLANKS}{{0,3}}\d){{6,14}}(?![\d%‰])")
_NATIONAL = re.compile(
    # North America
    r"(?<![\w+./,:-])(?:\(?[2-9]\d{2}\)[ .-]?\d{3}[ .-]\d{4}|(?:1[ .-])?[2-9]\d{2}[-.][2-9]\d{2}[-.]\d{4}"
    # France
    r"|0[1-9](?:[ .\u00a0-]\d{2}){4}"
    # Germany and Austria
    r"|0\d{2,4} ?/ ?\d{3,9}(?: ?\d{2,4}){0,2}"
    r"|\(0\d{1,4}\)[ -]?\d{3,9}(?:[ -]?\d{2,4}){0,3}|0\d{2,4}[ -]\d{6,9}(?:-\d{1,4})?"
    # The United Kingdom and Japan, and mobile phones
    r"|0\d{1,4}[ -]\d{3,4}[ -]\d{3,4}|01[5-7]\d[ -]?\d{7,8}|07\d{3} ?\d{6}"
    # Switzerland, Sweden, Russia, Brazil, Italy, China and the Netherlands
    r"|0\d{2}[ -]\d{3} \d{2} \d{2}|[78] ?\(\d{3}\) ?\d{3}-\d{2}-\d{2}|\(\d{2}\) ?9?\d{4}-\d{4}"
    r"|3[2-9]\d \d{3} (?!1024|2048)\d{4}|1[3-9]\d[ -]\d{4}[ -]\d{4}|06-\d{8}"
    r"|[679]\d{2} ?\d{3} ?\d{3}(?= ?\((?:m[óo]vil|tel))"
    # Spain
    r"|[69]\d{2}(?: \d{2}){3})(?![\d%‰]|[./:-]\d)"
)
_LABELLED = re.compile(
    r"\b(?:tel(?:efon(?:nummer)?|ephone|éfono|efono|efoon)?|t[ée]l[ée]phone|phone(?: number)?"
    r"|call(?: us| me| him| her)?(?: at| on)?|fax|mobile|mobil(?:e|telefon)?|cell(?: ?phone)?"
    r"|handy(?:nummer)?"
    r"|whats ?app|rufnummer|durchwahl|reach (?:us|me|him|her) (?:at|on)|ll[áa]m(?:ar|e|eme|enos)(?: al?)?"
    r"|rufen sie(?: \w{1,8}){0,2}|anruf(?:en)?(?: unter)?|appele[rz](?:[- ]\w{1,5})?(?: au)?|chiam(?:are|ate)"
    r"|тел|телефон|電話|电话|手机|携帯|☎|📞)"
    rf"\.?\s?(?:number|no\.?|nr\.?|番号|号码)?\s?[:：]?\s{{0,2}}(\+?\(?\d(?:{_BLANKS}{{0,2}}\d){{5,14}})(?![\d%])",
    re.IGNORECASE,
)
_NO_PHONE_BEFORE = re.compile(
    r"(?:\b(?:catalog(?:ue)?|part|serial|model|item|article|reference|case|file|inventory|account|order"
    r"|customer) (?:number|code)"
    r"|\w{0,14}(?:artikel|bestell|serien|kunden|inventar|katalog)nummer|aktenzeichen"
    r"|num[ée]ro de (?:s[ée]rie|commande)|n[úu]mero de (?:serie|pedido)|ISBN|ISSN|DOI|EAN"
    r"|GTIN|PMID|OCLC|RFC|IMEI|order|invoice|ticket|patent|No\.|Nr\.|#|version|v)"
    r"[\s:.–-]{0,3}(?:\d{1,2}[: ]{1,3})?\Z",
    re.IGNORECASE,
)
_FICTIONAL = re.compile(r"555\D?01\d{2}$")
# "+15 000 000" is growth.
_GROWTH = re.compile(
    r"\+\d{1,3}(?:[ \u00a0\u202f.,]000){2,4}(?!\d)|\+\d{1,3}(?:[ \u00a0\u202f.,]\d{3}){2,4}"
    r"(?= (?:people|jobs|users|Menschen|euros?|dollars?|personnes|inhabitants))"
)


@dataclass(frozen=True)
class PersonalDatum:
    kind: str
    find: Find
    key: str
    """What identifies it however it is written: letters in small, digits alone."""


def personal_data_of(draft: InspectedDraft) -> list[PersonalDatum]:
    """In the order of the text; of two that overlap, the first kind."""
    return draft.once(_personal_data)


def _personal_data(draft: InspectedDraft) -> list[PersonalDatum]:
    taken: list[tuple[int, int]] = []
    found = []
    for one in _all(draft):
        if not any(start < one.find.end and one.find.start < end for start, end in taken):
            taken.append((one.find.start, one.find.end))
            found.append(one)
    return sorted(found, key=lambda one: one.find.start)


def is_published(draft: InspectedDraft, datum: PersonalDatum) -> bool:
    """Whether a source publishes it."""
    texts = [source.text for source in draft.research.sources]
    if "@" in datum.key:
        return any(datum.key in text.casefold() or datum.find.words in text for text in texts)
    if datum.key.isdigit():
        return any(datum.key[-9:] in re.sub(r"\D+", "", text) for text in texts)
    return any(datum.key in re.sub(r"\s+", "", text).casefold() for text in texts)


def _all(draft: InspectedDraft) -> Iterator[PersonalDatum]:
    text = draft.reader_text
    whole = text.whole
    if "@" in whole or "(at)" in whole or "[at]" in whole or "[ät]" in whole or "(ät)" in whole:
        for one in text.finds(_EMAIL, in_code=True):
            address = _plain_address(one.words)
            if not _NOBODYS.search(address):
                yield PersonalDatum("e-mail address", one, address)
    if " DOT " in whole or "(DOT)" in whole:
        for one in text.finds(_SPELLED):
            yield PersonalDatum("e-mail address", one, one.words.casefold())
    for one in text.finds(_IBAN, in_code=True):
        if found := _valid_iban(one.words):
            yield PersonalDatum("IBAN", one, found.casefold())
    for one in text.finds(_CARD, in_code=True):
        digits = _digits(one.words)
        if _ISSUER.match(digits) and _passes_luhn(digits) and len(set(digits)) > 1:
            yield PersonalDatum("card number", one, digits)
    yield from _phones(draft)


def _phones(draft: InspectedDraft) -> Iterator[PersonalDatum]:
    text = draft.reader_text
    for match in _LABELLED.finditer(text.whole):
        find = text.find_at(match.start(1), match.end(1))
        if _is_phone(text.whole, find):
            yield PersonalDatum("telephone number", find, _digits(find.words))
    for pattern in (_INTERNATIONAL, _NATIONAL):
        for find in text.finds(pattern, in_code=True):
            if _is_phone(text.whole, find):
                yield PersonalDatum("telephone number", find, _digits(find.words))


def _is_phone(whole: str, find: Find) -> bool:
    digits = _digits(find.words)
    before = whole[max(0, find.start - 24) : find.start]
    return (
        7 <= len(digits) <= 15
        and len(set(digits)) > 2
        and not _FICTIONAL.search(digits)
        and not _NO_PHONE_BEFORE.search(before)
        and not _GROWTH.match(whole, find.start)
        and "\n" not in whole[find.start : find.end]
        and not re.search(r"https?://\S{0,200}\Z", before)
    )


def _plain_address(words: str) -> str:
    words = re.sub(r"\s?[\[(](?:at|ät|@)[\])]\s?", "@", words, flags=re.IGNORECASE)
    return re.sub(r"\s?[\[(](?:dot|punkt|\.)[\])]\s?", ".", words, flags=re.IGNORECASE).casefold()


def _valid_iban(words: str) -> str:
    """The IBAN without blanks; what follows it may look like its last part."""
    plain = re.sub(r"\s", "", words)
    plain = plain[: _IBAN_LENGTHS.get(plain[:2], 0)]
    if len(plain) < 15 or len(plain) != _IBAN_LENGTHS[plain[:2]]:
        return ""
    number = int("".join(str(int(character, 36)) for character in plain[4:] + plain[:4]))
    return plain if number % 97 == 1 else ""


def _passes_luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def _digits(words: str) -> str:
    return "".join(re.findall(r"[0-9]", words))
