"""How a brief, its sources and a text are shown to a language model.

Whatever comes from outside stands between marks with a random number that its author cannot have known,
and the instructions say that it is data: a page that says "ignore your instructions" stays a page.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from tasks.pipeline.prompts import prompt
from tasks.pipeline.text.enclosure_marks import without_enclosure_marks
from tasks.pipeline.text.words import unit_of_length
from tasks.pipeline.types import Brief, Note, SourceText

SOURCE_CHARACTERS = 40_000
"""How much of all sources together goes into one prompt: about 10,000 tokens."""


class Enclosure:
    """The marks around outside text in one prompt."""

    def __init__(self) -> None:
        self.nonce = secrets.token_hex(8)

    @property
    def rule(self) -> str:
        """What the instructions must say about the marks."""
        return prompt("enclosure").text.replace("{nonce}", self.nonce)

    def around(self, name: str, text: str) -> str:
        """The text between marks. `name` is never outside text; marks that are in the text become words."""
        inside = without_enclosure_marks(text)
        return f"<<<begin {self.nonce}: {name}>>>\n{inside}\n<<<end {self.nonce}>>>"

    def sources(self, sources: Iterable[SourceText]) -> str:
        """Each source with its number; long ones are cut, so that all fit."""
        listed = list(sources)
        share = SOURCE_CHARACTERS // max(1, len(listed))
        return "\n\n".join(
            self.around(f"source [{source.number}]", f"{source.title}\n\n{_cut(source.text, share)}")
            for source in listed
        )

    def notes(self, notes: Iterable[Note], *, is_numbered: bool = False) -> str:
        lines = "\n".join(
            f"{f'{number}.' if is_numbered else '-'} {note.fact} [{note.source}]"
            for number, note in enumerate(notes, 1)
        )
        return self.around("research notes", lines) if lines else ""


def brief_text(brief: Brief) -> str:
    """The editor's wishes, one a line; what was left open is left out."""
    wishes = {
        "Topic": brief.topic,
        "Brief": brief.brief,
        "Readers": brief.audience,
        "Tone": brief.tone,
        "Style": brief.style,
        "Length": f"about {brief.target_words} {unit_of_length(brief.language)}",
        "Language": brief.language,
        "Category": brief.category,
        "Keywords": ", ".join(brief.keywords),
    }
    return "\n".join(f"{name}: {wish}" for name, wish in wishes.items() if wish)


def guidance_text(brief: Brief) -> str:
    """The category's guidelines and the reviewers' reasons; empty without any."""
    said = {
        f"The editors ask this of every text in the category {brief.category}:": brief.category_guidance,
        "Reviewers of earlier versions asked for this; it comes before everything else:": brief.guidance,
    }
    return "\n\n".join("\n- ".join([who, *asked]) for who, asked in said.items() if asked)


PRESERVE_LOCKED = prompt("locked").text


def locked_text(brief: Brief, enclosure: Enclosure, rule: str = PRESERVE_LOCKED) -> str:
    """The locked paragraphs and the rule about them; empty when nothing is locked."""
    if not brief.locked:
        return ""
    return paragraphs(rule, *(enclosure.around("locked paragraph", one.text) for one in brief.locked))


def paragraphs(*parts: str) -> str:
    """Join the parts that are not empty by blank lines."""
    return "\n\n".join(part for part in parts if part)


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return text[:limit].rsplit(maxsplit=1)[0] + " […]"
