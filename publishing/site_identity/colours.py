"""Whether a colour can be read on the site's backgrounds, by the contrast of WCAG 2.2."""

from __future__ import annotations

import colorsys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

REQUIRED = 4.5
"""Level AA for text of normal size: links take the accent colour."""
STEPS = 400


class Scheme(StrEnum):
    LIGHT = "light"
    DARK = "dark"


BACKGROUNDS = {Scheme.LIGHT: ("#fbfaf6", "#f2efe7"), Scheme.DARK: ("#161513", "#211f1c")}
"""`--paper` and `--raised` of static/site/site.css, where a test finds them."""
SHIPPED = {Scheme.LIGHT: "#a03c14", Scheme.DARK: "#f3a47a"}
"""Its `--accent`."""


@dataclass(frozen=True)
class Contrast:
    """The contrast of a colour with the background of a scheme that it differs from the least."""

    colour: str
    scheme: Scheme

    @property
    def ratio(self) -> float:
        return min(contrast(self.colour, background) for background in BACKGROUNDS[self.scheme])

    @property
    def backgrounds(self) -> tuple[str, ...]:
        return BACKGROUNDS[self.scheme]

    @property
    def is_enough(self) -> bool:
        return self.ratio >= REQUIRED

    @property
    def figure(self) -> str:
        """Cut and not rounded: 4.49 is not 4.5."""
        return f"{int(self.ratio * 100) / 100:.2f}"


def contrast(one: str, other: str) -> float:
    """The ratio of two colours such as #a03c14, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def nearest_readable(colour: str, scheme: Scheme) -> str:
    """The colour itself, or the nearest of its hue and saturation whose contrast is enough."""
    return next(found for found in _by_distance(colour, scheme) if Contrast(found, scheme).is_enough)


def _by_distance(colour: str, scheme: Scheme) -> Iterator[str]:
    yield colour
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    end = 0.0 if scheme == Scheme.LIGHT else 1.0
    for step in range(1, STEPS + 1):
        found = colorsys.hls_to_rgb(hue, lightness + (end - lightness) * step / STEPS, saturation)
        yield "#" + "".join(f"{round(channel * 255):02x}" for channel in found)


def _luminance(colour: str) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in _channels(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue
