"""Patterns made of word lists: how sentences begin that lean on others, and what their verbs are."""

from __future__ import annotations

import re
from typing import Any

# Words of these run into the next one.
UNDIVIDED = frozenset({"zh", "ja", "th", "ko", "lo", "km", "my", "bo", "yue"})


def listed(lists: dict[str, Any], name: str) -> frozenset[str]:
    return frozenset(lists.get(name, "").lower().split())


def any_of(phrases: list[str], code: str) -> re.Pattern[str] | None:
    edge = "" if code in UNDIVIDED else r"\b"
    # Without IGNORECASE, `re` skips an alternative by its first letter.
    return re.compile(rf"{edge}(?:{'|'.join(phrases)}){edge}") if phrases else None


def leaning_start(lists: dict[str, Any], code: str) -> re.Pattern[str] | None:
    """Phrases; and words as well, where no blank ends them."""
    phrases = list(lists.get("leaning_phrases", []))
    if code in UNDIVIDED and code != "ko":
        phrases += sorted(listed(lists, "leaning"), key=len, reverse=True)
    edge = "" if code in UNDIVIDED else r"(?!\w)"
    return re.compile(rf"(?:{'|'.join(phrases)}){edge}") if phrases else None


def subjectless(lists: dict[str, Any], code: str) -> re.Pattern[str] | None:
    phrases = list(lists.get("subjectless", []))
    if code == "en":
        phrases += _english_verbs_first(lists)
    edge = "" if code in UNDIVIDED or code == "en" else r"\b"
    return re.compile(rf"(?:{'|'.join(phrases)}){edge}") if phrases else None


def _english_verbs_first(lists: dict[str, Any]) -> list[str]:
    """Instructions and lines of references: "Add support", "Returns the value", "Silently ignores it"."""
    verbs = [word.replace("_", " ") for word in lists["imperatives"].split()]
    of_third_person = [_third_person(verb) for verb in verbs]
    nouns = lists["nouns_and_verbs"].split()
    base = "|".join(verb.lower() for verb in verbs)
    after_adverb = "|".join(verb.lower() for verb in (*verbs, *of_third_person))
    return [
        rf"(?:{'|'.join((*verbs, *of_third_person))}){_NO_VERB_AFTER}",
        rf"(?:{'|'.join(nouns)}){_OBJECT}",
        rf"[A-Z][a-z]{{2,14}}ly (?:{after_adverb})\b",
        rf"(?:If|When|To|For|In|On|After|Before|Once|Until|Unless) [^,]{{1,120}}, (?:please )?(?:{base})\b",
        _VERB_FORMS,
    ]


def fragment(lists: dict[str, Any]) -> re.Pattern[str]:
    nouns = "|".join(lists["nouns_and_verbs"].split())
    return re.compile(
        rf"(?:The|An?|Several|Some|Any|All|Each|Every|Number|Type|New|Old|More|Fewer|Better|Further|Various|Minor"
        rf"|Initial|Output|Input|Workaround|Improvements?|Types?|Options?|{nouns})\b"
        r"|\S{1,30} (?:list|number|set|array|types?|names?) (?:of|to)\b"
    )


def finite_verb(lists: dict[str, Any], code: str) -> re.Pattern[str] | None:
    """What is a verb of a main clause; None where no verbs are listed."""
    if code == "en":
        return _english_verb(lists)
    verbs = lists.get("finite", "").split()
    if not verbs:
        return None
    known = rf"\b(?:{'|'.join(verbs)})\b"
    if code != "de":
        return re.compile(known, re.IGNORECASE)
    others = "|".join(lists["no_verbs"].split())
    # "sorgt", "erklärte": not "bekannt", "gesagt", "die zweite".
    return re.compile(
        rf"{known}|\b(?!(?:{others})\b)(?!ge[a-zäöüß]{{3,20}}t\b)[a-zäöüß]{{2,24}}t\b"
        r"|(?<=[A-ZÄÖÜ])[a-zäöüß]{1,24} (?!erste|zweite|dritte|letzte|heute)[a-zäöüß]{2,24}ten?\b"
    )


def noun_or_verb(lists: dict[str, Any]) -> re.Pattern[str]:
    return re.compile(rf"(?:Only |While there, )?(?:{'|'.join(lists['nouns_and_verbs'].split())})\b(?!-)")


def _english_verb(lists: dict[str, Any]) -> re.Pattern[str]:
    """Auxiliaries, pasts, verbs before an object, and known verbs after a plural."""
    verbs = [word.lower() for word in lists["imperatives"].split() if "_" not in word and "'" not in word]
    of_third_person = "|".join(map(_third_person, verbs))
    return re.compile(
        r"\b(?:is|are|was|were|has|have|had|can|cannot|could|will|would|may|might|must|should|does|did|do"
        rf"|{'|'.join(lists['irregular_pasts'].split())}|{of_third_person})\b"
        r"|(?<!\bthe )(?<!\ba )(?<!\ban )(?<!\bfor )(?<!\bof )(?<!ly )\b[a-z]{2,14}ed\b(?! by\b)"
        r"|\b[a-z]{2,14}s (?:a|an|the|its|their|his|her|this|no|any|each|every|some|many|one|two|three|not"
        r"|also|only|more|less|most|about|nearly|well|\d)\b"
        rf"|s (?:give|make|take|grow|{'|'.join(verbs)})\b"
    )


def _third_person(verb: str) -> str:
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if verb.endswith("y") and verb[-2:-1] not in "aeiou" else f"{verb}s"


_NO_VERB_AFTER = r"\b(?! (?:is|are|was|were|ha[sd]|have|can|could|will|would|may|must|of)\b)(?!-)"
_OBJECT = (
    r"(?: (?:a|an|the|all|any|each|every|for|up|out|to|on|off|your|only|if|when|more|and|[a-z]{2,14}ing) |, )"
)
# "Returns the value", "Added support": lines of references and change logs have no subject.
_VERB_FORMS = (
    r"(?!(?:United|Red|Need|Indeed|Speed|Seed|Feed|Weed|Reed|Breed|Sacred|Hundred|Shed|Bed|Med|Fred|Alfred"
    r"|Ahmed|Mohammed|Ted|Ned|Jared|Wilfred)\b)[A-Z][a-z]{1,14}ed\b"
    r"|(?!Across|Towards|Unless|Versus|Regardless|Thus|Besides|Its|Was|Has|Does|Yes|Always|Perhaps|Sometimes)"
    r"[A-Z][a-z]{2,14}s (?:a|an|the|whether|if|its|this|these|any|no|one|each|every) "
)
