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
from tasks.pipeline.text.digest_phrases import PHRASES
from tasks.pipeline.text.titles import shortened
from tasks.pipeline.types import Brief, Research, SourceText, UnusableSource

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
