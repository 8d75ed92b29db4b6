"""How a long text is written in parts: what each has to say, how long it is, what it is written from."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tasks.pipeline.text.inline_rules import CITATIONS, numbers_of
from tasks.pipeline.text.paragraphs import heading_text, joined, paragraphs
from tasks.pipeline.text.titles import shortened
from tasks.pipeline.text.words import CHARACTERS_A_WORD, word_count
from tasks.pipeline.types import Brief, LockedParagraph, Outline, Research, Section, WrittenPart

AT_ONCE_WORDS = 400
"""Up to this length, a text is written by one call."""
LEAST_PART_WORDS = 80
"""Shorter sections are written together with the next one."""
LEAST_SHARE, MOST_SHARE = 0.6, 1.3
"""How much a part may be shorter or longer than planned, to make up for those before it."""

SHOWN_CHARACTERS, MOST_SHOWN_CHARACTERS = 160, 6_000
"""How much of a paragraph, and of all, is shown to the writer of the next part."""

Part = tuple[Section, ...]

_WORD = re.compile(r"\w+")
_BOLD_LINE = re.compile(r"(?:\*\*|__)([^*_\n]{1,200}?):?(?:\*\*|__):?")
_UNDERLINED = re.compile(r"([^\n]{1,300})\n(?:={2,300}|-{2,300})")
_NUMBER = re.compile(r"^(?:\w{1,20} )?\d{1,3} (?=.)")
_LEVEL_TWO = re.compile(r"##[ \t]")
_LEVEL_ONE = re.compile(r"#[ \t]")


def with_lengths(plan: Outline, target_words: int) -> Outline:
    """The plan with a length for each section; together they are the target."""
    given = [section.words for section in plan.sections if section.words > 0]
    usual = sum(given) / len(given) if given else 1
    # A section that is planned at next to nothing was not weighed.
    weights = [max(section.words, usual / 4) if section.words > 0 else usual for section in plan.sections]
    sections, left, weight_left = list[Section](), target_words, sum(weights)
    for section, weight in zip(plan.sections, weights, strict=True):
        words = round(left * weight / weight_left)
        sections.append(section.model_copy(update={"words": words}))
        left, weight_left = left - words, weight_left - weight
    return plan.model_copy(update={"sections": tuple(sections)})


def planned_parts(brief: Brief, plan: Outline) -> tuple[Part, ...]:
    """The sections that each call writes. One part: the text is short, or the plan has no lengths."""
    unit = CHARACTERS_A_WORD.get(brief.language.lower().partition("-")[0], 1)
    if brief.target_words <= AT_ONCE_WORDS * unit or not all(section.words for section in plan.sections):
        return (plan.sections,)
    parts = list[Part]()
    for section in plan.sections:
        if parts and _words_of(parts[-1]) < LEAST_PART_WORDS * unit:
            parts[-1] = (*parts[-1], section)
        else:
            parts.append((section,))
    if len(parts) > 1 and _words_of(parts[-1]) < LEAST_PART_WORDS * unit:
        parts[-2:] = [(*parts[-2], *parts[-1])]
    return tuple(parts)


def next_length(brief: Brief, parts: Sequence[Part], written: Sequence[WrittenPart]) -> int:
    """How long the next part is to be, so that the whole comes near the target."""
    planned = _words_of(parts[len(written)])
    still_planned = sum(map(_words_of, parts[len(written) :]))
    left = brief.target_words - sum(word_count(part.body) for part in written)
    fair = left * planned / (still_planned or 1)
    return round(min(max(fair, LEAST_SHARE * planned), MOST_SHARE * planned))


def material_for(part: Part, research: Research, locked: Sequence[LockedParagraph] = ()) -> Research:
    """The notes and sources that the plan names for a part; all of them where it names none."""
    texts = [text for section in part for text in (section.heading, *section.points)]
    texts += [one.text for one in locked]
    cited = {number for text in texts for found in CITATIONS.findall(text) for number in numbers_of(found)}
    chosen = {number for section in part for number in section.notes}
    notes = tuple(note for number, note in enumerate(research.notes, 1) if number in chosen)
    cited |= {note.source for note in notes}
    sources = tuple(source for source in research.sources if source.number in cited)
    if not sources:
        return research
    notes = notes or tuple(note for note in research.notes if note.source in cited)
    return research.model_copy(update={"sources": sources, "notes": notes})


def so_far(written: Sequence[WrittenPart]) -> str:
    """Enough of what is written to go on from it, and to repeat nothing: the last paragraph is whole."""
    blocks = [block for part in written for block in paragraphs(part.body)]
    shown = [
        block if heading_text(block) is not None else shortened(block, SHOWN_CHARACTERS)
        for block in blocks[:-1]
    ]
    text = joined([*shown, *blocks[-1:]])
    return text if len(text) <= MOST_SHOWN_CHARACTERS else f"[…] {text[-MOST_SHOWN_CHARACTERS:]}"


def locked_in(parts: Sequence[Part], locked: Sequence[LockedParagraph]) -> list[list[LockedParagraph]]:
    """By part, the locked paragraphs it has to have: under its own heading, or where their words belong."""
    found: list[list[LockedParagraph]] = [[] for _ in parts]
    for one in locked:
        place = _place_of(one, parts)
        headings = {section.heading.casefold() for section in parts[place]}
        if one.section.casefold() not in headings and (one.section or place):
            # The heading that it stood under is not planned again.
            one = one.model_copy(update={"section": parts[place][-1].heading})
        found[place].append(one)
    return found


def own_text(text: str, parts: Sequence[Part], number: int) -> str:
    """What a model wrote for part `number`, from 0, under its heading, and nothing of other parts."""
    own = {_plain(section.heading): section.heading for section in parts[number]}
    others = {_plain(section.heading) for part in parts for section in part} - own.keys()
    blocks, is_own = list[str](), True
    for block in paragraphs(text):
        heading = _heading(block)
        name = None if heading is None else _plain(heading)
        if name in own:
            is_own, block = True, f"## {own[name]}"
        elif name in others:
            is_own = False
        if is_own:
            blocks.append(f"#{block}" if _LEVEL_ONE.match(block) else block)
    return joined(_with_heading(blocks or paragraphs(text), parts[number][0].heading, is_opening=not number))


def joined_parts(written: Sequence[WrittenPart], locked: Sequence[LockedParagraph]) -> str:
    """The parts one after the other; a locked paragraph that two of them have stays in the first."""
    once, blocks = {one.text for one in locked}, list[str]()
    for block in paragraphs(joined([part.body for part in written])):
        if block not in once or block not in blocks:
            blocks.append(block)
    return joined(blocks)


def _with_heading(blocks: list[str], heading: str, *, is_opening: bool) -> list[str]:
    """With the heading above the text; in the opening there may be a lead above it."""
    line = f"## {heading}"
    if line not in blocks:
        # Its own words for the heading would make two of them.
        place = next((number for number, block in enumerate(blocks[:2]) if _LEVEL_TWO.match(block)), None)
        if place is not None and (is_opening or not place):
            blocks = [*blocks[:place], line, *blocks[place + 1 :]]
    if is_opening and line in blocks:
        return blocks
    rest = [block for block in blocks if block != line]
    has_lead = is_opening and len(rest) > 1 and heading_text(rest[0]) is None
    return [*rest[:1], line, *rest[1:]] if has_lead else [line, *rest]


def _heading(block: str) -> str | None:
    """The words of a heading, also of one that is underlined or only set in bold."""
    found = _BOLD_LINE.fullmatch(block.strip()) or _UNDERLINED.fullmatch(block.strip())
    return found[1] if found else heading_text(block)


def _place_of(one: LockedParagraph, parts: Sequence[Part]) -> int:
    for number, part in enumerate(parts):
        if one.section and _plain(one.section) in {_plain(section.heading) for section in part}:
            return number
    if not one.section:
        return 0
    words = _words(f"{one.section} {one.text}")
    alike = [len(words & _words(" ".join([s.heading for s in part] + [p for s in part for p in s.points])))
             for part in parts]  # fmt: skip
    return alike.index(max(alike))


def _plain(heading: str) -> str:
    """The words by which headings are compared, without a number before them; signs if it has no words."""
    return _NUMBER.sub("", " ".join(_WORD.findall(heading.casefold()))) or heading.strip()


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def _words_of(part: Part) -> int:
    return sum(section.words for section in part)
