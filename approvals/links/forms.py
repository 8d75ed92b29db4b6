"""What people type to make a link, and to answer one. Forms check shape; the verbs decide."""

from __future__ import annotations

from typing import Any

from django import forms

from approvals.links.models import MIN_CONCERN_CHARACTERS, Opinion, PreviewLink
from approvals.links.sharing import DAYS, DEFAULT_DAYS
from tasks.form_fields import Textarea


class LinkForm(forms.Form):
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, help_text="Of the text that it shows.")
    kind = forms.ChoiceField(
        label="What it is for", choices=PreviewLink.Kind.choices, initial=PreviewLink.Kind.PREVIEW
    )
    person = forms.CharField(
        label="For whom",
        required=False,
        max_length=150,
        help_text="Their name stands beside their opinion. Leave it empty for a link that is only read.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    days = forms.TypedChoiceField(
        label="Works for",
        coerce=int,
        choices=[(days, f"{days} day{'s' * (days != 1)}") for days in DAYS],
        initial=DEFAULT_DAYS,
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") == PreviewLink.Kind.SIGN_OFF and not given.get("person"):
            self.add_error("person", "Say whose opinion it is for: the name is recorded with it.")
        return given


class OpinionForm(forms.Form):
    opinion = forms.ChoiceField(
        label="Your opinion",
        choices=[
            (Opinion.Choice.AGREE, "I agree with this text"),
            (Opinion.Choice.CONCERNS, "I have concerns"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether you agree or have concerns."},
    )
    text = forms.CharField(
        label="What you want to say",
        required=False,
        max_length=Opinion._meta.get_field("text").max_length,
        help_text=f"With concerns: {MIN_CONCERN_CHARACTERS} characters or more.",
        widget=Textarea(attrs={"rows": 6}),
    )
