"""Whether the text was cut off, at its end or where a section ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, failed, not_applicable, passed, skipped
from tasks.pipeline.quality.comparable_words import is_spaceless
from tasks.pipeline.quality.draft_blocks import HEADING
from tasks.pipeline.quality.endings import (
    cannot_end,
    ends_well,
    is_prose,
    is_verse,
    items_of,
    last_fragment,
    plain_end,
)
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.reader_text import PassageKind, TextPassage, open_fence
from tasks.pipeline.text.languages import language_name, primary_language
from tasks.pipeline.text.words import word_count

# Their sentences end with a blank, or with nothing.
WITHOUT_END_MARKS = frozenset({"th", "lo", "km", "my", "bo"})
# Fewer words without an end mark are a signature, a caption or a label.
FEW = 6
FEW_WITHIN = 8
FEW_TO_END_WITH = 4
# Of so many others the way in which paragraphs end is known.
FEWEST_PARAGRAPHS = 2
LONG_ITEM = 12
MOST = 0.7
FOLLOWED_BY = frozenset({PassageKind.LIST, PassageKind.TABLE, PassageKind.QUOTATION})


def truncated(draft: InspectedDraft) -> CheckOutcome:
    """The text and its sections end with whole sentences, and every block of code is closed."""
    if not draft.body.strip():
        return skipped("The text is empty.")
    if fence := open_fence(draft.body):
        return failed("A block of code is never closed.", [fence, draft.body.rstrip().rpartition("\n")[2]])
    code = primary_language(draft.brief.language)
    passages = [one for one in draft.reader_text.passages if one.kind != PassageKind.FIELD]
    last_line = draft.body.rstrip().rpartition("\n")[2]
    if HEADING.match(last_line):
        return failed("The text ends with a heading.", [last_line])
    cut = [*_cut_fields(draft, code), *_cut_passages(passages, code)]
    if cut:
        places = "; ".join(f"{one.where} ends with “{_tail(one)}”" for one in cut[:3])
        return failed(f"A sentence breaks off: {places}.", [" ".join(_tail(one, 200).split()) for one in cut])
    if code in WITHOUT_END_MARKS and not ends_well(plain_end(draft.body)):
        name = language_name(code)
        return not_applicable(f"Sentences in {name} end without a mark, so a cut one cannot be recognised.")
    return passed("The text and its sections end with whole sentences.")


def _tail(passage: TextPassage, length: int = 40) -> str:
    text = " ".join(passage.text.split())
    return text if len(text) <= length else f"{text[-length:].partition(' ')[2] or text[-length:]}"


def _cut_fields(draft: InspectedDraft, code: str) -> Iterator[TextPassage]:
    for passage in draft.reader_text.passages:
        if passage.kind != PassageKind.FIELD:
            continue
        end = plain_end(passage.text)
        is_title = passage.where.endswith("title")
        fragment, is_after_sentence = last_fragment(end)
        is_cut = not ends_well(end) and (
            cannot_end(end, code, title=is_title)
            or (not is_title and is_after_sentence and len(fragment.split()) > 1)
        )
        if is_cut and word_count(passage.text) > 2 and code not in WITHOUT_END_MARKS:
            yield passage


def _cut_passages(passages: Sequence[TextPassage], code: str) -> Iterator[TextPassage]:
    prose = [one for one in passages if is_prose(one) and word_count(one.text[:400]) >= FEW]
    ended = sum(ends_well(plain_end(one.text)) for one in prose)
    for place, passage in enumerate(passages):
        following = passages[place + 1] if place + 1 < len(passages) else None
        if passage.is_before_code:
            continue
        if passage.kind == PassageKind.LIST:
            is_cut = _is_cut_list(passage, code, is_last=following is None)
        elif passage.kind == PassageKind.TABLE:
            is_cut = following is None and _is_cut_table(passage)
        elif passage.kind == PassageKind.HEADING or is_verse(passage):
            continue
        else:
            own_end = ends_well(plain_end(passage.text))
            others = (len(prose) - 1, ended - own_end) if passage in prose else (len(prose), ended)
            is_cut = _is_cut_paragraph(passage, following, code, others)
        if is_cut:
            yield passage


def _is_cut_paragraph(
    passage: TextPassage, following: TextPassage | None, code: str, others: tuple[int, int]
) -> bool:
    """`others`: how many other paragraphs there are, and how many of them end with a mark."""
    end = plain_end(passage.text)
    if following is None and end.endswith((":", "：")):
        return True
    if ends_well(end) or code in WITHOUT_END_MARKS:
        return False
    fragment, is_after_sentence = last_fragment(end)
    words = word_count(passage.text)
    if words <= 2 or _is_label(passage.text):
        return False
    leads_on = following is not None and following.kind in FOLLOWED_BY
    if cannot_end(end, code) and (is_after_sentence or not leads_on):
        return following is None or words >= FEW or is_after_sentence
    if following is not None and following.text[:1].islower():
        return False
    if fragment.startswith(("—", "–", "-", "©", "~")) or (
        passage.kind == PassageKind.QUOTATION and not is_after_sentence
    ):
        return False
    total, ended = others
    if leads_on and not is_after_sentence:
        return False
    if is_after_sentence:
        return total == 0 or ended >= MOST * total or following is None
    last = fragment.split()[-1:] or [""]
    is_name = last[0][:1].isupper() or last[0][:1].isdigit()
    least = FEW if following is None else FEW_WITHIN
    if is_spaceless(end) or (following is None and not is_name and total > FEWEST_PARAGRAPHS):
        least = FEW_TO_END_WITH
    return words >= least and (following is None or not is_name) and (total == 0 or ended >= MOST * total)


def _is_label(text: str) -> bool:
    """A line in bold or italics stands for a heading."""
    line = text.strip()
    return "\n" not in line and len(line) > 2 and line[0] in "*_" and line[-1] in "*_"


def _is_cut_list(passage: TextPassage, code: str, *, is_last: bool) -> bool:
    items = items_of(passage)
    end = plain_end(items[-1])
    if ends_well(end) or code in WITHOUT_END_MARKS:
        return False
    words = len(items[-1].split())
    if cannot_end(end, code) and words > 3:
        return is_last or not end.endswith(",")
    others = [plain_end(item) for item in items[:-1]]
    ended = sum(map(ends_well, others))
    if len(others) > 1 and ended >= MOST * len(others):
        return words > 3 and (is_last or last_fragment(end)[1] or words > FEW)
    return is_last and words > LONG_ITEM and last_fragment(end)[1]


def _is_cut_table(passage: TextPassage) -> bool:
    rows = [line.strip() for line in passage.text.split("\n") if line.strip()]
    return (
        rows[0].startswith("|")
        and rows[0].endswith("|")
        and not rows[-1].endswith("|")
        and rows[-1].startswith("|")
    )


CHECK = Check("truncated", "veto", truncated, points=15)
