"""Defects of meaning and support: a sentence says otherwise than its source, or what no source says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from benchmarks.quality_corpus.defect_kinds import MEANING, MISPLACED, SUPPORT, DefectKinds, Setting
from benchmarks.quality_corpus.meaning_words import (
    AFFIRMATIONS,
    DIRECTIONS,
    INVENTED_NAMES,
    INVENTED_STATEMENTS,
    MAGNITUDES,
    NEGATIONS,
    NEW_CLAUSES,
    QUANTIFIERS,
    UNITS,
    Pairs,
)
from benchmarks.quality_corpus.seeded_draft import DraftSentence, SeededDraft
from tasks.pipeline.text.figures import figures

KINDS = DefectKinds(MEANING)
_ORDINARY = re.compile(
    r"^(?:I|The|A|An|In|On|At|If|When|For|January|February|March|April|May|June|July|August|September|October|"
    r"November|December|Mr|Mrs|Dr|Sir|Captain|Le|La|Les|Un|Une|El|Los|Unix|Note)$"
)
_NAME = {
    "en": r"(?<=[a-z,] )[A-Z][a-z]{3,}(?![\w-])",
    "fr": r"(?<=[a-zé,] )[A-ZÉ][a-zéèêïôç]{3,}(?![\w-])",
    "es": r"(?<=[a-zé,] )[A-ZÉ][a-zéáíóú]{3,}(?![\w-])",
    "de": r"(?<=[a-zß,] )(?:Nemo|Conseil|Ned|Land|Nautilus|Farragut|Aronnax|Lincoln|Debian|Linux|Unix|Perl"
    r"|Abraham|Europa|Amerika|Australien|New-York|Neuseeland|Ceylon|Indien|England|Frankreich|Vanikoro|Lapérouse|GNU|Ubuntu"
    r"|Dpkg|Groff|Vim|Git|Python|Bash|Atlantis|Suez|Kreta|Vigo|Ägypten|Afrika|Spanien|Paris|London)(?![\w-])",
}  # fmt: skip


def _rewritten(table: dict[str, tuple[tuple[str, str], ...]]) -> Callable[[str, SeededDraft, Setting], str]:
    """By the first pattern, in an order of chance, that fits once."""

    def change(sentence: str, draft: SeededDraft, setting: Setting) -> str:
        rules = table[draft.language]
        for pattern, new in setting.chance.sample(rules, len(rules)):
            if re.search(pattern, sentence):
                return re.sub(pattern, new, sentence, count=1)
        return ""

    return change


def _exchanged(table: dict[str, Pairs], both_ways: bool = True) -> Callable[[str, SeededDraft, Setting], str]:
    """With a word for its opposite."""

    def change(sentence: str, draft: SeededDraft, setting: Setting) -> str:
        pairs = [*table[draft.language], *((b, a) for a, b in table[draft.language] if both_ways)]
        for old, new in setting.chance.sample(pairs, len(pairs)):
            match = re.search(rf"(?<![\w-]){re.escape(old)}(?![\w-])", sentence)
            if match and not re.search(rf"(?<!\w){re.escape(new)}(?!\w)", sentence):
                return f"{sentence[: match.start()]}{new}{sentence[match.end() :]}"
        return ""

    return change


def _with_other_unit(sentence: str, draft: SeededDraft, setting: Setting) -> str:
    """The unit right after a figure."""
    for figure in figures(sentence, draft.language):
        for units in UNITS[draft.language]:
            rest = sentence[figure.start : figure.end + 22]
            match = re.search(rf"(?<=[\w) ])\s?\b({'|'.join(map(re.escape, units))})(?!\w)", rest)
            if match and rest[: match.start()].count(" ") <= 2:
                other = setting.chance.choice([one for one in units if one != match[1]])
                start = figure.start + match.start(1)
                return f"{sentence[:start]}{other}{sentence[start + len(match[1]) :]}"
    return ""


def names_in(text: str, code: str) -> list[str]:
    found = [one for one in re.findall(_NAME[code], text) if not _ORDINARY.match(one)]
    return list(dict.fromkeys(found))


def _name_swapped(sentence: str, draft: SeededDraft, setting: Setting) -> str:
    """A name for another of the same source, or of another one."""
    own = _sourced_names(sentence, draft)
    others = [
        name
        for text in _said_by_sources(draft)
        for name in names_in(text, draft.language)
        if name not in sentence
    ]
    return _with_name(sentence, own, others, setting)


def _name_invented(sentence: str, draft: SeededDraft, setting: Setting) -> str:
    return _with_name(sentence, _sourced_names(sentence, draft), INVENTED_NAMES, setting)


def _sourced_names(sentence: str, draft: SeededDraft) -> list[str]:
    """Names that the text of a source has: not those of the sources themselves."""
    texts = _said_by_sources(draft)
    names = names_in(draft.without_titles(sentence), draft.language)
    return [one for one in names if any(one in text for text in texts)]


def _said_by_sources(draft: SeededDraft) -> list[str]:
    """Their texts without the titles, which begin them."""
    return [one.text.partition("\n\n")[2] for one in draft.research.sources]


def _with_name(sentence: str, own: list[str], others: Iterable[str], setting: Setting) -> str:
    candidates = sorted(set(others))
    if not own or not candidates:
        return ""
    old, new = setting.chance.choice(own), setting.chance.choice(candidates)
    return re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", new, sentence)


def _names_exchanged(sentence: str, draft: SeededDraft, setting: Setting) -> str:
    """Two names of a sentence, each in the other's place."""
    own = _sourced_names(sentence, draft)
    if len(own) < 2:
        return ""
    one, other = own[:2]
    first, second = sentence.index(one), sentence.index(other)
    middle = sentence[first + len(one) : second]
    # "A and B" says the same as "B and A", and "Cape Gregory" is one name.
    if not first < second or not re.search(r"(?<!\w)[a-zäöüéèà]{4,}", middle):
        return ""
    return f"{sentence[:first]}{other}{middle}{one}{sentence[second + len(other) :]}"


KINDS.in_sentence("negation dropped", _rewritten(NEGATIONS))
KINDS.in_sentence("negation added", _rewritten(AFFIRMATIONS))
KINDS.in_sentence("direction reversed", _exchanged(DIRECTIONS))
KINDS.in_sentence("quantity word changed", _exchanged(QUANTIFIERS, both_ways=False))
KINDS.in_sentence("unit changed", _with_other_unit)
KINDS.in_sentence("magnitude word changed", _exchanged(MAGNITUDES, both_ways=False))
KINDS.in_sentence("name swapped", _name_swapped)
KINDS.in_sentence("two names exchanged", _names_exchanged)
KINDS.in_sentence("name invented", _name_invented)

# --- Without support --------------------------------------------------------------------------------------


@KINDS.add("sentence of another article, cited", group=SUPPORT)
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    return _with_foreign_sentence(draft, setting, is_cited=True)


@KINDS.add("sentence of another article, uncited", group=SUPPORT)
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    return _with_foreign_sentence(draft, setting, is_cited=False)


@KINDS.add("invented statement, cited", group=SUPPORT)
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    for spot in setting.spots(draft):
        old = draft.sentence(spot)
        words = setting.chance.choice(INVENTED_STATEMENTS[draft.language])
        return draft.with_sentence(spot, old, DraftSentence(words, old.sources))
    return None


@KINDS.add("half of a sentence from another article", group=SUPPORT)
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    """What begins like the source goes on with something else."""
    for spot in setting.spots(draft):
        old = draft.sentence(spot)
        words = old.text.split()
        for foreign in setting.foreign_sentences(draft):
            others = foreign.split()
            if len(words) >= 14 and len(others) >= 16:
                text = " ".join([*words[: len(words) // 3], *others[len(others) // 3 :]])
                return draft.with_sentence(spot, replace(old, text=text))
    return None


@KINDS.add("clause added", group=SUPPORT)
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    for spot in setting.spots(draft):
        old = draft.sentence(spot)
        if old.text.endswith(".") and len(old.text.split()) <= 22:
            clause = setting.chance.choice(NEW_CLAUSES[draft.language])
            return draft.with_sentence(spot, replace(old, text=f"{old.text[:-1]}{clause}."))
    return None


@KINDS.add("citation moved to another source", group=MISPLACED)
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    for spot in setting.spots(draft):
        old = draft.sentence(spot)
        others = [one.number for one in draft.research.sources if one.number not in old.sources]
        stays = any(old.sources[0] in draft.sentence(one).sources for one in draft.spots() if one != spot)
        if others and stays:
            return draft.with_sentence(spot, replace(old, sources=(setting.chance.choice(others),)))
    return None


def _with_foreign_sentence(draft: SeededDraft, setting: Setting, *, is_cited: bool) -> SeededDraft | None:
    for spot in setting.spots(draft):
        old = draft.sentence(spot)
        for foreign in setting.foreign_sentences(draft)[:1]:
            new = DraftSentence(foreign, old.sources if is_cited else ())
            return draft.with_sentence(spot, old, new)
    return None
