"""The offline writer's notes to the editor: gaps, thin evidence, and sources it could not use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tasks.pipeline.text.candidates import Candidate, Pool
from tasks.pipeline.text.digest_phrases import has_phrases
from tasks.pipeline.text.languages import Language, guess_language, language, language_name
from tasks.pipeline.text.ranking import likeness
from tasks.pipeline.text.titles import shortened
from tasks.pipeline.text.words import unit_of_length
from tasks.pipeline.types import Brief, Research

MAX_SINGLE_SOURCE_NOTES = 6
# Two sentences of different sources that share a figure and this much wording confirm each other.
SAME_FACT = 0.12


def notes_for_editor(
    brief: Brief,
    research: Research,
    languages: Mapping[int, Language],
    pool: Pool,
    chosen: Sequence[Candidate],
    uncovered: Sequence[str],
) -> tuple[str, ...]:
    """One sentence each, most important first."""
    return (
        *_about_guidance(brief),
        *(
            f"No source says enough about “{keyword}”: add a source or drop the keyword."
            for keyword in uncovered
        ),
        *_about_languages(brief, research, languages, chosen),
        *(f"Source {source.number} was not used: {source.problem}" for source in research.unusable),
        *_about_unquoted(research, languages, chosen, brief),
        *_about_quality(pool, research, chosen),
        *_about_length(brief, chosen),
        *_about_single_sources(pool, chosen),
    )


def _about_guidance(brief: Brief) -> list[str]:
    asked = "; ".join(f"“{shortened(words, 200)}”" for words in (*brief.category_guidance, *brief.guidance))
    if not asked:
        return []
    return [
        f"Editors asked: {asked} The offline writer cannot follow instructions: edit the text, change the "
        "sources or keywords, or configure a language model."
    ]


def _about_languages(
    brief: Brief, research: Research, languages: Mapping[int, Language], chosen: Sequence[Candidate]
) -> list[str]:
    wanted, quoted = language(brief.language), {candidate.source for candidate in chosen}
    notes = []
    if not has_phrases(brief.language):
        name = language_name(brief.language)
        notes.append(f"The digest's label and its headings are in English, as there are none in {name}.")
    for source in research.sources:
        if languages[source.number] != wanted:
            name, asked = language_name(guess_language(source.text)), language_name(brief.language)
            fate = "is quoted as it is" if source.number in quoted else "was left out"
            notes.append(f"Source {source.number} is in {name}, but the brief asks for {asked}: it {fate}.")
    return notes


def _about_unquoted(
    research: Research, languages: Mapping[int, Language], chosen: Sequence[Candidate], brief: Brief
) -> list[str]:
    quoted, wanted = {candidate.source for candidate in chosen}, language(brief.language)
    return [
        f"Source {source.number} is not quoted: nothing in it was close enough to the topic."
        for source in research.sources
        if source.number not in quoted and languages[source.number] == wanted
    ]


def _about_quality(pool: Pool, research: Research, chosen: Sequence[Candidate]) -> list[str]:
    notes = [
        f"Source {number} has citation marks of its own within its sentences; the digest leaves them out."
        for number in sorted(pool.without_marks.intersection(one.source for one in chosen))
    ]
    if pool.strictness != "strict":
        notes.append(
            "The sources have few sentences that stand alone, so weaker ones were quoted: read them closely."
        )
    if len(research.sources) == 1:
        notes.append("The digest rests on one source: add a second, so that statements can be compared.")
    return notes


def _about_length(brief: Brief, chosen: Sequence[Candidate]) -> list[str]:
    words = sum(candidate.words for candidate in chosen)
    if words >= 0.7 * brief.target_words:
        return []
    unit = unit_of_length(brief.language)
    return [
        f"The digest has {words} {unit} of the {brief.target_words} asked for: the sources offer no more."
    ]


def _about_single_sources(pool: Pool, chosen: Sequence[Candidate]) -> list[str]:
    """Figures that no other source repeats, where there is another source."""
    if len({candidate.source for candidate in pool.candidates}) < 2:
        return []
    lonely = [one for one in chosen if one.has_figure and not _is_confirmed(one, pool.candidates)]
    notes = [
        f"Only source {one.source} gives this figure: “{shortened(one.text, 160)}”"
        for one in lonely[:MAX_SINGLE_SOURCE_NOTES]
    ]
    if len(lonely) > len(notes):
        notes.append(f"{len(lonely) - len(notes)} more figures rest on one source each.")
    return notes


def _is_confirmed(one: Candidate, others: Sequence[Candidate]) -> bool:
    return any(
        other.source != one.source
        and not one.figures.isdisjoint(other.figures)
        and likeness(one.vector, other.vector) >= SAME_FACT
        for other in others
    )
