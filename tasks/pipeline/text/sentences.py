"""Sentences of a text, and which of them can stand alone when quoted."""

from __future__ import annotations

import re

from tasks.pipeline.text.languages import WORD, Language

MIN_WORDS, MAX_WORDS = 8, 38
# How far back an abbreviation is looked for.
LOOK_BACK = 40

_BOUNDARY = re.compile(r"[.!?…]{1,9}[\"”’')\]»“]{0,4}\s+(?=[\"“„‘'(«¿¡]*[^\W_a-zà-öø-ÿ])")
_LAST_TOKEN = re.compile(r"([^\s(\"“„«]+?)[.!?…]+[\"”’')\]»“]*\s*$")
_END = re.compile(r"[.!?…][\"”’')»“]*$")
# Characters that Markdown would act upon, or that belong to code, tables, mail and web addresses.
_MARKUP = re.compile(r"[*_`\[\]<>#|\\~^{}=@]|&#?\w+;|://|\bwww\.|\.{4,}|  ")
_LIST_START = re.compile(r"^(\d{1,9}[.)]\s|[^\w\"“„‘'(«¿¡])")


def _any_of(*phrases: str) -> str:
    return "(" + "|".join(phrases) + ")"


_NOT_PROSE = re.compile(
    r"\b"
    + _any_of(
        "click|subscribe|newsletter|cookies?|log ?in|sign up|contact us|follow us|share this",
        "all rights reserved|copyright|terms of use|privacy policy|our (website|page)",
        "(read|learn|find out) more|download (the|our|now)",
        "as (mentioned|noted|described|shown|discussed|we saw)",
        "see (also|above|below|fig|figure|table|section|chapter|page)",
        "(above|below|following) (table|figure|list|section|chart)",
        "in this (article|post|section|chapter|guide|paper)",
        "jetzt (anmelden|bestellen|lesen)|hier klicken|siehe (oben|unten)",
        "cliquez|en savoir plus|haga clic|clicca qui|klik hier|clique aqui",
    )
    + r"\b",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(r"\b(I|I'm|I've|we|We|our|Our|us|my|My|you|You|your|Your)\b")
_LEANING_START = re.compile(
    "^"
    + _any_of(
        "for (example|instance|the same)",
        "in (addition|contrast|turn|other words|short|fact|both|the same|such)",
        "as (a result|such|a consequence)",
        "by (contrast|comparison)",
        "(at|on) (the same|the other|that)",
        "(one|two|some|many|most|all|none|each|few|half) of (them|which)",
        "the (same|former|latter|others?|first|second|third|last|two|three|rest)",
        "the (authors?|researchers|study|studies|paper|report|team|results?)",
        "the (answer|reason|difference|effects?)",
        "(until|after|before|since|with|from|despite|under|unlike|like|besides) (then|that|them|it)",
        "not (so|only)|that is|(a |an )?(second|third|similar|further|better|worse|different)",
    )
    + r"\b",
    re.IGNORECASE,
)
# Words inside a sentence that point back to the one before it.
_POINTING_BACK = re.compile(
    r"\b"
    + _any_of(
        "therefore|thus|hence|however|nevertheless|nonetheless|consequently|accordingly",
        "these|this|the (former|latter)",
        r"those(?! (who|that|of|with|in|which|whose|from|for|living|without)\b)",
    )
    + r"\b",
    re.IGNORECASE,
)


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, each on one line."""
    return [line for block in re.split(r"\n\s*\n", text) if (line := " ".join(block.split()))]


def sentences(paragraph: str, of: Language) -> list[str]:
    """Split a paragraph; each sentence is, but for white space, a verbatim part of it."""
    text = " ".join(paragraph.split())
    found, start = list[str](), 0
    for match in _BOUNDARY.finditer(text):
        if not _is_abbreviation(text[max(start, match.end() - LOOK_BACK) : match.end()], of):
            found.append(text[start : match.end()].strip())
            start = match.end()
    return [sentence for sentence in [*found, text[start:].strip()] if sentence]


def is_heading(paragraph: str) -> bool:
    """Whether a paragraph is a title rather than a statement."""
    return len(paragraph) <= 120 and not _END.search(paragraph)


def is_whole(sentence: str) -> bool:
    """Whether a sentence has an end mark, a beginning, and no markup in it."""
    return bool(_END.search(sentence)) and is_plain(sentence) and not sentence[:1].islower()


def is_plain(sentence: str) -> bool:
    """Whether a sentence shows in Markdown as it is written here."""
    return not _MARKUP.search(sentence) and not _LIST_START.match(sentence)


def stands_alone(sentence: str, of: Language) -> bool:
    """Whether a reader who has not read the source understands the sentence.

    The measure errs on the strict side: a good sentence lost matters less than a puzzling one quoted.
    """
    words = WORD.findall(sentence)
    if not MIN_WORDS <= len(words) <= MAX_WORDS or not is_whole(sentence):
        return False
    if words[0].lower() in of.leaning and not sentence.startswith(("There are ", "There is ")):
        return False
    if sentence.rstrip("\"”’'»").endswith(("?", "!")) or _NOT_PROSE.search(sentence):
        return False
    if of.code == "en" and any(
        pattern.search(sentence) for pattern in (_LEANING_START, _FIRST_PERSON, _POINTING_BACK)
    ):
        return False
    return _is_balanced(sentence) and _is_prose(sentence, words)


def _is_abbreviation(so_far: str, of: Language) -> bool:
    """Whether the full stop at the end belongs to the word before it."""
    match = _LAST_TOKEN.search(so_far)
    token = match[1] if match else ""
    if so_far.rstrip("\"”’')]»“ ").endswith(("!", "?", "…")):
        return False
    is_initial = len(token) == 1 and token.isalpha() and token.isupper()
    # "am 3. Mai": in German a number with a full stop is an ordinal.
    is_ordinal = of.code == "de" and token.isdigit() and len(token) <= 2
    return is_initial or is_ordinal or token.lower() in of.abbreviations


def _is_balanced(sentence: str) -> bool:
    """Whether quotation marks and brackets come in pairs; German closes with what English opens."""
    curly = sum(map(sentence.count, "“”„"))
    pairs = (("(", ")"), ("«", "»"))
    return not (sentence.count('"') % 2 or curly % 2) and all(
        sentence.count(one) == sentence.count(other) for one, other in pairs
    )


def _is_prose(sentence: str, words: list[str]) -> bool:
    letters = sum(character.isalpha() for character in sentence)
    shouted = sum(word.isupper() and len(word) > 3 for word in words)
    return letters >= 0.65 * len(sentence) and shouted <= len(words) // 4 and sentence.count(",") <= 7
