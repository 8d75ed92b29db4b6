"""Each check passes a sound draft, fails a spoilt one with evidence, or says why it did not run."""

import asyncio

import pytest

from tasks.pipeline.quality import CHECKS, Check, run_checks
from tasks.pipeline.stages.digest import write_digest
from tasks.pipeline.stages.inspection import inspect
from tasks.pipeline.types import Article, Brief, CheckStatus, Citation, Critique, Research, SourceText
from tests.tasks.test_digest import sample

TREES = (
    "Street trees give shade to pavements and cool the air by evaporating water. Shaded pavements are 11 to "
    "25 degrees cooler than pavements in full sun. A large tree evaporates 1,500 litres in a dry week. The "
    "council said that “every street deserves a row of tall trees” before the vote. Watering keeps young "
    "trees alive in summer."
)
BEES = (
    "Honey bees visit clover and fruit blossoms from April to September. A strong colony holds 50,000 bees "
    "in June. Beekeepers harvest honey twice a year and feed the colony with sugar in autumn. Varroa mites "
    "weaken colonies that nobody treats."
)
RESEARCH = Research(
    sources=(
        SourceText(number=1, title="Trees", url="https://trees.example/a", text=TREES),
        SourceText(number=2, title="Bees", url="https://bees.example/", text=BEES),
    )
)
BRIEF = Brief(topic="Trees and bees", target_words=70, keywords=("shade", "honey"))
BODY = """Street trees give shade to pavements and cool the air by evaporating water. [1] The cooling is
large: shaded pavements are 11 to 25 degrees cooler than pavements in full sun. [1]

## Bees

Honey bees visit clover and fruit blossoms from April to September [2].
A strong colony holds 50,000 bees in June. [2]

## Water

Watering keeps young trees alive in summer, and a large tree evaporates 1500 litres in a dry week. [1]
"""
ARTICLE = Article(
    title="Trees and bees",
    body=BODY,
    seo_title="Trees and bees in town",
    seo_description="What street trees and honey bees do for a town, with the figures behind both of them.",
    citations=(
        Citation(number=1, title="Trees", url="https://trees.example/a"),
        Citation(number=2, title="Bees", url="https://bees.example/"),
    ),
)
NOTHING = Research(sources=())


def draft(added="", **changes):
    return ARTICLE.model_copy(update={"body": BODY + ("\n" + added if added else "")} | changes)


def result(name, article=ARTICLE, brief=BRIEF, research=RESEARCH):
    (found,) = [one for one in run_checks(brief, research, article) if one.check == name]
    return found


def test_a_sound_draft_passes_every_check_that_runs():
    results = run_checks(BRIEF, RESEARCH, ARTICLE)
    failed = [one for one in results if one.status == CheckStatus.FAILED]
    assert failed == []
    skipped = {one.check for one in results if one.status == CheckStatus.SKIPPED}
    assert skipped == {
        "block_quotations",
        "quotations_verbatim",
        "images",
        "internal_links",
        "anchors",
        "dead_links",
        "published_duplicate",
        "title_promise",
        "readability",
        "weekdays",
    }


SPOILT = [
    ("citations_resolve", draft("Bees make honey in the hive all summer. [7]"), "[7]"),
    ("citations_resolve", draft(body="Trees give shade. [1]"), "Source 2 is listed but never cited"),
    ("citations_resolve", draft(citations=(*ARTICLE.citations, Citation(number=4, title="X"))), "Source 4"),
    (
        "citations_fit",
        draft("Beekeepers harvest honey twice a year and feed the colony with sugar. [1]"),
        "source 2",
    ),
    (
        "quotations_verbatim",
        draft("It said “no street deserves a row of small trees” then. [1]"),
        "no street",
    ),
    (
        "quotations_verbatim",
        draft('It said "no street deserves a row of small trees" then. [1]'),
        "no street",
    ),
    (
        "figures_in_sources",
        draft("Shaded pavements are 40 degrees cooler than pavements in full sun. [1]"),
        "40 degrees in:",
    ),
    ("figures_in_sources", draft("A strong colony holds 50,000 bees in June. [1]"), "50,000 in:"),
    (
        "claims_supported",
        draft("Electric cars dominate Norwegian showrooms because taxes favour batteries. [1]"),
        "cars",
    ),
    ("placeholders", draft("See [insert image of a tree here] for more."), "[insert image"),
    ("placeholders", draft("Trees give shade to XX% of streets."), "XX%"),
    ("placeholders", draft("Ask [your name] or read [this](https://example.com/page)."), "[your name]"),
    ("leaked_reasoning", draft(body="Sure! Here is the article you asked for.\n\n" + BODY), "Sure"),
    ("leaked_reasoning", draft(body="<think>The user wants trees.</think>\n\n" + BODY), "<think>"),
    ("data_envelope", draft(body='{"title": "Trees", "body": "Trees give shade."}'), '{"'),
    ("leaked_reasoning", draft("As an AI language model, trees are beyond me."), "As an AI"),
    ("truncated", draft("Trees give shade and"), "shade and"),
    ("truncated", draft("## One more"), "## One more"),
    ("truncated", draft("```\ncode"), "code"),
    ("links_known", draft("Read [more](https://spam.example/) of it."), "https://spam.example/"),
    ("links_known", draft("Read https://spam.example/x for it."), "https://spam.example/x"),
    ("links_known", draft("![tree](https://spam.example/i.png)"), "i.png"),
    ("links_known", draft("See [x](javascript:alert(1)) now."), "javascript"),
    ("structure", draft("# Top\n\nText of it."), "Level one"),
    ("structure", draft("## Bees\n\nText of it."), "Appears twice"),
    ("structure", draft("#### Deep\n\nText of it."), "Skips a level"),
    ("structure", draft("## Empty\n\n## Full\n\nText of it."), "No text below: Empty"),
    ("title_promise", draft(title="7 ways in which trees help"), "7 ways"),
    (
        "language",
        draft(body="Die Bäume spenden den Menschen in der Stadt im Sommer Schatten und Kühle."),
        "Bäume",
    ),
    ("seo_lengths", draft(seo_title="x" * 61), "61 characters"),
    ("seo_lengths", draft(seo_description=""), "0 characters"),
]


@pytest.mark.parametrize(("name", "article", "evidence"), SPOILT)
def test_a_spoilt_draft_fails_with_its_words_as_evidence(name, article, evidence):
    found = result(name, article)
    assert found.status == CheckStatus.FAILED
    assert any(evidence in words for words in found.evidence), found.evidence


def test_length_is_compared_with_the_brief():
    found = result("length", brief=BRIEF.model_copy(update={"target_words": 500}))
    assert found.status == CheckStatus.FAILED
    assert "the brief asks for 500" in found.message


def test_missing_keywords_are_named():
    found = result("keywords_covered", brief=BRIEF.model_copy(update={"keywords": ("shade", "drought")}))
    assert found.evidence == ("drought",)


def test_a_title_with_as_many_items_as_promised_passes():
    article = draft("- One.\n- Two.\n- Three.", title="3 tips for trees")
    assert result("title_promise", article).status == CheckStatus.PASSED


def test_a_true_quotation_passes():
    article = draft("The council said: “every street deserves … tall trees”. [1]")
    assert result("quotations_verbatim", article).status == CheckStatus.PASSED


def test_hard_prose_fails_for_reading_ease():
    hard = "Institutional considerations necessitate interdisciplinary administrative harmonisation. "
    assert result("readability", draft(body=hard * 30)).status == CheckStatus.FAILED
    assert (
        result("readability", draft(body="The cat sat on the mat in the sun. " * 15)).status
        == CheckStatus.PASSED
    )


def test_links_to_sources_and_to_this_site_pass():
    article = draft("Read [more](https://trees.example/a) and [less](/posts/x/) [there](#bees).")
    assert result("links_known", article).status == CheckStatus.PASSED


def test_an_unsupported_statement_shows_the_nearest_source_sentence():
    article = draft(
        "Street trees give shade but make every pavement crack within two seasons of planting. [1]"
    )
    (words,) = result("claims_supported", article).evidence
    assert "source 1: Street trees give shade" in words


SKIPPED = [
    ("citations_resolve", draft(body="Trees give shade.", citations=()), BRIEF, NOTHING),
    ("citations_fit", ARTICLE, BRIEF, Research(sources=RESEARCH.sources[:1])),
    ("quotations_verbatim", ARTICLE, BRIEF, RESEARCH),
    ("quotations_verbatim", draft("He said “trees are the best thing ever”."), BRIEF, NOTHING),
    ("figures_in_sources", ARTICLE, BRIEF, NOTHING),
    ("claims_supported", ARTICLE, BRIEF, NOTHING),
    ("claims_supported", ARTICLE, BRIEF.model_copy(update={"language": "de"}), RESEARCH),
    ("keywords_covered", ARTICLE, Brief(topic="T"), RESEARCH),
    ("length", ARTICLE, BRIEF.model_copy(update={"target_words": 0}), RESEARCH),
    ("title_promise", ARTICLE, BRIEF, RESEARCH),
    ("truncated", draft(body=""), BRIEF, RESEARCH),
    ("language", draft(body="Trees."), BRIEF, RESEARCH),
    ("language", draft(body="1234 5678 ** ^ " * 10), BRIEF, RESEARCH),
    ("readability", ARTICLE, BRIEF, RESEARCH),
    ("readability", ARTICLE, BRIEF.model_copy(update={"language": "fr"}), RESEARCH),
    ("seo_lengths", draft(seo_title="", seo_description=""), BRIEF, RESEARCH),
]


@pytest.mark.parametrize(("name", "article", "brief", "research"), SKIPPED)
def test_a_check_that_cannot_run_is_skipped_and_says_why(name, article, brief, research):
    found = result(name, article, brief, research)
    assert found.status == CheckStatus.SKIPPED
    assert found.message.endswith(".")


def test_a_check_that_breaks_is_skipped_not_passed():
    def broken(draft):
        raise RuntimeError("no")

    (found,) = run_checks(BRIEF, RESEARCH, ARTICLE, (Check("broken", "veto", broken),))
    assert found.status == CheckStatus.SKIPPED
    assert found.message == "The check could not run (RuntimeError)."


def test_a_veto_holds_the_score_below_every_threshold():
    report = asyncio.run(inspect(BRIEF, RESEARCH, draft("[insert link here]"), Critique(score=95)))
    assert "placeholders" in [one.check for one in report.vetoes]
    assert report.score == 49


def test_the_critique_is_part_of_the_assessment():
    report = asyncio.run(inspect(BRIEF, RESEARCH, ARTICLE, Critique(score=88)))
    assert report.score == 88
    assert len(report.results) == len(CHECKS)


def test_the_sample_digest_fails_only_for_being_a_digest():
    brief, material = sample()
    report = asyncio.run(inspect(brief, material, asyncio.run(write_digest(brief, material))))
    assert [one.check for one in report.results if one.status == CheckStatus.FAILED] == ["finished"]
    assert not report.vetoes
    assert report.score >= brief.quality_threshold


@pytest.mark.parametrize(
    "sound",
    [
        "Todo el mundo quiere sombra.",
        "The user wants speed.",
        "[1] is cited.",
        "Here are the trees of the town.",
    ],
)
def test_ordinary_words_are_no_defects(sound):
    for name in ("placeholders", "leaked_reasoning", "truncated"):
        assert result(name, draft(sound)).status == CheckStatus.PASSED


def test_hostile_text_does_not_hang_the_checks():
    for hostile in ("[" * 20_000, "*" * 20_000, "“" * 20_000, "a " * 30_000, "[1]" * 10_000, "1." * 10_000):
        run_checks(BRIEF, RESEARCH, draft(body=hostile))
