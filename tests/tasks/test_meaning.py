"""Sentences that say otherwise than their sources are found, and paraphrases that say the same are not."""

from __future__ import annotations

from pathlib import Path

from tasks.pipeline.quality.checks import CHECKS
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.meaning_words import judged_languages, meaning_words
from tasks.pipeline.types import Article, Brief, CheckRule, CheckStatus, Citation, Research, SourceText

CHECK_BY_NAME = {check.name: check for check in CHECKS}
MEANING = ("negation", "direction", "units", "names_in_sources", "claims_supported")
ROWS = [
    [part.strip() for part in line.split(" | ")]
    for line in Path(__file__).with_name("meaning_pairs.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
HARBOUR = (
    "The council said that every street deserves a row of tall trees before the vote. Prices rose by five "
    "percent in May. The harbour of Bergen never closed in winter."
)


def inspected(body, *texts, language="en", rules=()):
    sources = tuple(
        SourceText(number=number, title=f"Source {number}", text=text) for number, text in enumerate(texts, 1)
    )
    citations = tuple(Citation(number=one.number, title=one.title) for one in sources)
    brief = Brief(topic="Topic", language=language, check_rules=rules)
    article = Article(title="Title", body=body, citations=citations)
    return InspectedDraft(brief, Research(sources=sources), article)


def outcome(name, body, *texts, **brief):
    return CHECK_BY_NAME[name].run(inspected(body, *texts, **brief))


def test_each_sentence_fails_the_check_that_it_should_and_no_other_of_meaning():
    for check, language, source, sentence in ROWS:
        draft = inspected(f"{sentence[:-1]} [1].", source, language=language)
        failed = {name for name in MEANING if CHECK_BY_NAME[name].run(draft).status == CheckStatus.FAILED}
        assert failed == ({check} if check != "same" else set()), (sentence, failed)


def test_a_finding_names_statement_source_and_passage():
    found = outcome("negation", "The harbour of Bergen closed in winter. [1]", HARBOUR)
    (finding,) = found.findings
    assert finding.is_contradiction
    assert finding.statement.text == "The harbour of Bergen closed in winter."
    assert (finding.source, finding.passage) == (1, "The harbour of Bergen never closed in winter.")
    assert found.evidence[0].startswith("The harbour of Bergen closed in winter. — The source has “never”")


def test_an_added_clause_is_named_and_its_threshold_may_be_changed():
    body = (
        "The harbour of Bergen never closed in winter, according to experts at the University of Tromsø. [1]"
    )
    (finding,) = outcome("claims_supported", body, HARBOUR).findings
    assert finding.why == "No source says “according to experts at the University of Tromsø.”."
    assert not finding.is_contradiction
    body = "Rents rose by five percent in winter across the quarter. [1]"
    strict = CheckRule(check="claims_supported", limits={"least_share": 0.9})
    lax = CheckRule(check="claims_supported", limits={"least_share": 0.1})
    found = [
        len(outcome("claims_supported", body, HARBOUR, rules=(rule,)).findings) for rule in (strict, lax)
    ]
    assert found == [1, 0]


def test_a_language_without_word_lists_is_not_judged():
    found = outcome("direction", "Цены упали в мае. [1]", "Цены выросли в мае.", language="ru")
    assert (found.status, found.applies, found.message) == (
        CheckStatus.SKIPPED,
        False,
        "Not judged in Russian.",
    )


def test_words_are_opposites_or_exclude_each_other_in_every_judged_language():
    assert judged_languages() >= {"en", "de", "es", "fr", "it", "nl"}
    for code in judged_languages():
        words = meaning_words(code)
        assert words is not None
        assert all((words.negators, words.speech, words.filler))
        for places in (words.opposites, words.exclusive):
            assert all(place for place in places.values())


def test_a_date_falls_on_its_day_of_the_week():
    for language, body in (
        ("en", "The vote was held on Sunday, 3 March 2024. [1]"),
        ("de", "Die Wahl war am Sonntag, dem 3. März 2024. [1]"),
        ("es", "La votación fue el domingo 3 de marzo de 2024. [1]"),
        ("en", "It opened on March 4, 2024 (Monday). [1]"),
    ):
        assert outcome("weekdays", body, HARBOUR, language=language).status == CheckStatus.PASSED, body
    for language, body in (
        ("en", "The vote was held on Friday, 3 March 2024. [1]"),
        ("de", "Die Wahl war am Freitag, dem 3. März 2024. [1]"),
        ("en", "The vote was held on 30 February 2024. [1]"),
    ):
        assert outcome("weekdays", body, HARBOUR, language=language).status == CheckStatus.FAILED, body


def test_a_wrong_figure_is_a_finding_with_what_the_source_says():
    (finding,) = outcome("figures_in_sources", "Prices rose by nine percent in May. [1]", HARBOUR).findings
    assert (finding.why, finding.is_contradiction) == (
        "Source 1 says five percent, not nine percent.",
        True,
    )


INVENTED_BLOCK = "> No tree has ever grown in a street of this town.\n> — The mayor"


def test_a_passage_set_as_a_quotation_must_be_in_a_source():
    assert outcome("block_quotations", INVENTED_BLOCK, HARBOUR).status == CheckStatus.FAILED
    true = [
        "> The harbour of Bergen never closed in winter. [1]",
        "> “Prices rose by five percent in May.”\n> — M.",
    ]
    for body in true:
        assert outcome("block_quotations", body, HARBOUR).status == CheckStatus.PASSED
    for body in ("> **Note:** Bring a coat and boots in winter.", "> [!TIP]\n> Bring a coat and boots."):
        assert outcome("block_quotations", body, HARBOUR).status == CheckStatus.SKIPPED


def test_terms_and_titles_are_no_quotations_but_speech_is():
    for body in (
        "It became a “race to the bottom” for the town. [1]",
        "She wrote the novel “The Long Winter of the Northern Harbour in Norway”. [1]",
        "The so-called “law of the longest winter” was lifted. [1]",
        "Das ist der sogenannte „Hafen der langen Winter“ der Stadt. [1]",
    ):
        assert outcome("quotations_verbatim", body, HARBOUR).status == CheckStatus.PASSED, body
    for body in (
        "“We never wanted this,” said the mayor. [1]",
        "The mayor said that “we never wanted this”. [1]",
        "The mayor: “We never wanted this.” [1]",
        "He saw it as “a harbour that never once in its life was open”. [1]",
    ):
        assert outcome("quotations_verbatim", body, HARBOUR).status == CheckStatus.FAILED, body


def test_hostile_texts_do_not_hang_the_checks_of_meaning():
    many = " ".join(f"In {1000 + n} the harbour counted {n} ships and never closed." for n in range(60))
    for hostile in (many, "not " * 1000, "A’" * 1000, "Aa Bb " * 600, "> " * 1000 + "x"):
        draft = inspected(hostile, hostile)
        for name in (*MEANING, "block_quotations", "quotations_verbatim"):
            CHECK_BY_NAME[name].run(draft)
