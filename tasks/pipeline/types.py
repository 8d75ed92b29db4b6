"""The pipeline's types: frozen values that stages take and return.

Free of Django on purpose: a stage can be run, tested and reasoned about without a database.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from tasks.pipeline.check_status import CheckStatus as CheckStatus
from tasks.pipeline.claim_verdict import ClaimVerdict as ClaimVerdict
from tasks.pipeline.scoring import Criterion, ScorePart, score_parts

Output = TypeVar("Output", bound=BaseModel)


class Value(BaseModel):
    """An immutable value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class BlockKind(StrEnum):
    """What a block of a source is. Sentences are quoted from the first three; figures are found in all."""

    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    QUOTATION = "quotation"
    HEADING = "heading"
    TABLE_ROW = "table_row"
    CAPTION = "caption"
    FOOTNOTE = "footnote"
    CODE = "code"
    CONTENTS = "contents"
    """A table of contents, or an index: names of other parts."""


class GivenSource(Value):
    """A source as the editor gave it: either its `text`, or a `url` still to be fetched.

    A text with `kinds` was read from a file already: it is used as it is.
    """

    number: int = Field(ge=1, description="What `[n]` in the body refers to.")
    title: str = ""
    url: str = ""
    text: str = ""
    kinds: tuple[BlockKind, ...] = ()
    warnings: tuple[str, ...] = ()
    sha256: str = Field(default="", description="Of the file that the text was read from.")
    reader: str = Field(default="", description="Which read it, with its version.")
    found_by: str = Field(default="", description="The web search that found it in an earlier run.")


class LockedParagraph(Value):
    """A paragraph that editors locked, word for word, and what stood around it in the present text."""

    text: str
    before: str = Field(default="", description="The paragraph above it.")
    after: str = ""
    section: str = Field(default="", description="The heading it stands under.")


class CheckRule(Value):
    """How a desk wants one quality check to be run, where that differs from the check's own defaults."""

    check: str
    severity: Literal["veto", "advisory", "off", ""] = ""
    """Empty: the check's own."""
    limits: dict[str, float] = Field(default_factory=dict, description="By the name of the threshold.")


class Brief(Value):
    topic: str
    brief: str = ""
    audience: str = ""
    tone: str = ""
    style: str = ""
    target_words: int = 800
    language: str = "en"
    category: str = ""
    tags: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    sources: tuple[GivenSource, ...] = ()
    guidance: tuple[str, ...] = Field(
        default=(), description="What reviewers asked for in earlier runs, oldest first."
    )
    category_guidance: tuple[str, ...] = Field(
        default=(), description="The guidelines of the category, oldest first."
    )
    locked: tuple[LockedParagraph, ...] = Field(
        default=(), description="Paragraphs that no model may change, in the order of the text."
    )
    quality_threshold: int = Field(default=70, ge=0, le=100)
    max_refinements: int = Field(default=2, ge=0)
    web_pages: int = Field(default=0, ge=0, description="How many pages research may find and add.")
    check_rules: tuple[CheckRule, ...] = Field(default=(), description="Where the desk's rules differ.")


class SourceText(Value):
    """A source that was read: plain text, blocks separated by one blank line."""

    number: int = Field(ge=1)
    title: str
    url: str = ""
    final_url: str = Field(default="", description="Where redirects led, when it was fetched.")
    text: str
    kinds: tuple[BlockKind, ...] = Field(
        default=(), description="Of each block of the text; empty for texts that were saved without."
    )
    warnings: tuple[str, ...] = Field(default=(), description="What is missing or doubtful in this reading.")
    sha256: str = Field(default="", description="Of the bytes it was read from; empty where none were kept.")
    reader: str = Field(default="", description="Which read them, with its version.")

    @property
    def blocks(self) -> list[tuple[BlockKind, str]]:
        """Each block with its kind; where kinds were not saved, all are paragraphs."""
        texts = self.text.split("\n\n")
        if len(texts) != len(self.kinds):
            return [(BlockKind.PARAGRAPH, text) for text in texts]
        return list(zip(self.kinds, texts, strict=True))


class UnusableSource(Value):
    number: int
    title: str
    problem: str = Field(description="One sentence for the editor.")


class Note(Value):
    """A fact a language model took from a source, to write from."""

    source: int
    fact: str


class Research(Value):
    sources: tuple[SourceText, ...]
    unusable: tuple[UnusableSource, ...] = ()
    notes: tuple[Note, ...] = ()
    search_problem: str = Field(default="", description="Why the web search added less than was asked for.")


class Section(Value):
    heading: str
    points: tuple[str, ...] = ()
    notes: tuple[int, ...] = Field(default=(), description="The numbers of the research notes it needs.")
    words: int = Field(default=0, description="Its length, in the unit of the article's.")


class Outline(Value):
    title: str
    sections: tuple[Section, ...]


class WrittenPart(Value):
    """One or several sections of a text that is written in parts."""

    body: str
    written_by: str


class Citation(Value):
    """A source the body cites as `[number]`."""

    number: int
    title: str
    url: str = ""


class CoverRequest(Value):
    """What a cover is to be for."""

    title: str
    category: str = ""
    language: str = "en"
    subject: str = Field(default="", description="What a picture may show, in a few words.")


class Cover(Value):
    """A cover image that is stored. Without a name: the draft keeps what it has."""

    image: str = Field(default="", description="Its name, as drafts refer to it.")
    alt: str = ""
    credit: str = ""
    note: str = Field(default="", description="For the editor: why it is not of the kind that was set.")


class Article(Value):
    """Everything of a draft that a reader can see, and the writer's notes to the editor.

    `body` is Markdown without a level-one heading; a statement is cited by `[n]` after it.
    """

    title: str
    slug: str = ""
    summary: str = ""
    body: str
    seo_title: str = ""
    seo_description: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    cover: Cover | None = None
    editor_notes: tuple[str, ...] = Field(default=(), description="Never published.")
    written_by: str = Field(
        default="", description='Who wrote the body: "openai:NAME" or "offline writer". Never published.'
    )


class Problem(Value):
    where: str = Field(description="The words or the section it is about.")
    what: str
    remedy: str = ""
    criterion: Criterion | None = Field(default=None, description="The criterion that it violates.")


class CriterionScore(Value):
    criterion: Criterion
    score: int = Field(ge=0, le=100)
    evidence: str = Field(default="", description="Words of the draft, if any show it.")
    why: str = ""


class Critique(Value):
    """A language model's judgement of a draft: 0 is unusable, 100 needs no change.

    The score is computed from the criteria; critiques of earlier releases have none.
    """

    score: int = Field(ge=0, le=100)
    summary: str = ""
    criteria: tuple[CriterionScore, ...] = ()
    problems: tuple[Problem, ...] = ()


class Seo(Value):
    """What search results and teasers show. Models count badly, so the stage cuts what is too long."""

    seo_title: str = Field(description="At most 60 characters.")
    seo_description: str = Field(description="At most 155 characters.")
    summary: str = Field(description="Two or three sentences.")
    tags: tuple[str, ...] = ()


class FactualClaim(Value):
    """An entry of the claim ledger: a factual sentence of a text, and what its sources say of it."""

    number: int = Field(ge=1, description="Its place among the factual sentences of the text.")
    text: str = Field(description="As readers see it, without citations.")
    section: str = ""
    citations: tuple[int, ...] = ()
    source: int | None = Field(default=None, description="The source with the nearest passage.")
    start: int = Field(default=0, ge=0, description="Where the passage begins in SourceText.text.")
    end: int = Field(default=0, ge=0)
    passage: str = Field(default="", description="What stands there: SourceText.text[start:end].")
    sha256: str = Field(default="", description="Of the bytes that this source was read from.")
    reader: str = Field(default="", description="Which read them, with its version.")
    score: float = Field(default=0.0, ge=0.0, le=1.0, description="How much of the sentence the passage has.")
    verdict: ClaimVerdict
    why: str = Field(default="", description="One sentence for the editor.")


class CheckResult(Value):
    """What one quality check found. A check that did not run is skipped, never passed."""

    check: str = Field(description="The check's name, stable across versions.")
    status: CheckStatus
    message: str = Field(description="One sentence for the editor; for skipped, why it did not run.")
    evidence: tuple[str, ...] = Field(default=(), description="The words of the draft it is about.")
    severity: Literal["veto", "advisory"] = "advisory"
    applies: bool = Field(default=True, description="False: it was skipped as there was nothing to check.")
    points: int = Field(default=0, ge=0, description="What its failure takes off the score.")


CRITIQUE_CHECK = "critique"
"""The check that is skipped when the critique failed."""


class Assessment(Value):
    results: tuple[CheckResult, ...]
    critique: Critique | None = None
    claims: tuple[FactualClaim, ...] | None = None
    """None: the sentences were not compared with the sources, so nothing is known about them."""
    check_rules: tuple[CheckRule, ...] = ()
    """Of the desk, as they were in force."""

    @property
    def vetoes(self) -> tuple[CheckResult, ...]:
        return tuple(
            result
            for result in self.results
            if result.status == CheckStatus.FAILED and result.severity == "veto"
        )

    @property
    def score(self) -> int | None:
        """0–100: what the critic says, less what failed checks cost; without a critic, the checks passed.

        A veto caps the score below every useful threshold. None when nothing ran, or the critique failed.
        """
        parts = self.score_parts
        return sum(part.points for part in parts) if parts else None

    @property
    def score_parts(self) -> tuple[ScorePart, ...]:
        """How the score comes about; empty when there is none."""
        if self.critique is None and any(result.check == CRITIQUE_CHECK for result in self.results):
            return ()
        return score_parts(self.results, self.critique.score if self.critique else None)

    @property
    def standing(self) -> tuple[int, int]:
        """By which revisions are compared: of two with vetoes, the one with fewer findings is better."""
        return self.score or 0, -sum(max(1, len(result.evidence)) for result in self.vetoes)

    def meets(self, threshold: int) -> bool:
        """Whether the text is good enough: a veto stands against it whatever the threshold is."""
        return not self.vetoes and (self.score or 0) >= threshold


class Role(StrEnum):
    """What a model is asked for; settings may choose another model for each."""

    RESEARCH = "research"
    CREATIVE = "creative"
    QA = "qa"
    IMAGE = "image"
    PUBLISHING = "publishing"


class Step(Protocol):
    """Run a stage and save its output, or return the output saved by an earlier attempt."""

    async def __call__(
        self, stage: Callable[..., Awaitable[Output]], *inputs: object, key: str = ""
    ) -> Output: ...


class SaveVersion(Protocol):
    """Save an article as the next version of the draft; saving the same key twice is harmless."""

    async def __call__(self, article: Article, report: Assessment, *, reason: str, key: str) -> None: ...
