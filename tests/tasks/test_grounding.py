"""Drafts are compared with their sources in every language: statements, figures and quotations."""

from __future__ import annotations

import pytest

from tasks.pipeline.quality import run_checks
from tasks.pipeline.quality.draft_blocks import draft_blocks
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.quotations import quotations
from tasks.pipeline.types import Article, BlockKind, Brief, CheckStatus, Citation, Research, SourceText

CHINESE = (
    "城市的港口在2024年接待了412艘船。港口的仓库为三百二十家企业提供服务。北部的铁路每天运送五千吨货物到内陆城市。"
    "市政府计划在河边种植两万棵树木以降低夏季气温。渔民协会要求港口在冬季保持开放。"
)
CHINESE_DRAFT = (
    "2024年，城市的港口接待了412艘船。[1]港口的仓库为320家企业提供服务。[1]北部铁路每天把5000吨货物运送到内陆城市。[1]"
    "市政府计划在河边种植两万棵树木，以降低夏季气温。[1]渔民协会要求港口在冬季保持开放。[1]"
    "新机场的第二条跑道将由外国公司出资建设。[1]"
)
JAPANESE = (
    "港は2024年に412隻の船を受け入れた。倉庫は三百二十社の企業が利用している。北部の鉄道は毎日五千トンの貨物を内陸の都市へ運ぶ。"
    "漁業組合は冬の間も港を開けておくよう求めた。"
)
HARBOUR = (
    "The port counted 412 ships in 2024. Its warehouses serve 320 companies. The northern railway carries "
    "5,000 tonnes of freight a day. The council said that every street deserves a row of tall trees and ﬁne "
    "ﬂowers before the vote. It was a well-known plan, the mayor added in her long speech."
)


def check(name, body, *texts, language="en", keywords=(), kinds=()):
    sources = tuple(
        SourceText(number=number, title=f"Source {number}", text=text, kinds=kinds)
        for number, text in enumerate(texts, 1)
    )
    citations = tuple(Citation(number=one.number, title=one.title) for one in sources)
    article = Article(title="Title", body=body, citations=citations)
    brief = Brief(topic="Topic", language=language, keywords=keywords)
    (found,) = [one for one in run_checks(brief, Research(sources=sources), article) if one.check == name]
    return found


def inspected(body, language="en"):
    return InspectedDraft(
        Brief(topic="T", language=language), Research(sources=()), Article(title="T", body=body)
    )


def test_of_five_true_chinese_sentences_and_an_invented_one_the_invented_one_fails():
    found = check("claims_supported", CHINESE_DRAFT, CHINESE, language="zh")
    assert found.status == CheckStatus.FAILED
    assert [words.partition(" — ")[0] for words in found.evidence] == [
        "新机场的第二条跑道将由外国公司出资建设。"
    ]


def test_an_invented_japanese_sentence_fails_alone():
    body = (
        "港は2024年に412隻の船を受け入れた[1]。漁業組合は冬も港を開けておくよう求めた[1]。"
        "新しい空港は外国企業の資金で建設される[1]。"
    )
    (words,) = check("claims_supported", body, JAPANESE, language="ja").evidence
    assert words.startswith("新しい空港")


def test_the_figures_of_a_chinese_draft_are_those_of_its_source():
    assert check("figures_in_sources", CHINESE_DRAFT, CHINESE, language="zh").status == CheckStatus.PASSED


ALTERED = [
    ("zh", "2024年，港口接待了912艘船。[1]", CHINESE, "912 in:", "which says 412"),
    ("zh", "港口的仓库为九百二十家企业提供服务。[1]", CHINESE, "九百二十 in:", "三百二十"),
    ("ja", "倉庫は920社の企業が利用している[1]。", JAPANESE, "920 in:", "三百二十"),
    ("ko", "항구는 2024년에 912척의 배를 받았다. [1]", "항구는 2024년에 412척의 배를 받았다.", "912", "412"),
    ("th", "ท่าเรือรับเรือ 912 ลำ [1]", "ท่าเรือรับเรือ ๔๑๒ ลำในปี 2567", "912", "๔๑๒"),
    ("ar", "استقبل الميناء 912 سفينة. [1]", "استقبل الميناء ٤١٢ سفينة في عام ٢٠٢٤.", "912", "٤١٢"),
    ("hi", "बंदरगाह ने 912 जहाजों का स्वागत किया। [1]", "बंदरगाह ने ४१२ जहाजों का स्वागत किया।", "912", "४१२"),
    ("ru", "Порт принял 912 судов. [1]", "В 2024 году порт принял 412 судов.", "912", "412"),
    ("en", "The port counted nine hundred ships in 2024. [1]", HARBOUR, "nine hundred in:", "412"),
    (
        "en",
        "The railway carries 5.5 million tonnes a day. [1]",
        HARBOUR,
        "5.5 million tonnes",
        "5,000 tonnes",
    ),
    ("de", "Der Hafen zählte 912 Schiffe. [1]", HARBOUR, "912 in:", ""),
]


@pytest.mark.parametrize(("language", "body", "source", "figure", "said"), ALTERED)
def test_an_altered_figure_is_named_with_what_the_source_says(language, body, source, figure, said):
    found = check("figures_in_sources", body, source, language=language)
    assert found.status == CheckStatus.FAILED
    (words,) = found.evidence
    assert figure in words
    assert said in words


def test_a_figure_that_is_elsewhere_in_the_source_is_missed_where_the_sentence_repeats_a_passage():
    source = HARBOUR.replace("serve 320 companies", "in town serve 320 companies of the region")
    body = "Its warehouses in town serve 412 companies of the region. [1]"
    (words,) = check("figures_in_sources", body, source).evidence
    assert words.startswith("412 in:")
    assert "which says 320" in words
    assert (
        check("figures_in_sources", "The port of 320 companies had 412 ships. [1]", source).status == "passed"
    )


def test_small_idiomatic_numbers_need_no_source():
    body = "One of the two sides came first, and a second one followed. [1]"
    assert check("figures_in_sources", body, HARBOUR).message == "The text has no figures."


def test_figures_of_tables_count_as_sources_and_are_inspected():
    table = "| Year | Ships |\n|---|---:|\n| 2024 | 412 |\n"
    assert check("figures_in_sources", table, HARBOUR).status == CheckStatus.PASSED
    (words,) = check("figures_in_sources", table.replace("412", "912"), HARBOUR).evidence
    assert words.startswith("912 in: 2024; Ships: 912")
    rows = {"kinds": (BlockKind.TABLE_ROW,)}
    body = "The port had 412 ships in 2024. [1]"
    assert check("figures_in_sources", body, "Year: 2024; Ships: 412", **rows).status == CheckStatus.PASSED


def test_struck_out_words_and_code_are_no_statements():
    struck_out, code = "~~It had 912 ships.~~ It had 412 ships. [1]", "    x = 777\n\n```\n999\n```"
    body = f"{struck_out}\n\n{code}\n\nRun `head -888` for 412. [1]"
    assert check("figures_in_sources", body, HARBOUR).status == CheckStatus.PASSED


def test_numbers_in_words_are_said_to_be_unread_where_the_language_has_no_list_of_them():
    found = check("figures_in_sources", "Порт принял 412 судов. [1]", "Порт принял 412 судов.", language="ru")
    assert found.status == CheckStatus.PASSED
    assert "Numbers in words are not read" in found.message


def test_two_languages_without_word_lists_are_not_compared():
    found = check("claims_supported", CHINESE_DRAFT, JAPANESE * 2, language="zh")
    assert found.status == CheckStatus.SKIPPED


def test_what_cites_a_source_in_another_language_alone_is_not_judged():
    german = "Die Lagerhäuser des Hafens dienen vielen Unternehmen aus der ganzen Stadt und ihrer Umgebung."
    body = (
        "The port counted 412 ships in 2024. [1]\n\nMany companies of the whole town use its warehouses. [2]"
    )
    assert check("claims_supported", body, HARBOUR, german).status == CheckStatus.PASSED


TRUE_QUOTATIONS = [
    "“every street deserves a row of tall trees”",
    '"every street deserves a row of tall trees and fine flowers"',
    "«every street deserves a row of tall trees»",
    "« every street deserves a row of tall trees »",
    "»every street deserves a row of tall trees«",
    "‘every street deserves a row of tall trees’",
    "'every street deserves a row of tall trees'",
    "„every street deserves a row of tall trees“",
    "”every street deserves a row of tall trees”",
    "“[E]very street deserves … tall trees”",
    "“Every street deserves [...] tall trees”",
    "“every street deserves [in his view] a row of tall trees”",
    "“It was a wellknown plan, the mayor added”",
    "“every street [1] deserves a row of tall trees”",
    "“every street deserves a row of ‘tall trees’ and fine flowers”",
    "“**every** street deserves a *row* of tall trees”",
    "“every street de\u00adserves a\u00a0row of tall trees”",
]


@pytest.mark.parametrize("quotation", TRUE_QUOTATIONS)
def test_a_true_quotation_passes_whatever_its_typography(quotation):
    assert (
        check("quotations_verbatim", f"It said {quotation} then. [1]", HARBOUR).status == CheckStatus.PASSED
    )


INVENTED_QUOTATIONS = [
    "“no street deserves a row of small trees”",
    '"no street deserves a row of small trees"',
    "&quot;no street deserves a row of small trees&quot;",
    "«no street deserves a row of small trees»",
    "»no street deserves a row of small trees«",
    "‹no street deserves a row of small trees›",
    "‘no street deserves a row of small trees’",
    "'no street deserves a row of small trees'",
    "'no street deserves the dog's row of trees'",
    "„no street deserves a row of small trees“",
    "„no street deserves a row of small trees”",
    "「no street deserves a row of small trees」",
    "“tall trees … every street deserves a row”",
    "“every street deserves […] small trees”",
    "“every streets deserves a row of tall trees”",
    "“every street deserves no row of tall trees”",
    "“no street deserves a row of small trees",
]


@pytest.mark.parametrize("quotation", INVENTED_QUOTATIONS)
def test_an_invented_quotation_is_vetoed_in_all_marks(quotation):
    found = check("quotations_verbatim", f"It said {quotation} then. [1]", HARBOUR)
    assert (found.status, found.severity) == (CheckStatus.FAILED, "veto")


def test_quotations_in_scripts_without_blanks_are_compared():
    source = "市长说，每条街道都应该有一排高大的\n\n树木，这是计划。"
    assert (
        check(
            "quotations_verbatim", "市长说：“每条街道都应该有一排高大的树木”。[1]", source, language="zh"
        ).status
        == "passed"
    )
    assert (
        check(
            "quotations_verbatim", "市长说：“每条街道都应该有一排矮小的树木”。[1]", source, language="zh"
        ).status
        == "failed"
    )


@pytest.mark.parametrize(
    "text",
    [
        "The trees’ shade and the dogs’ barking isn’t ‘90s style, it’s ours and theirs.",
        'A board of 5" by 7" is not 6" or 8" wide at all.',
        "Sie nannte es „Plan“ und ging.",
        "He called it “the plan”.",
        "The workers' union and the bosses' lawyers met; 'tis said that the dogs' owners came.",
        "Rock 'n' roll of the '90s, and give 'em all of the boys' old songs.",
        "A board of 5' by 7' is no 6' board, and 's avonds is het 't mooiste van de jongens' dag.",
    ],
)
def test_apostrophes_inches_and_terms_are_no_quotations(text):
    assert quotations(text) == []


def test_citations_next_to_each_other_are_citations_whatever_stands_below():
    body = 'It is so [1][2].\n\n[1]: https://a.example\n[2]: https://b.example "Title"'
    draft = inspected(body)
    assert draft.markers == [1, 2]
    assert [(one.text, one.citations) for one in draft.statements] == [("It is so.", (1, 2))]
    assert set(draft.links) == {"https://a.example", "https://b.example"}


def test_a_citation_before_a_colon_or_a_bracket_is_a_citation():
    assert inspected("As follows [1]: so it is [2] (see there).").markers == [1, 2]


def test_footnotes_and_tasks_leave_no_trace():
    (one, two) = inspected("- [x] Water the trees.[^1]\n\n[^1]: In summer only.").statements
    assert (one.text, two.text) == ("Water the trees.", "In summer only.")


def test_lines_of_a_paragraph_in_chinese_are_joined_without_a_blank():
    (block,) = draft_blocks("港口接待了\n船只。")
    assert block.text == "港口接待了船只。"


def test_keywords_are_found_in_scripts_without_blanks_and_without_letters():
    found = check(
        "keywords_covered", "港は街路樹の日陰をつくる。", JAPANESE, language="ja", keywords=("日陰", "蜂蜜")
    )
    assert found.evidence == ("蜂蜜",)
    found = check("keywords_covered", "We use C++ and Go.", HARBOUR, keywords=("C++", "C#"))
    assert found.evidence == ("C#",)


@pytest.mark.parametrize(
    ("language", "body", "status"),
    [
        ("zh", "港口接待了412艘船。", "passed"),
        ("zh", "他说：“港口接待了412艘船。”", "passed"),
        ("zh", "港口接待了", "failed"),
        ("ja", "港は船を受け入れた。", "passed"),
        ("hi", "बंदरगाह ने स्वागत किया।", "passed"),
        ("ar", "هل استقبل الميناء السفن؟", "passed"),
        ("th", "ท่าเรือรับเรือในปีนี้", "skipped"),
    ],
)  # fmt: skip
def test_sentences_end_with_the_marks_of_their_language(language, body, status):
    assert check("truncated", body, HARBOUR, language=language).status == status


def test_what_a_title_promises_is_read_in_english_only():
    found = check("title_promise", "Texte.", HARBOUR, language="fr")
    assert (found.status, found.applies) == (CheckStatus.SKIPPED, False)


def test_hostile_sources_do_not_hang_the_checks():
    for hostile in ("1," * 8_000, "“a " * 8_000, "「" * 12_000, "12 " * 8_000, "中" * 20_000):
        check("figures_in_sources", f"It had 412 ships. [1]\n\n{hostile[:8_000]}", hostile)


def test_a_length_is_counted_in_characters_where_no_blanks_divide_words():
    found = check("length", "港口接待了四百一十二艘船。", HARBOUR, language="zh")
    assert found.message == "The text has 12 characters; the brief asks for 800."


COMPANY = (
    "In 2023 the port of Bergen counted 400 ships. In 2024 the port of Bergen counted 412 ships. "
    "The company was founded in 1987 and employs 2,500 people in 12 countries. "
    "In 2010 it employed 1,100 people in 5 countries. "
    "Revenue rose from $1.2 billion in 2019 to $1.5 billion in 2020, a rise of 25 percent.\n\n"
    "Year: 2022; Ships: 380\n\n"
    "Phase 1 took 18 months. Phase 2 took 24 months. Phase 3 will take 30 months."
)


@pytest.mark.parametrize(
    "sentence",
    [
        "The port of Bergen counted 412 ships in 2024, after 400 in 2023.",
        "The port of Bergen counted 400 ships in 2023 and 380 in 2022.",
        "The company, founded in 1987, employs 2,500 people in 12 countries.",
        "In 2010 the company employed 1,100 people in 5 countries.",
        "Revenue rose by 25 percent to $1.5 billion in 2020.",
        "Revenue rose from $1.2 billion to $1.5 billion.",
        "Phase 2 took 24 months, and phase 3 will take 30 months.",
        "The three phases take 18, 24 and 30 months.",
    ],
)
def test_a_sentence_that_puts_facts_together_has_its_figures(sentence):
    assert check("figures_in_sources", f"{sentence} [1]", COMPANY).status == CheckStatus.PASSED


def test_the_figure_of_the_next_sentence_is_not_that_of_this_one():
    body = "The company was founded in 1987 and employs 1,100 people in 12 countries. [1]"
    assert check("figures_in_sources", body, COMPANY).status == CheckStatus.FAILED


ARABIC = (
    "استقبل ميناء المدينة 412 سفينة في عام 2024. تخدم مستودعات الميناء 320 شركة من المنطقة. تنقل السكك "
    "الحديدية الشمالية خمسة آلاف طن من البضائع يوميا إلى المدن الداخلية."
)
HINDI = (
    "शहर के बंदरगाह ने 2024 में 412 जहाजों का स्वागत किया। बंदरगाह के गोदाम 320 कंपनियों को सेवा देते हैं। उत्तरी रेलवे "
    "हर दिन पाँच हजार टन माल भीतरी शहरों तक पहुँचाता है।"
)
KOREAN = (
    "도시의 항구는 2024년에 412척의 배를 받았다. 항구의 창고는 320개 기업이 이용하고 있다. 북부 철도는 매일 "
    "오천 톤의 화물을 내륙 도시로 운송한다."
)
THAI = (
    "ท่าเรือของเมืองรับเรือ 412 ลำในปี 2567 คลังสินค้าของท่าเรือให้บริการแก่บริษัท 320 แห่ง "
    "รถไฟสายเหนือขนส่งสินค้าห้าพันตันทุกวันไปยังเมืองในแผ่นดิน"
)


@pytest.mark.parametrize(
    ("language", "text", "invented"),
    [
        ("ar", ARABIC, "ستمول شركات أجنبية المدرج الثاني للمطار الجديد."),
        ("hi", HINDI, "नए हवाई अड्डे की दूसरी पट्टी विदेशी कंपनी के पैसे से बनेगी।"),
        ("ko", KOREAN, "새 공항의 두 번째 활주로는 외국 회사의 자금으로 건설될 것이다."),
        ("th", THAI, "สนามบินแห่งใหม่จะได้รับเงินทุนจากบริษัทต่างชาติ"),
    ],
)
def test_of_true_sentences_and_an_invented_one_the_invented_one_fails_alone(language, text, invented):
    cited = text.replace(". ", ". [1] ").replace("। ", "। [1] ")
    found = check("claims_supported", f"{cited} [1]\n\n{invented} [1]", text, language=language)
    (words,) = found.evidence
    assert words.partition(" — ")[0] == invented
    assert check("figures_in_sources", f"{cited} [1]", text, language=language).status == CheckStatus.PASSED
