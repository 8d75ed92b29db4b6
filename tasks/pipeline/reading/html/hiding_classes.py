"""Classes by which frameworks hide elements: always, or at some widths only."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HIDDEN = re.compile(
    r"(?:hidden|hide|invisible|tooltip[-_]?(?:text|content)|d-none|display-none|nodisplay|text-hide|hiddenstructure"
    r"|(?:is|u|uk|ng|js|tw|ant|mui|element|accessibly|ui-helper|wp-block|a11y)[-_]?(?:hidden|hide|invisible)"
    r"|(?:print|printer)[-_]only|only[-_]print|(?:visible|show)-(?:for-)?print(?:-block|-inline|-inline-block)?"
    r"|(?:[a-z\d]{1,20}(?:--|__|-|_)){0,3}"
    r"(?:sr[-_]?only|visually[-_]?hidden|screen[-_]?readers?(?:[-_]?(?:text|only))?|assistive[-_]?text"
    r"|hidden[-_]accessible|off[-_]?screen|show-for-sr)(?:[-_]focusable)?)$"
)
_OUTSIDE = re.compile(
    r"^(?:-(?:left|top|right|bottom|indent|translate-[xy])-\[\d{3,}|(?:left|top|right|bottom|indent|translate-[xy])"
    r"-\[-\d{3,})[a-z]{0,3}\]$"
)
_NO_LETTERS = re.compile(r"^text-\[[01](?:px)?\]$")
_SHOWN = (
    r"!?(?:tw-)?(?:block|flex|grid|inline|inline-block|inline-flex|inline-grid|table|table-row|table-cell"
    r"|contents|visible|flow-root|list-item|not-sr-only)"
)
_CONDITION = (
    r"(?:xs|sm|md|lg|xl|[2-9]xl|mobile|tablet|laptop|desktop|(?:min|max)-\[?[\w.]{1,12}\]?|max-(?:sm|md|lg|xl)"
    r"|@(?:min-|max-)?(?:[\w.]{1,8}|\[[\w.]{1,12}\])(?:/\w{1,20})?|\[@(?:media|container)[^\s:]{0,10}\([^\s]{1,60}\)\]"
    r"|dark|light|open|aria-expanded|(?:group-|peer-)?data-\[[\w=-]{1,30}\]|group-open)"
)
_SHOWN_AT_SOME_WIDTH = re.compile(
    rf"^(?:{_CONDITION}:){{1,3}}{_SHOWN}$"
    r"|^d-(?:xs|sm|md|lg|xl|xxl)-(?:block|flex|grid|inline|inline-block|inline-flex|inline-grid|table|table-row"
    r"|table-cell|list-item)$"
    r"|^(?:show|visible)-(?:for-)?(?:xs|sm|md|lg|xl|small|medium|large|mobile|tablet|desktop)"
)
_FADES_IN = re.compile(r"opacity-(?:100|[5-9]\d)$|^(?:animate|transition|duration|fade|reveal|aos)\b")


def hides_by_class(classes: Sequence[str]) -> bool:
    """Whether classes in lower case hide an element at every width."""
    if not any(_HIDDEN.match(name) for name in classes) and not _hides_by_utilities(classes):
        return False
    return not any(_SHOWN_AT_SOME_WIDTH.match(name) for name in classes)


def _hides_by_utilities(classes: Sequence[str]) -> bool:
    """Classes of one declaration each, as Tailwind has them."""
    names = set(classes)
    if any(_OUTSIDE.match(name) or _NO_LETTERS.match(name) for name in classes):
        return True
    if "opacity-0" in names and not any(_FADES_IN.search(name) for name in classes):
        return True
    if "text-transparent" in names and "bg-clip-text" not in names:
        return True
    if "overflow-hidden" in names and not names.isdisjoint(("h-0", "w-0", "max-h-0", "max-w-0")):
        return True
    return any(name.startswith("text-") and f"bg-{name[5:]}" in names for name in names)


def is_shown_at_some_widths(classes: Sequence[str]) -> bool:
    return any(
        _SHOWN_AT_SOME_WIDTH.match(name) or (":" in name and name.endswith((":hidden", ":tw-hidden")))
        for name in classes
    )
