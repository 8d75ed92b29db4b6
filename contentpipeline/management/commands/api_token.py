"""Gives an account a token for the API."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from knox.models import AuthToken

from contentpipeline.roles import GROUP_OF_ROLE


class Command(BaseCommand):
    help = (
        "Print a new token, to be sent as `Authorization: Token …`. Only its hash is stored, so it cannot be "
        "shown again. Creates the user, without a password, if there is none; an existing user gets the role "
        "as well."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", required=True, choices=list(GROUP_OF_ROLE))

    def handle(self, *args: Any, username: str, role: str, **options: Any) -> None:
        self.stdout.write(issue_token(username, role))


@transaction.atomic
def issue_token(username: str, role: str) -> str:
    user = User.objects.filter(username=username).first() or _new_user(username)
    if not user.is_active:
        raise CommandError(f"{username} is deactivated: activate the account first.")
    user.groups.add(Group.objects.get(name=GROUP_OF_ROLE[role]))
    token: str
    _, token = AuthToken.objects.create(user=user)
    return token


def _new_user(username: str) -> User:
    user = User(username=username)
    user.set_unusable_password()
    try:
        user.full_clean()
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error
    user.save()
    return user
