"""The forms of *People* and of a person's own profile."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import Group, User
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError

from approvals.access import people
from approvals.access.names import free_username

NAME_CHARACTERS = 200


def require_free_mail(mail: str, *, of: User | None = None) -> str:
    """People log in by their mail address, so no two active accounts have the same."""
    others = User.objects.filter(email__iexact=mail, is_active=True)
    if mail and (others.exclude(pk=of.pk) if of else others).exists():
        raise ValidationError("Another active account has this mail address: choose another one.")
    return mail


class _PersonForm(forms.Form):
    name = forms.CharField(max_length=NAME_CHARACTERS)
    mail = forms.EmailField(label="Mail address")
    roles = forms.ModelMultipleChoiceField(
        Group.objects.none(), widget=forms.CheckboxSelectMultiple, required=False
    )
    is_superuser = forms.BooleanField(
        required=False,
        label="Administrator",
        help_text="May do everything, including the settings of the desk and other people's accounts.",
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        roles = self.fields["roles"]
        assert isinstance(roles, forms.ModelMultipleChoiceField)
        roles.queryset = people.assignable_groups(by)
        if not by.is_superuser:
            del self.fields["is_superuser"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned.setdefault("is_superuser", False)
        if not self.errors and not cleaned.get("roles") and not cleaned["is_superuser"]:
            self.add_error("roles", "Choose at least one role: without one a person cannot log in.")
        return cleaned


class AddPersonForm(_PersonForm):
    username = forms.CharField(
        max_length=150,
        required=False,
        label="Login name",
        validators=[UnicodeUsernameValidator()],
        help_text="Made from the mail address if left empty. People can log in by either.",
    )
    field_order = ("name", "mail", "roles", "is_superuser", "username")

    def clean_mail(self) -> str:
        return require_free_mail(self.cleaned_data["mail"])

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if username and User.objects.filter(username__iexact=username).exists():
            raise ValidationError("Another account has this login name: choose another one.")
        return username

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("username") and cleaned.get("mail"):
            cleaned["username"] = free_username(cleaned["mail"])
        return cleaned


class ChangePersonForm(_PersonForm):
    mail = forms.EmailField(label="Mail address", required=False)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        initial = {
            "name": person.get_full_name(), "mail": person.email, "roles": person.groups.all(),
            "is_superuser": person.is_superuser,
        }  # fmt: skip
        super().__init__(*args, **{**kwargs, "initial": initial})
        self.person = person
        self.fields["name"].required = False

    def clean_mail(self) -> str:
        return require_free_mail(self.cleaned_data["mail"], of=self.person)


class DeactivateForm(forms.Form):
    successor = forms.ModelChoiceField(
        User.objects.none(),
        required=False,
        label="Open work goes to",
        empty_label="nobody: it stays unassigned",
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        successor = self.fields["successor"]
        assert isinstance(successor, forms.ModelChoiceField)
        successor.queryset = people.successors_of(person)


class ProfileForm(forms.Form):
    name = forms.CharField(max_length=NAME_CHARACTERS, required=False)
    mail = forms.EmailField(label="Mail address", required=False)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        initial = {"name": person.get_full_name(), "mail": person.email}
        super().__init__(*args, **{**kwargs, "initial": initial})
        self.person = person

    def clean_mail(self) -> str:
        """Whether another account has the new address shows only after its mail was read."""
        return str(self.cleaned_data["mail"])
