"""Brings citations to the form `[n]` that a model wrote in another one, where the source is plain.

What is not plain, such as "(1)" or "Source 1 says", is left to the checks.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from tasks.pipeline.text.reply_phrases import PHRASES

_NUMBERS = r"\d{1,3}(?:\s?[,;]\s?\d{1,3}){0,20}"
_SOURCE = rf"(?:{'|'.join(PHRASES['source_words'])})s?\.?\s?(?:no\.?|nr\.?|n°)?[\s:#-]{{0,3}}"
_FORMS = (
    rf"【(?:{_SOURCE})?(?P<lenticular>\d{{1,3}})(?:[:†‡][^】\n]{{0,80}})?】",
    rf"［\s?(?P<fullwidth>{_NUMBERS})\s?］",
    rf"<sup>\s?\[(?P<raised>{_NUMBERS})\]\s?</sup>",
    rf"(?<=[.!?\"”»])\s?<sup>\s?(?P<unbracketed>{_NUMBERS})\s?</sup>",
    rf"\[\[(?P<double>{_NUMBERS})\]\](?:\(#[^()\s]{{0,60}}\))?(?!\()",
    rf"\\\[(?P<escaped>{_NUMBERS})\\\]",
    rf"\[\^(?P<footnote>{_NUMBERS})\](?!:)",
    r"\[(?P<anchor>\d{1,3})\]\(#[^()\s]{0,60}\)",
    rf"\[\s(?P<spaced>{_NUMBERS})\s?\](?!\()",
    rf"[\[(](?i:{_SOURCE})(?P<named>{_NUMBERS}(?:(?:\sand\s|\sund\s|\s&\s)\d{{1,3}})?)[\])](?!\()",
    r"\[(?P<short>[SsQ]\d{1,3}(?:\s?[,;]\s?[SsQ]\d{1,3}){0,20})\](?!\()",
    r"(?<=[.!?\"”»]) ?(?P<superscript>[¹²³⁴-⁹][⁰¹²³⁴-⁹]?)(?=\s|\Z)",
)
FORM = re.compile("|".join(_FORMS))
RANGE = re.compile(r"\[(\d{1,3})\s?[-–—]\s?(\d{1,3})\](?!\()")
WIDEST_RANGE = 6
DIGITS = re.compile(r"\d{1,3}")
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
DEFINITION = re.compile(r"^\[\^(\d{1,3})\]:[ \t]*[^\n]{0,300}(?:\n|\Z)", re.MULTILINE)
CODE = re.compile(r"^(?:```|~~~)|^ {4}", re.MULTILINE)


def with_plain_citations(body: str, sources: Collection[int]) -> str:
    """The body with its citations as `[n]`; a text with code, and numbers of no source, stay as they are."""
    if CODE.search(body):
        return body
    defined = [int(number) for number in DEFINITION.findall(body)]
    if defined and set(defined) <= set(sources):
        body = DEFINITION.sub("", body).rstrip()
    body = RANGE.sub(lambda found: _of_range(found, sources), body)
    return FORM.sub(lambda found: _plain(found, sources), body)


def _plain(found: re.Match[str], sources: Collection[int]) -> str:
    form = found.lastgroup or ""
    text = found[form].translate(SUPERSCRIPTS)
    numbers = [int(number) for number in DIGITS.findall(text)]
    if not numbers or not set(numbers) <= set(sources):
        return found[0]
    citation = " ".join(f"[{number}]" for number in numbers)
    return f" {citation}" if form in ("superscript", "unbracketed") else citation


def _of_range(found: re.Match[str], sources: Collection[int]) -> str:
    first, last = int(found[1]), int(found[2])
    numbers = range(first, last + 1)
    if not 0 < len(numbers) <= WIDEST_RANGE or not set(numbers) <= set(sources):
        return found[0]
    return " ".join(f"[{number}]" for number in numbers)
