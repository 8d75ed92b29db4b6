"""Which sentences can stand alone when quoted: whole, plain, and clear without the text around them."""

from __future__ import annotations

import re

from tasks.pipeline.text.languages import UNDIVIDED, WORD, Language
from tasks.pipeline.text.sentences import CITATION_MARK
from tasks.pipeline.text.words import CHARACTERS_A_WORD, word_count

MIN_WORDS, MAX_WORDS = 8, 38
"""Of a sentence that is quoted; times `CHARACTERS_A_WORD` in Chinese and Japanese."""
# Thai and Lao have no mark for the end of a sentence.
WITHOUT_END_MARK = frozenset({"th", "lo"})
_MARKS = ".!?…。｡！？．؟۔।॥။៕។։።፧།"
_END = re.compile(rf"[{_MARKS}][\"”’')»“›」』”）)]{{0,4}}\Z")
_ASKS_OR_SHOUTS = re.compile(r"[?!？！؟;፧\u037e՞][\"”’'»)“›」』）]{0,4}\Z")
# What Markdown would act upon, or belongs to code, tables, mail and web addresses.
_MARKUP = re.compile(r"[*_`\[\]<>#|\\~^{}=@]|&#?\w{1,12};|://|\bwww\.|\.{4,}|  |(?<!\w)--\w|\w\(\)")
_LIST_START = re.compile(r"(?:\(?\d{1,9}[.)]\s|\(?[a-zA-Zа-я][.)]\s|[^\w\"“”„‟‘'(«»¿¡「『（《〈“])")
_FIRST_PERSON = re.compile(r"\b(?:I|I'm|I've|we|We|our|Our|us|my|My|you|You|your|Your)\b")
_AUXILIARY = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|cannot|could|will|would|may|might|must|should|does|did"
    r"|[a-z]{2,12}ed)\b"
)
_SUBORDINATE = re.compile(
    r"\([^()]{1,200}\)"
    r"| (?:that|which|who|whose|whom|where|when|if|unless|while|because|used|given|passed|to) [^,;:]{1,200}"
)
_MAY_BE_VERB = re.compile(r"\s[a-z]{2,20}(?:s|ed)\b|\b[a-z]{3,20}s [a-z]{3,20} ")
_PAIRS = (("(", ")"), ("«", "»"), ("「", "」"), ("『", "』"), ("（", "）"), ("《", "》"))
_CITED_AT_END = re.compile(rf"(?<=[{_MARKS}\"”’')»“」』）])(?:[ ]?{CITATION_MARK}){{1,9}}(?::\d{{1,4}})?\Z")
_ENDS_OF_MARKS = frozenset("]］〕¹²³⁰⁴⁵⁶⁷⁸⁹0123456789")
_CITED = re.compile(rf"[ ]?{CITATION_MARK}")


def without_marks_at_end(sentence: str) -> str:
    """A sentence without the source's own citation marks after it, which would look like ours."""
    return _CITED_AT_END.sub("", sentence) if sentence[-1:] in _ENDS_OF_MARKS else sentence


def without_marks(sentence: str) -> str:
    """A sentence without any of the source's own citation marks."""
    return _CITED.sub("", sentence)


def is_heading(paragraph: str) -> bool:
    """Whether a paragraph is a title rather than a statement; for texts whose blocks have no kinds."""
    return len(paragraph) <= 120 and not _END.search(paragraph)


def is_whole(sentence: str, of: Language) -> bool:
    """Whether a sentence has an end mark, a beginning, and no markup in it."""
    has_end = of.code in WITHOUT_END_MARK or _END.search(sentence) is not None
    return has_end and is_plain(sentence) and not sentence[:1].islower()


def is_plain(sentence: str) -> bool:
    """Whether a sentence shows in Markdown as it is written here."""
    return not _MARKUP.search(sentence) and not _LIST_START.match(sentence)


def has_length(sentence: str, of: Language, least: int, most: int) -> bool:
    """Whether it has so many words, or as many characters as say that much."""
    if len(sentence) > 40 * most:
        return False
    scale = CHARACTERS_A_WORD.get(of.code, 1.0)
    return least * scale <= word_count(sentence) <= most * scale


def stands_alone(sentence: str, of: Language, *, is_item: bool = False) -> bool:
    """Whether a reader who has not read the source understands the sentence.

    The measure errs on the strict side: a good sentence lost matters less than a puzzling one quoted. An
    item of a list is often no sentence, whatever its full stop says.
    """
    if not has_length(sentence, of, MIN_WORDS, MAX_WORDS) or not is_whole(sentence, of):
        return False
    if _ASKS_OR_SHOUTS.search(sentence) or not _is_balanced(sentence) or leans(sentence, of):
        return False
    if of.not_prose and of.not_prose.search(sentence):
        return False
    if of.code == "en" and (_FIRST_PERSON.search(sentence) or not _has_verb(sentence, is_item)):
        return False
    return _is_prose(sentence)


def _has_verb(sentence: str, is_item: bool) -> bool:
    """Whether the main clause of an English sentence may have a verb: "The name of the file." has none."""
    main = _SUBORDINATE.sub(" ", sentence)
    return bool(_AUXILIARY.search(main) or (not is_item and _MAY_BE_VERB.search(main)))


def leans(sentence: str, of: Language) -> bool:
    """Whether it leans on the sentence before it, or lacks a subject that the text around it gives."""
    bare = sentence.lstrip("\"“„«»‘'「『（(")
    first = WORD.match(bare)
    word = first[0].lower().replace("’", "'") if first else ""
    if of.code not in UNDIVIDED or of.code == "ko":
        is_existential = of.code == "en" and sentence.startswith(("There are ", "There is "))
        if (word in of.leaning or word.partition("'")[0] in of.leaning) and not is_existential:
            return True
    if of.leaning_start and of.leaning_start.match(bare):
        return True
    if of.subjectless and of.subjectless.match(bare):
        return True
    return bool(of.pointing_back and of.pointing_back.search(sentence))


def _is_balanced(sentence: str) -> bool:
    """Whether quotation marks and brackets come in pairs; German closes with what English opens."""
    curly = sum(map(sentence.count, "“”„"))
    return not (sentence.count('"') % 2 or curly % 2) and all(
        sentence.count(one) == sentence.count(other) for one, other in _PAIRS
    )


def _is_prose(sentence: str) -> bool:
    words = WORD.findall(sentence)
    letters = sum(len(word) for word in words if not word.isdigit())
    shouted = sum(len(word) > 3 and word.isupper() for word in words)
    commas = sentence.count(",") + sentence.count("、")
    return letters >= 0.65 * len(sentence) and shouted <= len(words) // 4 and commas <= 7
