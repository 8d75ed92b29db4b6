"""Whether sentences deny what their sources say, or say what these deny."""

from __future__ import annotations

from tasks.pipeline.quality.alignment import AlignedSentence
from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.meaning import are_forms_of_one, content, denials, judged, negations
from tasks.pipeline.quality.meaning_words import MeaningWords
from tasks.pipeline.quality.word_alignment import Gap, Token

_PREFIXES = ("un", "in", "im", "ir", "il", "non", "dis", "des", "miss", "anti")
_LEAST_STEM = 4


def negation(draft: InspectedDraft) -> CheckOutcome:
    """No sentence denies what the passage it repeats says, nor says what that denies."""
    return judged(
        draft,
        _differences,
        ok="No sentence denies what its source says.",
        one="1 sentence denies what its source says, or says what it denies: read both, and correct it.",
        many="{n} sentences deny what their source says, or say what it denies: read both, and correct them.",
    )


def _differences(sentence: AlignedSentence, words: MeaningWords) -> list[tuple[Gap, str]]:
    found = [gap for gap in sentence.agreement.gaps if _is_reversed(gap, words)]
    close = [gap for gap in found if gap.is_close and gap.is_followed and _is_plain(gap, words)]
    if not close or _is_moved(found, words):
        return []
    return [(gap, _why(gap, words)) for gap in close]


def _is_reversed(gap: Gap, words: MeaningWords) -> bool:
    if _prefixed(gap):
        return denials(gap.draft, words) % 2 == denials(gap.source, words) % 2
    return (negations(gap.draft, words) + negations(gap.source, words)) % 2 == 1


def _is_moved(found: list[Gap], words: MeaningWords) -> bool:
    """Whether a sentence denies the same in another place: "no need to install", "need not be installed"."""
    added = sum(denials(gap.draft, words) > denials(gap.source, words) for gap in found)
    dropped = sum(denials(gap.draft, words) < denials(gap.source, words) for gap in found)
    return len(found) % 2 == 0 and bool(added) == bool(dropped)


def _is_plain(gap: Gap, words: MeaningWords) -> bool:
    """Whether the gap has nothing else that may say the same in other words."""
    if _prefixed(gap):
        return True
    own, theirs = content(gap.draft, words), content(gap.source, words)
    denied = any(one.folded in words.negators for one in (*gap.draft, *gap.source))
    return (
        denied
        and len(own) == len(theirs)
        and all(are_forms_of_one(one, other) for one, other in zip(own, theirs, strict=True))
    )


def _prefixed(gap: Gap) -> tuple[Token, Token] | None:
    """ "Unsupported" in place of "supported"."""
    for one in gap.draft:
        for other in gap.source:
            longer, shorter = sorted((one.folded, other.folded), key=len, reverse=True)
            if len(shorter) >= _LEAST_STEM and any(longer == prefix + shorter for prefix in _PREFIXES):
                return one, other
    return None


def _why(gap: Gap, words: MeaningWords) -> str:
    if pair := _prefixed(gap):
        return f"“{pair[0].written}” where the source has “{pair[1].written}”."
    here = next((one.written for one in gap.draft if one.folded in words.negators), "")
    there = next((one.written for one in gap.source if one.folded in words.negators), "")
    if here:
        return f"“{here}” is not in the source."
    return f"The source has “{there}” here." if there else "The source says the opposite."


CHECK = Check("negation", "advisory", negation)
