"""Whether something is still to be filled in: "[X%]", "{first_name}", "TK", "______"."""

from __future__ import annotations

import re

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, passed_unless_at
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.mentions import is_insertion, is_mentioned, is_quoted_alone
from tasks.pipeline.quality.pattern_files import finds_of
from tasks.pipeline.quality.reader_text import Find

# In capitals only: "todo" is a word in Spanish and Portuguese.
_CAPITALS = re.compile(
    r"(?<![A-Za-z\d_./@#$-])(?:TODO|TBD|TBC|TBA|FIXME|PLACEHOLDER|TK(?:TK){0,3}|XX|XXX)(?![A-Za-z\d_/@-]|\.\w)(?:\([^)\n]{0,40}\))?:?"
)
_IN_CAPITALS = ("TODO", "TBD", "TBC", "TBA", "FIXME", "PLACEHOLDER", "TK", "XX")
_NAMED_AS_SUCH = re.compile(
    r"(?:\b(?:an?|the|this|that|these|those|each|every|any|some|of|with|for|as|no|your|our|their|its|my|all|called|marked"
    r"|named|word|keyword|string|prefix|label|tag|comment|and|or|like|many|few|more|old|open|one|eine?[nr]?|der|die|das"
    r"|den|dem|le|la|les|un|une|des|el|los|una|il|lo|uma?|het|een|de|del|du|von|mit|für)|[,/])\s{1,3}\Z",
    re.IGNORECASE,
)
_SPOKEN_OF_AFTER = re.compile(
    r"[\s-]{1,3}(?:lists?|comments?|items?|apps?|markers?|notes?|tags?|files?|entry|entries|marks?"
    r"|and FIXME|or FIXME"
    r"|files?|Listen?|Kommentare?|Einträge?|Liste|chromosom\w{0,3}|染色体|染色體)"
)
# "Super Bowl XXX", "siglo XX", "XX век": numbers in Roman figures.
_ROMAN_BEFORE = re.compile(
    r"(?:\b(?:si[gè][cglo]\w{0,4}|secol\w{0,2}|s[ée]culo|век\w{0,2}|wiek\w{0,2}|cap[íi]tulo|chapitre|the|le|il|el|u|du|al|del"
    r"|Jahrhundert|[A-ZÀ-ÞА-Я][^\W\d_]{1,30}))[\s\u00a0]{1,3}\Z"
)
_ROMAN_AFTER = re.compile(
    r"(?:e|ème|eme|th|st|º|ª|°|-го|-й)\b"
    r"|\. ?(?:Jahrhundert|Jh)|[\s\u00a0]{1,2}(?:век|ст\.|si[èe]cle|secolo|wiek|század|[A-Z]{2}\b)"
)
# "Press [Enter]", "the variable {name}", "{name} is replaced by …": keys and syntax that are explained.
_KEY_BEFORE = re.compile(
    r"\b(?:press(?:ing)?|hit|push|tap|click(?:ing)?|keys?|buttons?|hold|tasten?|dr[üu]ck\w{0,3}|klick\w{0,3}|touches?"
    r"|appuy\w{0,4}|cliqu\w{0,4}|puls\w{1,4}|presion\w{1,4}|teclas?|prem\w{1,4}|tasto)\b[^.!?\n]{0,25}\Z",
    re.IGNORECASE,
)
_SYNTAX_BEFORE = re.compile(
    r"\b(?:placeholders?|variables?|formats?|templates?|fields?|tokens?|tags?|strings?|markers?|syntax|directives?|specifiers?"
    r"|expressions?|element|prefix|label|section|platzhalter|variablen?|vorlagen?|felder|feld|ausdruck|balises?|champs?"
    r"|gabarit|marqueurs?|plantillas?|marcador(?:es)?|campos?|etiquetas?|segnaposto|modello)"
    r"(?: (?:called|named|like|such as|wie|comme|como|come))?[:,]? \Z",
    re.IGNORECASE,
)
_SYNTAX_AFTER = re.compile(
    r"(?: (?:is|are|gets?|will be|wird|werden|est|sont|se|viene)\b)? (?:automatically |dann |then )?"
    r"(?:replaced|substituted|expanded|filled|stands for|expands|prints|inserts|ersetzt|durch"
    r"|remplac|sustitu|reemplaz|sostitu)",
    re.IGNORECASE,
)
# A line of dots, where a passage is missing.
_EMPTY_LINES = re.compile(r"^[ \t]{0,9}(?:\.{6,60}|…{3,20})[ \t]{0,9}$", re.MULTILINE)


def placeholders(draft: InspectedDraft) -> CheckOutcome:
    """No image, link, citation, name or figure is still to be filled in."""
    text = draft.reader_text
    found = [
        one
        for one in finds_of("placeholders", text)
        if not (is_mentioned(draft, one) or is_insertion(draft, one) or _is_syntax(draft, one))
    ]
    if any(word in text.prose for word in _IN_CAPITALS):
        found += [one for one in text.finds(_CAPITALS) if not _is_spoken_of(draft, one)]
    if any(dots in text.prose for dots in ("......", "………")):
        found += [one for one in text.finds(_EMPTY_LINES) if not is_mentioned(draft, one)]
    return passed_unless_at(
        found,
        ok="There are no placeholders.",
        one="1 placeholder still has to be filled in",
        many="{n} placeholders still have to be filled in",
    )


def _is_spoken_of(draft: InspectedDraft, find: Find) -> bool:
    """As in "a TODO list" and "siglo XX"; or a source has it after the same word."""
    text = draft.reader_text.whole
    before, after = text[max(0, find.start - 40) : find.start], text[find.end : find.end + 30]
    words_before = before.split()[-1:]
    if is_quoted_alone(draft, find) or (
        words_before and draft.is_of_sources(f"{words_before[0]} {find.words}")
    ):
        return True
    if find.words.endswith((":", ")")):
        return False
    if find.words.startswith("XX") and (_ROMAN_BEFORE.search(before) or _ROMAN_AFTER.match(after)):
        return True
    if find.words in ("TODO", "FIXME", "PLACEHOLDER") and _NAMED_AS_SUCH.search(before):
        return re.match(r"\s?[^\W\d_A-Z]|s\b", after) is not None
    return _SPOKEN_OF_AFTER.match(after) is not None


def _is_syntax(draft: InspectedDraft, find: Find) -> bool:
    """Whether the text explains a key or a template's syntax, which is then no gap in the text."""
    text = draft.reader_text.whole
    before, after = text[max(0, find.start - 40) : find.start], text[find.end : find.end + 40]
    if find.words.startswith("["):
        return " " not in find.words and _KEY_BEFORE.search(before) is not None
    return _SYNTAX_BEFORE.search(before) is not None or _SYNTAX_AFTER.match(after) is not None


CHECK = Check("placeholders", "veto", placeholders, points=15)
