"""Whether persons, places, organisations and products are those of the sources, where these have them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tasks.pipeline.quality.alignment import AlignedSentence, Alignment
from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import (
    CheckOutcome,
    StatementFinding,
    failed_for,
    not_applicable,
    passed,
    skipped,
)
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.meaning import is_nearest
from tasks.pipeline.quality.meaning_words import MeaningWords
from tasks.pipeline.quality.names import (
    NOUNS_HAVE_CAPITALS,
    NameIndex,
    are_one_name,
    is_like_no_noun,
    may_be_name,
    name_index,
)
from tasks.pipeline.quality.word_alignment import Gap, Token
from tasks.pipeline.text.languages import language_name
from tasks.pipeline.text.typography import folded

# "Faster Builds: …", as lists begin their items.
_LABEL = re.compile(r"(?:[^\s:]{1,30} ){0,6}[^\s:]{1,30}:\s")
# Between the two places of a name that was moved within a longer one.
MOST_BETWEEN = 2
_COORDINATION = frozenset(
    ["and", "or", "und", "oder", "sowie", "y", "o", "e", "u", "et", "ou", "en", "of", "ed"]
)
_WORD = re.compile(r"[^\W\d_][^\W_]*")


def names_in_sources(draft: InspectedDraft) -> CheckOutcome:
    """Every name is in a source, and none stands where the passage that is repeated has another one."""
    if not draft.research.sources:
        return skipped("There are no sources to compare names with.")
    words = draft.meaning_words
    if words is None:
        return not_applicable(f"Not judged in {language_name(draft.brief.language)}.")
    if not draft.comparable_sources:
        return skipped("No source is in the language of the brief, so names cannot be compared.")
    names = _Names(draft, words)
    findings = [found for one in draft.alignments if (found := names.finding(one))]
    if not findings:
        return passed("Every name is one of the sources'.")
    return failed_for(
        findings,
        one="1 sentence has a name that its source does not have there: correct or cite it.",
        many="{n} sentences have a name that their source does not have there: correct or cite them.",
    )


class _Names:
    def __init__(self, draft: InspectedDraft, words: MeaningWords) -> None:
        self._words = words
        self._sources = {number: name_index(index, words) for number, index in draft.sources.items()}
        brief = draft.brief
        given = " ".join([brief.topic, brief.brief, *brief.keywords, draft.article.title])
        given += " ".join(f" {source.title} {source.url}" for source in draft.research.sources)
        self._given = {folded(word) for word in _WORD.findall(given)}

    def finding(self, one: Alignment) -> StatementFinding | None:
        if one.statement.is_table_row:
            return None
        for sentence in one.sentences:
            for gap, why in self._exchanged(sentence, one):
                if is_nearest(gap, sentence, one):
                    return StatementFinding(
                        one.statement, why, sentence.source, sentence.text, is_contradiction=True
                    )
        invented = next(self._invented(one), "")
        if invented:
            source, passage = (one.window.source, one.window.text) if one.window else (None, "")
            return StatementFinding(one.statement, f"No source names “{invented}”.", source, passage)
        return None

    def _exchanged(self, sentence: AlignedSentence, of: Alignment) -> Iterator[tuple[Gap, str]]:
        """Gaps in which draft and source have nothing but names, and different ones."""
        index, taken = self._sources[sentence.source], {one.folded for one in sentence.tokens}
        close = [gap for gap in sentence.agreement.gaps if gap.is_close]
        found = [
            (gap, own, theirs)
            for gap in close
            if (own := self._names(gap.draft))
            and (theirs := self._names(gap.source))
            and not _may_be_the_same(own, theirs, index)
        ]
        for gap, own, theirs in found:
            names = {one.folded for one in own}
            if names & taken:
                # Named elsewhere in the sentence, it may have been moved, if nothing took its place.
                is_exchanged = any(
                    names & {one.folded for one in others} and not self._is_list(gap, other, of)
                    for other, _, others in found
                )
            else:
                is_exchanged = self._are_names(own, theirs, _has_title(gap, self._words))
            if is_exchanged:
                yield gap, f"“{_written(own)}” where the source has “{_written(theirs)}”."
        yield from self._turned(close, of)

    def _turned(self, close: Sequence[Gap], of: Alignment) -> Iterator[tuple[Gap, str]]:
        """ "Island Chatham" for "Chatham Island", "from Oslo to Bergen" for "from Bergen to Oslo"."""
        for one, other in pairwise(close):
            own, theirs = one.draft or other.draft, one.source or other.source
            if bool(one.draft) == bool(one.source) or bool(other.draft) == bool(other.source):
                continue
            names = [token for token in own if may_be_name(token, self._words)]
            is_moved = (
                bool(names)
                and {token.folded for token in own} == {token.folded for token in theirs}
                # "To Bergen" may stand before or after "from Oslo".
                and (len(own) == len(names) or own != theirs)
                and 0 < other.start - one.start - len(one.draft) <= MOST_BETWEEN
            )
            if is_moved and not self._is_list(one, other, of):
                yield one, f"“{_written(names)}” is in another place than in the source."

    def _is_list(self, one: Gap, other: Gap, of: Alignment) -> bool:
        """Whether two gaps are in a list of names, whose order says nothing."""
        first, last = sorted((one, other), key=lambda gap: gap.start)
        run = of.draft_tokens[first.start : last.start + len(last.draft)]
        others = [
            token for token in (*run, *first.source, *last.source) if not may_be_name(token, self._words)
        ]
        has_comma = any(f"{token.written}, " in of.statement.prose for token in run)
        return (bool(others) or has_comma) and all(token.folded in _COORDINATION for token in others)

    def _are_names(self, own: Sequence[Token], theirs: Sequence[Token], has_title: bool) -> bool:
        """Whether both are names: in the middle of a sentence, capitals alone say so, but not in German."""
        if self._words.code not in NOUNS_HAVE_CAPITALS and not any(one.opens for one in (*own, *theirs)):
            return True
        if has_title:
            return True
        return any(map(self._is_name, theirs)) and any(
            self._is_name(one) or not self._is_known(one) for one in own
        )

    def _names(self, tokens: Sequence[Token]) -> list[Token]:
        """The names in a gap; none where it has anything else."""
        words = self._words
        names = [one for one in tokens if may_be_name(one, words)]
        is_pure = all(
            may_be_name(one, words) or one.folded in words.determiners or one.folded in words.titles
            for one in tokens
        )
        return names if is_pure else []

    def _is_name(self, token: Token) -> bool:
        """Whether sources have a word as a name, and none has it as a common one."""
        if is_like_no_noun(token.written):
            return True
        having = [index for index in self._sources.values() if token.folded in index.vocabulary]
        return bool(having) and all(index.has_name(token.folded) for index in having)

    def _is_known(self, token: Token) -> bool:
        return token.folded in self._given or any(
            token.folded in index.vocabulary or token.folded in index.initials
            for index in self._sources.values()
        )

    def _invented(self, one: Alignment) -> Iterator[str]:
        """Names that no source has in any form."""
        tokens = one.draft_tokens
        label = _LABEL.match(one.statement.prose)
        first = len(_WORD.findall(label[0])) if label else 0
        for place, token in enumerate(tokens):
            if place < first or not may_be_name(token, self._words) or self._is_known(token):
                continue
            before = tokens[place - 1] if place else None
            after = tokens[place + 1] if place + 1 < len(tokens) else None
            if self._is_named(token, before, after) and not self._is_form_of_known(token):
                yield token.written

    def _is_named(self, token: Token, before: Token | None, after: Token | None) -> bool:
        """Whether an unknown word is a name where it stands."""
        if is_like_no_noun(token.written):
            return True
        is_next_to_name = any(
            other is not None and may_be_name(other, self._words) and not other.opens
            for other in (before, after)
        )
        if self._words.code in NOUNS_HAVE_CAPITALS:
            has_title = before is not None and before.folded in self._words.titles
            return has_title or (is_next_to_name and not token.opens)
        return not token.opens or is_next_to_name

    def _is_form_of_known(self, token: Token) -> bool:
        return any(
            are_one_name(token.folded, word)
            for index in self._sources.values()
            for word in index.by_start.get(token.folded[:4], ())
        )


def _has_title(gap: Gap, words: MeaningWords) -> bool:
    """As in "Kapitän Nemo": what follows is a name, whatever its form."""
    return gap.before is not None and gap.before.folded in words.titles


def _may_be_the_same(own: Sequence[Token], theirs: Sequence[Token], index: NameIndex) -> bool:
    """Whether one may be the other in short, or in another form."""
    initials, others = ("".join(one.folded[0] for one in names) for names in (own, theirs))
    return (
        any(are_one_name(one.folded, other.folded) for one in own for other in theirs)
        or any(one.folded in (others, *index.initials) for one in own)
        or any(other.folded == initials for other in theirs)
    )


def _written(names: Sequence[Token]) -> str:
    return " ".join(one.written for one in names)


CHECK = Check("names_in_sources", "advisory", names_in_sources)
