"""Widgets are rendered once for what they show, and are what Django makes of them."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import Group
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, override

from contentpipeline.forms.renderer import MOST_CHARACTERS, MOST_ITEMS, WidgetRenderer

OURS, DJANGOS = WidgetRenderer(), DjangoTemplates()


def both(widget: forms.Widget, value: Any, attrs: dict[str, Any]) -> tuple[str, str]:
    ours = widget.render("field", value, dict(attrs), renderer=OURS)
    return ours, widget.render("field", value, dict(attrs), renderer=DJANGOS)


def test_it_renders_what_django_renders_again_and_again():
    choices = [("a", "A & B"), ("b", mark_safe("<b>B</b>")), ("c", "<b>B</b>"), ("", gettext_lazy("No"))]
    widgets = [
        forms.TextInput(), forms.Textarea(), forms.CheckboxInput(), forms.NumberInput(),
        forms.PasswordInput(), forms.Select(choices=choices), forms.SelectMultiple(choices=choices),
        forms.RadioSelect(choices=choices), forms.Select(choices=[("Group", choices)]),
        forms.ClearableFileInput(), forms.HiddenInput(),
    ]  # fmt: skip
    values = [None, "", "a", "<script>", mark_safe("<i>"), 1, True, ["a", "b"], "é" * (MOST_CHARACTERS + 1)]
    attributes: list[dict[str, Any]] = [
        {}, {"id": "one"}, {"required": True}, {"required": 1}, {"required": False}, {"title": "<>"},
        {"title": mark_safe("<>")}, {"max": 1.0}, {"max": 1},
    ]  # fmt: skip
    for _ in range(2):
        for widget in widgets:
            for value in values:
                for attrs in attributes:
                    ours, djangos = both(widget, value, attrs)
                    assert ours == djangos, (widget, value, attrs)
    many = forms.Select(choices=[(str(number), number) for number in range(MOST_ITEMS + 1)])
    assert len(set(both(many, "3", {}))) == 1


def test_a_widget_in_another_language_is_another():
    widget = forms.Select(choices=[("", gettext_lazy("Yes"))])
    shown = []
    for language in ("en", "de", "en"):
        with override(language):
            ours, djangos = both(widget, "", {})
            assert ours == djangos
            shown.append(ours)
    assert shown[0] == shown[2] != shown[1]


class LabelForm(forms.Form):
    required_css_class = "required"
    one = forms.CharField(label="<One>", help_text="Help")
    two = forms.CharField(label=mark_safe("<b>Two?</b>"), required=False)


def test_labels_and_errors_are_those_of_django():
    for data in (None, {}, {"one": "x"}):
        for _ in range(2):
            ours, djangos = LabelForm(data, renderer=OURS), LabelForm(data, renderer=DJANGOS)
            assert ours.as_p() == djangos.as_p()
            for name in ours.fields:
                assert str(ours[name].errors) == str(djangos[name].errors)
                for given in ({}, {"attrs": {"class": "wide"}}, {"label_suffix": "…"}):
                    assert ours[name].label_tag(**given) == djangos[name].label_tag(**given)


@pytest.mark.django_db
def test_a_choice_that_was_renamed_is_shown_by_its_new_name():
    group = Group.objects.create(name="Before")
    for name in ("Before", "After"):
        Group.objects.filter(pk=group.pk).update(name=name)
        field = forms.ModelChoiceField(Group.objects.filter(pk=group.pk))
        ours, djangos = both(field.widget, group.pk, {})
        assert ours == djangos
        assert name in ours
