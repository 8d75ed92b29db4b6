"""Judges a text by a language model; the checks that need no model are another stage."""

from __future__ import annotations

import re
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic.json_schema import SkipJsonSchema

from tasks.pipeline.prompts import prompt
from tasks.pipeline.providers import LanguageModel
from tasks.pipeline.scoring import Criterion, critics_score
from tasks.pipeline.stages.critic_scores import of_hundred, score_in
from tasks.pipeline.stages.prompt_parts import Enclosure, brief_text, guidance_text, locked_text, paragraphs
from tasks.pipeline.text.typography import folded
from tasks.pipeline.types import Article, Brief, CriterionScore, Critique, Problem, Research, Role

PROMPT = prompt("critique")
LOCKED = prompt("locked-critique").text

CITED = re.compile(r"\[\d{1,3}(?:\s?[,;–-]\s?\d{1,3}){0,20}\]")
WORD = re.compile(r"\w+")
CRITERIA = tuple(criterion.value for criterion in Criterion)
WHOLE_SCORE = ("score", "overall_score", "overall", "total_score", "total", "rating", "quality_score")
MOST_MISSING = 2
"""An answer that lacks more of the criteria is no critique."""
ELLIPSIS = re.compile(r"…|\.{3}|\[\.\.\.\]")


def _with_all_required(schema: dict[str, Any]) -> None:
    """Have the model asked for every criterion, although an answer may lack one."""
    for name in CRITERIA:
        schema["properties"][name].pop("default", None)
    schema["required"] = [*CRITERIA, *schema.get("required", ())]


class CriterionAnswer(BaseModel):
    model_config = ConfigDict(frozen=True)

    score: int = Field(ge=0, le=100)
    evidence: str = Field(default="", description="A few words of the article, quoted exactly, that show it.")
    why: str = Field(default="", description="One sentence.")

    @field_validator("score", mode="before")
    @classmethod
    def _as_whole(cls, score: Any) -> Any:
        found = score_in(score)
        return round(found) if isinstance(found, float) and abs(found) <= 100 else found


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

    model_config = ConfigDict(frozen=True, json_schema_extra=_with_all_required)

    accuracy: CriterionAnswer | SkipJsonSchema[None] = None
    completeness: CriterionAnswer | SkipJsonSchema[None] = None
    clarity: CriterionAnswer | SkipJsonSchema[None] = None
    relevance: CriterionAnswer | SkipJsonSchema[None] = None
    structure: CriterionAnswer | SkipJsonSchema[None] = None
    tone: CriterionAnswer | SkipJsonSchema[None] = None
    summary: str = Field(default="", description="Two sentences for the editor.")
    problems: tuple[ProblemAnswer, ...] = Field(default=(), description="The gravest first, ten at most.")

    @model_validator(mode="before")
    @classmethod
    def _on_one_scale(cls, answer: Any) -> Any:
        """With scores of 100 for each criterion, whatever their scale was.

        Small models give one score for everything: then it is that of each criterion.
        """
        if not isinstance(answer, dict) or any(
            isinstance(answer.get(name), CriterionAnswer) for name in CRITERIA
        ):
            return answer
        given = {name: answer[name] for name in CRITERIA if answer.get(name) is not None}
        whole = next((answer[name] for name in WHOLE_SCORE if answer.get(name) is not None), None)
        if not given and whole is not None:
            given = {name: {"score": whole} for name in CRITERIA}
        parts = {name: one if isinstance(one, dict) else {"score": one} for name, one in given.items()}
        scored = {name: one for name, one in parts.items() if one.get("score") is not None}
        scores = of_hundred([one["score"] for one in scored.values()])
        scaled = {
            name: {**one, "score": score} for (name, one), score in zip(scored.items(), scores, strict=True)
        }
        return {**{name: one for name, one in answer.items() if name not in CRITERIA}, **scaled}

    @model_validator(mode="after")
    def _has_most(self) -> Self:
        missing = [name for name in CRITERIA if getattr(self, name) is None]
        if len(missing) > MOST_MISSING:
            raise ValueError(f"there is no score for {', '.join(missing)}")
        return self


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
        one: CriterionAnswer | None = getattr(answer, criterion.value)
        if one is None:
            continue
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
