"""Which sentences of a draft belong in its claim ledger: all that assert something, however short.

The checks of citations count fewer: whole sentences alone, see factual_sentences.py.
"""

from __future__ import annotations

import re

from tasks.pipeline.quality.inspected_draft import InspectedDraft, Statement
from tasks.pipeline.text.figures import figures, is_claimed
from tasks.pipeline.text.languages import primary_language

MIN_WORDS = 3
"""With fewer words to compare, and no figure, a sentence says too little to be looked up."""

_QUESTION = re.compile(r"[?？؟՞፧\u037e][\"”’'»)“」』）]{0,3}\Z")
_GREEK_QUESTION = re.compile(r";[\"”’'»)]{0,3}\Z")
_LEADS_TO_A_LIST = (":", "：")
# What the sentence itself says that it is about: the text, and not the subject of the text.
_ABOUT_THE_TEXT = re.compile(
    r"""(?:in|throughout|with)\ (?:this|the\ (?:following|next))\ (?:article|post|guide|section|text|piece)\b
    |this\ (?:article|post|guide|section|text|piece)\ (?:is|looks|explains|shows|covers|describes|explores)\b
    |(?:let\ us|let’s|let's|here\ is|here\ are|here’s|here's)\b
    |we(?:\ will|’ll|'ll)\ (?:now\ )?(?:look|see|turn|start)\b
    |(?:in\ (?:diesem|dem\ folgenden)|dieser|der\ folgende)\ (?:artikel|beitrag|abschnitt|text)\b
    |(?:what\ follows|was\ folgt|ce\ qui\ suit|lo\ que\ sigue|quanto\ segue|wat\ volgt|o\ que\ segue)\b
    |im\ folgenden\b|(?:sehen|schauen|wenden)\ wir\ uns\b|hier\ (?:ist|sind)\ (?:ein|eine|die|das|der)\b
    |(?:dans\ )?(?:cet\ article|cette\ (?:section|partie)|ce\ (?:guide|texte|chapitre))\b|voyons\b|voici\b
    |(?:en\ )?(?:este|esta|el\ siguiente|la\ siguiente)\ (?:artículo|guía|sección)\b|veamos\b
    |(?:in\ )?(?:questo\ articolo|questa\ (?:guida|sezione))\b|vediamo\b|ecco\b
    |(?:in\ )?dit\ artikel\b|in\ deze\ (?:sectie|gids|tekst)\b|laten\ we\b
    |neste\ (?:artigo|texto|guia)\b|este\ artigo\b|vejamos\b|w\ tym\ artykule\b""",
    re.IGNORECASE | re.VERBOSE,
)
_LISTS_OF_SOURCES = re.compile(
    r"(?:the )?(?:sources?|references?|further reading|bibliography"
    r"|quellen(?:angaben|verzeichnis)?|literatur(?:verzeichnis)?|einzelnachweise"
    r"|sources et références|références|bibliographie|fuentes|referencias|bibliografía|fonti|riferimenti"
    r"|bibliografia|bronnen|literatuur|fontes|referências|źródła|источники|литература|参考文献|出典|来源)\W{0,3}",
    re.IGNORECASE,
)


def is_claim(draft: InspectedDraft, statement: Statement) -> bool:
    """Whether it asserts something; whatever cites a source or has a figure does.

    Questions do not, nor instructions to the reader, sentences about the text itself, and those that lead to
    a list. A row of a table is a claim where it cites a source: else its text has the citation.
    """
    if _LISTS_OF_SOURCES.fullmatch(statement.section) or _is_question(draft, statement):
        return False
    if statement.citations:
        return True
    if statement.is_table_row:
        return False
    return _has_figure(draft, statement) or not (
        statement.text.endswith(_LEADS_TO_A_LIST)
        or _ABOUT_THE_TEXT.match(statement.text)
        or _is_instruction(draft, statement)
        or len(draft.words_of(statement.text)) < MIN_WORDS
    )


def _is_question(draft: InspectedDraft, statement: Statement) -> bool:
    marks = [_QUESTION, _GREEK_QUESTION] if draft.language.code == "el" else [_QUESTION]
    return any(mark.search(statement.text) for mark in marks)


def _is_instruction(draft: InspectedDraft, statement: Statement) -> bool:
    first_words = draft.language.subjectless
    return first_words is not None and first_words.match(statement.text) is not None


def _has_figure(draft: InspectedDraft, statement: Statement) -> bool:
    """In digits: words for numbers are as often part of other words, as "Achten" is."""
    code = primary_language(draft.brief.language)
    return any(is_claimed(figure) and not figure.is_spelled for figure in figures(statement.prose, code))
