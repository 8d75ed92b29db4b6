"""Real prose of installed packages, of manual pages, and of texts in the public domain, by language."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from pydoc_data.topics import topics

from benchmarks import shipped_prose
from benchmarks.altered_figures import is_prose, manual_pages
from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading.document import read_bytes
from tasks.pipeline.text.languages import guess_language, language
from tasks.pipeline.text.sentences import sentences
from tasks.pipeline.types import BlockKind

RawDocument = tuple[str, str, str, str, list[str]]
"""Name, domain, language, title and paragraphs."""
LANGUAGES = ("en", "de", "fr", "es")
SPLITS = ("dev", "test")
TEXTS = Path(__file__).with_name("texts")
"""Public-domain prose, for languages in which no locked package ships any."""
FEWEST_WORDS, MOST_WORDS = 8, 36
FEWEST_SENTENCES = 8
MOST_PARAGRAPHS = 40
_LEGAL = re.compile(r"copyright|licen[cs]e|lizenz|warrant|permission to|without fee|free software", re.I)
_UNFIT = re.compile(r"[\"“”„«»‹›‘`*\[\]{}~^\\•|…]|Ã|\ufffd|\s-\w|::|https?:|\w\.\w+\(|\(\)|'\w*'")
_OPENING = re.compile(r"^[A-ZÀ-ÖØ-ÞÄÖÜ¿¡][\w’'-]")
# What leans on the sentence before it cannot be moved to another place.
_LEANING = re.compile(
    r"^(?:this|that|these|those|it|they|he|she|such|however|thus|then|also|otherwise|instead|therefore|but|and|or|so|"
    r"dies\w*|er|sie|es|das|dabei|dadurch|damit|hier\w*|jedoch|aber|und|oder|also|so|deshalb|daher|sonst|dann|"
    r"cel\w+|ce|ces|il|ils|elle|elles|mais|et|ou|donc|ainsi|alors|sinon|"
    r"est[aeo]s?|es[aeo]s?|ello|pero|y|o|así|entonces)\b",
    re.I,
)


@dataclass(frozen=True)
class ProseDocument:
    """A document whose paragraphs are real prose; each belongs to one split alone."""

    name: str
    domain: str
    language: str
    title: str
    paragraphs: tuple[str, ...]
    sentences: tuple[tuple[str, ...], ...]
    """Of each paragraph: those that can be understood and moved alone."""

    @property
    def split(self) -> str:
        return SPLITS[hashlib.sha256(self.name.encode()).digest()[0] % 2]


def documents(given: Iterable[RawDocument] | None = None) -> list[ProseDocument]:
    """All of them, or the given, without any sentence twice, so that no prose is in both splits."""
    seen: set[str] = set()
    found = []
    for name, domain, code, title, paragraphs in _installed() if given is None else given:
        document = _document(name, domain, code, title, paragraphs, seen)
        if sum(map(len, document.sentences)) >= FEWEST_SENTENCES:
            found.append(document)
    return found


def address_of(name: str) -> str:
    return f"https://sources.example/{'-'.join(re.findall(r'[A-Za-z0-9]+', name)).lower()}"


def why_missing(code: str) -> str:
    """What a reader of the figures must know where a language has too little prose."""
    return (
        f"{code}: skipped, no manual pages in {code} are installed and no text in {TEXTS.name}/ is in {code}."
    )


def _document(
    name: str, domain: str, code: str, title: str, paragraphs: Iterable[str], seen: set[str]
) -> ProseDocument:
    texts, found = list[str](), list[tuple[str, ...]]()
    for paragraph in paragraphs:
        text = " ".join(paragraph.split())
        if not text or len(texts) == MOST_PARAGRAPHS:
            continue
        own = sentences(text, language(code))
        keys = {re.sub(r"\W+", " ", sentence).casefold() for sentence in own}
        good = tuple(sentence for sentence in own if is_usable(sentence, code))
        if good and seen.isdisjoint(keys):
            texts.append(text)
            found.append(good)
        seen |= keys
    return ProseDocument(name, domain, code, title, tuple(texts), tuple(found))


def is_usable(sentence: str, code: str) -> bool:
    """Whether it is a whole sentence of prose that says something by itself."""
    return (
        FEWEST_WORDS <= len(sentence.split()) <= MOST_WORDS
        and sentence[-1] == "."
        and _OPENING.match(sentence) is not None
        and not _LEANING.match(sentence)
        and not _UNFIT.search(sentence)
        and not _LEGAL.search(sentence)
        and sentence.count("(") == sentence.count(")")
        and is_prose(sentence, code)
        and guess_language(sentence) == code
    )


def _installed() -> Iterator[RawDocument]:
    for topic in sorted(topics):
        title, _, text = topics[topic].lstrip().partition("\n")
        yield f"topic {topic}", "Python", "en", title.strip(), _blocks(text)
    for package in shipped_prose.of_packages():
        if package.path is not None:
            continue
        try:
            reading = read_bytes(package.data(), content_type=package.content_type, name=package.name)
        except UnreadableText:
            continue
        prose = [block.text for block in reading.blocks if block.kind == BlockKind.PARAGRAPH]
        yield f"package {package.name}", "packages", "en", package.name, prose
    for path in sorted(TEXTS.glob("*.txt")):
        yield from chapters(path)
    for code in LANGUAGES:
        for name, text in sorted(manual_pages(code)):
            yield f"manual {code} {name}", "manuals", code, name.split(".")[0], text.split("\n\n")


def chapters(path: Path) -> Iterator[RawDocument]:
    """A text begins with a line that names its source; each `# ` begins a chapter."""
    code = path.name[:2]
    for part in path.read_text(encoding="utf-8").split("\n# ")[1:]:
        title, _, text = part.partition("\n")
        yield f"{path.stem} {title}", path.stem[3:], code, title, text.split("\n\n")


def _blocks(text: str) -> list[str]:
    """Paragraphs that are not indented further than by three blanks, where these texts have code."""
    return [
        block.replace("*", "").replace("_", " ") if "*" in block else block
        for block in text.split("\n\n")
        if not block.startswith("    ") and "::=" not in block
    ]
