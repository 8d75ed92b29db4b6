"""Forms to create a link and to give feedback through one. Forms check shape; actions decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from approvals.links.models import MIN_CONCERN_CHARACTERS, PreviewLink, SignOffFeedback
from approvals.links.sharing import DAYS, DEFAULT_DAYS
from tasks.form_fields import Textarea


class LinkForm(forms.Form):
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, help_text="The version that it shows.")
    kind = forms.ChoiceField(
        label="Purpose", choices=PreviewLink.Kind.choices, initial=PreviewLink.Kind.PREVIEW
    )
    person = forms.CharField(
        label="Recipient",
        required=False,
        max_length=150,
        help_text="Shown with their feedback. Leave empty for a link that only shows the text.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    days = forms.TypedChoiceField(
        label="Valid for",
        coerce=int,
        choices=[(days, f"{days} day{'s' * (days != 1)}") for days in DAYS],
        initial=DEFAULT_DAYS,
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") == PreviewLink.Kind.SIGN_OFF and not given.get("person"):
            self.add_error("person", "Say who will give the feedback: the name is recorded with it.")
        return given


class SignOffForm(forms.Form):
    opinion = forms.ChoiceField(
        label=_("Your feedback"),
        choices=[
            (SignOffFeedback.Choice.AGREE, _("I agree with this text")),
            (SignOffFeedback.Choice.CONCERNS, _("I have concerns")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether you agree or have concerns.")},
    )
    text = forms.CharField(
        label=_("Comments"),
        required=False,
        max_length=SignOffFeedback._meta.get_field("text").max_length,
        help_text=format_lazy(
            _("Required for concerns: {number} characters or more."), number=MIN_CONCERN_CHARACTERS
        ),
        widget=Textarea(attrs={"rows": 6}),
    )
