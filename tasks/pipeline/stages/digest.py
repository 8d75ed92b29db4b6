"""The offline writer: a digest of verbatim sentences, for desks without a language model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from tasks.pipeline.errors import StageFailed
from tasks.pipeline.off_loop import off_loop, preloads
from tasks.pipeline.stages.digest_notes import notes_for_editor
from tasks.pipeline.stages.prose import citations_in, with_all_locked
from tasks.pipeline.text.candidates import Candidate, Pool, candidates
from tasks.pipeline.text.digest_phrases import phrases_for
from tasks.pipeline.text.languages import Language, Stems, guess_language, language, load_languages
from tasks.pipeline.text.selection import Heading, Selection, by_heading, fill, key_phrases, shares
from tasks.pipeline.text.slugs import slug
from tasks.pipeline.text.titles import shortened
from tasks.pipeline.text.words import CHARACTERS_A_WORD, word_count
from tasks.pipeline.types import Article, Brief, Citation, Research, SourceText

# How the words of a digest are shared out: an opening, the sections, a list of figures.
OPENING_SHARE, FIGURES_SHARE = 0.08, 0.15
MAX_OPENING_TRIED, CANDIDATES_AN_OPENING_SENTENCE = 10, 6
MAX_HEADINGS = 7
MIN_PLACES, MIN_SECTION_WORDS = 4, 60
MAX_FIGURES = 6
SENTENCES_A_PARAGRAPH = 4


@dataclass(frozen=True)
class Digest:
    """What was chosen, before it is written down."""

    sources: tuple[SourceText, ...]
    languages: Mapping[int, Language]
    pool: Pool
    opening: tuple[Candidate, ...]
    sections: Mapping[Heading, tuple[Candidate, ...]]
    figures: tuple[Candidate, ...]
    uncovered: tuple[str, ...]

    @property
    def chosen(self) -> list[Candidate]:
        in_sections = [candidate for section in self.sections.values() for candidate in section]
        return [*self.opening, *in_sections, *self.figures]


async def write_digest(brief: Brief, research: Research) -> Article:
    """Assemble an article from the sources' own sentences, each cited, and label it as such.

    The same inputs give the same bytes. Raises StageFailed when the sources have nothing to quote, and
    ParagraphLocked when there is no place for a locked paragraph.
    """
    return await off_loop(_write, brief, research)


@preloads(load_languages)
def _write(brief: Brief, research: Research) -> Article:
    digest = compile_digest(brief, research)
    title = " ".join(brief.topic.split())
    summary = _summary(digest)
    cited = {candidate.source for candidate in digest.chosen}
    cited |= {citation.number for one in brief.locked for citation in citations_in(one.text, research)}
    return Article(
        title=title,
        slug=slug(title),
        summary=summary,
        body=with_all_locked(_body(digest, brief), brief),
        seo_title=shortened(title, 60),
        seo_description=shortened(summary, 155),
        category=brief.category,
        tags=brief.tags,
        citations=tuple(
            Citation(number=source.number, title=source.title, url=source.url)
            for source in research.sources
            if source.number in cited
        ),
        editor_notes=notes_for_editor(
            brief, research, digest.languages, digest.pool, digest.chosen, digest.uncovered
        ),
        written_by="offline writer",
    )


def compile_digest(brief: Brief, research: Research) -> Digest:
    """Choose an opening, then sections for the keywords, then sections that fill gaps, then figures."""
    if not research.sources:
        problems = [f"Source {source.number}: {source.problem}" for source in research.unusable]
        raise StageFailed(
            " ".join(["Add at least one source with text, or a URL that can be read.", *problems])
        )
    languages = {
        source.number: language(guess_language(source.text) or brief.language) for source in research.sources
    }
    sources = _in_the_right_language(brief, research.sources, languages)
    # One of each language, as it remembers the words it has seen.
    of_language = {of.code: Stems(of) for of in languages.values()}
    stems = {number: of_language[of.code] for number, of in languages.items()}
    pool = candidates(brief, sources, {source.number: stems[source.number] for source in sources})
    if not pool.candidates:
        raise StageFailed("Add a source with whole sentences: the given ones have none that can be quoted.")
    target = max(brief.target_words, 100)
    lengths = {source.number: word_count(source.text) for source in sources}
    selection = Selection(shares(lengths, target, language(brief.language).code))

    opening = _opening(brief, pool, stems, selection, int(OPENING_SHARE * target))
    wanted = _keyword_headings(brief, stems[pool.candidates[0].source])
    topic = stems[pool.candidates[0].source].of_text(brief.topic)
    sections = _sections(
        wanted, topic, pool, stems, selection, int((1 - FIGURES_SHARE) * target), brief.language
    )
    figures = _figures(pool, selection, int(FIGURES_SHARE * target))
    uncovered = [
        heading.text
        for heading in wanted
        if heading not in sections
        and not any(set(heading.stems).issubset(one.stems) for one in selection.chosen)
    ]
    return Digest(sources, languages, pool, opening, sections, figures, tuple(uncovered))


def _in_the_right_language(
    brief: Brief, sources: tuple[SourceText, ...], languages: Mapping[int, Language]
) -> tuple[SourceText, ...]:
    """Sources in the brief's language where there are any: a digest cannot translate."""
    wanted = language(brief.language)
    fitting = tuple(source for source in sources if languages[source.number] == wanted)
    return fitting or sources


def _keyword_headings(brief: Brief, stems: Stems) -> list[Heading]:
    """The editor's keywords, in the editor's order, as headings."""
    headings: dict[tuple[str, ...], Heading] = {}
    for keyword in brief.keywords:
        key = tuple(dict.fromkeys(stems.of_text(keyword)))
        text = " ".join(keyword.split())
        if key:
            headings.setdefault(key, Heading(text[:1].upper() + text[1:], key))
    return list(headings.values())


def _opening(
    brief: Brief, pool: Pool, stems: Mapping[int, Stems], selection: Selection, words: int
) -> tuple[Candidate, ...]:
    """The sentences that speak most of the topic itself, early ones of their source first."""
    topics = {number: set(of.of_text(brief.topic)) for number, of in stems.items()}

    def nearness(one: Candidate) -> float:
        topic = topics[one.source]
        spoken_of = len(topic.intersection(one.stems)) / (len(topic) or 1)
        # A figure is a detail; it opens nothing.
        return spoken_of + one.score / 3 + 2 / (6 + one.place) - (0.25 if one.has_figure else 0.0)

    nearest = sorted(pool.candidates, key=lambda one: (-nearness(one), one.source, one.place))
    opening = list[Candidate]()
    # Small sources need their few sentences for the sections.
    most = len(pool.candidates) // CANDIDATES_AN_OPENING_SENTENCE
    for candidate in nearest[:MAX_OPENING_TRIED]:
        if sum(one.words for one in opening) >= words or len(opening) >= most:
            break
        if taken := selection.take_best([candidate]):
            opening.append(taken)
    return tuple(opening)


def _sections(
    wanted: Sequence[Heading],
    topic: Sequence[str],
    pool: Pool,
    stems: Mapping[int, Stems],
    selection: Selection,
    target: int,
    code: str,
) -> Mapping[Heading, tuple[Candidate, ...]]:
    """Fill the wanted headings; where words are missing, headings from the sources fill the gap."""
    groups = by_heading(wanted, pool.candidates, pool.idf)
    places = max(sum(map(bool, groups.values())), MIN_PLACES)
    sections = fill(selection, groups, _room(selection, target) // places)
    room = _room(selection, target)
    if room > target // 6 or not sections:
        rest = [candidate for candidate in pool.candidates if selection.gain(candidate) is not None]
        taken = [*topic, *(stem for heading in wanted for stem in heading.stems)]
        least = int(MIN_SECTION_WORDS * CHARACTERS_A_WORD.get(language(code).code, 1.0))
        found = key_phrases(rest, stems, taken, min(MAX_HEADINGS - len(sections), room // least))
        groups = by_heading(found, rest, pool.idf)
        sections |= fill(selection, groups, room // max(len(found), 1))
    if not sections:
        main_points = Heading(phrases_for(code).main_points, ())
        sections |= fill(selection, {main_points: pool.candidates}, _room(selection, target))
    return {heading: _in_reading_order(chosen) for heading, chosen in sections.items()}


def _room(selection: Selection, target: int) -> int:
    """How many words are still missing."""
    return max(0, target - sum(candidate.words for candidate in selection.chosen))


def _figures(pool: Pool, selection: Selection, words: int) -> tuple[Candidate, ...]:
    """Sentences with a number that no section took."""
    numeric = [candidate for candidate in pool.candidates if candidate.has_figure]
    figures = list[Candidate]()
    while len(figures) < MAX_FIGURES and sum(candidate.words for candidate in figures) < words:
        taken = selection.take_best(numeric)
        if not taken:
            break
        figures.append(taken)
    return _in_reading_order(figures)


def _in_reading_order(chosen: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Sentences of one source together and as it had them; the source with the best one first."""
    best: dict[int, float] = {}
    for candidate in chosen:
        best[candidate.source] = max(best.get(candidate.source, 0.0), candidate.score)
    return tuple(sorted(chosen, key=lambda one: (-best[one.source], one.source, one.place)))


def _body(digest: Digest, brief: Brief) -> str:
    """The Markdown: label, opening, sections, figures; every sentence followed by its source."""
    words = phrases_for(brief.language)
    blocks = [f"> {words.label}", " ".join(map(_cited, digest.opening))]
    for heading, chosen in digest.sections.items():
        blocks += [f"## {heading.text}", *_paragraphs(chosen)]
    if digest.figures:
        blocks += [f"## {words.figures}", "\n".join(f"- {_cited(candidate)}" for candidate in digest.figures)]
    return "\n\n".join(filter(None, blocks)) + "\n"


def _paragraphs(chosen: Sequence[Candidate]) -> list[str]:
    """Paragraphs of up to four sentences; a source with several sentences begins a new one."""
    paragraphs = list[list[Candidate]]()
    for _, group in groupby(chosen, key=lambda candidate: candidate.source):
        run = list(group)
        if not paragraphs or len(run) > 1:
            paragraphs.append([])
        for candidate in run:
            if len(paragraphs[-1]) >= SENTENCES_A_PARAGRAPH:
                paragraphs.append([])
            paragraphs[-1].append(candidate)
    return [" ".join(map(_cited, paragraph)) for paragraph in paragraphs]


def _cited(candidate: Candidate) -> str:
    return f"{candidate.text} [{candidate.source}]"


def _summary(digest: Digest) -> str:
    """The best sentence that is short enough, verbatim."""
    ranked = sorted(digest.chosen, key=lambda one: (-one.score, one.source, one.place))
    opening = [one for one in digest.opening if len(one.text) <= 200]
    short = [one for one in ranked if len(one.text) <= 200]
    return shortened((opening or short or ranked)[0].text, 200)
