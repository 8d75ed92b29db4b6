"""Removes the second factors of an account, for an administrator who has lost telephone and codes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from approvals.access import second_factor


class Command(BaseCommand):
    help = "Remove all second factors of an account and end its sessions. It is recorded in the audit chain."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no account named {username}.")
        if not second_factor.reset(user):
            raise CommandError(f"{username} has no second factor; all sessions were ended.")
        self.stdout.write(f"The second factor of {username} was removed, and all sessions ended.")
