"""Whether a long passage is in another language than the brief."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check, Threshold
from tasks.pipeline.quality.check_results import CheckOutcome, failed, not_applicable, passed
from tasks.pipeline.quality.draft_blocks import shown_text
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.reader_text import PassageKind
from tasks.pipeline.text.languages import guess_language, language_name, primary_language
from tasks.pipeline.text.words import word_count

SHORTEST = Threshold(
    "language_passages",
    "shortest",
    12,
    6,
    200,
    "Passages of fewer words are too short to recognise their language.",
)
SURE = 0.6
# What the detector takes for another language in a few sentences with names is left out.
_RECOGNISABLE = frozenset(
    [
        "ar",
        "cs",
        "de",
        "el",
        "en",
        "es",
        "fi",
        "fr",
        "he",
        "hi",
        "hu",
        "it",
        "ja",
        "ko",
        "nl",
        "pl",
        "pt",
        "ro",
        "ru",
        "sv",
        "th",
        "tr",
        "uk",
        "vi",
        "zh",
    ]
)


def language_passages(draft: InspectedDraft) -> CheckOutcome:
    """No long passage is in another language than the brief, but for quotations."""
    asked, shortest = primary_language(draft.brief.language), draft.limit(SHORTEST)
    looked_at, foreign = 0, []
    for passage in draft.reader_text.passages:
        if passage.kind in (PassageKind.QUOTATION, PassageKind.TABLE, PassageKind.HEADING):
            continue
        text = shown_text(" ".join(passage.text.split()))
        if len(text) < 50 and text.isascii():
            continue
        if word_count(text) < shortest:
            continue
        looked_at += 1
        found = guess_language(text, sure=SURE)
        if found and found != asked and found in _RECOGNISABLE:
            foreign.append((passage, found, text))
    if not looked_at:
        return not_applicable("No passage is long enough to recognise its language.")
    if not foreign:
        return passed("No long passage is in another language.")
    places = "; ".join(f"{one.where} is in {language_name(found)}" for one, found, _ in foreign[:3])
    more = f"; and {len(foreign) - 3} more" if len(foreign) > 3 else ""
    return failed(
        f"The brief asks for {language_name(asked)}, but {places}{more}.", [text for _, _, text in foreign]
    )


CHECK = Check("language_passages", "advisory", language_passages, points=5, thresholds=(SHORTEST,))
