"""The value of number words that follow each other: "two million three hundred and twelve"."""

from __future__ import annotations

_FRENCH_TENS = (60, 80)


class NumberSum:
    """Adds words from left to right; refuses one that begins another number."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._total = self._current = self._scale = 0
        self._is_empty = True

    @property
    def value(self) -> int:
        return self._total + self._current

    def add(self, number: int, *, after_and: bool = False) -> bool:
        if self._is_empty:
            self._is_empty = False
            self._begin(number)
            return True
        if number >= 1000:
            return self._multiply(number)
        if number == 100:
            return self._hundred()
        return self._add_small(number, after_and)

    def may_go_on(self) -> bool:
        """Whether "and" may be followed by more of the same number."""
        low = self._current % 100
        return not self._is_empty and self.value > 0 and (low == 0 or (low >= 20 and low % 10 == 0))

    def _begin(self, number: int) -> None:
        if number >= 1000:
            self._total, self._scale = number, number
        else:
            self._current = number

    def _multiply(self, number: int) -> bool:
        if not self._current:
            # "mil millones", "hundred thousand million"
            if not self._total or self._scale >= number:
                return False
            self._total *= number
        elif self._scale and number >= self._scale:
            return False
        else:
            self._total, self._current = self._total + self._current * number, 0
        self._scale = number
        return True

    def _hundred(self) -> bool:
        if self._current == 0:
            self._current = 100
        elif self._current < 10 or (10 < self._current < 100 and self.code == "en"):
            self._current *= 100
        else:
            return False
        return True

    def _add_small(self, number: int, after_and: bool) -> bool:
        low = self._current % 100
        if number == 0 or (number > 100 and self._current):
            return False
        fits = low == 0 or (low >= 20 and low % 10 == 0 and number < 10)
        if self.code == "fr":
            if low == 4 and number == 20:
                self._current += 76
                return True
            fits = (
                fits
                or (low in _FRENCH_TENS and 10 <= number < 20)
                or (low in (10, 70, 90) and 7 <= number < 10)
            )
        if after_and and self.code in ("de", "nl") and 0 < low < 10 and number >= 20:
            fits = number % 10 == 0
        if not fits or (self._is_plain_zero()):
            return False
        self._current += number
        return True

    def _is_plain_zero(self) -> bool:
        return self.value == 0

    def append(self, value: int) -> bool:
        """Add a whole compound to what was said before: "zwei Millionen dreihunderttausend"."""
        thousands, rest = value // 1000 * 1000, value % 1000
        if self.value == 0:
            self._is_empty = False
            self._total, self._current, self._scale = thousands, rest, 1000 if thousands else 0
            return True
        if self._current or self._scale <= value:
            return False
        self._total, self._current = self._total + thousands, rest
        self._scale = 1000 if thousands else self._scale
        return True

    def may_be_followed(self, number: int, after_it: int) -> bool:
        """Whether a number after "and" belongs to this one, in view of the word after it.

        Not so in "a hundred and two hundred".
        """
        low = self._current % 100
        if not 0 < number < 1000 or number == 100 or (low and number >= 10 and (low, number) != (60, 11)):
            return False
        if after_it < 100:
            return True
        return self._current < 100 if after_it == 100 else not self._scale or after_it < self._scale
