"""One rule says which names are the same, wherever names of categories and tags are compared."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from approvals.models import ReviewRule
from approvals.rules import rule_for
from publishing.category_names import are_same, find, get_or_create
from publishing.models import Category, Post, Tag
from publishing.publish import publish
from publishing.readiness import objections_to
from publishing.reconciliation import live_posts
from tasks.api.filters import TaskFilter
from tasks.guidance import adopt_guideline, guidelines_for
from tasks.models import ContentTask
from tests.factories import approve, make_draft, make_task, make_user

SAME = {
    "upper and lower case": ("Street Trees", "STREET TREES"),
    "spaces": ("Street trees", "  Street \t trees "),
    "hyphens and underscores": ("Street trees", "street-_trees"),
    "no-break and ideographic spaces": ("Street trees", "Street\u00a0\u3000trees"),
    "composed and decomposed": ("Café", "Cafe\u0301"),
    "full width": ("AI 2", "ＡＩ ２"),
    "ligatures": ("Office", "O\ufb03ce"),
    "sharp s": ("Straße", "STRASSE"),
    "capital sharp s": ("Straße", "STRAẞE"),
    "final sigma": ("ΔΡΟΜΟΣ", "δρομος"),
    "umlauts": ("Übergänge", "ÜBERGÄNGE"),
    "Cyrillic": ("Деревья", "ДЕРЕВЬЯ"),
    "capital dotted i": ("İstanbul", "istanbul"),
    "compatibility forms of CJK": ("金", "\uf90a"),
    "dashes": ("Street trees", "Street–trees-"),
    "apostrophes": ("O'Brien", "O’Brien"),
    "joiners": ("می‌خواهم", "میخواهم"),
    "emoji with and without its variant": ("❤️", "❤"),
    "an exponent": ("10⁶", "10^6"),
    "a fraction": ("2½", "2 1/2"),
    "lowered figures": ("CO₂", "CO2"),
}
DIFFERENT = {
    "dotless i": ("Isik", "Işık"),
    "signs": ("C++", "C#"),
    "accents": ("Cafe", "Café"),
    "a sign or none": ("C", "C++"),
    "an exponent and a figure": ("10⁶", "106"),
    "a fraction and a figure": ("2½", "21/2"),
    "CJK": ("樹木", "樹林"),
    "simplified and traditional": ("树木", "樹木"),
    "no space at all": ("Street trees", "Streettrees"),
}
PAIRS = [(*pair, True) for pair in SAME.values()] + [(*pair, False) for pair in DIFFERENT.values()]
KINDS = [*SAME, *DIFFERENT]


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "other", "is_same"), PAIRS, ids=KINDS)
def test_all_that_compare_names_agree(name: str, other: str, is_same: bool) -> None:
    ReviewRule.objects.create(category=name, four_eyes=False, approvals_needed=1)
    adopt_guideline(name, "Name the source of every figure.", by=make_user("ed", "Editors"))
    draft = make_draft(make_task(category=other))
    assert (guidelines_for([draft.task]) != {}) is is_same
    assert TaskFilter({"category": name}, ContentTask.objects.all()).qs.exists() is is_same
    category = get_or_create(Category, [name])[name]
    is_new = "category_new" in {each.kind for each in objections_to([draft])[draft.pk]}
    approve(draft)
    post = publish(draft, by=make_user("pia", "Publishers"))
    Post.objects.update(category=category)
    [shown] = live_posts()
    assert are_same([name], [other]) is is_same
    assert rule_for(draft).four_eyes is not is_same
    assert (post.category == category) is is_same
    assert is_new is not is_same
    assert (shown.unapproved == "") is is_same


@pytest.mark.django_db
def test_of_several_rows_with_one_key_the_one_of_the_exact_name_is_found() -> None:
    lower, upper = (Tag.objects.create(name=name, slug=f"slug-{name}") for name in ("heat", "HEAT"))
    assert find(Tag, ["HEAT", "Heat", "shade"]) == {"HEAT": upper, "Heat": lower}


@pytest.mark.django_db
def test_new_names_get_free_slugs_in_one_statement_unless_they_collide(
    django_assert_num_queries: Any,
) -> None:
    Tag.objects.create(name="Taken", slug="heat")
    with django_assert_num_queries(2):
        found = get_or_create(Tag, ["Heat", "Shade", "樹木"])
    assert {name: tag.slug for name, tag in found.items()} == {
        "Heat": "heat-2", "Shade": "shade", "樹木": "樹木"
    }  # fmt: skip
    with django_assert_num_queries(1):
        assert get_or_create(Tag, ["shade", "HEAT"]) == {"shade": found["Shade"], "HEAT": found["Heat"]}
    found = get_or_create(Tag, ["C++", "C#", "c++"])
    assert sorted({tag.slug for tag in found.values()}) == ["c-plus-plus", "c-sharp"]
    assert found["C++"] == found["c++"]


@pytest.mark.django_db
def test_names_without_letters_get_slugs_of_their_own() -> None:
    found = get_or_create(Tag, ["!!!", "🔥", "❤️", "❤"])
    assert found["❤️"] == found["❤"]
    assert len({tag.slug for tag in found.values()}) == 3
    assert all(tag.slug.startswith("tag-") for tag in found.values())


@pytest.mark.django_db(transaction=True)
def test_two_transactions_that_create_one_name_get_one_row() -> None:
    barrier, found = threading.Barrier(4), []

    def create() -> None:
        barrier.wait()
        try:
            found.append({name: tag.pk for name, tag in get_or_create(Tag, ["Heat", "Shade"]).items()})
        finally:
            connection.close()

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(one == found[0] for one in found)
    assert Tag.objects.count() == 2
