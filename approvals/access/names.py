"""Names of accounts: what a person is called, and under which name they log in."""

from __future__ import annotations

import re

from django.contrib.auth.models import User

from tasks.naming import slug_of

MAX_CHARACTERS = 30


def split_name(name: str) -> tuple[str, str]:
    """Into Django's two fields, of which `get_full_name` makes the same name again."""
    words = name.split()
    return (" ".join(words[:-1])[:150], words[-1][:150]) if len(words) > 1 else (" ".join(words)[:150], "")


def free_username(wanted: str) -> str:
    """As in anna.mueller, from a name or a mail address; with a number where it is taken."""
    own = wanted.partition("@")[0]
    base = slug_of(own).replace("-", ".")[:MAX_CHARACTERS].strip(".") if re.search(r"\w", own) else ""
    base = re.sub(r"[^\w.]", "", base) or "person"
    taken = set(User.objects.filter(username__istartswith=base).values_list("username", flat=True))
    lower = {name.casefold() for name in taken}
    number, found = 1, base
    while found.casefold() in lower:
        number += 1
        found = f"{base}{number}"
    return found
