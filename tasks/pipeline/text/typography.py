"""What of a text is typography alone: undone where it is shown, and ignored where texts are compared."""

from __future__ import annotations

import re
import unicodedata

# A soft hyphen, a byte order mark, invisible operators, marks that turn the direction of a whole passage,
# and tags, which no reader sees. Joiners and direction marks stay: scripts need them.
_NEVER_SHOWN = re.compile("[\u00ad\ufeff\u2060-\u2064\u206a-\u206f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]")
_TAGS = re.compile("(?<!\U0001f3f4)(?<![\U000e0020-\U000e007e])[\U000e0000-\U000e007f]+")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
# Latin and Armenian ligatures, Hebrew and Arabic presentation forms: shapes of letters, no letters.
_SHAPES = re.compile("[\ufb00-\ufb06\ufb13-\ufb17\ufb1d-\ufdfb\ufe70-\ufefc]")
_JOINERS = re.compile("[\u200c\u200d]")
_DIRECTION = re.compile("[\u200e\u200f\u061c]")
# Scripts that are written without blanks have a zero-width space for where a word may end.
_WORD_BREAK = re.compile("(?<![\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff])\u200b")
# A joiner between two plain letters joins nothing: Latin, Greek and Cyrillic have no use for it.
_NEEDLESS_JOINER = re.compile("(?<=[\u0000-\u052f])[\u200c\u200d]+|[\u200c\u200d]+(?=[\u0000-\u052f])")
_VARIANTS = re.compile("(?<=[\ufe00-\ufe0f\U000e0100-\U000e01ef])[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
_RAISED = re.compile("[⁺⁻]?[⁰¹²³⁴-⁹]+")
_FRACTIONS = re.compile("[¼-¾⅐-⅞↉]")
_MARKS_OF_LANGUAGES = re.compile("[\u064b-\u065f\u0670\u0640\u0591-\u05bd\u05bf\u05c1\u05c2\u05c7]")
_IGNORED = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f"
    "\ufeff\U000e0000-\U000e0fff]"
)
_SAME = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′ʼ＇", "'"),
        **dict.fromkeys("“”„‟″«»「」『』＂", '"'),
        **dict.fromkeys("‐‑‒–—−－", "-"),
        "…": "...",
        "ß": "ss",
    }
)


def shown(text: str) -> str:
    """One line of text as readers see it: letters for ligatures, no invisible characters, single blanks."""
    text = _TAGS.sub("", _NEVER_SHOWN.sub("", _CONTROL.sub("", text)))
    text = _SHAPES.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    if not text.isascii():
        text = _VARIANTS.sub("", _WORD_BREAK.sub("", text))
        text = _NEEDLESS_JOINER.sub("", text)
        if not _has_right_to_left(text):
            text = _DIRECTION.sub("", text)
    return " ".join(unicodedata.normalize("NFC", text).split())


def folded(text: str) -> str:
    """The form in which texts are compared: both sides of a comparison go through here.

    Case, quotation marks, dashes, full and half width, joiners, vowel points and presentation forms make no
    difference. An exponent stays apart from the figure before it (10⁶ is `10^6`), and so does a fraction.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    text = _RAISED.sub(lambda match: f"^{unicodedata.normalize('NFKC', match[0])}", text)
    text = _FRACTIONS.sub(lambda match: f" {unicodedata.normalize('NFKC', match[0])}", text)
    text = unicodedata.normalize("NFKC", _IGNORED.sub("", text)).replace("\u2044", "/")
    text = _MARKS_OF_LANGUAGES.sub("", text.casefold().translate(_SAME))
    return " ".join(unicodedata.normalize("NFC", text).split())


def _has_right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(character) in ("R", "AL") for character in text)
