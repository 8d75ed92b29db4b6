"""Ways to word a sentence otherwise that leave its meaning as it is, as a careful writer does."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

MOST_JOINED = 45
"""Words of a joined sentence."""
MOST_CHANGES = 3
"""To one sentence."""
# Pairs that mean the same wherever prose of these kinds has them.
# fmt: off
SYNONYMS: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (
        ("for example", "for instance"), ("in order to", "to"), ("must be", "has to be"), ("usually",
        "as a rule"),
        ("often", "frequently"), ("do not", "don't"), ("does not", "doesn't"), ("is not", "isn't"),
        ("cannot", "can't"), ("are not", "aren't"), ("such as", "like"), ("therefore", "for this reason"),
        ("at least", "no fewer than"), ("more than", "over"), ("because", "since"), ("not possible",
        "impossible"),
        ("begins", "starts"), ("whole", "entire"), ("needed", "required"), ("shows", "displays"),
        ("is used to", "serves to"), ("by default", "unless told otherwise"), ("several", "a number of"),
    ),
    "de": (
        ("beispielsweise", "zum Beispiel"), ("jedoch", "allerdings"), ("falls", "wenn"), ("Falls", "Wenn"),
        ("ebenfalls", "auch"), ("verwendet", "benutzt"), ("sowie", "und"), ("mindestens", "wenigstens"),
        ("mehr als", "über"), ("standardmäßig", "von Haus aus"), ("normalerweise", "in der Regel"),
        ("beinahe", "fast"), ("nicht möglich", "unmöglich"), ("oft", "häufig"), ("derselben", "von ihr"),
    ),
    "fr": (
        ("toutefois", "cependant"), ("également", "aussi"), ("afin de", "pour"), ("lorsque", "quand"),
        ("Lorsque", "Quand"), ("utilisé", "employé"), ("au moins", "pas moins de"), ("plus de", "au-delà de"),
        ("par défaut", "sauf indication contraire"), ("habituellement", "en général"), ("presque",
        "quasiment"),
        ("souvent", "fréquemment"), ("puisque", "étant donné que"),
    ),
    "es": (
        ("sin embargo", "no obstante"), ("también", "asimismo"), ("utiliza", "usa"), ("aunque", "si bien"),
        ("por omisión", "de manera predeterminada"), ("al menos", "como mínimo"), ("normalmente",
        "por lo general"),
        ("casi", "prácticamente"), ("se utilizan", "se usan"), ("para que", "a fin de que"),
    ),
}
NUMBERS: dict[str, tuple[str, ...]] = {
    "en": ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    "de": ("zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn"),
    "fr": ("deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
    "es": ("dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez"),
}
"""Of two to ten."""
FRAMES: dict[str, tuple[str, ...]] = {
    "en": ("According to {title}, {text}", "As {title} explains, {text}", "As {title} has it, {text}"),
    "de": ("Laut {title} gilt: {sentence}", "In {title} heißt es dazu: {sentence}"),
    "fr": ("Selon {title}, {text}", "D'après {title}, {text}"),
    "es": ("Según {title}, {text}", "De acuerdo con {title}, {text}"),
}
ADDITIONS: dict[str, tuple[str, ...]] = {
    "en": ("In addition, {text}", "Moreover, {text}", "Besides, {text}"),
    "de": ("Hinzu kommt: {sentence}", "Wichtig zu wissen: {sentence}"),
    "fr": ("De plus, {text}", "En outre, {text}"),
    "es": ("Además, {text}", "Asimismo, {text}"),
}
JOINTS = {"en": (";", ", and", ", while"), "de": (";",), "fr": (" ;", ", et"), "es": (";", ", y")}
_WITHOUT_WEIGHT = {
    "en": ("simply", "just", "very", "actually", "generally", "basically", "of course", "in fact"),
    "de": ("eben", "sehr", "übrigens", "natürlich", "wohl"),
    "fr": ("simplement", "très", "d'ailleurs", "en effet", "bien entendu"),
    "es": ("simplemente", "muy", "por supuesto", "de hecho"),
}
_MOVABLE = {"en": ("If", "When", "Unless"), "fr": ("Si", "Quand", "Lorsque"), "de": (), "es": ("Si",
"Cuando")}
_FUNCTION_WORDS = {
    "en": {"The", "A", "An", "In", "If", "When", "On", "For", "To", "All", "Each", "Every", "By", "Most",
    "Some",
           "Any", "Only", "No", "There", "With", "At", "Since", "After", "Before", "Both", "You", "We",
           "Use"},
    "de": {"Der", "Die", "Das", "Ein", "Eine", "In", "Im", "Wenn", "Falls", "Mit", "Bei", "Alle", "Jede",
    "Für",
           "Um", "Nach", "Auf", "Aus", "Zu", "Diese", "Dieser", "Dieses", "Man", "Nur"},
    "fr": {"Le", "La", "Les", "Un", "Une", "Si", "Dans", "Pour", "Par", "Avec", "Tous", "Chaque", "En", "Sur",
           "Des", "Lorsque", "Quand", "Il", "On", "Au", "Aux"},
    "es": {"El", "La", "Los", "Las", "Un", "Una", "Si", "En", "Para", "Por", "Con", "Todos", "Cada", "Cuando",
           "No", "Al", "Se"},
}
# fmt: on


def lowered(sentence: str, code: str) -> str:
    """To stand within a sentence; empty where the first word may be a name."""
    first, _, rest = sentence.partition(" ")
    return f"{first.lower()} {rest}" if first in _FUNCTION_WORDS[code] else ""


def with_synonym(sentence: str, code: str, chance: random.Random) -> str:
    fitting = [pair for pair in SYNONYMS[code] if re.search(rf"(?<!\w){pair[0]}(?!\w)", sentence)]
    if not fitting:
        return ""
    old, new = chance.choice(fitting)
    return re.sub(rf"(?<!\w){old}(?!\w)", new, sentence, count=1)


def reordered(sentence: str, code: str, chance: random.Random) -> str:
    """ "If A, B." as "B if A." where no other comma makes it doubtful what belongs together."""
    match = re.match(r"(\w+) ([^,;:()]{10,120}), (?:then |alors )?([^,;:()]{15,160})\.$", sentence)
    if not match or match[1] not in _MOVABLE[code]:
        return ""
    first, _, rest = match[3].partition(" ")
    return f"{first[0].upper()}{first[1:]} {rest} {match[1].lower()} {match[2]}."


def in_words(sentence: str, code: str, chance: random.Random) -> str:
    """A small number in letters, where it counts something."""
    match = re.search(r"(?<= )([2-9]|10)(?= [a-zäöüé]{4,})", sentence)
    if not match:
        return ""
    return f"{sentence[: match.start()]}{NUMBERS[code][int(match[1]) - 2]}{sentence[match.end() :]}"


def grouped(sentence: str, code: str, chance: random.Random) -> str:
    """A long number with the separator of the language."""
    match = re.search(r"(?<= )([1-9]\d{0,2})(000)(?= [a-zäöüé]{3,})", sentence)
    if not match:
        return ""
    mark = {"en": ",", "de": ".", "fr": "\u202f", "es": "."}[code]
    return f"{sentence[: match.start()]}{match[1]}{mark}{match[2]}{sentence[match.end() :]}"


def shortened(sentence: str, code: str, chance: random.Random) -> str:
    """Without what stands in parentheses, or without a word that adds nothing."""
    for word in _WITHOUT_WEIGHT[code]:
        if f" {word} " in sentence:
            return sentence.replace(f" {word} ", " ", 1)
    return re.sub(r" \([^()]{3,120}\)(?=[ ,.])", "", sentence, count=1)


WAYS: tuple[Callable[[str, str, random.Random], str], ...] = (
    with_synonym,
    reordered,
    in_words,
    grouped,
    shortened,
)


def paraphrased(sentence: str, code: str, chance: random.Random) -> str:
    """The sentence in other words where rules fit, else as it is."""
    changes = 0
    for way in chance.sample(WAYS, len(WAYS)):
        other = way(sentence, code, chance)
        if other and other != sentence and changes < MOST_CHANGES:
            sentence, changes = other, changes + 1
    return sentence


def added(sentence: str, code: str, chance: random.Random) -> str:
    """As one more thing to say; empty where the sentence cannot go on after that."""
    frame = chance.choice(ADDITIONS[code])
    text = lowered(sentence, code)
    return frame.format(text=text, sentence=sentence) if text or "{sentence}" in frame else ""


def framed(sentence: str, title: str, code: str, chance: random.Random) -> str:
    """With its source named; empty where the sentence cannot go on after that."""
    frame = chance.choice(FRAMES[code])
    text = lowered(sentence, code)
    if "{text}" in frame and not text:
        return ""
    return frame.format(title=title, text=text, sentence=sentence)


def joined(one: str, other: str, code: str, chance: random.Random) -> str:
    """Two sentences as one; empty where the second cannot go on in small letters, or they are too long."""
    text = lowered(other, code)
    joint = chance.choice(JOINTS[code])
    return f"{one[:-1]}{joint} {text}" if text and len(f"{one} {other}".split()) <= MOST_JOINED else ""
