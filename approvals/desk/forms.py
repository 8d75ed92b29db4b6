"""The forms of the review desk. Forms check shape; actions decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.functional import cached_property

from approvals.assignments import PARTS, AssignablePerson, candidates
from approvals.comments.anchors import SelectedWords
from approvals.models import MIN_REASON_CHARACTERS, Decision, ReasonCode, Verdict
from approvals.models.desk import DraftComment
from approvals.review_token import ReviewToken
from tasks.cited_sources import citations_for
from tasks.form_fields import Textarea
from tasks.models import ContentTask, Draft

NOTE = "note"
"""Shows the same fields for an approval, which needs none of them."""


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
        so_far = {name: typed.get(name, "") for name in ("reason_code", "reason", "refusal")}
        return cls(initial=_text_on_screen(draft, reviewer) | so_far)

    @property
    def refusal_chosen(self) -> str:
        """Which refusal is open, so that its reason is shown: what was typed is never hidden."""
        given = self.data if self.is_bound else self.initial
        chosen = str(given.get("decision") or given.get("refusal") or "")
        is_typed = bool(given.get("reason") or given.get("reason_code"))
        if chosen in {Verdict.REQUEST_CHANGES, Verdict.REJECT, NOTE}:
            return chosen
        return NOTE if is_typed else ""

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


class CommentTextForm(forms.Form):
    """The words of a comment."""

    text = forms.CharField(
        label="Comment",
        max_length=DraftComment._meta.get_field("text").max_length,
        widget=Textarea(attrs={"rows": 3, "data-mentions": ""}),
    )

    # Part of the decision's form, in which the browser must not require a comment.
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"auto_id": "comment_%s"} | kwargs))


class CommentForm(CommentTextForm):
    """A comment on words of a paragraph, on all of it, or on the whole text of a version; or a reply."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    paragraph = forms.RegexField(r"^[0-9a-f]{64}\Z", required=False, widget=forms.HiddenInput)
    parent = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    selection = forms.CharField(
        label="Words that it is about",
        required=False,
        max_length=DraftComment._meta.get_field("selection").max_length,
        help_text="Copied from the paragraph. Empty: all of it.",
    )
    before = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    after = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    OPEN_AT = ("paragraph", "parent", "selection", "before", "after", "text")

    @classmethod
    def with_typed(cls, draft: Draft, typed: Mapping[str, Any]) -> CommentForm:
        """What was typed so far, for the text as it is now."""
        so_far = {name: typed.get(name, "") for name in cls.OPEN_AT}
        return cls(initial={"version": draft.version} | so_far)

    def join_form(self, form_id: str) -> None:
        """Make its fields part of another form of the page."""
        for name in self.OPEN_AT:
            self.fields[name].widget.attrs["form"] = form_id

    @property
    def comment_on(self) -> dict[str, Any]:
        """The arguments of `threads.comment`."""
        cleaned = self.cleaned_data
        words = cleaned["selection"]
        selection = SelectedWords(words, cleaned["before"], cleaned["after"]) if words else None
        names = ("version", "paragraph", "text")
        return {name: cleaned[name] for name in names} | {"selection": selection}

    def add_errors(self, error: ValidationError) -> None:
        """Each at its field, if that can be seen."""
        for name, found in error.message_dict.items():
            self.add_error(name if name in {"text", "selection"} else None, found)


class AssignmentForm(forms.Form):
    """Who writes and who reviews. A field that was not sent stays as it is."""

    assignee = forms.ChoiceField(required=False)
    reviewer = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, by: User, task: ContentTask | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **({"auto_id": "assign_%s"} | kwargs))
        for part, people in candidates(by).items():
            now = getattr(task, part) if task else None
            shown = now and AssignablePerson(now.username, now.get_full_name())
            if shown and shown not in people:  # who may no longer do it stays visible
                people = [shown, *people]
            field: Any = self.fields[part]
            field.choices = [("", "nobody"), *((each.username, _name(each)) for each in people)]
            field.initial = shown.username if shown else ""

    @cached_property
    def people(self) -> dict[str, User | None]:
        cleaned = self.cleaned_data
        chosen = {part: cleaned[part] for part in PARTS if part in self.data}
        accounts = User.objects.in_bulk(list(filter(None, chosen.values())), field_name="username")
        return {part: accounts.get(name) for part, name in chosen.items()}


def _name(person: AssignablePerson) -> str:
    return f"{person.username} ({person.full_name})" if person.full_name else person.username


MAX_PREVIEW_CHARACTERS = 200_000


class PreviewForm(forms.Form):
    body = forms.CharField(required=False, strip=False, max_length=MAX_PREVIEW_CHARACTERS, widget=Textarea)


GOOD_LENGTHS = {"title": (20, 65), "summary": (80, 300), "seo_title": (20, 60), "seo_description": (70, 155)}
"""In characters: what search results and cards show whole, and enough to say something."""


class DraftForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """The reader-visible fields that a person may change, and the version that was read."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    state = forms.CharField(required=False, max_length=600, widget=forms.HiddenInput)

    class Meta:
        model = Draft
        fields = ("title", "slug", "summary", "body", "seo_title", "seo_description", "category", "tags")
        field_classes = {"body": forms.CharField}
        widgets = {
            "title": Textarea(attrs={"rows": 2, "spellcheck": "true"}),
            "slug": forms.TextInput(attrs={"class": "wide"}),
            "summary": Textarea(attrs={"rows": 3, "spellcheck": "true"}),
            "body": Textarea(attrs={"rows": 28, "spellcheck": "true"}),
            "seo_title": forms.TextInput(attrs={"class": "wide"}),
            "seo_description": Textarea(attrs={"rows": 3, "spellcheck": "true"}),
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
        for name, (shortest, longest) in GOOD_LENGTHS.items():
            self.fields[name].widget.attrs["data-good"] = f"{shortest} {longest}"

    def clean_title(self) -> str:
        """One line, though its field grows with it."""
        return " ".join(str(self.cleaned_data["title"]).splitlines()).strip()

    @property
    def content(self) -> dict[str, Any]:
        """What was typed, and the citations that its body has."""
        typed = {name: self.cleaned_data[name] for name in self.Meta.fields}
        return typed | {"citations": citations_for(self.instance, typed["body"])}

    def on_top_of(self, draft: Draft) -> DraftForm:
        """What was typed, to be saved on top of the current version."""
        self.data = with_values(self.data, {"version": str(draft.version)})
        return self
