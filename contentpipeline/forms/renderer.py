"""Renders each widget of a form once for what it shows: most are the same on every visit."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.forms.models import ModelChoiceIteratorValue
from django.forms.renderers import DjangoTemplates
from django.urls import get_script_prefix
from django.utils.functional import Promise
from django.utils.safestring import SafeData, SafeString, mark_safe
from django.utils.translation import get_language

MOST_CHARACTERS, MOST_ITEMS = 2000, 500
"""Of a value, and of a list of choices: with more, a widget is a text, or rare, and is rendered each time."""

ERRORS, LABEL = "django/forms/errors/list/default.html", "django/forms/label.html"
OF_A_WIDGET, OF_A_LABEL = {"widget"}, {"label", "attrs", "use_tag", "tag"}


class WidgetRenderer(DjangoTemplates):
    """As Django's. A widget's HTML follows from its context alone, whichever form and request it is for."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> SafeString:
        if template_name == ERRORS and not context["errors"]:
            return SafeString()  # of nearly every field
        if template_name == LABEL:
            context = {name: value for name, value in context.items() if name != "field"}  # which it ignores
        if request is None and context.keys() in (OF_A_WIDGET, OF_A_LABEL):
            try:
                return self._rendered(template_name, _Frozen(context), get_language(), get_script_prefix())
            except _Varies:
                pass
        return mark_safe(super().render(template_name, context, request))

    @lru_cache(2000)  # noqa: B019  # there is one renderer, for the life of the process
    def _rendered(
        self, template_name: str, context: _Frozen, language: str | None, prefix: str
    ) -> SafeString:
        given, context.given = context.given, {}  # the key alone is kept
        return mark_safe(super().render(template_name, given))


class _Varies(Exception):
    """This context is not kept."""


class _Frozen:
    """A context, equal to every other that renders the same."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.given, self.key = given, _key_of(given)
        self.hash = hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Frozen) and self.key == other.key

    def __hash__(self) -> int:
        return self.hash


def _key_of(value: Any) -> Any:
    """With the type of each value: `True` is an attribute without one, 1 is not; safe text is not escaped."""
    if isinstance(value, ModelChoiceIteratorValue):
        value = getattr(value, "value")  # noqa: B009  # its stub forgets it
    if value is None or isinstance(value, bool | int | float):
        return type(value), value
    if isinstance(value, Promise):
        value = str(value)  # in the language of the page
    if isinstance(value, str):
        if len(value) > MOST_CHARACTERS:
            raise _Varies
        return isinstance(value, SafeData), str(value)
    if isinstance(value, dict):
        return tuple((name, _key_of(one)) for name, one in value.items())
    if isinstance(value, list | tuple):
        if len(value) > MOST_ITEMS:
            raise _Varies
        return type(value), tuple(map(_key_of, value))
    raise _Varies
