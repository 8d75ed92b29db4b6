"""Judges a text by a language model; the checks that need no model are another stage."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from tasks.pipeline.prompts import prompt
from tasks.pipeline.providers import LanguageModel
from tasks.pipeline.scoring import Criterion, critics_score
from tasks.pipeline.stages.prompt_parts import Enclosure, brief_text, guidance_text, locked_text, paragraphs
from tasks.pipeline.text.typography import folded
from tasks.pipeline.types import Article, Brief, CriterionScore, Critique, Problem, Research, Role

PROMPT = prompt("critique")
LOCKED = prompt("locked-critique").text

CITED = re.compile(r"\[\d{1,3}(?:\s?[,;–-]\s?\d{1,3}){0,20}\]")
WORD = re.compile(r"\w+")
ELLIPSIS = re.compile(r"…|\.{3}|\[\.\.\.\]")


class CriterionAnswer(BaseModel):
    model_config = ConfigDict(frozen=True)

    score: int = Field(ge=0, le=100)
    evidence: str = Field(default="", description="A few words of the article, quoted exactly, that show it.")
    why: str = Field(default="", description="One sentence.")

    @field_validator("score", mode="before")
    @classmethod
    def _as_whole(cls, score: Any) -> Any:
        return round(score) if isinstance(score, float) and abs(score) <= 100 else score


class ProblemAnswer(BaseModel):
    model_config = ConfigDict(frozen=True)

    criterion: Criterion | None = None
    where: str = Field(default="", description="The words it is about, quoted exactly, or a heading.")
    what: str
    remedy: str = ""

    @field_validator("criterion", mode="before")
    @classmethod
    def _known(cls, name: Any) -> Any:
        """A problem of no criterion that we know is a problem nevertheless."""
        lowered = name.strip().lower() if isinstance(name, str) else name
        return lowered if lowered in list(Criterion) else None


class CriticAnswer(BaseModel):
    """What the model is asked for. The score of the whole is not among it: that is computed."""

    model_config = ConfigDict(frozen=True)

    accuracy: CriterionAnswer
    completeness: CriterionAnswer
    clarity: CriterionAnswer
    relevance: CriterionAnswer
    structure: CriterionAnswer
    tone: CriterionAnswer
    summary: str = Field(default="", description="Two sentences for the editor.")
    problems: tuple[ProblemAnswer, ...] = Field(default=(), description="The gravest first, ten at most.")

    @model_validator(mode="before")
    @classmethod
    def _one_score_for_all(cls, answer: Any) -> Any:
        """Small models give one score for everything: then it is that of each criterion."""
        names = [criterion.value for criterion in Criterion]
        if isinstance(answer, dict) and "score" in answer and not any(name in answer for name in names):
            return {**answer, **{name: {"score": answer["score"]} for name in names}}
        return answer


async def critique(brief: Brief, research: Research, article: Article, llm: LanguageModel) -> Critique:
    """Judge the article by each criterion; the critic is of another family than the writer, if it can be."""
    enclosure = Enclosure()
    text = f"{article.title}\n\n{article.body}"
    answer = await llm.answer(
        paragraphs(PROMPT.text, enclosure.rule),
        paragraphs(
            brief_text(brief),
            guidance_text(brief),
            locked_text(brief, enclosure, LOCKED),
            enclosure.sources(research.sources),
            enclosure.around("article", text),
        ),
        CriticAnswer,
        role=Role.QA,
        stage="critique",
        prompt_version=PROMPT.label,
        unlike=article.written_by,
    )
    return _as_critique(answer, text)


def _as_critique(answer: CriticAnswer, text: str) -> Critique:
    """The answer with its score, without what it quotes of words that the text does not have."""
    words, criteria = _words(text), []
    for criterion in Criterion:
        one: CriterionAnswer = getattr(answer, criterion.value)
        evidence = one.evidence.strip() if _is_in(words, one.evidence) else ""
        criteria.append(
            CriterionScore(criterion=criterion, score=one.score, evidence=evidence, why=one.why.strip())
        )
    problems = tuple(
        Problem(
            where=one.where.strip() if _is_in(words, one.where) else "",
            what=one.what,
            remedy=one.remedy,
            criterion=one.criterion,
        )
        for one in answer.problems
        if one.what.strip()
    )
    score = critics_score({one.criterion: one.score for one in criteria})
    return Critique(score=score, summary=answer.summary, criteria=tuple(criteria), problems=problems)


def _is_in(words: str, quoted: str) -> bool:
    """Whether all that is quoted is in the text; parts may be left out of it with an ellipsis."""
    parts = [found for part in ELLIPSIS.split(quoted) if (found := _words(part))]
    return bool(parts) and all(part in words for part in parts)


def _words(text: str) -> str:
    """Words alone: Markdown, punctuation and citations are no difference."""
    return " ".join(WORD.findall(folded(CITED.sub(" ", text))))
