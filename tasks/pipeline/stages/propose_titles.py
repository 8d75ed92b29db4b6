"""Proposes titles for a finished text, for an editor to choose from."""

from __future__ import annotations

from pydantic import Field

from tasks.pipeline.errors import ProviderUnavailable
from tasks.pipeline.passages import ProposedText
from tasks.pipeline.prompts import prompt
from tasks.pipeline.providers import LanguageModel
from tasks.pipeline.stages.prompt_parts import Enclosure, brief_text, guidance_text, paragraphs
from tasks.pipeline.text.enclosure_marks import enclosure_marks
from tasks.pipeline.text.markdown import plain_text
from tasks.pipeline.types import Article, Brief, Role, Value

COUNT = 3
LONGEST = 120
"""Characters. Models count badly: 80 are asked for."""
ATTEMPTS = 2
_QUOTES = "\"'“”„‟«»‹›「」『』‘’`*_ "


class TitleProposals(Value):
    titles: tuple[str, ...] = Field(description="Three titles of at most 80 characters, plain text.")


async def propose_titles(
    brief: Brief, article: Article, instruction: str, llm: LanguageModel
) -> ProposedText:
    """Return three titles that differ from each other and from the present one.

    When too few of a reply can be used, more are asked for once. Raises ProviderError.
    """
    found: list[str] = []
    for _ in range(ATTEMPTS):
        enclosure, asked = Enclosure(), prompt("titles")
        proposed = await llm.answer(
            paragraphs(asked.text, enclosure.rule),
            paragraphs(
                brief_text(brief),
                guidance_text(brief),
                enclosure.around("article", f"{article.title}\n\n{article.body}"),
                f"The editor's instruction: {instruction}" if instruction else "",
                enclosure.around("titles that are known", "\n".join([article.title, *found]))
                if found
                else "",
            ),
            TitleProposals,
            role=Role.CREATIVE,
            stage="titles",
            prompt_version=asked.label,
        )
        found = usable_titles([*found, *proposed.titles], article.title)
        if len(found) == COUNT:
            return ProposedText(texts=tuple(found))
    raise ProviderUnavailable(f"The model proposed {len(found)} usable titles of {COUNT}: ask again.")


def usable_titles(proposed: list[str], present: str) -> list[str]:
    """Up to three, as plain text: none twice, none too long, and not the present one."""
    found: dict[str, str] = {}
    for title in proposed:
        plain = plain_text(title.strip()).strip(_QUOTES)
        plain = plain.removesuffix(".") if not plain.endswith("..") else plain
        if 0 < len(plain) <= LONGEST and not enclosure_marks(plain) and _key(plain) != _key(present):
            found.setdefault(_key(plain), plain)
    return list(found.values())[:COUNT]


def _key(title: str) -> str:
    return "".join(filter(str.isalnum, title.casefold()))
