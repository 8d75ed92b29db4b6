"""Slugs by the setting, and which names are the same where a person, a filter or a run asks."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import models

from tasks.engine.mapping import content_of
from tasks.engine.versions import _with_locked
from tasks.errors import GuidanceRefused
from tasks.guidance import adopt_guideline, guidelines_for
from tasks.naming import (
    AnyScriptSlugField,
    SlugFormField,
    name_keys,
    slug_of,
    slugs_of,
    usable_slug,
    validate_slug,
)
from tasks.pipeline.types import Article
from tests.factories import make_draft, make_task, make_user


@pytest.mark.parametrize(("letters", "slug"), [("unicode", "茶-c-sharp"), ("ascii", "cha-c-sharp")])
def test_the_setting_says_which_letters_new_slugs_have(letters: str, slug: str, settings: Any) -> None:
    settings.SLUGS = letters
    assert slug_of("茶 C#") == slug


def test_a_proposed_slug_stays_where_the_setting_allows_it(settings: Any) -> None:
    assert usable_slug("my_own-slug", "Title") == "my_own-slug"
    assert usable_slug("", "Street trees") == "street-trees"
    assert usable_slug("two words", "Title") == "two-words"
    settings.SLUGS = "ascii"
    assert usable_slug("чай", "Title") == "chay"
    assert content_of(Article(title="Чай", slug="чай", body="Text."))["slug"] == "chay"


def test_a_filter_takes_a_slug_or_a_name() -> None:
    assert slugs_of("c-sharp", otherwise="tag") == ["c-sharp"]
    assert slugs_of("C#", otherwise="tag") == ["C#", "c-sharp"]


@pytest.mark.django_db
def test_the_database_says_which_names_are_the_same() -> None:
    keys = name_keys(["Heat health", "heat-health", "10⁶", "106", "C++", "c#"])
    assert keys["Heat health"] == keys["heat-health"] == "heat health"
    assert keys["10⁶"] == "10^6" != keys["106"]
    assert keys["C++"] == "c++"
    assert keys["c#"] == "c#"
    assert name_keys([]) == {}


SAME = [
    ("Isı", "ısı", "ISI"),
    ("İstanbul", "ISTANBUL", "istanbul"),
    ("محمد", "مُحَمَّد", "محمـــد"),
    ("שלום", "שָׁלוֹם"),
    ('צה"ל', "צה״ל"),
    ("50 %", "50%", "50٪", "50\u00a0％"),
    ("m²", "㎡", "M^2"),
    ("C#", "C♯", "Ｃ＃"),
    ("Hawaiʻi", "Hawai'i", "Hawai’i", "Hawai´i"),
    ("Heat health", "- Heat health", "heat_health -", "HEAT–HEALTH-", "-heat health"),
    ("น้ำ", "น้ํา"),
    ("½", "1/2", "1⁄2"),
    ("ὀδός", "ὈΔΌΣ"),
]
DIFFERENT = [
    ("O", "O-", "O+"), ("AB", "AB−", "AB+"), ("C", "C--", "C++", "C#"), ("5", "-5", "+5"), ("m²", "m2", "m³"),
    ("㎡", "m2"), ("آب", "اب"), ("10⁶", "106"), ("A/B", "AB"), ("½", "12"), ("-", "…"),
]  # fmt: skip


@pytest.mark.django_db
def test_case_points_and_forms_make_no_other_name_and_signs_do() -> None:
    keys = name_keys([name for names in [*SAME, *DIFFERENT] for name in names])
    assert [names for names in SAME if len({keys[name] for name in names}) > 1] == []
    assert [names for names in DIFFERENT if len({keys[name] for name in names}) < len(names)] == []


def test_names_that_are_the_same_have_one_slug() -> None:
    assert [names for names in SAME if len({slug_of(name) for name in names}) > 1] == []


@pytest.mark.parametrize(
    ("name", "slug"),
    [("AB−", "ab-minus"), ("O-", "o-minus"), ("-5 °C", "minus-5-c"), ("25㎡", "25-m-2"),
     ("50٪", "50-percent"), ("ŉ", "n"), ("น้ํา", "น้ำ"), ("Trees -", "trees"),
     ("Trees-", "trees"), ("5-10", "5-10")],
)  # fmt: skip
def test_signs_at_the_ends_of_a_name_are_spelled(name: str, slug: str) -> None:
    assert slug_of(name) == slug


@pytest.mark.django_db
def test_a_guideline_reaches_its_category_however_that_is_written() -> None:
    editor = make_user("ed", "Editors")
    adopt_guideline("Heat health", "Name the source of every figure.", by=editor)
    adopt_guideline("HEAT-HEALTH", "Give temperatures in degrees Celsius.", by=editor)
    tasks = [make_task(category=name) for name in ("heat-health", "Heat health", "Heat", "")]
    both = ("Name the source of every figure.", "Give temperatures in degrees Celsius.")
    assert guidelines_for(tasks) == {tasks[0].pk: both, tasks[1].pk: both}
    with pytest.raises(GuidanceRefused):
        adopt_guideline("heat_health", "Name the source of every figure.", by=editor)


@pytest.mark.django_db
def test_a_text_that_keeps_its_title_keeps_its_address() -> None:
    draft = make_draft(title="Deše tree", slug="as-it-always-was")
    same = {"title": draft.title, "slug": "dese-tree", "body": "More."}
    assert _with_locked(draft, same)["slug"] == "as-it-always-was"
    assert _with_locked(draft, same | {"title": "Another"})["slug"] == "dese-tree"


@pytest.mark.parametrize("slug", ["चाय", "น้ำ", "a_b-c", "茶", "شاي"])
def test_forms_and_models_accept_slugs_in_any_script(slug: str) -> None:
    validate_slug(slug)
    assert SlugFormField(max_length=100).clean(slug) == slug
    field = AnyScriptSlugField(max_length=100)
    assert isinstance(field.formfield(), SlugFormField)
    assert field.clean(slug, models.Model) == slug


@pytest.mark.parametrize("slug", ["two words", "a/b", "🔥", "a.b"])
def test_forms_and_models_refuse_what_cannot_be_part_of_an_address(slug: str) -> None:
    for field in (SlugFormField(), AnyScriptSlugField()):
        with pytest.raises(ValidationError, match="any script"):
            field.clean(slug, None) if isinstance(field, models.Field) else field.clean(slug)
