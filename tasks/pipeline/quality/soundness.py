"""Checks for text that is not part of an article: placeholders, leaks, cut ends."""

from __future__ import annotations

import re

from tasks.pipeline.quality.check_results import (
    CheckOutcome,
    failed,
    not_applicable,
    passed,
    passed_unless,
    skipped,
)
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.text.digest_phrases import is_digest
from tasks.pipeline.text.languages import language_name, primary_language

_PLACEHOLDER = re.compile(
    r"\[(?:insert|add|your|todo|tbd|placeholder|image|photo|picture|link|url|source|citation|name|date"
    r"|number|company|author|xx+)\b[^\]]{0,200}\](?!\()|\{\{[^}]{0,200}\}\}|<(?:insert|your|placeholder"
    r"|image)[^>]{0,200}>|\blorem ipsum\b"
    # In capitals only: "todo" is a word in Spanish and Portuguese.
    r"|(?-i:\bTODO\b|\bTBD\b|\bFIXME\b|\bXXX+\b|\bXX+ ?(?:%|percent))|\]\(\s{0,9}(?:#|url|link)?\s{0,9}\)"
    r"|\[\?+\]|\[n\]|\[citation[^\]]{0,200}\]|\binsert (?:image|link|citation|source) here\b",
    re.IGNORECASE,
)
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
_ENDS_WELL = re.compile(r"[.!?…:。！？：．｡।॥۔؟։።][\"”’')\]»“*_」』）】》〉›‹«]*$|\|$|^(?:```|~~~)$")
# Their sentences end with a blank, or with nothing.
_WITHOUT_END_MARKS = frozenset({"th", "lo", "km", "my", "bo"})


def placeholders(draft: InspectedDraft) -> CheckOutcome:
    """No image, link, citation or name is still to be filled in."""
    found = [match[0] for text in _texts(draft) for match in _PLACEHOLDER.finditer(text)]
    return passed_unless(
        found, ok="There are no placeholders.", bad="{n} placeholders still have to be filled in."
    )


def leaked_reasoning(draft: InspectedDraft) -> CheckOutcome:
    """No reasoning, echo of the prompt, or envelope of a data format is in the text."""
    found = [match[0].strip() for text in _texts(draft) for match in _LEAK.finditer(text)]
    found += [match[0].strip() for match in _ENVELOPE.finditer(draft.body)]
    for words in (draft.brief.brief, *draft.brief.category_guidance, *draft.brief.guidance):
        # An instruction of some length in the text was copied from the prompt.
        echo = " ".join(words.split())
        if len(echo) >= 60 and echo in draft.plain:
            found.append(echo)
    return passed_unless(
        found, ok="The text contains only the article.", bad="{n} passages are not part of an article."
    )


def truncated(draft: InspectedDraft) -> CheckOutcome:
    """The text ends with a whole sentence, and every block of code is closed."""
    lines = [line.strip() for line in draft.body.split("\n") if line.strip()]
    if not lines:
        return skipped("The text is empty.")
    last = re.sub(r"(\s*\[[\d,;\s–-]+\])+$", "", lines[-1][-300:]).strip()
    if sum(line.startswith(("```", "~~~")) for line in lines) % 2:
        return failed("A block of code is never closed.", [lines[-1]])
    if last.startswith("#"):
        return failed("The text ends with a heading.", [lines[-1]])
    is_item = re.match(r"([-*+]|\d+[.)])\s", last) is not None
    if primary_language(draft.brief.language) in _WITHOUT_END_MARKS and not _ENDS_WELL.search(last):
        name = language_name(primary_language(draft.brief.language))
        return not_applicable(f"Sentences in {name} end without a mark, so a cut one cannot be recognised.")
    if not _ENDS_WELL.search(last) and not (is_item and len(last.split()) <= 12 and not last.endswith(",")):
        return failed("The text ends in the middle of a sentence.", [lines[-1][-200:]])
    return passed("The text ends with a whole sentence.")


def finished(draft: InspectedDraft) -> CheckOutcome:
    """The text does not call itself a digest, which is material and no article."""
    if is_digest(draft.body):
        return failed("The text is a digest of quoted sentences: rewrite it, then remove its label.")
    return passed("The text is meant to be read as an article.")


def _texts(draft: InspectedDraft) -> tuple[str, ...]:
    article = draft.article
    return (article.title, article.summary, draft.body, article.seo_title, article.seo_description)
