"""Checks of a draft's form against the brief: length, keywords, headings, title, language, ease, search."""

from __future__ import annotations

import re
from itertools import pairwise

from tasks.pipeline.quality.check_results import (
    CheckOutcome,
    failed,
    not_applicable,
    passed,
    passed_unless,
    skipped,
)
from tasks.pipeline.quality.comparable_words import is_spaceless
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.text.languages import (
    ENOUGH_TO_GUESS,
    WORD,
    guess_language,
    language_name,
    primary_language,
)
from tasks.pipeline.text.typography import folded
from tasks.pipeline.text.words import unit_of_length, word_count

SHORTEST, LONGEST = 0.7, 1.4
MAX_SEO_TITLE, MIN_SEO_DESCRIPTION, MAX_SEO_DESCRIPTION = 60, 50, 160
# Flesch reading ease: below this, prose reads like a legal text.
HARD_TO_READ = 30
ENOUGH_FOR_READABILITY = 100
WORDS_WITHOUT_HEADINGS = 350

_PROMISED = re.compile(
    r"^(?:the |top |these )?(\d{1,2}) (?:[a-z-]+ ){0,3}"
    r"(?:ways?|things?|tips?|steps?|reasons?|facts?|ideas?|rules?|lessons?|examples?|methods?|mistakes?|questions?|"
    r"trees?|tools?|trends?|signs?|benefits?|principles?|myths?|strategies)\b"
    r"|\b(\d{1,2}) (?:ways|things|tips|steps|reasons|facts|ideas|rules|lessons|examples|methods|mistakes)\b",
    re.IGNORECASE,
)


def length(draft: InspectedDraft) -> CheckOutcome:
    """The text is about as long as the brief asks."""
    words, asked = word_count(draft.plain), draft.brief.target_words
    if asked <= 0:
        return not_applicable("The brief asks for no length.")
    message = f"The text has {words} {unit_of_length(draft.brief.language)}; the brief asks for {asked}."
    return passed(message) if SHORTEST * asked <= words <= LONGEST * asked else failed(message)


def keywords_covered(draft: InspectedDraft) -> CheckOutcome:
    """Each keyword of the brief is spoken of."""
    if not draft.brief.keywords:
        return not_applicable("The brief names no keywords.")
    headings = " ".join(heading.text for heading in draft.headings)
    text = f"{draft.article.title} {headings} {draft.plain}"
    spoken_of, plain = draft.words_of(text), folded(text)
    missing = [
        keyword for keyword in draft.brief.keywords if not _is_covered(keyword, draft, spoken_of, plain)
    ]
    return passed_unless(missing, ok="Every keyword is covered.", bad="{n} keywords are not covered.")


def structure(draft: InspectedDraft) -> CheckOutcome:
    """Headings divide a long text, skip no level, repeat nothing and are followed by text."""
    headings = draft.headings
    wrong = [f"Level one is the title's: {one.text}" for one in headings if one.level == 1]
    wrong += [f"Skips a level: {two.text}" for one, two in pairwise(headings) if two.level > one.level + 1]
    names = [heading.text.casefold() for heading in headings]
    wrong += [f"Appears twice: {one.text}" for i, one in enumerate(headings) if names[i] in names[:i]]
    filled = {block.section for block in draft.blocks}
    parents = {one.text for one, two in pairwise(headings) if two.level > one.level}
    wrong += [
        f"No text below: {one.text}" for one in headings if _raw(one.text) not in map(_raw, filled | parents)
    ]
    if len(headings) < 2 and word_count(draft.plain) > WORDS_WITHOUT_HEADINGS:
        wrong.append("A long text has fewer than two headings")
    return passed_unless(wrong, ok="The headings are in order.", bad="{n} headings need attention.")


def title_promise(draft: InspectedDraft) -> CheckOutcome:
    """A title that promises a number of things is followed by as many items or headings."""
    if primary_language(draft.brief.language) != "en":
        return not_applicable("What a title promises is read in English only.")
    promise = _PROMISED.search(draft.article.title)
    if not promise:
        return not_applicable("The title promises no number.")
    number = int(promise[1] or promise[2])
    items = len(re.findall(r"^\s{0,3}(?:[-*+]|\d{1,3}[.)])\s+\S", draft.body, re.MULTILINE))
    counts = {items, *(sum(one.level == level for one in draft.headings) for level in (2, 3))}
    if any(number <= count <= number + 2 for count in counts):
        return passed(f"The body has the {number} parts that the title promises.")
    return failed(
        f"The title promises {number}, but the body has no list of that length.", [draft.article.title]
    )


def written_language(draft: InspectedDraft) -> CheckOutcome:
    """The text is in the language of the brief."""
    if len(draft.plain) <= ENOUGH_TO_GUESS:
        return not_applicable("The text is too short to recognise its language.")
    found, asked = guess_language(draft.plain), primary_language(draft.brief.language)
    if not found:
        return skipped("The language of the text could not be recognised.")
    if found == asked:
        return passed(f"The text is in {language_name(asked)}.")
    return failed(
        f"The text is in {language_name(found)}, but the brief asks for {language_name(asked)}.",
        [draft.plain[:200]],
    )


def readability(draft: InspectedDraft) -> CheckOutcome:
    """English prose is not harder to read than a serious newspaper (Flesch reading ease)."""
    if draft.language.code != "en":
        return not_applicable("Reading ease is measured for English only.")
    words = WORD.findall(draft.plain)
    if len(words) < ENOUGH_FOR_READABILITY:
        return not_applicable("The text is too short for a measure of reading ease.")
    syllables = sum(map(_syllables, words))
    ease = 206.835 - 1.015 * len(words) / len(draft.statements) - 84.6 * syllables / len(words)
    message = f"Reading ease is {ease:.0f}, on a scale where 60 is plain English and {HARD_TO_READ} is hard."
    if ease >= HARD_TO_READ:
        return passed(message)
    longest = sorted((one.text for one in draft.statements), key=lambda text: -len(text.split()))
    return failed(message, longest[:3])


def seo_lengths(draft: InspectedDraft) -> CheckOutcome:
    """Search engines show the whole of the SEO title and description."""
    title, description = draft.article.seo_title, draft.article.seo_description
    if not title and not description:
        return skipped("The text has no SEO title and description yet.")
    wrong = []
    if not 1 <= len(title) <= MAX_SEO_TITLE:
        wrong.append(f"SEO title, {len(title)} characters of 1 to {MAX_SEO_TITLE}: {title}")
    if not MIN_SEO_DESCRIPTION <= len(description) <= MAX_SEO_DESCRIPTION:
        limits = f"{MIN_SEO_DESCRIPTION} to {MAX_SEO_DESCRIPTION}"
        wrong.append(f"SEO description, {len(description)} characters of {limits}: {description}")
    return passed_unless(wrong, ok="SEO title and description fit.", bad="{n} SEO texts do not fit.")


def _is_covered(keyword: str, draft: InspectedDraft, spoken_of: frozenset[str], plain: str) -> bool:
    written = folded(keyword)
    if is_spaceless(written):
        return written in plain or spoken_of.issuperset(draft.words_of(keyword))
    words = draft.words_of(keyword)
    # "C++" and "The Who" have no words that are compared.
    return (
        spoken_of.issuperset(words)
        if words
        else re.search(rf"(?<!\w){re.escape(written)}(?!\w)", plain) is not None
    )


def _syllables(word: str) -> int:
    """Groups of vowels, without a silent e at the end."""
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    silent = re.search(r"[^aeiouyl]e(?:s|d)?$", word.lower()) is not None
    return max(1, groups - silent)


def _raw(heading: str) -> str:
    return re.sub(r"\W+", " ", heading).strip().casefold()
