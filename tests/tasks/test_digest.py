"""The offline writer quotes, cites and labels; it invents nothing and repeats itself exactly."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from tasks.pipeline.errors import StageFailed
from tasks.pipeline.reading.document import read_bytes
from tasks.pipeline.stages.digest import write_digest
from tasks.pipeline.text.candidates import QUOTED_KINDS
from tasks.pipeline.text.digest_phrases import PHRASES, is_digest
from tasks.pipeline.text.languages import guess_language, language
from tasks.pipeline.text.sentences import sentences
from tasks.pipeline.text.standalone import stands_alone
from tasks.pipeline.text.titles import shortened
from tasks.pipeline.types import BlockKind, Brief, Research, SourceText, UnusableSource

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tasks" / "sample"


def sample() -> tuple[Brief, Research]:
    fields = tomllib.loads((SAMPLE / "brief.toml").read_text())
    sources = []
    for number, source in enumerate(fields.pop("sources"), start=1):
        text = read_bytes((SAMPLE / source["file"]).read_bytes(), name=source["file"]).text
        sources.append(SourceText(number=number, title=source["title"], text=text))
    return Brief(**fields), Research(sources=tuple(sources))


def write(brief, research):
    return asyncio.run(write_digest(brief, research))


def research(*texts, **more):
    sources = [SourceText(number=n, title=f"S{n}", text=text) for n, text in enumerate(texts, start=1)]
    return Research(sources=tuple(sources), **more)


def quoted(article):
    """Every (sentence, source number) of the body."""
    body = re.sub(r"^(> .*|#+ .*)$", "", article.body, flags=re.MULTILINE)
    return [
        (" ".join(text.removeprefix("- ").split()), int(number))
        for text, number in re.findall(r"\s*(.+?) \[(\d+)\](?=\s)", body)
    ]


def test_every_sentence_of_the_sample_is_verbatim_and_cited():
    brief, material = sample()
    article = write(brief, material)
    texts = {source.number: " ".join(source.text.split()) for source in material.sources}
    sentences = quoted(article)
    assert len(sentences) > 30
    assert all(sentence in texts[number] for sentence, number in sentences)
    # Nothing but label, headings and these sentences is in the body.
    rest = re.sub(r"^(> .*|#+ .*)$", "", article.body, flags=re.MULTILINE)
    for sentence, number in sentences:
        rest = rest.replace(f"{sentence} [{number}]", "", 1)
    assert not rest.replace("-", "").strip()
    assert article.summary in texts[1] or any(article.summary in text for text in texts.values())


def test_the_sample_digest_has_the_promised_form():
    brief, material = sample()
    article = write(brief, material)
    assert article.body.startswith(f"> {PHRASES['en'].label}\n\n")
    headings = re.findall(r"^## (.*)$", article.body, flags=re.MULTILINE)
    assert headings[:5] == ["Shade", "Canopy cover", "Heat and health", "Watering", "Species diversity"]
    assert headings[-1] == "Figures"
    assert [citation.number for citation in article.citations] == [1, 2, 3, 4]
    assert 0.7 * brief.target_words <= len(article.body.split()) <= 1.4 * brief.target_words
    assert article.title == brief.topic
    assert article.slug == "how-street-trees-keep-cities-cool"
    assert (article.category, article.tags) == (brief.category, brief.tags)
    assert len(article.seo_title) <= 60
    assert len(article.seo_description) <= 155
    assert len(article.summary) <= 200


def test_the_label_of_the_sample_texts_is_never_quoted():
    article = write(*sample())
    assert "CC0" not in article.body


def test_no_source_is_quoted_beyond_its_share():
    brief, material = sample()
    words: dict[int, int] = {}
    for sentence, number in quoted(write(brief, material)):
        words[number] = words.get(number, 0) + len(sentence.split())
    assert max(words.values()) <= 0.4 * brief.target_words + 5


@pytest.mark.slow
def test_the_same_inputs_give_the_same_bytes_in_another_process():
    program = (
        "import asyncio, sys; from tests.tasks.test_digest import sample, write; "
        "sys.stdout.write(write(*sample()).model_dump_json())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {write(*sample()).model_dump_json().encode()}
    assert json.loads(outputs.pop())["body"]


def test_four_sources_take_less_than_a_second():
    brief, material = sample()
    write(brief, material)
    started = time.perf_counter()
    write(brief, material)
    assert time.perf_counter() - started < 1


def test_without_sources_it_says_what_to_add():
    with pytest.raises(StageFailed, match="Add at least one source with text, or a URL that can be read"):
        write(Brief(topic="Trees"), research())


def test_sources_without_any_words_to_quote_are_refused():
    with pytest.raises(StageFailed, match="whole sentences"):
        write(Brief(topic="Trees"), research("| a | b | * _ # <x>"))


def test_even_one_short_source_gives_a_digest():
    article = write(Brief(topic="Trees"), research("Trees give shade. They cool the air."))
    assert "Trees give shade. [1]" in article.body
    assert any("weaker ones" in note for note in article.editor_notes)
    assert any("one source" in note for note in article.editor_notes)


def test_sentences_with_markup_or_pleading_are_not_quoted():
    good = "Street trees with wide crowns give deep shade to the pavement in the summer months. "
    more = "Watering a young tree in its first three summers keeps most of the planted trees alive. "
    third = "Old trees with wide crowns cool a street more than the same number of young trees do. "
    bad = [
        "The variable shade_of_tree in the array[0] of trees holds the shade of every street.",
        "Click here to subscribe to the newsletter about trees and shade in the streets today.",
        "This makes the shade of the trees in the street more valuable than ever before today.",
        "However, the shade of street trees depends on the width of their crowns in the summer.",
        "We think that the shade of street trees is the best thing about the summer in town.",
        "Why do street trees give so much shade to the people who walk in the streets in summer?",
    ]
    body = write(Brief(topic="Shade of street trees"), research(good + more + third + " ".join(bad))).body
    assert good.strip() in body
    assert not any(sentence in body for sentence in bad)


def test_notes_name_gaps_unusable_sources_and_single_figures():
    brief, material = sample()
    problem = UnusableSource(number=9, title="X", problem="It is gone.")
    brief = brief.model_copy(update={"keywords": ("shade", "quantum computing")})
    notes = write(brief, material.model_copy(update={"unusable": (problem,)})).editor_notes
    assert notes[0].startswith("No source says enough about “Quantum computing”")
    assert "Source 9 was not used: It is gone." in notes
    assert any(note.startswith("Only source 1 gives this figure: “") for note in notes)


GERMAN = (
    "Straßenbäume mit breiten Kronen spenden dem Gehweg im Sommer tiefen Schatten. "
    "Junge Bäume brauchen in den ersten drei Sommern regelmäßig Wasser, damit sie anwachsen. "
    "Alte Bäume kühlen eine Straße stärker als die gleiche Zahl junger Bäume. "
    "Eine Krone von 12 Metern Breite beschattet mehr als 100 Quadratmeter Straße."
)


def test_a_source_in_another_language_is_left_out_and_noted():
    brief, material = sample()
    german = SourceText(number=5, title="Bäume", text=GERMAN)
    article = write(brief, Research(sources=(*material.sources, german)))
    assert "Straßenbäume" not in article.body
    assert "Source 5 is in German, but the brief asks for English: it was left out." in article.editor_notes


def test_a_brief_in_another_language_has_headings_in_it():
    article = write(
        Brief(topic="Schatten durch Bäume", language="de", keywords=("Schatten",)), research(GERMAN)
    )
    assert article.body.startswith(f"> {PHRASES['de'].label}")
    assert "## Schatten" in article.body
    assert article.slug == "schatten-durch-baume"


def test_without_keywords_the_sources_give_the_headings():
    brief, material = sample()
    article = write(brief.model_copy(update={"keywords": ()}), material)
    headings = re.findall(r"^## (.*)$", article.body, flags=re.MULTILINE)
    assert len(headings) >= 2
    assert "Canopy cover" in headings


def test_short_titles():
    assert shortened("one two three four", 12) == "one two…"
    assert shortened("short", 12) == "short"


# --- What may be quoted ---------------------------------------------------------------------------------

PARAGRAPH = (
    "The harbour office counted 412 ships in the spring of 1905. "
    "A storm in April closed the harbour of Bergen for six days. "
    "The old lighthouse of Bergen was built of granite in 1788."
)


def with_kinds(*blocks: tuple[BlockKind, str]) -> Research:
    kinds, texts = zip(*blocks, strict=True)
    return Research(sources=(SourceText(number=1, title="S", text="\n\n".join(texts), kinds=kinds),))


@pytest.mark.parametrize("kind", sorted(set(BlockKind) - QUOTED_KINDS))
def test_only_prose_is_quoted(kind):
    other = "The granite quay of the harbour was closed by a storm for several days in spring."
    material = with_kinds((BlockKind.HEADING, "Bergen"), (BlockKind.PARAGRAPH, PARAGRAPH), (kind, other))
    article = write(Brief(topic="The harbour of Bergen", keywords=("storm", "granite")), material)
    assert "412 ships" in article.body
    assert other not in article.body


@pytest.mark.parametrize("kind", sorted(QUOTED_KINDS))
def test_quotations_and_whole_sentences_of_lists_are_prose(kind):
    other = "The granite quay of the harbour was closed by a storm for several days in spring."
    article = write(Brief(topic="The harbour of Bergen"), with_kinds((kind, other), (kind, PARAGRAPH)))
    assert other in article.body


def test_items_of_lists_that_are_no_sentences_are_not_quoted():
    fragments = [
        "Support for granite quays and wooden piers in the harbour of Bergen.",
        "Better handling of storms in the harbour with granite quays and piers.",
        "granite quays of the harbour in Bergen and the storm in April of that year",
    ]
    items = [(BlockKind.LIST_ITEM, fragment) for fragment in fragments]
    article = write(
        Brief(topic="The harbour of Bergen", keywords=("granite",)),
        with_kinds((BlockKind.PARAGRAPH, PARAGRAPH), *items),
    )
    assert not any(fragment in article.body for fragment in fragments)


def test_headings_are_recognised_by_their_kind():
    short = "Granite"
    material = with_kinds(
        (BlockKind.PARAGRAPH, "A line without a full stop that ends in a colon:"),
        (BlockKind.HEADING, short),
        (BlockKind.PARAGRAPH, PARAGRAPH),
    )
    article = write(Brief(topic="Bergen", keywords=("granite",)), material)
    assert "## Granite" in article.body


ENCYCLOPAEDIA = " ".join(
    f"{sentence}{mark}"
    for sentence, mark in zip(
        [
            "Street trees with wide crowns give deep shade to the pavement in summer.",
            "Young trees need water in each of their first three summers in the street.",
            "Old trees cool a street more than the same number of young trees does.",
            "Plane trees of London survive the dust and heat of narrow streets well.",
            "Heavy soil between kerbs keeps the roots of most trees short and dry.",
            "Mulch around a trunk holds the water of a summer storm in the ground.",
            "Birches lose their leaves early in years when the spring was dry.",
            "Limes were planted along the canals of Amsterdam in the 17th century.",
            "A crown of twelve metres shades more than a hundred square metres of road.",
            "Gardeners of Vienna water each new tree by a bag around its trunk.",
            "Roots of poplars lift the paving of narrow streets after twenty years.",
            "Avenues of chestnuts in Paris suffer from a moth that eats their leaves.",
        ],
        [
            "[1]",
            "[2][3]",
            " [4]",
            "[12]",
            "[a]",
            "[citation needed]",
            "¹",
            "[1]:45",
            "[5, 6]",
            "[7–9]",
            "²",
            "",
        ],
        strict=True,
    )
)


def test_a_page_with_citation_marks_is_quoted_without_them():
    article = write(Brief(topic="Street trees", target_words=300), research(ENCYCLOPAEDIA))
    # A source of this length may be quoted with 150 words.
    assert len(quoted(article)) == 11
    assert re.findall(r"\[[^\]]*\]", article.body) == ["[1]"] * 11
    assert not re.search(r"[¹²³]|:45", article.body)
    assert not any("weaker ones" in note for note in article.editor_notes)


def test_marks_within_sentences_are_left_out_and_noted():
    inner = [
        "Street trees[1] with wide crowns give deep shade to the pavement in summer [2].",
        "Young trees need water in each of their first three summers[3], says a study of Vienna.",
        "Old trees cool a street more [4, 5] than the same number of young trees does.",
    ]
    article = write(Brief(topic="Street trees", target_words=100), research(" ".join(inner)))
    assert "Street trees with wide crowns give deep shade to the pavement in summer. [1]" in article.body
    assert set(re.findall(r"\[[^\]]*\]", article.body)) == {"[1]"}
    assert any("citation marks of its own" in note for note in article.editor_notes)


def test_exponents_and_words_in_brackets_are_no_citation_marks():
    inner = [
        "A lime of Vienna[1] shades 25 m² of pavement and cools 10⁶ cubic metres of air [2].",
        "A gardener wrote that “[the lime] was planted in [1905] and lived for a century”[3].",
        "Young trees need water in each of their first three summers[3], says a study of Vienna.",
        "Old trees cool a street more [4, 5] than the same number of young trees does.",
    ]
    body = write(Brief(topic="Limes and trees", target_words=100), research(" ".join(inner))).body
    assert "A lime of Vienna shades 25 m² of pavement and cools 10⁶ cubic metres of air. [1]" in body
    assert "the lime" not in body


LEANING = {
    "en": [
        "Added support for the harbour of Bergen and for all the ships that were counted there.",
        "Returns the number of ships in the harbour of Bergen that were counted in the spring.",
        "Fix the crash of the harbour crane in Bergen when ships are counted in the spring.",
        "Both were built of granite in the harbour of Bergen after the storm of that spring.",
        "Such harbours were closed by storms for several days in the spring of most years.",
        "Doing so closed the harbour of Bergen for several days in the spring of the year.",
        "The former was closed by a storm for several days in the spring of most years.",
        "For this reason the harbour of Bergen was closed for several days in the spring.",
        "The name of the harbour in Bergen with the old granite quay and the wooden pier.",
        "Usually it was closed for several days by the storms of the spring in most years.",
        "Default: the harbour of Bergen is closed for several days in the spring of the year.",
    ],
    "de": [
        "Dieser Hafen wurde im Frühjahr 1905 für sechs Tage durch einen schweren Sturm gesperrt.",
        "Deshalb wurde der Hafen von Bergen im Frühjahr 1905 für sechs Tage gesperrt.",
        "Im Gegensatz dazu war der Hafen von Bergen im Frühjahr 1905 für Schiffe offen.",
        "Siehe auch den Hafen von Bergen, der im Frühjahr 1905 für sechs Tage gesperrt war.",
    ],
    "fr": [
        "Celui-ci fut fermé pendant six jours par une forte tempête au printemps de 1905.",
        "Par conséquent, le port de Bergen fut fermé pendant six jours au printemps de 1905.",
        "Ces navires furent comptés dans le port de Bergen pendant tout le printemps de 1905.",
    ],
    "es": [
        "Este puerto fue cerrado durante seis días por una fuerte tormenta en abril de 1905.",
        "Sin embargo, el puerto de Bergen fue cerrado durante seis días en abril de 1905.",
    ],
    "ru": [
        "Поэтому порт Бергена был закрыт на шесть дней из-за сильной бури весной 1905 года.",
        "Этот порт был закрыт на шесть дней из-за сильной бури весной далёкого 1905 года.",
    ],
    "zh": [
        "因此，卑尔根港在一九零五年春天因为一场风暴而关闭了整整六天。",
        "该港口在一九零五年春天因为一场巨大的风暴而关闭了整整六天之久。",
        "但卑尔根港在一九零五年的春天并没有因为那场风暴而关闭。",
        "它在一九零五年春天因为一场巨大的风暴而关闭了整整六天之久。",
    ],
    "ja": [
        "しかし、ベルゲンの港は一九〇五年の春の嵐のために六日間も閉鎖された。",
        "これは一九〇五年の春の嵐のためにベルゲンの港を六日間も閉鎖させた。",
        "その港は一九〇五年の春の激しい嵐のために六日間にわたって閉鎖された。",
        "また、ベルゲンの港は一九〇五年の春の嵐のために六日間も閉鎖された。",
    ],
    "ko": [
        "그러나 베르겐 항구는 천구백오 년 봄의 폭풍 때문에 엿새 동안 닫혔다.",
        "이 항구는 천구백오 년 봄의 큰 폭풍 때문에 엿새 동안 완전히 닫혔다.",
    ],
}  # fmt: skip
STANDING = {
    "en": "A storm in April closed the harbour of Bergen for six days and sank two ships.",
    "de": "Ein Sturm sperrte den Hafen von Bergen im April 1905 für sechs Tage.",
    "fr": "Une tempête ferma le port de Bergen pendant six jours en avril 1905.",
    "es": "Una tormenta cerró el puerto de Bergen durante seis días en abril de 1905.",
    "ru": "Буря закрыла порт Бергена на шесть дней в апреле 1905 года.",
    "zh": "一九零五年四月，一场风暴使卑尔根港关闭了整整六天。",
    "ja": "ベルゲンの港は一九〇五年の春の嵐のために六日間閉鎖された。",
    "ko": "베르겐 항구는 천구백오 년 봄의 폭풍 때문에 엿새 동안 닫혔다.",
}


@pytest.mark.parametrize(
    ("code", "sentence"), [(code, one) for code, all_ in LEANING.items() for one in all_]
)
def test_a_sentence_that_leans_on_another_does_not_stand_alone(code, sentence):
    assert not stands_alone(sentence, language(code))


@pytest.mark.parametrize("code", STANDING)
def test_a_sentence_that_says_who_and_what_stands_alone(code):
    assert stands_alone(STANDING[code], language(code))


def test_languages_with_long_words_need_fewer():
    assert stands_alone("베르겐 항구는 봄의 폭풍 때문에 닫혔다.", language("ko"))
    assert stands_alone("Myrsky sulki Bergenin sataman huhtikuussa kuudeksi päiväksi.", language("fi"))
    assert not stands_alone("A storm closed the harbour of Bergen.", language("en"))


CHINESE = (
    "一九零五年四月，一场风暴使卑尔根港关闭了整整六天。港务局在春天登记了412艘船只。"
    "卑尔根的老灯塔建于1788年，用花岗岩砌成。春季的洪水淹没了下城的三条主要街道。"
    "渔民协会在码头旁边建了一座很大的新仓库。商会的年度报告列出了所有进港的外国船只。"
)


def test_a_chinese_source_gives_a_digest_measured_in_characters():
    article = write(
        Brief(topic="卑尔根港的风暴", language="zh", keywords=("风暴", "灯塔")), research(CHINESE)
    )
    assert article.body.startswith(f"> {PHRASES['zh'].label}")
    assert "## 灯塔" in article.body
    assert "港务局在春天登记了412艘船只。 [1]" in article.body
    assert any("characters of the 800 asked for" in note for note in article.editor_notes)


# --- Labels -----------------------------------------------------------------------------------------------


def test_labels_are_in_every_common_language_and_differ():
    wanted = set(
        "en de fr es it nl pt sv da no fi pl cs hu ro ru uk tr el ar he hi ja zh ko vi id ca".split()  # noqa: SIM905
    )
    assert wanted <= PHRASES.keys()
    assert len({phrases.label for phrases in PHRASES.values()}) == len(PHRASES)
    for code in wanted:
        assert guess_language(f"{PHRASES[code].label} {PHRASES[code].main_points}.") in {code, "da"}


def test_a_language_without_labels_gets_english_ones_and_a_note():
    georgian = (
        "გემების რაოდენობა ბერგენის ნავსადგურში გაზაფხულზე სწრაფად გაიზარდა და ოთხასს გადააჭარბა. "
        "ძლიერმა ქარიშხალმა აპრილში ბერგენის ნავსადგური ექვსი დღით დახურა და ორი გემი ჩაძირა."
    )
    article = write(Brief(topic="ბერგენი", language="ka"), research(georgian))
    assert article.body.startswith(f"> {PHRASES['en'].label}")
    assert any("in English, as there are none in Georgian" in note for note in article.editor_notes)


@pytest.mark.parametrize("code", PHRASES)
def test_a_label_is_recognised_after_light_editing(code):
    label = PHRASES[code].label
    first, second = sentences(label, language(code))[0], label
    assert is_digest(f"> {label}\n\nText.")
    assert is_digest(f"Intro.\n\n**{first}**\n\nText.")
    assert is_digest(f"> {second.replace(':', ' –').replace('：', '——').replace(',', '')}\n\nText.")


def test_prose_about_research_is_no_digest():
    assert not is_digest("A research digest of 1905 was assembled by a clerk.\n\nThe sources are lost.")
    assert not is_digest(ENCYCLOPAEDIA)


def test_a_figure_is_confirmed_by_a_source_that_writes_it_in_another_way():
    one = (
        "The port of the town counted 1,500 ships in the year of the great storm. Its warehouses serve many "
        "companies of the region and of the islands. The railway to the north carries freight on every day. "
    )
    other = (
        "In the year of the great storm the port of the town counted 1.5 thousand ships at its quays. "
        "Fishermen mend their nets on the old quays of the harbour in winter. "
    )
    notes = write(Brief(topic="Ships of the port"), research(one, other)).editor_notes
    assert not any("gives this figure" in note and "ships" in note for note in notes)
    altered = write(Brief(topic="Ships of the port"), research(one, other.replace("1.5", "1.6"))).editor_notes
    assert any("gives this figure" in note and "ships" in note for note in altered)
