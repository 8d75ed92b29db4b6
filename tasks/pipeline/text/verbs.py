"""Whether the main clause of a sentence may have a finite verb: "The name of the file." has none."""

from __future__ import annotations

import re
from itertools import pairwise

from tasks.pipeline.text.languages import Language
from tasks.pipeline.text.words import WORD

SHORT_CLAUSE = 5
_AUXILIARY = re.compile(r"\b(?:is|are|was|were|has|have|had|can|could|will|would|may|must|should|did|does)\b")
# "The value used for sorting", "a number indicating how many there are": nothing in them is the main verb.
_PARTICIPLES = (
    "used|given|passed|provided|specified|required|needed|associated|related|supported|defined|included|listed"
    "|named|called|based|stored|installed|returned|created|generated|derived|expected|desired|requested|caused"
    "|described|intended|designed|reserved|separated|prefixed|preceded|followed|written|shown|found|made"
)
_SUBORDINATE = re.compile(
    r"\([^()]{1,200}\)"
    r"| (?:that|which|who|whose|whom|where|when|whenever|if|unless|while|because|before|after|until"
    r"|indicating|specifying|containing|representing|describing|denoting|identifying|holding|giving|defining"
    rf"|(?:{_PARTICIPLES}) (?:for|in|by|with|from|on|at|to|as|of|when)|used|given|passed|to) [^,;:]{{1,200}}"
)
# "Using common defaults will help", not "Using a copy for tests".
_GERUND = re.compile(r"[A-Z][a-z]{1,14}ing\b")
_AFTER_GERUND = re.compile(
    r"\b(?:makes?|takes?|gives?|causes?|allows?|helps?|leads?|led|means|requires?|needs|costs?|became|reduces?|reduced"
    r"|increases?|improves?|keeps?|saves?|said|says|told|works?|remains?|results?|feels?|felt|gets?|got|brings?"
    r"|brought|took|made|gave)\b"
)
_ENDING = re.compile(r"[a-z]{2,20}(?:s|ed)\Z")
_BASE_FORM = re.compile(
    r"(?!than|into|onto|over|under|about|between|without|within|only|such|like|per\b|via\b|not\b|but\b)"
    r"[a-z]{3,14}(?<!ed)(?<!ing)(?<!s)(?<!ly)\Z"
)
_BEFORE_NOUNS = frozenset({
    "a", "an", "the", "of", "in", "for", "by", "with", "from", "on", "at", "to", "as", "and", "or", "its",
    "their", "his", "her", "our", "your", "this", "these", "those", "no", "any", "all", "some", "many",
    "several", "most", "few", "both", "each", "every", "other", "two", "three", "four", "five", "six",
    "more", "various", "different", "new", "old", "non", "fully", "highly", "newly", "well",
})  # fmt: skip
_GERMAN_RELATIVE = re.compile(
    r", (?:[a-zäöüß]{2,8} )?(?:der|die|das|den|dem|denen|dessen|deren|welche[rsnm]?|wo|wie|dass|ob|weil"
    r"|wenn|damit|sodass|um) [^,;:–]{1,200}|\([^()]{1,200}\)"
)
_GERMAN_BEFORE_ADJECTIVES = re.compile(
    r"(?:d(?:er|ie|as|en|em|es)|(?:k?ein|mein|dein|sein|ihr|unser|jed|dies|all|viel|beid|einig|manch|welch)\w{0,2}"
    r"|i[mn]|a[mn]|auf|aus|bei|beim|mit|nach|von|vom|zu[mr]?|für|ohne|gegen|unter|über|vor|zwischen|neben|durch|als"
    r"|und|oder|sehr|\w{3,}(?:en|em|er|es|e))\Z"
)


def has_verb(sentence: str, of: Language, is_item: bool) -> bool:
    """Whether it may have one; True in languages whose verbs are not known. Items need a plain one."""
    if of.verb is None:
        return True
    if of.fragment is not None:
        return _has_english_verb(sentence, of, of.verb, is_item or bool(of.fragment.match(sentence)))
    if of.code == "de":
        return _has_german_verb(sentence, of, of.verb)
    return not is_item or of.verb.search(sentence) is not None


def _has_english_verb(sentence: str, of: Language, verb: re.Pattern[str], is_fragment: bool) -> bool:
    main = _SUBORDINATE.sub(" ", sentence)
    if of.noun_or_verb and of.noun_or_verb.match(sentence):
        # "Move calls to a file, it is shorter" against "Change logs are files".
        return _AUXILIARY.search(main.partition(",")[0]) is not None
    if _AUXILIARY.search(main):
        return True
    if _GERUND.match(sentence):
        return _AFTER_GERUND.search(main) is not None
    if verb.search(main):
        return True
    return not is_fragment and main.count(" ") >= SHORT_CLAUSE and _may_have_english_verb(main)


def _may_have_english_verb(main: str) -> bool:
    """A word with the ending of one, where no noun must stand, and not at the end."""
    tokens = main.split()
    return any(
        (_ENDING.match(token) and before.lower() not in _BEFORE_NOUNS and after not in ("of", "by"))
        # "Avenues of chestnuts suffer from it": after a plural.
        or (before.endswith("s") and _BASE_FORM.match(token) and token not in _BEFORE_NOUNS)
        for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False)
    )


def _has_german_verb(sentence: str, of: Language, verb: re.Pattern[str]) -> bool:
    main = _GERMAN_RELATIVE.sub(" ", sentence)
    if verb.search(main):
        return True
    found = list(WORD.finditer(main))
    for before, match in pairwise(found):
        word = match[0]
        if not word[0].islower() or not word.endswith(("en", "ln", "rn", "te")) or word in of.stop_words:
            continue
        if (word.startswith("ge") and len(word) > 5) or main[match.end() : match.end() + 1] in (",", ".", ""):
            continue  # a participle, or what is no verb in the second place
        # "den alten Hafen" is no verb, "die Schiffe liegen" is one.
        if not _GERMAN_BEFORE_ADJECTIVES.match(before[0].lower()) or before[0][0].isupper():
            return True
    return False
