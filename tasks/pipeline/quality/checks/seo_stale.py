"""Whether the SEO texts still say what the article says, after a change of it."""

from __future__ import annotations

import re

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, passed_unless, skipped
from tasks.pipeline.quality.comparable_words import comparable_words, is_spaceless
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.names import NOUNS_HAVE_CAPITALS, are_one_name, is_like_no_noun
from tasks.pipeline.text.figures import figure_index, figures, is_claimed
from tasks.pipeline.text.languages import primary_language
from tasks.pipeline.text.typography import folded

_WORD = re.compile(r"[^\W\d_][^\W_]{0,80}")
_AFTER_WORD = re.compile(r"[\w,;)] $")
MOST_NAMED = 5
LEAST_LETTERS = 3
"""Of a name: initials and forms of address are none."""


def seo_stale(draft: InspectedDraft) -> CheckOutcome:
    """SEO title and description fit the text as it is now."""
    article = draft.article
    if not article.seo_title and not article.seo_description:
        return skipped("The text has no SEO title and description yet.")
    found = []
    before = draft.site.seo_texts_before
    if article.seo_title:
        reasons = _reasons(draft, article.seo_title, before.title if before else "", article.title)
        own, title = _words(draft, article.seo_title), _words(draft, article.title)
        if own and title and not is_spaceless(article.seo_title + article.title) and not own & title:
            reasons.insert(0, "no word of the title is in it")
        found += [f"SEO title “{article.seo_title}”: {'; '.join(reasons)}"] if reasons else []
    if article.seo_description:
        older = before.summary if before else ""
        reasons = _reasons(draft, article.seo_description, older, article.summary)
        found += [f"SEO description “{article.seo_description}”: {'; '.join(reasons)}"] if reasons else []
    return passed_unless(
        found,
        ok="The SEO texts fit the text.",
        one="1 SEO text may be out of date: read it again.",
        bad="{n} SEO texts may be out of date: read them again.",
    )


def _reasons(draft: InspectedDraft, seo: str, older: str, current: str) -> list[str]:
    """Why a SEO text no longer fits. `older` is what it was written for, in place of `current`."""
    text = f"{draft.article.title}\n{draft.article.summary}\n{draft.body}"
    reasons = []
    if lost := _lost_figures(draft, seo, text) + _lost_names(draft, seo, text):
        reasons.append(f"the text no longer has {', '.join(lost[:MOST_NAMED])}")
    if older and older != current:
        # What it shares with the older one alone.
        gone = (_words(draft, seo) & _words(draft, older)) - _words(draft, current)
        if gone:
            reasons.append(f"it was written for the earlier “{older}”")
    return reasons


def _words(draft: InspectedDraft, text: str) -> frozenset[str]:
    return comparable_words(text, draft.stems) - draft.filler


def _lost_figures(draft: InspectedDraft, seo: str, text: str) -> list[str]:
    code = primary_language(draft.brief.language)
    index = figure_index(text, code)
    lost = [one for one in figures(seo, code) if is_claimed(one) and not index.has(one)]
    return list(dict.fromkeys(seo[one.start : one.end] for one in lost))


def _lost_names(draft: InspectedDraft, seo: str, text: str) -> list[str]:
    """Acronyms, and words with a capital inside of a sentence, where capitals say something."""
    code = primary_language(draft.brief.language)
    says_something = code not in NOUNS_HAVE_CAPITALS and not (code == "en" and _has_title_case(seo))
    seo = seo.partition(" | ")[0]  # behind it the name of a site
    present = {folded(word) for word in _WORD.findall(text)}
    lost = []
    for match in _WORD.finditer(seo):
        word, is_inside = match[0], _AFTER_WORD.search(seo[max(0, match.start() - 2) : match.start()])
        is_name = is_like_no_noun(word) or (says_something and is_inside and word[0].isupper())
        if (
            is_name
            and len(word) >= LEAST_LETTERS
            and not any(are_one_name(folded(word), other) for other in present)
        ):
            lost.append(word)
    return list(dict.fromkeys(lost))


def _has_title_case(seo: str) -> bool:
    """As headlines in English may have it."""
    words = [word for word in _WORD.findall(seo) if len(word) > 3]
    return bool(words) and sum(word[0].isupper() for word in words) > len(words) / 2


CHECK = Check("seo_stale", "advisory", seo_stale)
