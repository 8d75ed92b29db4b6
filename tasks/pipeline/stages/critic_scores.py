"""Reads the scores that critics give, on whatever scale they give them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

NUMBER = r"(\d{1,3}(?:[.,]\d{1,3})?)"
OF = re.compile(rf"{NUMBER}\s{{0,3}}(?:/|out of|of|von|auf|sur|de|su)\s{{0,3}}{NUMBER}", re.IGNORECASE)
PERCENT = re.compile(rf"{NUMBER}\s{{0,3}}(?:%|percent|prozent)", re.IGNORECASE)
ALONE = re.compile(NUMBER)
SCALES = (5, 10, 20, 100)
LEAST_MEAN_OF_TEN = 4
"""Nobody gives a text less than ten points of a hundred for everything, and several for each criterion."""


def score_in(score: Any) -> Any:
    """ "85/100", "8.5 out of 10", "85 %" or "85,5" as a number of 100; unchanged if it is not plain."""
    if isinstance(score, list) and len(score) == 1:
        score = score[0]
    if not isinstance(score, str):
        return score
    text = score[:300]
    if found := OF.search(text):
        value, most = _number(found[1]), _number(found[2])
        return 100 * value / most if most in SCALES and value <= most else score
    if found := PERCENT.search(text):
        return _number(found[1])
    numbers = ALONE.findall(text)
    is_leading = ALONE.match(text.strip()) is not None and not re.match(r"\s*\d+\s?[-–]\s?\d", text)
    if len(numbers) == 1 or (numbers and is_leading):
        return _number(numbers[0])
    return score


def of_hundred(scores: Sequence[Any]) -> list[Any]:
    """Scores of several criteria; where all of them are plainly of one or of ten, they are made of 100."""
    read = [score_in(score) for score in scores]
    numbers = [float(one) for one in read if isinstance(one, int | float) and not isinstance(one, bool)]
    if not numbers or len(numbers) < len(read) or any(isinstance(one, str) and "%" in one for one in scores):
        return read
    if 0 < max(numbers) <= 1 and any(number % 1 for number in numbers):
        return [100 * number for number in numbers]
    mean = sum(numbers) / len(numbers)
    if min(numbers) >= 1 and max(numbers) <= 10 and mean >= LEAST_MEAN_OF_TEN:
        return [10 * number for number in numbers]
    return read


def _number(text: str) -> float:
    return float(text.replace(",", "."))
