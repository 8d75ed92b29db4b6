"""What changed from one version's content to another's as hunks, and the content with some of them taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from approvals.diffs.line_diff import as_text
from approvals.diffs.text_hunks import BodyComparison, HunkIds, HunksConflict, TextHunk, rebased
from tasks.content import CONTENT_FIELDS
from tasks.pipeline.text.cited_numbers import cited_numbers
from tasks.pipeline.text.paragraphs import parts

Content = Mapping[str, Any]

TOGETHER = {"cover_image": ("cover_image", "cover_alt", "cover_credit")}
"""Fields that are one hunk: an image without its own description and credit would be wrong."""
FOLLOWS_BODY = "citations"


class ContentComparison:
    """The hunks from `old` to `new`: paragraphs of the body, and every other field as a whole."""

    def __init__(self, old: Content, new: Content) -> None:
        self.old, self.new = old, new
        self._ids = HunkIds()
        self._body = BodyComparison(old["body"], new["body"], self._ids)

    @cached_property
    def hunks(self) -> list[TextHunk]:
        return [*self._fields.values(), *self._body.hunks]

    def taken(self, accepted: Collection[str], current: Content | None = None) -> dict[str, Any]:
        """`old` with the accepted hunks, as an edit of `current`, which is `new` unless it is given.

        Raises HunksConflict where `current` was edited in the same place.
        """
        current = self.new if current is None else current
        base, target = self._with(self._present(current)), self._with(accepted)
        result = {name: _merged(name, base, target, current) for name in CONTENT_FIELDS}
        result["body"] = rebased(base["body"], target["body"], current["body"])
        if not any(hunk.field == FOLLOWS_BODY for hunk in self.hunks):
            result[FOLLOWS_BODY] = self._citations(result["body"], current)
        return result

    def _with(self, accepted: Collection[str]) -> dict[str, Any]:
        """`old` with these hunks."""
        fields = (hunk.field for id_, hunk in self._fields.items() if id_ in accepted)
        names = {name for field in fields for name in TOGETHER.get(field, (field,))}
        content = {name: (self.new if name in names else self.old)[name] for name in CONTENT_FIELDS}
        return content | {"body": self._body.taken(accepted)}

    def _present(self, current: Content) -> set[str]:
        """The hunks that the current text has; one whose place was edited since counts: the edit stays."""
        there, after = _texts(current["body"]), _texts(self.new["body"])
        is_before = current["body"] == self.old["body"] != self.new["body"]
        present = set()
        for hunk in self.hunks:
            if hunk.field != "body":
                names = TOGETHER.get(hunk.field, (hunk.field,))
                is_absent = all(current[name] == self.old[name] for name in names)
            elif current["body"] == self.new["body"] or is_before or hunk.is_moved:
                is_absent = is_before
            else:
                # By number: a text may have a paragraph twice.
                lacks_new = not hunk.new or there[hunk.new] < after[hunk.new]
                is_absent = lacks_new and (not hunk.old or there[hunk.old] > after[hunk.old])
            if not is_absent:
                present.add(hunk.id)
        return present

    @cached_property
    def _fields(self) -> dict[str, TextHunk]:
        found = []
        grouped = {name for group in TOGETHER.values() for name in group}
        for name in CONTENT_FIELDS:
            group = TOGETHER.get(name, (name,))
            if name == "body" or (name in grouped and name not in TOGETHER):
                continue
            if name == FOLLOWS_BODY and self.old["body"] != self.new["body"]:
                continue
            old, new = (_group_text(side, group) for side in (self.old, self.new))
            if any(self.old[one] != self.new[one] for one in group):
                found.append(TextHunk(self._ids.next(name, old, new), name, old, new))
        return {hunk.id: hunk for hunk in found}

    def _citations(self, body: str, current: Content) -> list[dict[str, Any]]:
        """The sources that the body cites, and those that the current text lists without citing them."""
        for side in (current, self.new, self.old):
            if side["body"] == body:
                return list(side[FOLLOWS_BODY])
        known: dict[str, set[int]] = {}
        sides = [_Cited.of(side, known) for side in (current, self.new, self.old)]
        found = {
            number: citation
            for number, citation in sides[0].by_number.items()
            if number not in sides[0].cited
        }
        citing: dict[int, set[str]] = {}
        for text in _texts(body):
            for number in _numbers(text, known):
                citing.setdefault(number, set()).add(text)
        for number, texts in citing.items():
            citation = _one_source(number, texts, sides)
            if citation is not None:
                found[number] = citation
        return [found[number] for number in sorted(found)]


def _texts(body: str) -> Counter[str]:
    return Counter(part.text for part in parts(body, by_item=True))


def _numbers(text: str, known: dict[str, set[int]]) -> set[int]:
    """What a paragraph cites; each is parsed once, whichever bodies have it."""
    if text not in known:
        known[text] = set(cited_numbers(text))
    return known[text]


@dataclass(frozen=True)
class _Cited:
    """The sources of one version, what it cites of them, and its paragraphs."""

    by_number: Mapping[int, dict[str, Any]]
    cited: set[int]
    texts: set[str]

    @classmethod
    def of(cls, content: Content, known: dict[str, set[int]]) -> _Cited:
        texts = set(_texts(content["body"]))
        cited = {number for text in texts for number in _numbers(text, known)}
        return cls({one["number"]: one for one in content[FOLLOWS_BODY]}, cited, texts)


def _one_source(number: int, citing: Collection[str], sides: Sequence[_Cited]) -> dict[str, Any] | None:
    """What `[number]` stands for in all of these paragraphs; None where no version has it.

    Raises HunksConflict when paragraphs of two versions would name two sources by one number.
    """
    known = [side for side in sides if number in side.by_number]
    for side in known:
        if side.texts >= set(citing):
            return side.by_number[number]
    if len({_identity(side.by_number[number]) for side in known}) > 1:
        raise HunksConflict(f"[{number}]")
    return known[0].by_number[number] if known else None


def _identity(citation: Mapping[str, Any]) -> str:
    return str(citation.get("url") or citation.get("title") or "").casefold()


def _merged(name: str, base: Content, target: Content, current: Content) -> Any:
    if name == "body":
        return target[name]
    if target[name] == base[name] or target[name] == current[name]:
        return current[name]
    if current[name] != base[name]:
        raise HunksConflict(name)
    return target[name]


def _group_text(content: Content, names: Sequence[str]) -> str:
    return "\n".join(text for name in names if (text := as_text(content[name])))
