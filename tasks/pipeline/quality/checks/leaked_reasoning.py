"""Whether a model's reasoning, its prompt or an envelope of a data format is in the text."""

from __future__ import annotations

import re

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, passed_unless
from tasks.pipeline.quality.inspected_draft import InspectedDraft

_LEAK = re.compile(
    r"</?(?:think|thinking|reasoning|scratchpad|analysis|answer|output|system|assistant|instructions?)>"
    r"|<\|[a-z_]+\|>|\[/?INST\]|\bas an? (?:AI|artificial intelligence|large language"
    r"|language)(?: language)? (?:model|assistant)\b|\bI (?:cannot|can't|am unable to|will not) (?:fulfil"
    r"|fulfill|assist|comply|help with)\b|\bmy (?:training data|knowledge cut-?off)\b"
    r"|^[^\w\n]{0,20}(?:sure|certainly|of course|okay|absolutely)[,!.:]? (?:here|I|let)\b"
    r"|^[^\w\n]{0,20}here(?:'s| is) (?:the|your|an?) (?:\w+ )?(?:article|draft|revised|text|post"
    r"|version)\b|^[^\w\n]{0,20}(?:let me|let's|I'll|I will|I need to) (?:think|start|write|draft"
    r"|analy[sz]e|plan)\b|\bthe (?:user|prompt|brief) (?:wants|asks|asked) (?:me|(?:for )?an? (?:article"
    r"|post|draft|text))\b|^[^\w\n]{0,20}(?:system|user|assistant|human) ?: |\blet me know if you(?:'d"
    r"| would)? (?:like|want|need)\b|\bI hope this (?:helps|article|draft)\b|\bword count ?: ?\d+",
    re.IGNORECASE | re.MULTILINE,
)
_ENVELOPE = re.compile(
    r"\A\s*(?:```(?:json|markdown|md|yaml)\b|\{\s*\"|\[\s*\{)"
    r"|^[ \t]{0,20}\"(?:title|body|summary|content|sections|slug|seo_title)\"\s*:|\\n\\n|\\\"",
    re.MULTILINE,
)


def leaked_reasoning(draft: InspectedDraft) -> CheckOutcome:
    """No reasoning, echo of the prompt, or envelope of a data format is in the text."""
    found = [match[0].strip() for text in draft.reader_texts for match in _LEAK.finditer(text)]
    found += [match[0].strip() for match in _ENVELOPE.finditer(draft.body)]
    for words in (draft.brief.brief, *draft.brief.category_guidance, *draft.brief.guidance):
        # An instruction of some length in the text was copied from the prompt.
        echo = " ".join(words.split())
        if len(echo) >= 60 and echo in draft.plain:
            found.append(echo)
    return passed_unless(
        found, ok="The text contains only the article.", bad="{n} passages are not part of an article."
    )


CHECK = Check("leaked_reasoning", "veto", leaked_reasoning)
