"""What a text is expected to need of language models: the calls of a run, with their tokens.

The figures are those of the pipeline's own prompts and bounds. What a desk's models really use differs by a
factor that `tasks.forecasts` takes from the desk's own history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from tasks.pipeline.stages.parts import AT_ONCE_WORDS
from tasks.pipeline.stages.prompt_parts import SOURCE_CHARACTERS
from tasks.pipeline.types import Role

CHARACTERS_A_TOKEN = 4
TOKENS_A_WORD = 1.5
"""Of English with its Markdown; other languages take more, which the history tells."""
PROMPT_TOKENS = 700
"""Of the instructions and the brief."""
NOTES_SHARE = 0.15
"""How much of the sources' length the notes on them have."""
PART_WORDS = 250
UNKNOWN_PAGE_CHARACTERS = 8_000
"""Of a page that was not fetched yet."""
SECONDS_A_CALL, TOKENS_A_SECOND = 2.0, 60.0


@dataclass(frozen=True)
class ExpectedCall:
    stage: str
    role: Role
    input_tokens: int
    output_tokens: int


def expected_calls(
    target_words: int, source_characters: Sequence[int], *, rounds: float
) -> tuple[ExpectedCall, ...]:
    """The calls of a run; `rounds` is how often a text is refined, on average."""
    text = round(TOKENS_A_WORD * target_words)
    whole = sum(source_characters)
    shown = min(whole, SOURCE_CHARACTERS) // CHARACTERS_A_TOKEN
    notes = round(NOTES_SHARE * whole / CHARACTERS_A_TOKEN)
    batches = ceil(whole / SOURCE_CHARACTERS) or 0
    calls = [
        ExpectedCall(
            "research",
            Role.RESEARCH,
            PROMPT_TOKENS + min(whole, SOURCE_CHARACTERS) // CHARACTERS_A_TOKEN,
            round(notes / batches),
        )
        for _ in range(batches)
    ]
    calls.append(ExpectedCall("outline", Role.CREATIVE, PROMPT_TOKENS + (notes or shown), 500))
    calls += _draft(target_words, text, shown, notes)
    judge = ExpectedCall("critique", Role.QA, PROMPT_TOKENS + shown + text, 900)
    refine = ExpectedCall("refine", Role.CREATIVE, PROMPT_TOKENS + 800 + shown + text, text)
    calls.append(judge)
    for share in _rounds(rounds):
        calls += [_scaled(refine, share), _scaled(judge, share)]
    calls.append(ExpectedCall("seo", Role.PUBLISHING, PROMPT_TOKENS + text, 250))
    return tuple(calls)


def expected_seconds(calls: Sequence[ExpectedCall]) -> float:
    return sum(SECONDS_A_CALL + call.output_tokens / TOKENS_A_SECOND for call in calls)


def _draft(target_words: int, text: int, shown: int, notes: int) -> list[ExpectedCall]:
    if target_words <= AT_ONCE_WORDS:
        return [ExpectedCall("draft", Role.CREATIVE, PROMPT_TOKENS + shown + notes, text)]
    parts = ceil(target_words / PART_WORDS)
    # Each part is shown its own sources, and the start of what is written before it.
    asked = PROMPT_TOKENS + (shown + notes) // 2 + text // 4
    return [ExpectedCall("draft", Role.CREATIVE, asked, text // parts) for _ in range(parts)]


def _rounds(rounds: float) -> list[float]:
    """1.5 rounds are one, and half a one."""
    whole = int(rounds)
    return [1.0] * whole + ([rounds - whole] if rounds > whole else [])


def _scaled(call: ExpectedCall, share: float) -> ExpectedCall:
    tokens = round(share * call.input_tokens), round(share * call.output_tokens)
    return ExpectedCall(call.stage, call.role, *tokens)
