"""Who may be asked to do something at the desk: mentioned in a comment, assigned a task."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

READ_DRAFT = "tasks.view_draft"
_MENTION = re.compile(r"(?<![\w@.+/-])@(\w[\w.@+-]{0,149})")
_CLOSING = ".+-@"
"""May end a sentence, or an account's name."""
MAX_MENTIONS = 20
MAX_OFFERED = 8


class Mentions(NamedTuple):
    people: Sequence[User]
    unknown: Sequence[str]
    """Names, as written, that nobody who may read drafts has."""


def people_with(permission: str) -> QuerySet[User]:
    """Active accounts with a permission, by a role, by themselves or as a superuser."""
    return User.objects.with_perm(permission, backend="django.contrib.auth.backends.ModelBackend")


def people_starting_with(words: str) -> list[User]:
    """Those who may read drafts and whose account, first or last name begins so: for completion."""
    begins = (
        Q(username__istartswith=words) | Q(first_name__istartswith=words) | Q(last_name__istartswith=words)
    )
    return list(people_with(READ_DRAFT).filter(begins).order_by("username")[:MAX_OFFERED])


def mentions_in(text: str) -> Mentions:
    """Who is mentioned as `@name`. Upper and lower case make no difference; an address is no mention."""
    written = list(dict.fromkeys(_MENTION.findall(text)))[:MAX_MENTIONS]
    spellings = {name: _spellings(name) for name in written}
    accounts = _accounts({each for found in spellings.values() for each in found})
    people, unknown = dict[int, User](), list[str]()
    for name, possible in spellings.items():
        account = next((accounts[each] for each in possible if each in accounts), None)
        if account:
            people[account.pk] = account
        else:
            unknown.append(name.rstrip(_CLOSING))
    return Mentions(list(people.values()), unknown)


def _spellings(name: str) -> list[str]:
    """The name in lower case, and without each of the marks that may end a sentence."""
    found = [name.lower()]
    while found[-1] and found[-1][-1] in _CLOSING:
        found.append(found[-1][:-1])
    return [each for each in found if each] or [name]


def _accounts(names: Iterable[str]) -> dict[str, User]:
    rows = people_with(READ_DRAFT).alias(lower_name=Lower("username")).filter(lower_name__in=list(names))
    return {person.username.lower(): person for person in rows.order_by("-pk")}
