"""Whether citations are in the desk's style: "【1】", "[^1]" and "(Smith, 2020)" lead readers nowhere."""

from __future__ import annotations

import re

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, passed_unless_at
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.mentions import is_insertion
from tasks.pipeline.quality.pattern_files import finds_of
from tasks.pipeline.quality.reader_text import Find

# At the end of a clause, with a blank before it: "printf(3)" is a name.
_NUMBERS = r"\(\d{1,2}(?:[,–-] ?\d{1,2}){0,4}\)"
_ROUND = re.compile(
    rf"(?<=[\w”\"’)»%]) {_NUMBERS}(?=[.;,]|\s{{0,2}}$)"
    rf"|(?<=[.!?”\"]) {_NUMBERS}(?=\s|$)|(?<=[。！？]){_NUMBERS}"
    rf"|(?<=[^\x00-\u2fff]){_NUMBERS}(?=[。，])|(?<=[^\x00-\u2fff])（\d{{1,2}}）(?=[。，]|\s{{0,2}}$)",
    re.MULTILINE,
)
_RAISED = re.compile(
    r"(?:(?<=[^\W\d_]{3})|(?<=[.,;:!?”\"’)»。\]]))[ \u00a0\u202f]?[¹²³⁰⁴-⁹]{1,3}"
    r"(?:[,⁻–][¹²³⁰⁴-⁹]{1,3}){0,5}(?![\w⁻])"
)
# What either needs is looked for first, because it is found far faster.
_ROUND_HINT, _RAISED_HINT = re.compile(r"\(\d"), re.compile("[¹²³⁰⁴-⁹]")
_NAME = r"[A-ZÀ-ÞА-Я][\w’'-]{1,30}"
_AUTHOR_YEAR = re.compile(
    rf"\((?:(?:see|vgl\.|cf\.|siehe|voir|véase|e\.g\.,?) )?{_NAME}"
    rf"(?:,? (?:and|&|und|et|y|e|en|и) {_NAME}|,? et al\.?|,? u\. ?a\.)?"
    r",? (?:(?:19|20)\d\d[a-z]?|n\.d\.|o\. ?J\.)(?:[,:] ?(?:pp?\.|S\.)? ?\d{1,4}(?:[–-]\d{1,4})?)?\)"
)
_BRACKETED = re.compile(
    rf"\[{_NAME}(?: et al\.?| (?:and|&|und|et|y) {_NAME})?,? (?:19|20)\d\d[a-z]?\](?![(\[:])"
)
_SEVERAL = re.compile(r" et al\.?| & | u\. ?a\.")
# "(Penguin, 2001)", "(Paris, 1889)": where a book was published.
_PUBLISHERS = re.compile(
    r"(?:Penguin|Oxford|Cambridge|Harvard|Yale|Princeton|Springer|Routledge|Wiley|Knopf|Faber|Suhrkamp|"
    r"Fischer|Rowohlt|Hanser|Beck|Reclam|Gallimard|Seuil|Flammarion|Planeta|Anagrama|Alfaguara|"
    r"Einaudi|Mondadori|Vintage|Macmillan|Norton|HarperCollins|Bloomsbury|Paris|London|Berlin|Leipzig|"
    r"Wien|Vienna|Madrid|Barcelona|Roma|Rome|Milano|Boston|Chicago)\Z"
)
_UNITS = re.compile(r"(?:feet|foot|inch|inches|miles|metres|meters|yards|Meter|Fu[ßs]|pieds|pies)\Z")


def foreign_citations(draft: InspectedDraft) -> CheckOutcome:
    """Every citation is in the form [n], which leads readers to a source."""
    text = draft.reader_text
    defined = set(re.findall(r"^ {0,3}\[\^([^\]\s]{1,60})\]:", draft.body, re.MULTILINE))
    found = [one for one in finds_of("foreign_citations", text) if not _is_footnote(one, defined)]
    for hint, pattern in ((_ROUND_HINT, _ROUND), (_RAISED_HINT, _RAISED)):
        if not hint.search(text.prose):
            continue
        found += [one for one in text.finds(pattern) if not _is_of_text(draft, one)]
    found += [one for one in text.finds(_AUTHOR_YEAR) if not _names_source(draft, one.words)]
    found += text.finds(_BRACKETED)
    found = [one for one in found if not is_insertion(draft, one)]
    return passed_unless_at(
        sorted((one for one in found if not draft.is_of_sources(one.context)), key=lambda one: one.start),
        ok="Every citation is in the desk's style.",
        one="1 citation leads nowhere",
        many="{n} citations lead nowhere",
    )


def _is_footnote(find: Find, defined: set[str]) -> bool:
    return find.words.startswith("[^") and find.words[2:-1] in defined


def _is_of_text(draft: InspectedDraft, find: Find) -> bool:
    """A unit, or as a source has it: a number of an item, a formula, a section of a manual."""
    whole = draft.reader_text.whole
    before = whole[max(0, find.start - 24) : find.start]
    if _UNITS.search(before) or _is_enumerated(whole, find):
        return True
    last = before.split()[-1:] or [""]
    blank = " " if before[-1:].isspace() else ""
    return draft.is_of_sources(f"{last[0]}{blank}{find.words}")


def _is_enumerated(whole: str, find: Find) -> bool:
    """Of three or more numbers in a sentence that begin with 1: "boil it (1), stir it (2), serve (3)"."""
    start = (
        max(whole.rfind(mark, max(0, find.start - 400), find.start) for mark in (". ", "\n", "! ", "? ")) + 1
    )
    ends = [end for mark in (". ", "\n") if (end := whole.find(mark, find.end, find.end + 400)) >= 0]
    numbers = re.findall(r"\((\d{1,2})\)", whole[start : min(ends, default=find.end + 400)])
    return len(numbers) > 2 and numbers == [str(number) for number in range(1, len(numbers) + 1)]


def _names_source(draft: InspectedDraft, words: str) -> bool:
    if _SEVERAL.search(words):
        return False
    name = re.split(r"[^\w’'-]", words.lstrip("(").removeprefix("see ").removeprefix("cf. "))[0]
    if _PUBLISHERS.match(name):
        return True
    cited = " ".join(f"{one.title} {one.url}" for one in draft.article.citations).casefold()
    return draft.is_of_sources(name) or name.casefold() in cited


CHECK = Check("foreign_citations", "veto", foreign_citations, points=10)
