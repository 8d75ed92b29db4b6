"""Checks of a draft against its sources: citations, quotations, figures, statements, links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from tasks.pipeline.quality.check_results import CheckOutcome, failed, not_applicable, passed_unless, skipped
from tasks.pipeline.quality.inspected_draft import InspectedDraft, Statement
from tasks.pipeline.text.languages import WORD, Stems
from tasks.pipeline.text.ranking import inverse_frequencies
from tasks.pipeline.text.sentences import paragraphs, sentences
from tasks.pipeline.types import SourceText

# A statement with less than this share of its weight in the best window counts as unsupported.
SUPPORTED = 0.55
# A citation is misplaced when another source supports the statement so much better than the cited one does.
MISPLACED_BY = 0.3
MIN_STATEMENT_STEMS = 4
WINDOW_SENTENCES = 3
MIN_QUOTATION_WORDS = 4

_QUOTATION = re.compile(r"“([^“”]+)”|„([^„“”]+)[“”]|«\s?([^«»]+?)\s?»|(?<!\w)\"([^\"]+)\"(?!\w)")
_NUMBER = re.compile(
    r"(?<![\w.,-])\d{1,20}(?:[.,\u00a0\u202f ]\d{3}){0,6}(?:[.,]\d{1,20})?(?!\w{0,20}[a-zA-Z]\d)"
)
_SPELLED = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "fifteen": "15", "twenty": "20", "thirty": "30",
    "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90",
}  # fmt: skip


@dataclass(frozen=True)
class Window:
    """A few neighbouring sentences of a source."""

    source: int
    text: str
    stems: frozenset[str]


def citations_resolve(draft: InspectedDraft) -> CheckOutcome:
    """Every [n] leads to a listed source that was read, and every listed source is cited."""
    known = {source.number for source in draft.research.sources}
    listed, used = {citation.number for citation in draft.article.citations}, set(draft.markers)
    if not (known or listed or used):
        return skipped("There are no sources to cite.")
    if not used:
        return failed("The text cites none of its sources.")
    wrong = [f"[{number}] leads to no listed source" for number in sorted(used - listed)]
    wrong += [f"Source {number} is listed but never cited" for number in sorted(listed - used)]
    wrong += [f"Source {number} is listed but was not read" for number in sorted(listed - known)]
    return passed_unless(wrong, ok="Every citation leads to a source.", bad="Some citations lead nowhere.")


def citations_fit(draft: InspectedDraft) -> CheckOutcome:
    """A cited sentence is supported by the source it cites, not by another one instead."""
    comparable = set(draft.comparable_sources)
    if len(comparable) < 2:
        return not_applicable("This check needs two sources in the language of the brief.")
    cited = [
        one for one in _checkable_statements(draft) if one.citations and comparable.issuperset(one.citations)
    ]
    if not cited:
        return skipped("No sentence cites a source that was read.")
    grounds = _SourceWindows(draft)
    wrong = []
    for statement in cited:
        here, _ = grounds.support(statement, statement.citations)
        elsewhere, window = grounds.support(
            statement, tuple(sorted(comparable.difference(statement.citations)))
        )
        if window and elsewhere >= SUPPORTED and elsewhere - here >= MISPLACED_BY:
            cited_words = f"{statement.text} {_citation_markers(statement)}"
            wrong.append(f"{cited_words} — source {window.source} says: {window.text}")
    return passed_unless(
        wrong,
        ok="Every citation fits its own source best.",
        bad="{n} citations fit another source better.",
    )


def quotations_verbatim(draft: InspectedDraft) -> CheckOutcome:
    """What stands in quotation marks is in a source, word for word."""
    quotations = [
        next(filter(None, match.groups()))
        for match in _QUOTATION.finditer(" ".join(b for _, b in draft.blocks))
    ]
    quotations = [
        quotation for quotation in quotations if len(WORD.findall(quotation)) >= MIN_QUOTATION_WORDS
    ]
    if not quotations:
        return not_applicable("The text has no quotations.")
    if not draft.research.sources:
        return skipped("There are no sources to compare quotations with.")
    source_words = [_normalized_words(source.text) for source in draft.research.sources]
    wrong = [
        quotation
        for quotation in quotations
        if not all(any(part in words for words in source_words) for part in _quoted_parts(quotation))
    ]
    return passed_unless(
        wrong, ok="Every quotation is in a source.", bad="{n} quotations are not word for word in any source."
    )


def figures_in_sources(draft: InspectedDraft) -> CheckOutcome:
    """Every number of a sentence is in the sources it cites, or in any when it cites none."""
    texts = {source.number: source.text for source in draft.research.sources}
    if not texts:
        return skipped("There are no sources to compare figures with.")
    statements = [one for one in draft.statements if figures(one.text)]
    if not statements:
        return not_applicable("The text has no figures.")
    known = {number: figures(text, spelled=True) for number, text in texts.items()}
    grounds, wrong = None, list[str]()
    for one in statements:
        cited = [number for number in one.citations if number in known] or list(known)
        allowed = frozenset[str]().union(*(known[number] for number in cited))
        missing = [match[0] for match in _NUMBER.finditer(one.text) if not _readings(match[0]) & allowed]
        if missing:
            grounds = grounds or _SourceWindows(draft)
            _, window = grounds.support(one, tuple(cited))
            nearest = f" — nearest in source {window.source}: {window.text}" if window else ""
            wrong.append(f"{', '.join(missing)} in: {one.text}{nearest}")
    return passed_unless(
        wrong,
        ok="Every figure is in a source.",
        bad="{n} sentences have a figure that is in none of their sources.",
    )


def statements_supported(draft: InspectedDraft) -> CheckOutcome:
    """The words of each sentence are found close together in a source."""
    if not draft.research.sources:
        return skipped("There are no sources to compare the text with.")
    if not draft.comparable_sources:
        return skipped("No source is in the language of the brief, so words cannot be compared.")
    statements = _checkable_statements(draft)
    if not statements:
        return not_applicable("The text has no sentences long enough to compare.")
    grounds, wrong = _SourceWindows(draft), list[str]()
    for statement in statements:
        share, window = grounds.support(statement, tuple(draft.comparable_sources))
        if share < SUPPORTED:
            nearest = f" — nearest in source {window.source}: {window.text}" if window else ""
            wrong.append(f"{statement.text}{nearest}")
    return passed_unless(
        wrong,
        ok="Every sentence resembles a source.",
        bad=f"{{n}} of {len(statements)} sentences resemble no source.",
    )


def links_known(draft: InspectedDraft) -> CheckOutcome:
    """Links lead to sources of this article or to pages of this site, images to none elsewhere."""
    urls = [source.url for source in draft.research.sources] + [one.url for one in draft.article.citations]
    known = {url.rstrip("/") for url in urls if url}
    foreign = [link for link in draft.links if link.rstrip("/") not in known and not _is_local(link)]
    return passed_unless(
        foreign, ok="No link leads to an unknown page.", bad="{n} links lead to unknown pages."
    )


def figures(text: str, *, spelled: bool = False) -> frozenset[str]:
    """The numbers of a text in every way they may be read: 1.500 is one and a half, or fifteen hundred."""
    found = frozenset[str]().union(*(_readings(match[0]) for match in _NUMBER.finditer(text)))
    if spelled:
        found |= {_SPELLED[word] for word in re.findall(r"[a-z]+", text.lower()) if word in _SPELLED}
    return found


class _SourceWindows:
    """The windows of all sources and how rare their words are."""

    def __init__(self, draft: InspectedDraft) -> None:
        self._stems = draft.stems
        self._windows = [
            window for source in draft.research.sources for window in _windows(source, draft.stems)
        ]
        self._idf = inverse_frequencies(sorted(window.stems) for window in self._windows)
        # A word that no source has weighs as much as the rarest.
        self._unseen = max(self._idf.values(), default=1.0)

    def support(self, statement: Statement, sources: tuple[int, ...]) -> tuple[float, Window | None]:
        """The best share of the statement's weight in one window, and that window; (0, None) without any."""
        weights = {
            stem: self._idf.get(stem, self._unseen)
            for stem in sorted(set(self._stems.of_text(statement.text)))
        }
        total, best, nearest = sum(weights.values()), 0.0, None
        for window in self._windows:
            if window.source in sources and total:
                share = sum(weight for stem, weight in weights.items() if stem in window.stems) / total
                if nearest is None or share > best + 1e-9:
                    best, nearest = share, window
        return best, nearest


def _windows(source: SourceText, stems: Stems) -> list[Window]:
    texts = [sentence for block in paragraphs(source.text) for sentence in sentences(block, stems.language)]
    sets = [frozenset(stems.of_text(text)) for text in texts]
    # Short windows first: of equals, the shortest is shown.
    return [
        Window(
            source.number,
            " ".join(texts[start : start + size]),
            frozenset().union(*sets[start : start + size]),
        )
        for size in range(1, WINDOW_SENTENCES + 1)
        for start in range(max(0, len(texts) - size + 1))
    ]


def _checkable_statements(draft: InspectedDraft) -> list[Statement]:
    return [
        one
        for one in draft.statements
        if not one.text.endswith("?") and len(set(draft.stems.of_text(one.text))) >= MIN_STATEMENT_STEMS
    ]


@lru_cache(maxsize=4096)
def _readings(number: str) -> frozenset[str]:
    bare = re.sub(r"[\u00a0\u202f ]", "", number)
    grouped = re.sub(r"[.,](?=\d{3}(?:\D|$))", "", bare)
    return frozenset(one.replace(",", ".") for one in (bare, grouped))


def _citation_markers(statement: Statement) -> str:
    return "".join(f"[{number}]" for number in statement.citations)


def _normalized_words(text: str) -> str:
    """Words alone, for comparing without regard to case, quotation marks and punctuation."""
    return " " + " ".join(re.findall(r"\w+", text.lower())) + " "


def _quoted_parts(quotation: str) -> list[str]:
    """A quotation between its omissions."""
    return [
        _normalized_words(part) for part in re.split(r"\[?(?:…|\.\.\.)\]?", quotation) if part.strip(" .,;")
    ]


def _is_local(link: str) -> bool:
    return link.startswith("#") or (link.startswith("/") and not link.startswith(("//", "/\\")))
