"""The drafts of `bench quality` are what they are said to be, and the same in every run."""

from __future__ import annotations

from collections import Counter
from functools import cache

from benchmarks import quality_scores
from benchmarks.quality_corpus import items, prose
from benchmarks.quality_corpus.items import QualityItems
from benchmarks.quality_corpus.seeded_draft import SeededDraft
from benchmarks.quality_corpus.timed_drafts import timed_drafts
from benchmarks.quality_scores import ChecksRun


@cache
def some(split: str) -> QualityItems:
    """Of one text that is in the repository: fast, and the same on every machine."""
    path = prose.TEXTS / "en-travel.txt"
    return items.quality_items(split, per_kind=3, given=prose.documents(prose.chapters(path)))


def parts(draft: SeededDraft) -> Counter[str]:
    """Its sentences, lines, title and so on: all that a reader sees."""
    article = draft.article
    head = (article.title, article.summary, article.seo_title, article.seo_description)
    return Counter([*head, *(draft.sentence_text(one) for block in draft.blocks for one in block.sentences)])


def test_a_clean_draft_rests_on_the_passages_it_cites() -> None:
    for draft in some("dev").clean:
        numbers = {one.number for one in draft.research.sources}
        assert 3 <= len(numbers) <= 6
        for spot in draft.spots():
            sentence = draft.sentence(spot)
            assert set(sentence.sources) <= numbers
            assert all(original in draft.source_text(sentence.sources[0]) for original in sentence.originals)
            assert sentence.originals
        cited = {number for spot in draft.spots() for number in draft.sentence(spot).sources}
        assert cited == numbers


def test_a_seeded_draft_differs_from_its_clean_one_in_the_seeded_place_alone() -> None:
    clean = {one.name: one for one in some("dev").clean}
    whole = {"half of the citations gone", "text in another language", "listed source never cited"}
    for draft in some("dev").defective:
        before = clean[draft.name.partition(":")[0]]
        assert (draft.brief, draft.article) != (before.brief, before.article)
        assert draft.research == before.research
        if draft.body or draft.kind in whole:
            continue
        lost, new = parts(before) - parts(draft), parts(draft) - parts(before)
        assert lost.total() <= 1 or draft.kind == "cut at the end", draft.name
        assert new.total() <= 4, draft.name


def test_seeded_places_are_spread_over_the_text() -> None:
    for kind in items.KINDS:
        own = [one for one in some("dev").defective if one.kind == kind.name]
        assert {one.place for one in own} == set(kind.places[: len(own)])


def test_there_are_many_kinds_of_defects() -> None:
    made = Counter(one.kind for one in some("dev").defective)
    assert len({kind.name for kind in items.KINDS}) == len(items.KINDS) >= 40
    assert sum(count == 3 for count in made.values()) >= 40


def test_no_prose_is_in_both_splits() -> None:
    dev, test = (
        {
            text
            for one in some(split).clean
            for source in one.research.sources
            for text in source.text.split("\n\n")[1:]
        }
        for split in prose.SPLITS
    )
    assert dev
    assert test
    assert dev.isdisjoint(test)


def test_every_run_makes_the_same_drafts() -> None:
    again = items.quality_items(
        "test", per_kind=3, given=prose.documents(prose.chapters(prose.TEXTS / "en-travel.txt"))
    )
    assert again.sha256 == some("test").sha256
    assert again.sha256 != some("dev").sha256


def test_a_language_without_prose_is_named() -> None:
    assert [one[:2] for one in some("dev").missing] == ["de", "fr", "es"]


def result(check: str, *evidence: str, severity: str = "advisory") -> dict[str, object]:
    return {
        "check": check,
        "status": "failed",
        "severity": severity,
        "message": f"{len(evidence)} sentences.",
        "evidence": list(evidence),
    }


def test_a_defect_is_found_by_a_check_that_had_nothing_against_the_clean_draft() -> None:
    clean = some("dev").clean[0]
    seeded = next(one for one in some("dev").defective if one.name.partition(":")[0] == clean.name)
    before = {"results": [result("negation", "Old words.")], "score": 85}

    def found(*results: dict[str, object]) -> list[str]:
        after = {"results": list(results), "score": 85}
        return ChecksRun({clean.name: before, seeded.name: after}, {}).found_by(seeded)

    assert found(result("negation", "Old words.")) == []
    assert found(result("negation", "Old words.", "New words.")) == ["negation"]
    assert found(result("truncated")) == ["truncated"]
    assert found(result("length")) == []


def test_false_alarms_are_counted_for_each_sentence_and_vetoes_are_not_among_them() -> None:
    clean = some("dev").clean[0]
    results = [result("negation", "One.", "Two."), result("truncated", "Cut", severity="veto")]
    run = ChecksRun({clean.name: {"results": results, "score": 49}}, {})
    assert run.alarms([clean]) == Counter({"negation": 2})
    assert quality_scores.alarms_of(run.alarms([clean]), "meaning", 40) == 0.05
    assert [one["check"] for one in run.vetoes(clean.name)] == ["truncated"]
    assert not run.passes(clean)


def test_nothing_is_timed_where_there_is_too_little_prose() -> None:
    few = prose.documents(prose.chapters(prose.TEXTS / "en-travel.txt"))
    assert set(map(len, timed_drafts(few).values())) == {0}
