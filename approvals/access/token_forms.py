"""The forms of the page *Tokens*."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone

from approvals.access import token_actions
from approvals.access.scopes import SCOPES

EVERYTHING = "everything"
LIFETIMES = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "a year"}
NEVER = "never"
OVERLAPS = {"0": "not at all: it stops at once", "1": "an hour", "24": "a day", "168": "a week"}


class CreateTokenForm(forms.Form):
    name = forms.CharField(max_length=100, help_text="What uses it, such as “CMS import”.")
    user = forms.ModelChoiceField(User.objects.none(), label="Account", empty_label=None)
    scopes = forms.MultipleChoiceField(
        choices=[
            *((name, scope.title) for name, scope in SCOPES.items()),
            (EVERYTHING, "Everything that the account may do, now and later"),
        ],
        widget=forms.CheckboxSelectMultiple,
        initial=["read"],
        error_messages={"required": "Choose what the token is to be used for."},
    )
    lifetime = forms.ChoiceField(label="Valid for", choices=list(LIFETIMES.items()), initial="90")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user, lifetime = self.fields["user"], self.fields["lifetime"]
        assert isinstance(user, forms.ModelChoiceField)
        assert isinstance(lifetime, forms.ChoiceField)
        self.by = by
        if token_actions.may_create_for_others(by):
            user.queryset = token_actions.owners_for(by)
            user.initial = by.pk
            user.help_text = "The token may never do more than this account."
            lifetime.choices = [*LIFETIMES.items(), (NEVER, "ever: only for what cannot replace its token")]
        else:
            del self.fields["user"]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if "\0" in name or not name.isprintable():
            raise ValidationError("Use printable characters alone.")
        return name

    def owner(self) -> User:
        chosen: User = self.cleaned_data.get("user") or self.by
        return chosen

    def chosen_scopes(self) -> list[str] | None:
        scopes: list[str] = self.cleaned_data["scopes"]
        return None if EVERYTHING in scopes else scopes

    def expires_at(self) -> datetime | None:
        days = self.cleaned_data["lifetime"]
        return None if days == NEVER else timezone.now() + timedelta(days=int(days))


class RotateTokenForm(forms.Form):
    overlap = forms.ChoiceField(
        label="The old key stays valid for",
        choices=list(OVERLAPS.items()),
        initial="24",
        help_text="Put the new key where the old one is used within this time.",
    )

    def overlap_time(self) -> timedelta:
        return timedelta(hours=int(self.cleaned_data["overlap"]))
