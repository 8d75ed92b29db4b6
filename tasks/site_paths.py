"""Which paths the site has, as the apps above know."""

from __future__ import annotations

from collections.abc import Callable, Sequence

unknown_path_checks: list[Callable[[Sequence[str]], Sequence[str]]] = []
"""Each returns those of the paths that it knows nothing of. An app above appends its own in `ready`."""
