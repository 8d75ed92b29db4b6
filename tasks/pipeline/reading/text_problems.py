"""Signs in a text that its characters were misread, here or before it was saved."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

EXAMINED_CHARACTERS = 50_000

_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")
_C1 = re.compile("[\x80-\x84\x86-\x9f]")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")
_WORD = re.compile(r"[^\s!-/:-@\[-`{-~]+")
# Signs that stand inside or before words only when letters were misread: `wiosn¹`, `¿añe`.
_ODD_IN_WORD = re.compile(
    "(?<=[a-zß-ÿ])[¹³¿¶¸¯±¼¾½¤¦¨¬£¥§¡«»†‡‰ˆ˜€](?=[a-zß-ÿ])|(?<=[a-z]{2})[¹³¿¼¾¦¨¬¶¸¯¤¡‰±](?![\\w])|(?<![\\w?!])[¼¿³¯¶¾£º](?=[a-zß-ÿ]{2})"
    "|(?<=[a-z])[ŠŒŽŸ](?=[a-z]|(?!\\w))"
)
_SCRIPTS = {
    "latin": "A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ", "cyrillic": "Ѐ-ԯ", "greek": "Ͱ-Ͽἀ-῿", "hebrew": "א-ת", "arabic": "ء-ۿ",
    "thai": "ก-๎", "half-width katakana": "ｦ-ﾟ",
}  # fmt: skip
_RUN = re.compile("|".join(f"(?P<{name.split('-')[0]}>[{letters}]+)" for name, letters in _SCRIPTS.items()))
_CASE = re.compile("[а-яёђ-џß-ÿāăąćčďđēęěğĺľłńňŕřśšťůűźżžά-ώ][А-ЯЁЂ-ЏÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĽŁŃŇŔŘŚŠŤŮŰŹŻŽΑ-Ω]")
_BOX = re.compile("[─-▟]")
_MOJIBAKE = re.compile(
    "Ã[\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|Â[\u00a0-\u00bf]|[ÄÅ][\u0080-\u009f\u00a1-\u00bf€‚ƒ„…†‡ˆ‰›™œžŸ]"
    "|â€[\u0080-\u009f\u00a6\u0153œ™˜“”¢¦]|â[\u0080\u0082][\u0080-\u00bf]|ï¿½|(?:[ÐÑ][\u0080-\u00bf€-™Ѐ-џ‘’“”°±²³´µ¶·¸¹º»¼½¾¿]){3}"
    "|ã[€\u0081‚ƒ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|(?:[РС][\u0080-\u00bfЂ-џ°±Ґґ’“”•–—™‚„…†‡€‰‹›A-Za-z]){3}"
    "|(?:[РС][а-яА-ЯЂ-џ°±µ]){6}"
)
_ONE_GARBLED_LETTER = re.compile("(?<=[a-z]{2})Ã[\u00a0-\u00bf]")
_LETTER_LOST = re.compile(r"(?<![^\s(“\"])[A-Za-zÀ-ÿ]{0,20}[a-zß-ÿA-Z]\?[a-zß-ÿ]{1,20}(?![^\s.,;:!?)”\"])")
_LATIN_LETTER = re.compile("[A-Za-zÀ-ÖØ-öø-ɏ]")
_ACCENTED = re.compile("[À-ÖØ-öø-ɏ]")


def is_binary(text: str) -> bool:
    start = text[:20_000]
    return len(_CONTROL.findall(start.replace("\ufffd", ""))) > len(start) // 200 or start.count(
        "\ufffd"
    ) > max(3, len(start) // 20)


def improbability(text: str, charset: str = "") -> float:
    """The share of words that no language writes: 0 for a text that was read right, up to 1.

    Of the words with other than ASCII characters, as only they depend on the character set.
    """
    words = [word for word in _WORD.findall(text[:EXAMINED_CHARACTERS]) if not word.isascii()]
    if not words:
        return 0.0
    return sum(map(_is_improbable, words)) / len(words) if charset != "ibm866" else _odd_share(words)


def problems_of(text: str) -> tuple[str, ...]:
    """One warning for each kind of sign, for the editor."""
    found = list[str]()
    if lost := text.count("\ufffd"):
        found.append(
            f"{_characters(lost)} of the document {'is' if lost == 1 else 'are'} lost and shown as “\ufffd”: "
            "it was saved or sent in a broken way; save it again as UTF-8."
        )
    if controls := len(_C1.findall(text)):
        found.append(
            f"The document has {_characters(controls)} that cannot be shown where letters or quotation marks "
            "belong: it was saved in the wrong character set; save it again as UTF-8."
        )
    mojibake = _MOJIBAKE.findall(text)
    if len(mojibake) >= 2 or any(len(one) >= 3 for one in mojibake) or _ONE_GARBLED_LETTER.search(text):
        found.append(
            f"The document has garbled characters such as “{mojibake[0]}”: its text was converted to UTF-8 "
            "twice before it was saved. They are kept as they are; get an undamaged copy."
        )
    if len(lost_letters := _LETTER_LOST.findall(text[:EXAMINED_CHARACTERS])) >= 3:
        found.append(
            f"Question marks stand where letters belong, as in “{lost_letters[0][:40]}”: the document was "
            "saved in a character set without them; get an undamaged copy."
        )
    if len(mixed := _mixed_words(text)) >= 3:
        found.append(f"Words mix letters of different scripts, such as “{mixed[0]}”: they may be misread.")
    if len(_PRIVATE.findall(text)) >= 3:
        found.append("The document uses characters of its own font, which cannot be read; compare it.")
    return tuple(found)


def _characters(count: int) -> str:
    return "1 character" if count == 1 else f"{count} characters"


def _mixed_words(text: str) -> list[str]:
    return [
        word[:40]
        for word in _WORD.findall(text[:EXAMINED_CHARACTERS])
        if not word.isascii() and len(word) > 3
        and _scripts(word) in ({"latin", "cyrillic"}, {"latin", "greek"})
        and not re.search(r"[-–—/\d]", word) and _is_interleaved(word)
    ]  # fmt: skip


def _is_interleaved(word: str) -> bool:
    """Whether scripts change within: not a foreign stem with an ending, as `SMS-ка`, `Twitterа`."""
    runs = list(_RUN.finditer(word))
    return len(runs) > 2 or (len(runs) == 2 and min(len(run[0]) for run in runs) == 1 and len(word) > 4)


def _scripts(word: str) -> set[str | None]:
    return {match.lastgroup for match in _RUN.finditer(word)}


@lru_cache(maxsize=4096)
def _is_improbable(word: str) -> bool:
    if _C1.search(word) or "\ufffd" in word or _PRIVATE.search(word) or _BOX.search(word):
        return True
    if _ODD_IN_WORD.search(word) or _CASE.search(word) or _MOJIBAKE.search(word):
        return True
    if any(a.end() == b.start() and a.lastgroup != b.lastgroup for a, b in pairwise(_RUN.finditer(word))):
        return True
    latin = len(_LATIN_LETTER.findall(word))
    return latin >= 4 and len(_ACCENTED.findall(word)) > 0.75 * latin


def _odd_share(words: list[str]) -> float:
    """The same for a DOS code page, whose texts draw their tables with lines."""
    drawn = [_BOX.sub("", word) for word in words]
    return sum(_is_improbable(word) for word in drawn if word) / len(words)
