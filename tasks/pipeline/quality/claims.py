"""The claim ledger: every factual sentence of a draft, the nearest passage of its sources, and a verdict.

The verdict follows from how much of the sentence one passage has, and from what the checks have against the
sentence: see docs/decisions/0077-record-what-the-sources-say-of-each-sentence.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from tasks.pipeline.quality.check_results import StatementFinding
from tasks.pipeline.quality.checks.claims_supported import SUPPORTED
from tasks.pipeline.quality.factual_sentences import cited_share, is_factual
from tasks.pipeline.quality.inspected_draft import InspectedDraft, Statement
from tasks.pipeline.quality.passages import PassageFinder
from tasks.pipeline.quality.source_index import SourceIndex, Window
from tasks.pipeline.text.languages import WORD, language_name, primary_language
from tasks.pipeline.text.titles import shortened
from tasks.pipeline.types import ClaimVerdict, FactualClaim, SourceText

PARTLY = 0.35
"""From this share on, a passage has a part of what the sentence says."""
AS_A_WHOLE = 0.7
"""Below this share, words that the passage does not have are looked for."""
ADDED_WORDS = 3
"""So many of them are more than another way to say it."""
RELATED = 0.2
"""Below this share a passage has little to do with the sentence, and is not shown."""
MAX_PASSAGE_CHARACTERS = 2000
MAX_TEXT_CHARACTERS = 4000
MAX_WHY_CHARACTERS = 600
MAX_MISSING_WORDS = 6


_FOUND = (ClaimVerdict.SUPPORTED, ClaimVerdict.PARTLY_SUPPORTED)


class _FoundPassage(NamedTuple):
    source: int
    start: int
    end: int


class _Judgement(NamedTuple):
    verdict: ClaimVerdict
    why: str
    score: float = 0.0
    passage: _FoundPassage | None = None


def claim_ledger(
    draft: InspectedDraft, findings: Sequence[StatementFinding] = ()
) -> tuple[FactualClaim, ...]:
    """Compare each factual sentence with the sources it cites. CPU-bound, as the checks are.

    `findings` are what the checks have against single sentences; what a source contradicts is a claim.
    """
    by_statement: dict[Statement, list[StatementFinding]] = defaultdict(list)
    for finding in findings:
        by_statement[finding.statement].append(finding)
    sources = {source.number: source for source in draft.research.sources}
    ledger = _Ledger(draft, sources)
    contradicted = {one.statement for one in findings if one.is_contradiction}
    stated = [one for one in draft.statements if one in contradicted or is_factual(draft, one)]
    covered = _cited_for_their_paragraph(draft)
    found = []
    for number, statement in enumerate(stated, start=1):
        citations = tuple(dict.fromkeys(statement.citations or covered.get(statement, ())))
        judged = ledger.judge(statement, citations, by_statement.get(statement, ()))
        found.append(_entry(number, statement, citations, judged, sources))
    return tuple(found)


def _cited_for_their_paragraph(draft: InspectedDraft) -> dict[Statement, tuple[int, ...]]:
    """Sentences whose citation is at the end of their paragraph, in a text that cites so throughout."""
    share = cited_share(draft)
    uncited = set(share.uncited)
    last_of_block = {one.block: one for one in draft.statements}
    return {
        one: last_of_block[one.block].citations
        for one in share.sentences
        if not one.citations and one not in uncited
    }


def _entry(
    number: int,
    statement: Statement,
    citations: tuple[int, ...],
    judged: _Judgement,
    sources: Mapping[int, SourceText],
) -> FactualClaim:
    found = judged.passage
    source = sources[found.source] if found else None
    return FactualClaim(
        number=number,
        text=shortened(statement.text, MAX_TEXT_CHARACTERS),
        section=statement.section,
        citations=citations,
        source=found.source if found else None,
        start=found.start if found else 0,
        end=found.end if found else 0,
        passage=source.text[found.start : found.end] if source and found else "",
        sha256=source.sha256 if source else "",
        reader=source.reader if source else "",
        score=round(judged.score, 3),
        verdict=judged.verdict,
        why=shortened(judged.why, MAX_WHY_CHARACTERS),
    )


class _Ledger:
    """What the sources of one draft say of its sentences."""

    def __init__(self, draft: InspectedDraft, sources: Mapping[int, SourceText]) -> None:
        self._draft, self._sources = draft, sources
        self._comparable = draft.comparable_sources
        self._least = draft.limit(SUPPORTED)
        self._alignments = {one.statement: one for one in draft.alignments}
        self._unusable = {source.number: source.problem for source in draft.research.unusable}
        self._shown = {citation.number: citation.url for citation in draft.article.citations}

    def judge(
        self, statement: Statement, citations: Sequence[int], findings: Sequence[StatementFinding]
    ) -> _Judgement:
        judged = self._by_words(statement, citations)
        contradictions = [finding for finding in findings if finding.is_contradiction]
        # Of a sentence without citations it is known already that it has none.
        findings = [one for one in findings if citations or one.source is not None]
        if not (contradictions or findings):
            return judged
        said = (contradictions or findings)[0]
        verdict, why = ClaimVerdict.CONTRADICTED, said.why
        if not contradictions:
            verdict = self._lowered(judged)
            why = f"{judged.why} {said.why}" if verdict == ClaimVerdict.UNCITED else said.why
        return judged._replace(verdict=verdict, why=why, passage=self._passage_of(said) or judged.passage)

    def _lowered(self, judged: _Judgement) -> ClaimVerdict:
        """What words alone say, less what a check has against the sentence."""
        if judged.verdict == ClaimVerdict.UNCITED:
            return judged.verdict
        is_partly = judged.verdict in _FOUND and judged.score >= self._least
        return ClaimVerdict.PARTLY_SUPPORTED if is_partly else ClaimVerdict.UNSUPPORTED

    def _by_words(self, statement: Statement, citations: Sequence[int]) -> _Judgement:
        if not citations:
            return self._uncited(statement)
        known, problems = self._cited(citations)
        if not known:
            is_unlisted = all(self._is_unlisted(number) for number in citations)
            verdict = ClaimVerdict.UNSUPPORTED if is_unlisted else ClaimVerdict.NOT_COMPARED
            return _Judgement(verdict, " ".join(problems))
        share, window = self._support(statement, known)
        if share >= self._least and window:
            judged = self._supported(statement, share, window)
            return judged._replace(why=" ".join([judged.why, *problems]))
        if problems:
            # What the others say is not known, and may be all of it.
            return self._found(statement, ClaimVerdict.NOT_COMPARED, " ".join(problems), share, window)
        return self._doubted(statement, known, share, window)

    def _support(self, statement: Statement, sources: list[int]) -> tuple[float, Window | None]:
        """How much of a sentence one passage of these sources has: as the checks found it, if they looked."""
        known = self._alignments.get(statement)
        compared = set(self._draft.compared_sources(statement))
        if known and known.window and known.window.source in sources and compared == set(sources):
            return known.share, known.window
        return self._draft.support(self._draft.words_of(statement.text), sources)

    def _supported(self, statement: Statement, share: float, window: Window) -> _Judgement:
        """Fully, unless several of its words are nowhere in the passage: an added clause, or other words."""
        missing = self._missing(statement, window) if share < AS_A_WHOLE else []
        verdict, why = ClaimVerdict.SUPPORTED, f"Source {window.source} says it."
        if len(missing) >= ADDED_WORDS:
            verdict = ClaimVerdict.PARTLY_SUPPORTED
            why = f"Source {window.source} says a part of it, or all in other words: {_without(missing)}."
        return self._found(statement, verdict, why, share, window)

    def _uncited(self, statement: Statement) -> _Judgement:
        why = "It cites no source."
        if not self._comparable:
            return _Judgement(ClaimVerdict.UNCITED, why)
        share, window = self._support(statement, self._comparable)
        if window and share >= self._least:
            why += f" Source {window.source} says something like it: cite it if it is meant."
        elif window and share >= RELATED:
            why += f" The nearest passage is in source {window.source}."
        return self._found(statement, ClaimVerdict.UNCITED, why, share, window)

    def _doubted(
        self, statement: Statement, known: Sequence[int], share: float, window: Window | None
    ) -> _Judgement:
        """Of a sentence that its sources do not have as a whole."""
        words = self._draft.words_of(statement.text)
        others = [number for number in self._comparable if number not in known]
        elsewhere, other = self._draft.support(words, others) if others else (0.0, None)
        if other and elsewhere >= self._least:
            why = f"No passage of {_names(known)} says it, but one of source {other.source} does."
            return self._found(statement, ClaimVerdict.UNSUPPORTED, why, elsewhere, other)
        if window and share >= PARTLY:
            missing = _without(self._missing(statement, window))
            why = f"Source {window.source} says a part of it: {missing}."
            return self._found(statement, ClaimVerdict.PARTLY_SUPPORTED, why, share, window)
        why = f"No passage of {_names(known)} says it."
        return self._found(statement, ClaimVerdict.UNSUPPORTED, why, share, window)

    def _cited(self, citations: Sequence[int]) -> tuple[list[int], list[str]]:
        """The cited sources that can be compared, and a sentence for each of the others."""
        known, problems = list[int](), list[str]()
        for number in citations:
            problem = self._problem(number)
            known += [] if problem else [number]
            problems += [problem] if problem else []
        return known, problems

    def _problem(self, number: int) -> str:
        """Why a sentence cannot be compared with a source; empty when it can."""
        source = self._sources.get(number)
        if source is None:
            if number in self._unusable:
                return f"Source {number} could not be read: {self._unusable[number]}"
            if self._is_unlisted(number):
                return f"[{number}] leads to no source of this text."
            return f"Source {number} was not read by the run that wrote this text."
        if (address := self._shown.get(number, "")) and not _was_retrieved(address, source):
            return f"Readers are led to {address} for source {number}, which was never retrieved."
        if number not in self._comparable:
            code = self._draft.sources[number].code
            own = language_name(primary_language(self._draft.brief.language))
            return (
                f"Source {number} is in {language_name(code)} and the text in {own}: "
                "words of two languages cannot be compared."
            )
        return ""

    def _is_unlisted(self, number: int) -> bool:
        return not (number in self._sources or number in self._unusable or number in self._shown)

    def _missing(self, statement: Statement, window: Window) -> list[str]:
        """The words of the sentence that the passage does not have, in their order.

        "According to" names the source: its title is no part of what it says.
        """
        had = window.words | self._draft.words_of(self._sources[window.source].title)
        return [
            word
            for word in dict.fromkeys(WORD.findall(statement.text))
            if (compared := self._draft.words_of(word)) and not compared <= had
        ]

    def _found(
        self, statement: Statement, verdict: ClaimVerdict, why: str, share: float, window: Window | None
    ) -> _Judgement:
        passage = self._passage(window, statement) if window and share >= RELATED else None
        return _Judgement(verdict, why, min(share, 1.0), passage)

    def _passage(self, window: Window, statement: Statement) -> _FoundPassage | None:
        index = self._draft.sources[window.source]
        start, end = _closest(index, window, self._draft.words_of(statement.text))
        spans = _spans(self._sources[window.source], index)[start:end]
        found = [span for span in spans if span is not None]
        if not found:
            return None
        begin = found[0][0]
        return _FoundPassage(window.source, begin, min(found[-1][1], begin + MAX_PASSAGE_CHARACTERS))

    def _passage_of(self, finding: StatementFinding) -> _FoundPassage | None:
        """The passage that a check names, where it is in the source as it is written."""
        source = self._sources.get(finding.source) if finding.source is not None else None
        span = _finder(source.text).find(finding.passage) if source and finding.passage else None
        if source is None or span is None:
            return None
        return _FoundPassage(source.number, span[0], min(span[1], span[0] + MAX_PASSAGE_CHARACTERS))


def _closest(index: SourceIndex, window: Window, words: frozenset[str]) -> tuple[int, int]:
    """The window without the sentences at its ends that have no words of the claim for themselves."""
    start, end = window.start, window.start + window.size
    shared = [index.words[place] & words for place in range(start, end)]
    while len(shared) > 1 and shared[0] <= frozenset[str]().union(*shared[1:]):
        start, shared = start + 1, shared[1:]
    while len(shared) > 1 and shared[-1] <= frozenset[str]().union(*shared[:-1]):
        end, shared = end - 1, shared[:-1]
    return start, end


def _was_retrieved(address: str, source: SourceText) -> bool:
    """Whether an address is that of the source as it was given, or where it led."""
    return address.rstrip("/") in {source.url.rstrip("/"), source.final_url.rstrip("/")}


def _without(missing: Sequence[str]) -> str:
    more = ", …" if len(missing) > MAX_MISSING_WORDS else ""
    return f"the passage does not have “{'”, “'.join(missing[:MAX_MISSING_WORDS])}”{more}"


def _names(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"source {numbers[0]}"
    return f"sources {', '.join(map(str, numbers[:-1]))} or {numbers[-1]}"


@lru_cache(maxsize=32)
def _finder(text: str) -> PassageFinder:
    return PassageFinder(text)


@lru_cache(maxsize=32)
def _spans(source: SourceText, index: SourceIndex) -> list[tuple[int, int] | None]:
    return _finder(source.text).spans(index.sentences)
