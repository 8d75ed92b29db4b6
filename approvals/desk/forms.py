"""What the review desk lets people type. Forms check shape; the verbs decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.models import AbstractBaseUser

from approvals.models import MIN_REASON_CHARACTERS, Decision, ReasonCode, Verdict
from approvals.models.desk import DraftComment
from approvals.review_token import Reading
from tasks.form_fields import Textarea
from tasks.models import Draft


class VerdictForm(forms.Form):
    """A verdict and its reason. The three verdicts are buttons in the templates."""

    decision = forms.ChoiceField(
        choices=Verdict, error_messages={"required": "Press one of the three buttons."}
    )
    reason_code = forms.ChoiceField(
        label="What it is about", choices=[("", "Choose …"), *ReasonCode.choices], required=False
    )
    reason = forms.CharField(
        required=False,
        max_length=Decision._meta.get_field("reason").max_length,
        help_text=(
            f"To request changes or to reject, say why in {MIN_REASON_CHARACTERS} characters or more: "
            "the writer works from it."
        ),
        widget=Textarea(attrs={"rows": 3}),
    )


class DecisionForm(VerdictForm):
    """A decision and the text it is about."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    content_sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)
    state = forms.CharField(required=False, max_length=600, widget=forms.HiddenInput)
    over_claim = forms.IntegerField(required=False, min_value=1, max_value=2**31)
    despite = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    @classmethod
    def for_reading(cls, draft: Draft, reader: AbstractBaseUser) -> DecisionForm:
        """An empty form about the text as it is now."""
        return cls(initial=_as_read(draft, reader))

    @classmethod
    def with_typed(cls, draft: Draft, reader: AbstractBaseUser, typed: Mapping[str, Any]) -> DecisionForm:
        """What was typed so far, about the text as it is now, with nothing said against it yet."""
        so_far = {name: typed.get(name, "") for name in ("reason_code", "reason")}
        return cls(initial=_as_read(draft, reader) | so_far)

    def about(self, draft: Draft, reader: AbstractBaseUser) -> DecisionForm:
        """The same typed text, bound to the text that is on the screen now."""
        self.data = self.data.copy()
        for name, value in _as_read(draft, reader).items():
            self.data[name] = str(value)
        return self

    def reading(self, draft: Draft, reader: AbstractBaseUser) -> Reading | None:
        """What the page says it showed, if it says so. Raises ReadingUnknown when that cannot be."""
        asked = self.cleaned_data
        if not asked["state"]:
            return None
        reading = Reading.from_token(asked["state"], reader)
        reading.require_about(draft.pk, asked["version"], asked["content_sha256"])
        return reading


def _as_read(draft: Draft, reader: AbstractBaseUser) -> dict[str, Any]:
    return {
        "version": draft.version,
        "content_sha256": draft.content_sha256,
        "state": Reading.begin(draft, reader).token,
    }


class CommentForm(forms.Form):
    """A comment on a paragraph of a version, or on the whole of it."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    paragraph = forms.RegexField(r"^[0-9a-f]{64}\Z", required=False, widget=forms.HiddenInput)
    text = forms.CharField(
        label="Comment",
        max_length=DraftComment._meta.get_field("text").max_length,
        widget=Textarea(attrs={"rows": 3}),
    )

    # In one form with the decision, which must not be asked for a comment by the browser.
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="comment_%s", **kwargs)

    @classmethod
    def with_typed(cls, draft: Draft, typed: Mapping[str, Any]) -> CommentForm:
        """What was typed so far, about the text as it is now."""
        so_far = {name: typed.get(name, "") for name in ("paragraph", "text")}
        return cls(initial={"version": draft.version} | so_far)

    def of_form(self, form_id: str) -> None:
        """Make its fields part of another form of the page."""
        for name in ("paragraph", "text"):
            self.fields[name].widget.attrs["form"] = form_id


MAX_PREVIEW_CHARACTERS = 200_000


class PreviewForm(forms.Form):
    body = forms.CharField(required=False, strip=False, max_length=MAX_PREVIEW_CHARACTERS, widget=Textarea)


class DraftForm(forms.ModelForm):
    """The reader-visible fields that a person may change, and the version they were read at."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    state = forms.CharField(required=False, max_length=600, widget=forms.HiddenInput)
    # In any script, as the API takes it and the site shows it.
    slug = forms.SlugField(
        max_length=100, allow_unicode=True, widget=forms.TextInput(attrs={"class": "wide"})
    )

    class Meta:
        model = Draft
        fields = ("title", "slug", "summary", "body", "seo_title", "seo_description", "category", "tags")
        field_classes = {"body": forms.CharField}
        widgets = {
            "title": forms.TextInput(attrs={"class": "wide"}),
            "summary": Textarea(attrs={"rows": 3}),
            "body": Textarea(attrs={"rows": 28, "spellcheck": "true"}),
            "seo_title": forms.TextInput(attrs={"class": "wide"}),
            "seo_description": Textarea(attrs={"rows": 2}),
            "tags": forms.TextInput(attrs={"class": "wide"}),
        }
        help_texts = {"tags": "Separate by commas."}

    def __init__(self, *args: Any, reader: AbstractBaseUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial |= {
            "version": self.instance.version,
            "state": Reading.begin(self.instance, reader).token,
        }
        # Only what is submitted matters here, not what the form showed at first.
        self.fields["tags"].show_hidden_initial = False
        # Stripping what the API takes with its outer spaces would make a new version of an unchanged text.
        for name in ("body", "summary"):
            self.fields[name].strip = False  # type: ignore[attr-defined]

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() | {"slug"}  # the model's own rule is ASCII

    @property
    def content(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    def on_top_of(self, draft: Draft) -> DraftForm:
        """The same typed text, to be saved over the version that stands now."""
        self.data = self.data.copy()
        self.data["version"] = str(draft.version)
        return self
