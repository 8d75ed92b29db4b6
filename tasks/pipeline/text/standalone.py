"""Which sentences can stand alone when quoted: whole, plain, and clear without the text around them."""

from __future__ import annotations

import re

from tasks.pipeline.text.fragments import is_in_language, is_run_together
from tasks.pipeline.text.languages import WORD, Language
from tasks.pipeline.text.sentences import CITED
from tasks.pipeline.text.verbs import has_verb
from tasks.pipeline.text.word_patterns import UNDIVIDED
from tasks.pipeline.text.words import CHARACTERS_A_WORD, word_count

MIN_WORDS, MAX_WORDS = 8, 38
"""Of a sentence that is quoted; times `CHARACTERS_A_WORD` in Chinese and Japanese."""
SAYS_MORE_IN_A_WORD = frozenset({
    "ko", "fi", "et", "hu", "tr", "eu", "ar", "he", "fa", "ru", "uk", "be", "pl", "cs", "sk", "lt", "lv",
    "hr", "sr", "sl", "bg", "ka", "hy", "ta", "te", "ml", "kn",
})  # fmt: skip
"""Languages with endings for what others have articles, pronouns and prepositions for."""
FEWER_WORDS = 0.7
# Thai and Lao have no mark for the end of a sentence.
WITHOUT_END_MARK = frozenset({"th", "lo"})
_MARKS = ".!?…。｡！？．؟۔।॥။៕។։።፧།"
_END = re.compile(rf"[{_MARKS}][\"”’')»“›」』”）)]{{0,4}}\Z")
# "The project was …": where teasers break off.
_ASKS_SHOUTS_OR_BREAKS_OFF = re.compile(
    r"(?:\.\.|…)[\"”’'»)“]{0,4}\Z|[?!？！؟;፧\u037e՞][\"”’'»)“›」』）]{0,4}\Z"
)
# What Markdown would act upon, or belongs to code, tables, mail and web addresses.
_MARKUP = re.compile(r"[*_`\[\]<>#|\\~^{}=@]")
_ENTITY = re.compile(r"&#?\w{1,12};")
_FLAG = re.compile(r"(?<!\w)--\w")
_LIST_START = re.compile(r"(?:\(?\d{1,9}[.)]\s|\(?[a-zA-Zа-я][.)]\s|[^\w\"“”„‟‘'(«»¿¡「『（《〈“])")
_FIRST_PERSON = re.compile(r"\b(?:I|I'm|I've|we|We|our|Our|us|my|My|you|You|your|Your)\b")
# "Default: …", "Figure 3 shows", "wie Abb. 2 zeigt": a label, or what is not quoted with it.
_LABEL = re.compile(r"\S{1,30}(?: \S{1,30}){0,3}: ")
_FIGURE_OR_TABLE = re.compile(
    r"\b(?:Listing|Figure|Fig|Table|Tab|Appendix|Chapter|Section|Abbildung|Abb|Tabelle|Abschnitt|Kapitel|Anhang"
    r"|Tableau|Chapitre|Figura|Tabla|Tabela|Tabella|Cuadro|Capítulo|Capitolo|Рис|Рисун[а-я]{1,3}|Таблиц[а-я]|Rys|Obr"
    r"|Kuva|Ábra)\.? ?(?:\d|[A-Z][-.]?\d)",
)
_NO_LETTER = re.compile(r"[\W\d_]")
_SHOUTED = re.compile(r"\b[A-ZÀ-ÞА-Я]{4,}\b")
_PAIRS = (("(", ")"), ("«", "»"), ("「", "」"), ("『", "』"), ("（", "）"), ("《", "》"))
_CITED_AT_END = re.compile(rf"(?<=[{_MARKS}\"”’')»“」』）])(?=.){CITED}\Z")
_ENDS_OF_MARKS = frozenset("]］〕¹²³⁰⁴⁵⁶⁷⁸⁹0123456789)*†‡\u200b")
# Not words in brackets: "[the harbour] was closed" has them from an editor.
_CITED = re.compile(
    r"[ ]?[\[［〔](?:\d{1,3}(?:[ ]?[,;–-][ ]?\d{1,3}){0,8}|[a-z]|[*†‡§]{1,3}"
    r"|(?:[Nn]ote|nb|NB|n|fn|lower-alpha|upper-alpha) ?\d{1,3}"
    r"|(?:citation|clarification|verification|page|source|better source) needed)[\]］〕]"
)


def without_marks_at_end(sentence: str) -> str:
    """A sentence without the source's own citation marks after it, which would look like ours."""
    return _CITED_AT_END.sub("", sentence) if sentence[-1:] in _ENDS_OF_MARKS else sentence


def without_marks(sentence: str) -> str:
    """A sentence without any of the source's own citation marks; raised figures in it may be exponents."""
    return _CITED.sub("", without_marks_at_end(sentence))


def is_heading(paragraph: str) -> bool:
    """Whether a paragraph is a title rather than a statement; for texts whose blocks have no kinds."""
    return len(paragraph) <= 120 and not _END.search(paragraph)


def is_whole(sentence: str, of: Language) -> bool:
    """Whether a sentence has an end mark, a beginning, and no markup in it."""
    has_end = of.code in WITHOUT_END_MARK or _END.search(sentence) is not None
    return has_end and is_plain(sentence) and not sentence[:1].islower()


def is_plain(sentence: str) -> bool:
    """Whether a sentence shows in Markdown as it is written here."""
    if _MARKUP.search(sentence) or _LIST_START.match(sentence):
        return False
    if "://" in sentence or "www." in sentence or "...." in sentence or "()" in sentence or "  " in sentence:
        return False
    has_entity = "&" in sentence and _ENTITY.search(sentence)
    return not has_entity and not ("--" in sentence and _FLAG.search(sentence))


def has_length(sentence: str, of: Language, least: int, most: int) -> bool:
    """Whether it has so many words, or as many characters as say that much."""
    if len(sentence) > 40 * most:
        return False
    scale = CHARACTERS_A_WORD.get(of.code, 1.0)
    fewest = least * scale * (FEWER_WORDS if of.code in SAYS_MORE_IN_A_WORD else 1.0)
    return fewest <= word_count(sentence) <= most * scale


def stands_alone(sentence: str, of: Language, *, is_item: bool = False) -> bool:
    """Whether a reader who has not read the source understands the sentence.

    The measure errs on the strict side: a good sentence lost matters less than a puzzling one quoted. An
    item of a list is often no sentence, whatever its full stop says.
    """
    if not has_length(sentence, of, MIN_WORDS, MAX_WORDS) or not is_whole(sentence, of):
        return False
    if sentence.startswith(("(", "（")) or _LABEL.match(sentence) or _FIGURE_OR_TABLE.search(sentence):
        return False
    if _ASKS_SHOUTS_OR_BREAKS_OFF.search(sentence) or not _is_balanced(sentence) or leans(sentence, of):
        return False
    if of.not_prose and of.not_prose.search(sentence.lower()):
        return False
    if of.code == "en" and _FIRST_PERSON.search(sentence):
        return False
    if not has_verb(sentence, of, is_item) or not _is_prose(sentence):
        return False
    return not is_run_together(sentence, of) and is_in_language(sentence, of)


def reads_alone(sentence: str, of: Language) -> bool:
    """Whether a sentence that is short, long, or speaks of a figure is at least no part of others."""
    return (
        has_length(sentence, of, 3, 60)
        and is_whole(sentence, of)
        and _is_balanced(sentence)
        and not (_ASKS_SHOUTS_OR_BREAKS_OFF.search(sentence) or _LABEL.match(sentence))
        and not (of.not_prose and of.not_prose.search(sentence.lower()))
        and not leans(sentence, of)
        and not is_run_together(sentence, of)
        and is_in_language(sentence, of)
    )


def leans(sentence: str, of: Language) -> bool:
    """Whether it leans on the sentence before it, or lacks a subject that the text around it gives."""
    bare = sentence.lstrip("\"“„«»‘'「『（(")
    first = WORD.match(bare)
    word = first[0].lower().replace("’", "'") if first else ""
    if of.code not in UNDIVIDED or of.code == "ko":
        is_existential = of.code == "en" and sentence.startswith(("There are ", "There is "))
        if (word in of.leaning or word.partition("'")[0] in of.leaning) and not is_existential:
            return True
    small = bare.lower()
    if of.leaning_start and of.leaning_start.match(small):
        return True
    if of.subjectless and of.subjectless.match(bare):
        return True
    return bool(of.pointing_back and of.pointing_back.search(small))


def _is_balanced(sentence: str) -> bool:
    """Whether quotation marks and brackets come in pairs; German closes with what English opens."""
    curly = sum(map(sentence.count, "“”„"))
    return not (sentence.count('"') % 2 or curly % 2) and all(
        sentence.count(one) == sentence.count(other) for one, other in _PAIRS
    )


def _is_prose(sentence: str) -> bool:
    """Whether it is made of letters, and neither shouted nor a list."""
    if sentence.count(",") + sentence.count("、") > 7:
        return False
    if sentence.isascii():
        letters = len(sentence) - len(_NO_LETTER.findall(sentence))
    else:
        letters = sum(len(word) for word in WORD.findall(sentence) if not word.isdigit())
    shouted = len(_SHOUTED.findall(sentence))
    return letters >= 0.65 * len(sentence) and shouted <= len(sentence.split()) // 4
