"""Blocks of a page with the places that they stand in."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.pipeline.reading.html.tree import Element
from tasks.pipeline.reading.types import Block


@dataclass(frozen=True)
class PlacedBlock:
    block: Block
    container: int
    """The index of the container it stands in."""
    linked: int
    """How many of its characters are links."""


@dataclass(frozen=True)
class Container:
    """A block element of the page; the first one is what was walked."""

    element: Element
    parent: int
