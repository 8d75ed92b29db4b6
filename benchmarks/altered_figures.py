"""How many altered figures the check finds, and how many true ones it doubts, in prose not made for it.

The prose is that of the manual pages which are installed, in twelve languages. Each sentence with a figure
is a draft twice, with about a fifth of its words left out: once with its own figures, once with one of them
altered. The page is the source. The same pages give the same sentences and alterations in every run.
"""

from __future__ import annotations

import gzip
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.figures import MeasuredFigure, at_least, at_most
from tasks.pipeline.quality import CHECKS, run_checks
from tasks.pipeline.text.figures import Figure, FigureKind, figures, is_claimed
from tasks.pipeline.text.languages import guess_language, language
from tasks.pipeline.text.sentences import sentences
from tasks.pipeline.types import Article, Brief, CheckStatus, Research, SourceText

PAGES = Path("/usr/share/man")
LANGUAGES = {"en": ".", "de": "de", "fr": "fr", "es": "es", "it": "it", "pt": "pt_BR", "nl": "nl", "pl": "pl",
             "ru": "ru", "ja": "ja", "zh": "zh_CN", "ko": "ko"}  # fmt: skip
SECTIONS = ("man1", "man5", "man7", "man8")
SENTENCES = 60
"""Of each language."""
FROM_ONE_PAGE = 8
SHARE_LEFT_OUT = 0.2
LEAST_WORDS, MOST_CHARACTERS = 6, 400
MOST_PAGES = 400
_FIGURES = tuple(check for check in CHECKS if check.name == "figures_in_sources")
_REQUEST = re.compile(r"^[.'].*$", re.MULTILINE)
# fmt: off
_ESCAPES = (
    (r"\\f(?:\[[A-Z]*\]|[A-Z])|\\[&|^/,]|\\s[-+]?\d", ""), (r"\\\((?:aq|cq)", "'"), (r"\\\([a-z]{2}", ""),
    (r"\\m?\[[^\]]{0,20}\]|\\[*]\S|\\u\[\d+\]\\d", ""), (r"\\[ ~]", " "), (r"\\-|\\\(hy", "-"), (r"\\e", ""),
)
# fmt: on
_PROSE = re.compile(r"[^\W\d_]")
_CODE = re.compile(r"[\\=@<>{}|_/#^]|--|\w\(\d|\(\d\)")


@dataclass
class AlteredFigures:
    """What became of the sentences of one language or of all."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, other: AlteredFigures) -> None:
        self.counts.update(other.counts)

    @property
    def alarms(self) -> float:
        return self.counts["alarm"] / max(1, self.counts["true"])

    @property
    def found(self) -> float:
        return self.counts["found"] / max(1, self.counts["altered"])


def measured(quick: bool) -> list[MeasuredFigure]:
    """Two rows; none where no manual pages are installed."""
    total = AlteredFigures()
    languages = 0
    for code in LANGUAGES:
        one = measured_in(code, SENTENCES // 5 if quick else SENTENCES)
        languages += one.counts["true"] > 0
        total.add(one)
    if not languages:
        return []
    scope = f"{total.counts['true']} sentences in {languages} languages"
    return [
        at_least(f"altered figures found, {scope}", total.found, 0.9, ""),
        at_most("true figures doubted, share of these sentences", total.alarms, 0.03, ""),
    ]


def measured_in(code: str, most: int) -> AlteredFigures:
    chance, result = random.Random(f"altered figures {code}"), AlteredFigures()
    for sentence, text in _cases(code, most):
        shortened = _shortened(sentence, code, chance)
        result.counts["true"] += 1
        result.counts["alarm"] += is_doubted(shortened, text, code)
        altered = with_other_figure(shortened, text, code, chance)
        if altered:
            result.counts["altered"] += 1
            result.counts["found"] += is_doubted(altered, text, code)
    return result


def is_doubted(sentence: str, source: str, code: str) -> bool:
    research = Research(sources=(SourceText(number=1, title="Page", text=source),))
    article = Article(title="Title", body=f"{_as_markdown(sentence)} [1]")
    (result,) = run_checks(Brief(topic="Topic", language=code), research, article, _FIGURES)
    return result.status == CheckStatus.FAILED


def with_other_figure(sentence: str, text: str, code: str, chance: random.Random) -> str:
    """The sentence with another figure in place of one: of the page or made up."""
    own = [one for one in figures(sentence, code) if _is_plain(one)]
    if not own:
        return ""
    figure = chance.choice(own)
    digits = re.search(r"\d+", figure.written)
    assert digits is not None
    others = {
        number for number in re.findall(r"(?<![\d.,-])\d+(?![\d.,-])", text) if len(number) == len(digits[0])
    }
    others -= set(re.findall(r"\d+", sentence))
    made_up = str(int(digits[0]) + chance.choice((1, 2, 3, 10)))
    other = chance.choice(sorted(others)) if others and chance.random() < 0.5 else made_up
    start = figure.start + digits.start()
    return f"{sentence[:start]}{other}{sentence[start + len(digits[0]) :]}"


def _shortened(sentence: str, code: str, chance: random.Random) -> str:
    """Without some words, but for those next to figures, which may be what these count."""
    own = figures(sentence, code)
    left, end = list[str](), 0
    for word in re.finditer(r"(?<= )[^\W\d_]{2,30} ", sentence):
        is_near = any(one.start <= word.end() + 1 and one.end >= word.start() - 1 for one in own)
        if chance.random() < SHARE_LEFT_OUT and not is_near:
            left.append(sentence[end : word.start()])
            end = word.end()
    return "".join([*left, sentence[end:]])


def _is_plain(figure: Figure) -> bool:
    return (
        figure.kind in (FigureKind.CARDINAL, FigureKind.YEAR, FigureKind.BOUND)
        and not figure.is_spelled
        and re.search(r"[0-9]", figure.written) is not None
        and len(re.findall(r"\d+", figure.written)) == 1
    )


def _cases(code: str, most: int) -> Iterator[tuple[str, str]]:
    """Sentences with figures and the page of each."""
    count = 0
    for page in _pages(code):
        of_page = 0
        for paragraph in page.split("\n\n"):
            for sentence in sentences(" ".join(paragraph.split()), language(code)):
                if count == most or of_page == FROM_ONE_PAGE:
                    break
                if is_prose(sentence, code) and any(map(_is_claimed, figures(sentence, code))):
                    yield sentence, page
                    of_page, count = of_page + 1, count + 1


def _is_claimed(figure: Figure) -> bool:
    return is_claimed(figure) and _is_plain(figure)


def is_prose(sentence: str, code: str) -> bool:
    letters = len(_PROSE.findall(sentence))
    is_long = len(sentence.split()) >= LEAST_WORDS or letters >= 15 > len(sentence.split())
    is_item = sentence[0].isdigit()
    is_said = is_long and not is_item and len(sentence) <= MOST_CHARACTERS and not _CODE.search(sentence)
    return is_said and guess_language(sentence) in ("", code)


def _pages(code: str) -> Iterator[str]:
    return (text for _, text in manual_pages(code))


def manual_pages(code: str) -> Iterator[tuple[str, str]]:
    """Names and texts of installed manual pages in a language, in an order of chance."""
    directory = PAGES / LANGUAGES[code]
    files = sorted(path for section in SECTIONS for path in (directory / section).glob("*.gz"))
    chance = random.Random(f"pages {code}")
    chance.shuffle(files)
    for path in files[:MOST_PAGES]:
        try:
            text = gzip.decompress(path.read_bytes()).decode()
        except (OSError, EOFError, UnicodeDecodeError):
            continue
        if len(text) > 2000:
            plain = _plain(text)
            if guess_language(plain) == code:
                yield path.name, plain


def _plain(text: str) -> str:
    """The prose of a manual page; a request of the formatter divides paragraphs."""
    text = _REQUEST.sub("\n", re.sub(r"^\.(?:B|I|BR|IR|BI|RB|RI|IB) ", "", text, flags=re.MULTILINE))
    for pattern, plain in _ESCAPES:
        text = re.sub(pattern, plain, text)
    return re.sub(r"\n{3,}", "\n\n", text)


def _as_markdown(sentence: str) -> str:
    return re.sub(r"([\\`*_\[\]<>~|#])", r"\\\1", sentence)
