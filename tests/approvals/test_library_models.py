"""Canaries for approvals/library_models.py: when one fails, that module's change may be needless by now."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.db.models.signals import post_save
from knox.models import AbstractAuthToken, AuthToken, get_digest_token

from approvals.models import AuditEntry
from tests.factories import make_user


@pytest.mark.django_db(transaction=True)
def test_django_sends_post_save_after_the_commit_of_a_save_without_a_transaction() -> None:
    """If this fails, `save` need no longer be changed."""
    permission = Permission.objects.select_related("content_type").first()
    assert permission is not None
    seen = []

    def look(**_: Any) -> None:
        seen.append(connection.in_atomic_block)

    post_save.connect(look, sender=Permission)
    try:
        permission.save()
    finally:
        post_save.disconnect(look, sender=Permission)
    assert seen == [False]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", [User, Group, AuthToken])
def test_a_save_whose_entry_cannot_be_written_is_undone(model: Any) -> None:
    user = make_user("walter")
    digest, _ = get_digest_token()
    fields = {User: {"username": "nora"}, Group: {"name": "New"}, AuthToken: {"digest": digest, "user": user}}
    rows, entries = model.objects.count(), AuditEntry.objects.count()

    def fail(**_: Any) -> None:
        raise RuntimeError("the entry cannot be written")

    post_save.connect(fail, sender=model)
    try:
        with pytest.raises(RuntimeError):
            model(**fields[model]).save()
    finally:
        post_save.disconnect(fail, sender=model)
    assert (model.objects.count(), AuditEntry.objects.count()) == (rows, entries)


@pytest.mark.django_db
def test_knox_names_a_token_by_its_digest() -> None:
    """If this fails, knox's own name may be as good as ours."""
    token, _ = AuthToken.objects.create(make_user("walter"))
    assert token.digest in AbstractAuthToken.__str__(token)
    assert token.digest not in str(token)
