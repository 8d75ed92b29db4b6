"""The categories and tags there are, to choose from, and names that differ from one of them by little.

Which names are the same is for `tasks.naming` to say: readers see those as one. Here it is about names that
a person would not want as two: "City" and "Cities", "Cafe" and "Café", "Enviroment" and "Environment".
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from django.core.cache import caches
from django.db import connection
from django.db.models import Count, Func, TextField

from tasks.models import ContentTask

MAX_NAMES = 20_000
"""The most names that are compared."""
SHOWN_NAMES = 200
"""Of those in use, in the list of a browser without scripts."""
LEAST_CHARACTERS = 6
"""Of a name in which a slip of one letter is looked for: in a short one it is another word."""
ALIKE = 0.88


class NameKind(StrEnum):
    CATEGORY = "category"
    TAGS = "tags"


other_names: dict[NameKind, list[Callable[[], Iterable[str]]]] = {kind: [] for kind in NameKind}
"""Where the apps above have names of their own: each returns some."""


@dataclass(frozen=True)
class KnownName:
    name: str
    uses: int
    """In how many briefs."""


def known_names(kind: NameKind) -> list[KnownName]:
    """Those in use, the most used first."""
    if kind == NameKind.CATEGORY:
        rows = ContentTask.objects.exclude(category="").order_by().values_list("category")
    else:
        unnested = Func("tags", function="unnest", output_field=TextField())
        rows = ContentTask.objects.exclude(tags=[]).order_by().annotate(each=unnested).values_list("each")
    counted = Counter(dict(rows.annotate(uses=Count("pk"))[:MAX_NAMES]))
    for provider in other_names[kind]:
        for name in provider():
            counted.setdefault(name, 0)
    return sorted(
        (KnownName(name, uses) for name, uses in counted.items() if name),
        key=lambda one: (-one.uses, one.name),
    )


def names_to_choose(kind: NameKind) -> list[str]:
    """The most used ones, as they were when a brief was last filed: for a page that more is typed on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM tasks_contenttask")
        [last] = cursor.fetchone()

    def find() -> list[str]:
        return [one.name for one in known_names(kind)[:SHOWN_NAMES]]

    found: list[str] = caches["user"].get_or_compute(f"names:{kind}:{last}", find)  # type: ignore[attr-defined]
    return found


def completions(kind: NameKind, typed: str, limit: int = 8) -> list[KnownName]:
    """Names that begin with what was typed, then those with a word that does, then those that contain it."""
    wanted, ranked = _plain(typed), []
    for place, known in enumerate(known_names(kind)):
        plain = _plain(known.name)
        at = plain.find(wanted)
        if at >= 0:
            rank = 0 if at == 0 else 1 if not plain[at - 1].isalnum() else 2
            ranked.append((rank, place, known))
    return [known for _, _, known in sorted(ranked, key=lambda one: one[:2])[:limit]]


def nearly_same(kind: NameKind, names: Iterable[str]) -> dict[str, KnownName]:
    """Of these names those that are new, each with the name in use that it is nearly the same as."""
    wanted = [name for name in dict.fromkeys(names) if name.strip()]
    if not wanted:
        return {}
    known = known_names(kind)
    in_use = {one.name for one in known}
    by_key: dict[str, KnownName] = {}
    for one in known:
        by_key.setdefault(_key(one.name), one)
    found = {}
    for name in wanted:
        if name in in_use:
            continue
        key = _key(name)
        if near := by_key.get(key) or _misspelt(key, by_key):
            found[name] = near
    return found


def _misspelt(key: str, by_key: dict[str, KnownName]) -> KnownName | None:
    """A name that differs by a letter or two; figures that differ make another name."""
    if len(key) < LEAST_CHARACTERS:
        return None
    best, found = ALIKE, None
    figures = re.sub(r"\D", "", key)
    matcher = SequenceMatcher(b=key, autojunk=False)
    for other, known in by_key.items():
        if abs(len(other) - len(key)) > 2 or other[:1] != key[:1] or re.sub(r"\D", "", other) != figures:
            continue
        matcher.set_seq1(other)
        if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best and matcher.ratio() > best:
            best, found = matcher.ratio(), known
    return found


def _plain(name: str) -> str:
    """In small letters without accents."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).strip()


def _key(name: str) -> str:
    """The letters and figures of its words, each in the singular."""
    text = _plain(name.replace("&", " and ").replace("ß", "ss"))
    # A joined word and one with a hyphen are one word: "e-mobility", "emobility".
    return "".join(_singular(word) for word in re.findall(r"[\w+#]+", text.replace("_", " ")))


def _singular(word: str) -> str:
    """Of an English word, by its ending; of others near enough, because both sides are treated alike."""
    if len(word) <= 3 or not word.isascii():
        return word
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x")):
        if word.endswith(ending):
            return word[: -len(ending)] + instead
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
