"""Writes what search results and teasers show of an article."""

from __future__ import annotations

from tasks.pipeline.errors import ProviderUnavailable
from tasks.pipeline.prompts import prompt
from tasks.pipeline.providers import LanguageModel
from tasks.pipeline.stages.prompt_parts import Enclosure, brief_text, paragraphs
from tasks.pipeline.text.addresses import without_unknown_addresses
from tasks.pipeline.text.titles import shortened
from tasks.pipeline.types import Article, Brief, Role, Seo

SEO_TITLE_LENGTH = 70
SEO_DESCRIPTION_LENGTH = 160
SUMMARY_LENGTH = 600
TAG_LENGTH = 100
MOST_TAGS = 6

PROMPT = prompt("seo")


async def write_seo(brief: Brief, article: Article, llm: LanguageModel) -> Article:
    """Add metadata; the editor's tags stay when there are any."""
    enclosure = Enclosure()
    seo = await llm.answer(
        paragraphs(PROMPT.text, enclosure.rule),
        paragraphs(brief_text(brief), enclosure.around("article", f"{article.title}\n\n{article.body}")),
        Seo,
        role=Role.PUBLISHING,
        stage="seo",
        prompt_version=PROMPT.label,
    )
    title, description, summary = (
        without_unknown_addresses(text, ()).strip()
        for text in (seo.seo_title, seo.seo_description, seo.summary)
    )
    if not (title and description and summary):
        raise ProviderUnavailable("The language model returned empty metadata.")
    changes = {
        "seo_title": shortened(title, SEO_TITLE_LENGTH),
        "seo_description": shortened(description, SEO_DESCRIPTION_LENGTH),
        "summary": shortened(summary, SUMMARY_LENGTH),
        "tags": article.tags or _tags(seo),
    }
    return article.model_copy(update=changes)


def _tags(seo: Seo) -> tuple[str, ...]:
    tags = dict.fromkeys(shortened(tag, TAG_LENGTH) for tag in seo.tags if tag.strip())
    return tuple(tags)[:MOST_TAGS]
