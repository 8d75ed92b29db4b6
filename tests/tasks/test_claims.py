"""The claim ledger of a text: which sentences are claims, what their sources have, and the verdicts."""

from __future__ import annotations

from typing import Any

from tasks.pipeline.quality import CHECKS, assess
from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, StatementFinding
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.passages import PassageFinder
from tasks.pipeline.types import (
    Article,
    Brief,
    CheckStatus,
    Citation,
    ClaimVerdict,
    FactualClaim,
    Research,
    SourceText,
    UnusableSource,
)

TREES = SourceText(
    number=1,
    title="Trees",
    url="https://trees.example/a",
    final_url="https://www.trees.example/a.html",
    text="Contents\n\nTrees cool   a street\nby shade and by water.\n\nA single mature tree transpires 450 "
    "litres of water on a hot day. Shade keeps brick walls cool in the afternoon.",
    sha256="a" * 64,
    reader="plain 1",
)
GERMAN = SourceText(
    number=2,
    title="Bäume",
    url="https://baum.example/",
    text="Die Bäume der Stadt kühlen die Straßen im Sommer deutlich ab, weil sie Wasser verdunsten.",
)
HEAT = SourceText(
    number=3,
    title="Heat",
    url="https://heat.example/",
    text="Heat waves kill more people in Europe than floods and storms together.",
)
RESEARCH = Research(
    sources=(TREES, GERMAN, HEAT),
    unusable=(UnusableSource(number=4, title="Gone", problem="The page is gone."),),
)
CITATIONS = tuple(Citation(number=one.number, title=one.title, url=one.url) for one in RESEARCH.sources)


def claims_of(body: str, *, checks: tuple[Check, ...] = (), **given: Any) -> tuple[FactualClaim, ...]:
    citations = given.pop("citations", CITATIONS)
    article = Article(title="Trees", body=body, citations=citations)
    found = assess(Brief(topic="Trees", **given), RESEARCH, article, checks).claims
    assert found is not None
    return found


def only(body: str, **given: Any) -> FactualClaim:
    (claim,) = claims_of(body, **given)
    return claim


def contradicting(words: str, *, is_contradiction: bool = True, passage: str = "") -> Check:
    """A check that has something against each sentence with these words."""

    def run(draft: InspectedDraft) -> CheckOutcome:
        found = tuple(
            StatementFinding(one, "It says 450 litres.", 1, passage, is_contradiction)
            for one in draft.statements
            if words in one.text
        )
        return CheckOutcome(CheckStatus.FAILED, "Wrong.", findings=found)

    return Check("meaning", "advisory", run)


VERDICTS = {
    "Trees cool a street by shade and by water [1].": ("supported", "Source 1 says it."),
    "Trees cool a street by shade and by water.": ("uncited", "Source 1 says something like it"),
    "A mature tree transpires 450 litres of water and purifies the groundwater of whole districts [1].": (
        "partly_supported", "“purifies”, “groundwater”",
    ),
    "Trees purify groundwater completely and for ever [1].": ("unsupported", "No passage of source 1"),
    "Heat waves kill more people than floods and storms together [1].": ("unsupported", "one of source 3"),
    "Trees cool cities in summer by evaporating water [2].": ("not_compared", "Source 2 is in German"),
    "Cats are loved by nearly everyone in town [4].": ("not_compared", "could not be read: The page is gone"),
    "Cats are loved by nearly everyone in town [9].": ("unsupported", "[9] leads to no source"),
    "Trees cool a street by shade and by water [1][9].": ("supported", "[9] leads to no source"),
    "Cities get warmer by the decade, and trees help a little [1, 2].": ("not_compared", "Source 2"),
}  # fmt: skip


def test_the_verdict_follows_from_what_the_cited_sources_have() -> None:
    for sentence, (verdict, why) in VERDICTS.items():
        claim = only(sentence)
        assert (claim.verdict, why in claim.why) == (verdict, True), (sentence, claim)


def test_a_passage_is_cut_from_the_source_as_it_is_written() -> None:
    bodies = [*VERDICTS, "Shade keeps brick walls cool in the afternoon [1]."]
    for claim in claims_of("\n\n".join(bodies)):
        source = next((one for one in RESEARCH.sources if one.number == claim.source), None)
        assert claim.passage == (source.text[claim.start : claim.end] if source else "")
        assert (claim.sha256, claim.reader) == ((source.sha256, source.reader) if source else ("", ""))
    assert only(bodies[0]).passage == "Trees cool   a street\nby shade and by water."
    # Only the sentence that says it, not those around it.
    assert only(bodies[-1]).passage == "Shade keeps brick walls cool in the afternoon."


def test_sentences_that_differ_by_white_space_are_found_where_they_stand() -> None:
    text = "One\u00a0 two.\n\nThree.  One two.\tThree."
    found = PassageFinder(text).spans(["One two.", "Three.", "One two.", "Three.", "Four."])
    cut = [text[span[0] : span[1]] if span else None for span in found]
    assert cut == ["One\u00a0 two.", "Three.", "One two.", "Three.", None]
    assert len({span for span in found if span}) == 4
    assert PassageFinder("").find("One") is PassageFinder("a").find(" ") is None


NO_CLAIMS = [
    "Why do trees cool a street?",
    "## Trees cool a street by shade and by water",
    "In this article we look at how trees cool a street.",
    "What follows is a short guide for readers who are new to trees.",
    "Let us turn to the walls of a house in the afternoon.",
    "Check the soil around the young tree every week.",
    "These are the things that matter most:",
    "That matters.",
    "| Year | Trees |\n| --- | --- |\n| 2020 | 500 |",
    "## Sources\n\n1. How a tree cools a street by shade, 2020 [1]",
    "```\nTrees cool a street by shade and by water.\n```",
]
NO_CLAIMS_ELSEWHERE = {
    "de": ["Warum kühlen Bäume eine Straße?", "In diesem Artikel geht es um Bäume in der Stadt.",
           "Achten Sie auf genügend Platz.", "Beachten Sie die Feuchte des Bodens rund um den Baum."],
    "fr": ["Pourquoi les arbres rafraîchissent-ils la rue\u202f?", "Voyons comment les arbres poussent."],
    "el": ["Γιατί τα δέντρα δροσίζουν τον δρόμο;"],
    "ja": ["木はなぜ街路を冷やすのですか？"],
}  # fmt: skip


def test_what_asserts_nothing_is_no_claim() -> None:
    for body in NO_CLAIMS:
        assert claims_of(body) == (), body
    for language, bodies in NO_CLAIMS_ELSEWHERE.items():
        for body in bodies:
            assert claims_of(body, language=language) == (), body


def test_what_cites_a_source_or_has_a_figure_is_a_claim_whatever_its_form() -> None:
    for body in ("Plant trees five metres apart [1].", "It takes 450 litres.", "That is so [1].",
                 "| Year | Trees |\n| --- | --- |\n| 2020 | 500 [1] |"):  # fmt: skip
        assert len(claims_of(body)) == 1, body


def test_claims_are_numbered_in_the_order_of_the_text_with_their_headings() -> None:
    found = claims_of("Trees cool a street by shade [1].\n\n## Walls\n\n- Shade keeps walls cool [1].\n")
    assert [(one.number, one.section, one.citations) for one in found] == [(1, "", (1,)), (2, "Walls", (1,))]


def test_a_contradiction_that_a_check_found_is_the_verdict_and_shows_its_passage() -> None:
    body = (
        "Trees cool a street by shade and by water [1]. A mature tree transpires 45 litres on a hot day [1]."
    )
    passage = "A single mature tree transpires 450 litres of water on a hot day."
    fine, wrong = claims_of(body, checks=(contradicting("45 litres", passage=passage),))
    assert fine.verdict == ClaimVerdict.SUPPORTED
    assert (wrong.verdict, wrong.why, wrong.passage) == ("contradicted", "It says 450 litres.", passage)


def test_what_else_a_check_has_against_a_sentence_lowers_its_verdict() -> None:
    doubt = contradicting("Trees", is_contradiction=False)
    for sentence, verdict in {
        "Trees cool a street by shade and by water [1].": "partly_supported",
        "Trees purify groundwater completely and for ever [1].": "unsupported",
        "Trees cool 40 cities in summer by evaporating water [2].": "unsupported",
        "Trees cool a street by shade and by water.": "uncited",
    }.items():
        claim = only(sentence, checks=(doubt,))
        assert (claim.verdict, "It says 450 litres." in claim.why) == (verdict, True), sentence
    assert claims_of("Trees?", checks=(doubt,)) == ()
    assert only("Trees?", checks=(contradicting("Trees"),)).verdict == ClaimVerdict.CONTRADICTED


def test_a_citation_at_the_end_of_each_paragraph_is_that_of_its_sentences() -> None:
    paragraph = (
        "Trees cool a street by shade and by water. Shade keeps brick walls cool in the afternoon [1]."
    )
    found = claims_of(f"{paragraph}\n\n{paragraph}")
    assert [(one.citations, one.verdict) for one in found] == 4 * [((1,), "supported")]
    mixed = claims_of(
        f"{paragraph}\n\nTrees cool a street by shade and by water [1]. Walls never warm up [1]."
    )
    assert mixed[0].verdict == ClaimVerdict.UNCITED


def test_that_a_sentence_cites_nothing_is_said_once() -> None:
    body = (
        3 * "Trees cool a street by shade and by water [1]. " + "Walls never warm up in the afternoon at all."
    )
    *_, last = claims_of(body, checks=CHECKS)
    assert last.verdict == ClaimVerdict.UNCITED
    assert last.why.count("cites no source") == 1


def test_an_address_that_was_never_retrieved_supports_nothing() -> None:
    sentence = "Trees cool a street by shade and by water [1]."
    for url, verdict in {
        TREES.url: "supported",
        f"{TREES.url}/": "supported",
        TREES.final_url: "supported",
        "": "supported",
        "https://trees.example/b": "not_compared",
        "https://evil.example/a": "not_compared",
    }.items():
        claim = only(sentence, citations=(Citation(number=1, title="Trees", url=url),))
        assert claim.verdict == verdict, url
        assert (url in claim.why and "never retrieved" in claim.why) == (verdict == "not_compared")
