"""Recognises a reply that is a refusal in prose. An article may quote one; a refusal is nothing else."""

from __future__ import annotations

import re

from tasks.pipeline.text.reply_phrases import PHRASES, plain

LONGEST = 1_500
"""A longer text that begins like a refusal goes on to do what was asked."""
ARTICLE = re.compile(r"^#{1,3} |\[\d{1,3}\]|^\|", re.MULTILINE)
APOLOGY = (
    r"(?:(?:(?:oh,? )?(?:i'm|i am|we're|we are)(?: (?:so|very|really|truly))? sorry|sorry"
    r"|(?:my |i )?apolog(?:i[sz]e|ies|y)(?: for \w+ \w+)?|unfortunately|regrettably|no"
    r"|thank you for[^.!\n]{0,80}|i (?:understand|appreciate)[^.!\n]{0,120})"
    r"[,.!:;—–-]{0,2} (?:but |however,? |and )?)?"
)
REFUSAL = re.compile(
    f"{APOLOGY}(?:{'|'.join(PHRASES['refusals_en'])})|{'|'.join(PHRASES['refusals'])}", re.IGNORECASE
)
ONLY_SORRY = re.compile(
    r"(?:i'm|i am) (?:very |so )?sorry,? (?:but )?(?:i (?:can't|cannot)|that(?:'s| is) (?:not|something))",
    re.IGNORECASE,
)


def is_refusal(text: str) -> bool:
    """Whether a whole reply says that its model does not write it."""
    if len(text) > LONGEST or ARTICLE.search(text):
        return False
    start = plain(text).lstrip(" \r\n*_>")
    return bool(REFUSAL.match(start) or ONLY_SORRY.match(start))
