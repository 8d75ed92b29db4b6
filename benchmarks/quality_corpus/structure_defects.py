"""Defects of citations and of the form of a text: what is cut, repeated, quoted, shown or linked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from benchmarks.quality_corpus.defect_kinds import ANYWHERE, STRUCTURE, DefectKinds, Setting
from benchmarks.quality_corpus.defect_words import FOREIGN_PARAGRAPH, INVENTED_QUOTATIONS, QUOTATION_MARKS
from benchmarks.quality_corpus.seeded_draft import DraftPart, DraftSentence, SeededDraft, raw

KINDS = DefectKinds(STRUCTURE)
LONG_RUN_WORDS = 110


# --- Citations --------------------------------------------------------------------------------------------


@KINDS.add("citation to nothing")
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    return _with_marks(draft, setting, lambda number: f"[{number + 40}]")


@KINDS.add("half of the citations gone", ANYWHERE)
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    spots = list(draft.spots())
    for spot in spots[1::2]:
        draft = draft.with_sentence(spot, replace(draft.sentence(spot), sources=()))
    # Every source is cited still.
    cited = {number for spot in draft.spots() for number in draft.sentence(spot).sources}
    return draft if len(cited) == len(draft.research.sources) else None


@KINDS.add("all citations gone", ANYWHERE)
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    return replace(draft, body=re.sub(r"\s?\[\d+\]", "", draft.rendered()))


@KINDS.add("one sentence uncited")
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    for spot in setting.spots(draft):
        old = draft.sentence(spot)
        number, place = spot
        # The last citation of a paragraph may be meant for all of it.
        if place + 1 < len(draft.blocks[number].sentences) or len(draft.blocks[number].sentences) == 1:
            changed = draft.with_sentence(spot, replace(old, sources=()))
            if any(old.sources[0] in draft.sentence(one).sources for one in draft.spots() if one != spot):
                return changed
    return None


def _citation_style(name: str, write: Callable[[int], str]) -> None:
    @KINDS.add(f"citation style {name}")
    def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
        return _with_marks(draft, setting, write)


_citation_style("【1】", lambda number: f"【{number}】")
_citation_style("【1†source】", lambda number: f"【{number}†source】")
_citation_style("[^1]", lambda number: f"[^{number}]")
_citation_style("(1)", lambda number: f"({number})")
_citation_style("[Source 1]", lambda number: f"[Source {number}]")
_citation_style("superscript", lambda number: "¹²³⁴⁵⁶⁷⁸⁹"[number - 1])
_citation_style("(Author, year)", lambda number: f"({('Miller', 'Schmidt', 'Garcia')[number % 3]}, 2019)")


@KINDS.add("listed source never cited", ANYWHERE)
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    last = len(draft.research.sources)
    for spot in list(draft.spots()):
        if draft.sentence(spot).sources == (last,):
            draft = draft.with_sentence(spot, replace(draft.sentence(spot), sources=(1,)))
    body = draft.rendered()
    return draft if f"[{last}]" not in body else None


def _with_marks(draft: SeededDraft, setting: Setting, write: Callable[[int], str]) -> SeededDraft | None:
    """With the citation of one sentence written otherwise. Its source is cited elsewhere, too."""
    for spot in setting.spots(draft):
        old = draft.sentence(spot)
        others = [one for one in draft.spots() if one != spot]
        if not any(old.sources[0] in draft.sentence(one).sources for one in others):
            continue
        written = draft.sentence_text(old).replace(f"[{old.sources[0]}]", write(old.sources[0]))
        return draft.with_sentence(spot, DraftSentence(written, (), old.originals))
    return None


# --- Cut and repeated -------------------------------------------------------------------------------------


@KINDS.add("cut at the end", ANYWHERE)
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    spot = list(draft.spots())[-1]
    number, place = spot
    words = draft.sentence(spot).text.split()
    cut = DraftSentence(" ".join(words[: len(words) // 2]).rstrip(",;:.—-"))
    block = draft.blocks[number]
    block = replace(block, form="paragraph", sentences=(*block.sentences[:place], cut))
    return replace(draft, blocks=(*draft.blocks[:number], block))


@KINDS.add("cut within the text", ("start", "middle"))
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    for number, place in setting.spots(draft):
        block = draft.blocks[number]
        is_last = place + 1 == len(block.sentences) and place > 0
        if block.form == "paragraph" and is_last and number + 1 < len(draft.blocks):
            old = block.sentences[place]
            words = old.text.split()
            cut = " ".join(words[: len(words) // 2]).rstrip(",;:.—-")
            return draft.with_sentence((number, place), DraftSentence(cut, (), old.originals))
    return None


@KINDS.add("block of code never closed", ("middle", "end"))
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    return draft.with_block(setting.block(draft), raw("```"))


@KINDS.add("heading without text")
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    words = {"en": "What comes next", "de": "Wie es weitergeht", "fr": "La suite", "es": "Lo que sigue"}
    headings = [number for number, one in enumerate(draft.blocks) if one.form == "heading"]
    number = {"start": headings[0], "middle": headings[len(headings) // 2], "end": len(draft.blocks)}
    return draft.with_block(number[setting.place], raw(f"## {words[draft.language]}"))


@KINDS.add("paragraph twice")
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    return _repeated(draft, setting, lambda sentence: sentence)


@KINDS.add("paragraph almost twice")
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    def altered(sentence: str) -> str:
        words = sentence.split()
        del words[len(words) // 2]
        return " ".join(words)

    return _repeated(draft, setting, altered)


def _repeated(draft: SeededDraft, setting: Setting, change: Callable[[str], str]) -> SeededDraft | None:
    """With a paragraph of this third once more, after the next paragraph or at the end of the text."""
    for number, _place in setting.spots(draft):
        block = draft.blocks[number]
        words = sum(len(one.text.split()) for one in block.sentences)
        if block.form == "paragraph" and words >= 30:
            again = tuple(replace(one, text=change(one.text)) for one in block.sentences)
            later = [
                place for place, one in enumerate(draft.blocks) if place > number and one.form == "paragraph"
            ]
            place = later[0] + 1 if later else len(draft.blocks)
            return draft.with_block(place, DraftPart("paragraph", again))
    return None


@KINDS.add("sentence over and over")
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    for spot in setting.spots(draft):
        old = draft.sentence(spot)
        return draft.with_sentence(spot, *[old] * 4)
    return None


@KINDS.add("words over and over")
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    for spot in setting.spots(draft):
        old = draft.sentence(spot)
        words = old.text.split()
        loop = [*words[:5], *words[2:5] * 6, *words[5:]]
        return draft.with_sentence(spot, replace(old, text=" ".join(loop)))
    return None


@KINDS.add("long run of a source word for word")
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    number = {"start": 1, "middle": 2, "end": 3}[setting.place]
    blocks = draft.source_text(number).split("\n\n")[1:]
    run = " ".join(blocks).split()[:LONG_RUN_WORDS]
    text = " ".join(run)
    end = text.rfind(". ")
    if len(run) < LONG_RUN_WORDS or end < 400 or re.search(r"[*_`<>|\\#]", text):
        return None
    block = DraftPart("paragraph", (DraftSentence(text[: end + 1], (number,)),))
    spots = [spot for spot in draft.spots() if draft.sentence(spot).sources == (number,)]
    return draft.with_block(spots[-1][0] + 1, block) if spots else None


@KINDS.add("text in another language", ANYWHERE)
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    other = setting.chance.choice([code for code in ("en", "de", "fr", "es") if code != draft.language])
    return replace(draft, brief=draft.brief.model_copy(update={"language": other}))


@KINDS.add("paragraph in another language")
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    other = setting.chance.choice([code for code in FOREIGN_PARAGRAPH if code != draft.language])
    return draft.with_block(setting.block(draft), raw(FOREIGN_PARAGRAPH[other]))


# --- Quotations -------------------------------------------------------------------------------------------


@KINDS.add("invented quotation")
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    for spot in setting.spots(draft):
        lead, words = setting.chance.choice(INVENTED_QUOTATIONS[draft.language])
        opening, closing = QUOTATION_MARKS[draft.language]
        old = draft.sentence(spot)
        new = DraftSentence(f"{lead} {opening}{words}{closing}", old.sources)
        return draft.with_sentence(spot, old, new)
    return None


@KINDS.add("invented block quotation")
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    _, words = setting.chance.choice(INVENTED_QUOTATIONS[draft.language])
    number = setting.block(draft)
    return draft.with_block(number, DraftPart("quotation", (DraftSentence(words, (1,)),)))


@KINDS.add("quotation with a word changed")
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    opening, closing = QUOTATION_MARKS[draft.language]
    for spot in setting.spots(draft):
        old = draft.sentence(spot)
        words = old.originals[0].rstrip(".").split() if old.originals else []
        long = [place for place, word in enumerate(words) if place and word.isalpha() and len(word) > 5]
        if len(long) < 2:
            continue
        other = {"en": "orchard", "de": "Obstgarten", "fr": "verger", "es": "huerto"}[draft.language]
        words[setting.chance.choice(long)] = other
        return draft.with_sentence(spot, replace(old, text=f"{opening}{' '.join(words)}{closing}."))
    return None


# --- Images and links -------------------------------------------------------------------------------------


def _line(name: str, *lines: str) -> None:
    """A kind that is a line of its own."""

    @KINDS.add(name)
    def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
        return draft.with_block(setting.block(draft), raw(setting.chance.choice(lines)))


_line("image without alt text", "![](/media/0b6f4f5e.jpg)", "![ ](/media/images/market.png)")
_line(
    "image that will not be shown",
    "![A harbour at dawn](https://pictures.example.net/harbour.jpg)",
    "![Diagram of the parts](file:///home/me/diagram.png)",
    "![Chart](data:image/png;base64,iVBORw0KGgo=)",
    "![Photo of the yard](photo.jpg)",
)
_line(
    "link to an unknown page",
    "More is in [this overview](https://elsewhere.example.com/overview).",
    "See https://unknown.example.org/report for more.",
    "More: <https://elsewhere.example.com/a>.",
)
_line(
    "link within the site that leads nowhere",
    "More is in [our guide to the subject](/posts/our-guide-that-nobody-wrote/).",
    "See also [the other part of this series](/posts/part-two-of-a-series-we-never-began/).",
)
_line(
    "link without address",
    "More is in [this overview]().",
    "More is in [this overview](#).",
    "[Read on](url)",
)


@KINDS.add("title in Markdown", ANYWHERE)
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    title = draft.head.title
    written = setting.chance.choice([f"# {title}", f"**{title}**", f"{title} [1]", f"[{title}](/posts/x/)"])
    return draft.with_head(title=written)
