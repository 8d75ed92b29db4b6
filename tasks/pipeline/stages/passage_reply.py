"""What a model's new wording of a passage may bring into a text: known citations and addresses only."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from tasks.pipeline.errors import ProviderError
from tasks.pipeline.passages import DraftPassage
from tasks.pipeline.stages.prose import markdown_of
from tasks.pipeline.text.cited_numbers import cited_numbers, without_citations_of
from tasks.pipeline.text.dialect import parse
from tasks.pipeline.text.enclosure_marks import enclosure_marks
from tasks.pipeline.text.lost_images import with_lost_images
from tasks.pipeline.text.paragraphs import heading_text, joined, paragraphs
from tasks.pipeline.types import Research, SourceText

MOST_SOURCES = 10
ABOUT_CITATIONS = re.compile(
    r"\b(?:cit(?:e|es|ed|ing|ation|ations|as?|az)|sources?|references?|footnotes?|quell\w{0,8}|beleg\w{0,6}"
    r"|zitat\w{0,6}|fuentes?|citations?|références?|fonti?|fontes?|bron|bronnen|źród\w{0,6}|источник\w{0,4})\b"
    r"|引用|出典|来源|來源|출처",
    re.IGNORECASE,
)
"""Words by which an instruction may be about citations: then one may go."""
_LINK = re.compile(
    r"(!?)\[([^\[\]\n]{0,500})\]\(\s{0,9}<?([^\s<>()]{1,2000}(?:\([^\s()]{0,200}\))?)>?[^()\n]{0,500}\)"
)
_BARE = re.compile(r"<?\bhttps?://[^\s<>]{1,2000}>?")
_END_OF_ADDRESS = ".,;:!?)\"'*_]"


class PassageReply:
    """A reply that was put right as far as that is certain; `notes` say how."""

    def __init__(self, text: str, passage: DraftPassage, research: Research) -> None:
        self.notes: list[str] = []
        if enclosure_marks(text):
            raise ProviderError("The model repeated marks of its instructions: ask again.")
        text = _without_neighbours(markdown_of(text), passage)
        text = self._with_known_addresses(text, known_addresses(passage, research))
        self.text = self._with_known_citations(text, known_numbers(passage, research)).strip()
        if not self.text:
            raise ProviderError("Nothing was left of the model's reply: ask again.")
        self.text = with_lost_images(self.text, passage.text)
        if self.text == passage.text.strip():
            raise ProviderError(
                "The model returned the text as it was: say more precisely what is to change."
            )

    def lost_citations(self, passage: DraftPassage, instruction: str) -> list[int]:
        """The citations that were there and are not any more, unless the instruction is about them."""
        there = set(cited_numbers(self.text))
        lost = [number for number in cited_numbers(passage.text) if number not in there]
        if ABOUT_CITATIONS.search(instruction):
            return []
        return [number for number in lost if not re.search(rf"\[{number}\]", instruction)]

    def _with_known_citations(self, text: str, known: Collection[int]) -> str:
        unknown = [number for number in cited_numbers(text) if number not in known]
        if not unknown:
            return text
        self.notes.append(
            f"Citations of sources that the brief does not have were taken out: {_marks(unknown)}."
        )
        text = without_citations_of(text, unknown)
        if left := [number for number in cited_numbers(text) if number not in known]:
            raise ProviderError(f"The model cited {_marks(left)}, and there is no such source: ask again.")
        return text

    def _with_known_addresses(self, text: str, known: Collection[str]) -> str:
        removed: list[str] = []

        def link(match: re.Match[str]) -> str:
            if match[3] in known:
                return match[0]
            removed.append(match[3])
            return "" if match[1] else match[2]

        def bare(match: re.Match[str]) -> str:
            address = match[0].strip("<>").rstrip(_END_OF_ADDRESS)
            if address in known or f"({address}" in match.string[max(0, match.start() - 1) : match.end()]:
                return match[0]
            removed.append(address)
            return "" if match[0].startswith("<") else match[0].replace(address, "", 1)

        text = _BARE.sub(bare, _LINK.sub(link, text))
        if removed:
            self.notes.append(f"Addresses that no source has were taken out: {', '.join(removed[:5])}.")
        if unknown := [address for address in addresses_in(text) if address not in known]:
            raise ProviderError(f"The model linked {unknown[0]}, which no source has: ask again.")
        return text


def known_numbers(passage: DraftPassage, research: Research) -> set[int]:
    return {one.number for one in research.sources} | {one.number for one in passage.citations}


def known_addresses(passage: DraftPassage, research: Research) -> set[str]:
    listed = {one.url for one in research.sources} | {one.url for one in passage.citations}
    return (listed - {""}) | set(addresses_in(passage.text))


def addresses_in(text: str) -> Iterator[str]:
    """Of every link and image."""
    for token in parse(text):
        for child in token.children or ():
            address = child.attrGet("href") or child.attrGet("src")
            if address and not str(address).startswith("#"):
                yield str(address)


def sources_for(passage: DraftPassage, instruction: str, research: Research) -> list[SourceText]:
    """Those that the passage cites or the instruction names by number first; of many, not all."""
    named = {
        *cited_numbers(passage.text),
        *(int(number) for number in re.findall(r"\b\d{1,3}\b", instruction)),
    }
    ordered = sorted(research.sources, key=lambda source: (source.number not in named, source.number))
    return ordered[: max(MOST_SOURCES, sum(source.number in named for source in ordered))]


def correction(lost: Iterable[int]) -> str:
    return f"An earlier answer lost the citation {_marks(lost)}: answer with every citation of the old text."


def refused_as_lost(lost: Iterable[int]) -> ProviderError:
    return ProviderError(
        f"The model left out the citation {_marks(lost)}, also when it was asked again. Ask once more, or "
        "say in the instruction that this citation may go."
    )


def _marks(numbers: Iterable[int]) -> str:
    return ", ".join(f"[{number}]" for number in numbers)


def _without_neighbours(text: str, passage: DraftPassage) -> str:
    """Models like to repeat what stands around a passage."""
    around = {one.strip() for one in (passage.before, passage.after) if one.strip()}
    own = set(paragraphs(passage.text))
    parts = [
        part
        for part in paragraphs(text)
        if part in own or (part not in around and (heading_text(part) or "\0") != passage.section)
    ]
    return joined(parts)
