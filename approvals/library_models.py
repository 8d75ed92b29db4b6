"""The two changes that this app makes to models of other packages; `ApprovalsConfig.ready` makes them.

docs/library-internals.md lists them; tests/approvals/test_library_models.py fails when one is needless.

- `save` of accounts, groups, tokens and second factors runs in a transaction. Django sends `post_save` after
  the commit of a save without one, so that the audit entry, which a receiver writes, could be lost. No signal
  can mend that: a transaction that `pre_save` opened would stay open when the save fails.
- A token's name in messages and reports does not show its digest, as knox's does.
"""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, User
from django.db import transaction
from knox.models import AuthToken

SHOWN_CHARACTERS = 8


def name_of(token: AuthToken) -> str:
    return f"{token.token_key[:SHOWN_CHARACTERS]}… of {token.user}"


def install() -> None:
    for model in (User, Group, AuthToken, Authenticator):
        model.save = transaction.atomic(model.save)  # type: ignore[method-assign]  # on purpose: see above
    AuthToken.__str__ = name_of
