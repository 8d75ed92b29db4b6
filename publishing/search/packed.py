"""Arrays as `array_send` packs them: read from text, long ones take most of the time of a search."""

from __future__ import annotations

import sys
from array import array
from typing import Any

HEAD = 20
"""Bytes before the elements of an array, each of which has its size before it."""


def integers(packed: bytes) -> array[int]:
    """Of `integer[]` without NULL."""
    return _unpacked("i", packed)


def reals(packed: bytes) -> array[float]:
    """Of `real[]` without NULL."""
    return _unpacked("f", packed)


def _unpacked(code: str, packed: bytes) -> array[Any]:
    values = array(code, packed[HEAD:])
    if sys.byteorder == "little":
        values.byteswap()
    return values[1::2]
