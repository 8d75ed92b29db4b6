"""The forms of the review desk. Forms check shape; actions decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.http import QueryDict

from approvals.models import MIN_REASON_CHARACTERS, Decision, ReasonCode, Verdict
from approvals.models.desk import DraftComment
from approvals.review_token import ReviewToken
from tasks.form_fields import Textarea
from tasks.models import Draft


class VerdictForm(forms.Form):
    """A verdict and its reason. The three verdicts are buttons in the templates."""

    decision = forms.ChoiceField(
        choices=Verdict, error_messages={"required": "Choose a decision: press one of the three buttons."}
    )
    reason_code = forms.ChoiceField(
        label="Reason category", choices=[("", "Choose …"), *ReasonCode.choices], required=False
    )
    reason = forms.CharField(
        required=False,
        max_length=Decision._meta.get_field("reason").max_length,
        help_text=(
            f"Required to request changes or reject, in {MIN_REASON_CHARACTERS} characters or more: "
            "the writer works from it."
        ),
        widget=Textarea(attrs={"rows": 3}),
    )


class DecisionForm(VerdictForm):
    """A decision and the text it is made on."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    content_sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)
    state = forms.CharField(required=False, max_length=600, widget=forms.HiddenInput)
    over_lock = forms.IntegerField(required=False, min_value=1, max_value=2**31)
    despite = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    @classmethod
    def for_draft(cls, draft: Draft, reviewer: User) -> DecisionForm:
        """An empty form for the text as it is now."""
        return cls(initial=_text_on_screen(draft, reviewer))

    @classmethod
    def with_typed(cls, draft: Draft, reviewer: User, typed: Mapping[str, Any]) -> DecisionForm:
        """What was typed so far, for the text as it is now, without errors."""
        so_far = {name: typed.get(name, "") for name in ("reason_code", "reason")}
        return cls(initial=_text_on_screen(draft, reviewer) | so_far)

    def rebound(self, draft: Draft, reviewer: User) -> DecisionForm:
        """What was typed, bound to the text that is on the screen now."""
        texts = {name: str(value) for name, value in _text_on_screen(draft, reviewer).items()}
        self.data = with_values(self.data, texts)
        return self

    def review_token(self, draft: Draft, reviewer: User) -> ReviewToken | None:
        """What the page showed, if the form says so. Raises ReviewTokenInvalid."""
        cleaned = self.cleaned_data
        if not cleaned["state"]:
            return None
        token = ReviewToken.parse(cleaned["state"], reviewer)
        token.require_about(draft.pk, cleaned["version"], cleaned["content_sha256"])
        return token


def _text_on_screen(draft: Draft, reviewer: User) -> dict[str, Any]:
    return {
        "version": draft.version,
        "content_sha256": draft.content_sha256,
        "state": ReviewToken.issue(draft, reviewer).signed,
    }


def with_values(data: Mapping[str, Any], values: Mapping[str, str]) -> QueryDict:
    """The submitted data with these values in place of what was sent."""
    assert isinstance(data, QueryDict)  # a bound form's
    changed = data.copy()
    for name, value in values.items():
        changed[name] = value
    return changed


class CommentForm(forms.Form):
    """A comment on a paragraph of a version, or on the whole text."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    paragraph = forms.RegexField(r"^[0-9a-f]{64}\Z", required=False, widget=forms.HiddenInput)
    text = forms.CharField(
        label="Comment",
        max_length=DraftComment._meta.get_field("text").max_length,
        widget=Textarea(attrs={"rows": 3}),
    )

    # Part of the decision's form, in which the browser must not require a comment.
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"auto_id": "comment_%s"} | kwargs))

    @classmethod
    def with_typed(cls, draft: Draft, typed: Mapping[str, Any]) -> CommentForm:
        """What was typed so far, for the text as it is now."""
        so_far = {name: typed.get(name, "") for name in ("paragraph", "text")}
        return cls(initial={"version": draft.version} | so_far)

    def join_form(self, form_id: str) -> None:
        """Make its fields part of another form of the page."""
        for name in ("paragraph", "text"):
            self.fields[name].widget.attrs["form"] = form_id


MAX_PREVIEW_CHARACTERS = 200_000


class PreviewForm(forms.Form):
    body = forms.CharField(required=False, strip=False, max_length=MAX_PREVIEW_CHARACTERS, widget=Textarea)


class DraftForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """The reader-visible fields that a person may change, and the version that was read."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    state = forms.CharField(required=False, max_length=600, widget=forms.HiddenInput)

    class Meta:
        model = Draft
        fields = ("title", "slug", "summary", "body", "seo_title", "seo_description", "category", "tags")
        field_classes = {"body": forms.CharField}
        widgets = {
            "title": forms.TextInput(attrs={"class": "wide"}),
            "slug": forms.TextInput(attrs={"class": "wide"}),
            "summary": Textarea(attrs={"rows": 3}),
            "body": Textarea(attrs={"rows": 28, "spellcheck": "true"}),
            "seo_title": forms.TextInput(attrs={"class": "wide"}),
            "seo_description": Textarea(attrs={"rows": 2}),
            "tags": forms.TextInput(attrs={"class": "wide"}),
        }
        help_texts = {"tags": "Separate with commas."}

    def __init__(self, *args: Any, reviewer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {
            **self.initial,
            "version": self.instance.version,
            "state": ReviewToken.issue(self.instance, reviewer).signed,
        }
        # Only what is submitted matters here, not the initial value.
        self.fields["tags"].show_hidden_initial = False
        # Stripping would make a new version of an unchanged text that came with outer spaces through the API.
        for name in ("body", "summary"):
            self.fields[name].strip = False  # type: ignore[attr-defined]

    @property
    def content(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    def on_top_of(self, draft: Draft) -> DraftForm:
        """What was typed, to be saved on top of the current version."""
        self.data = with_values(self.data, {"version": str(draft.version)})
        return self
