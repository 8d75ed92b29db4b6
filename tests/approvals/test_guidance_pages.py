"""A reviewer's reason can become a guideline for a whole category, until it is removed."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from approvals.models import AuditEntry, Verdict
from tasks.engine.leases import take_leases
from tasks.engine.worker import write_one
from tasks.errors import GuidanceRefused
from tasks.guidance import MAX_GUIDELINES, adopt_guideline, remove_guideline
from tasks.models import CategoryGuidance
from tasks.sample import file_sample_brief
from tests.accessibility import accessibility_problems
from tests.factories import decide_on, make_draft, make_task, make_user, make_worker
from tests.model_server import model_server  # noqa: F401  (a fixture)

WISH = "Name the city of every figure."


@pytest.fixture
def editor(db):
    return make_user("edda", "Editors", is_staff=True)


@pytest.fixture
def desk(editor):
    client = Client()
    client.force_login(editor)
    return client


def guidelines(**about):
    return CategoryGuidance.objects.filter(**about)


# --- From a reason to a guideline of the category ------------------------------------------------------


@pytest.mark.django_db
def test_a_reason_is_adopted_in_the_words_of_the_editor(desk, editor):
    draft = make_draft(make_task(category="City"))
    decide_on(draft, Verdict.REQUEST_CHANGES, by=editor, reason="Which city is the 4.2 degrees from?")
    given = draft.task.guidance.get()
    review = desk.get(reverse("desk:review", args=[draft.pk])).content.decode()
    address = f"{reverse('desk:guidance')}?from={given.pk}"
    assert f"{address}#add" in review
    form = desk.get(address).context["form"]
    assert form.initial == {"category": "City", "text": given.text, "adopted": given.pk}
    answer = desk.post(reverse("desk:guidance"), form.initial | {"text": WISH}, follow=True)
    assert "Guideline added. It applies to new texts in “City”." in answer.content.decode()
    row = guidelines().get()
    assert (row.text, row.reason_code, row.guidance, row.adopted_by) == (WISH, "style", given, editor)
    review = desk.get(reverse("desk:review", args=[draft.pk])).content.decode()
    assert "guideline for “City”" in review
    assert f"{address}#add" not in review


@pytest.mark.django_db
def test_a_guideline_applies_to_its_category_alone_in_any_case(editor):
    adopt_guideline("City", WISH, by=editor)
    adopt_guideline("city", "Keep it under ten paragraphs.", by=editor)
    worker = make_worker()
    tasks = [make_task(category=category) for category in ("CITY", "Sea", "")]
    briefs = {leased.task.category: leased.brief for leased in take_leases(worker.pk, 10)}
    assert len(tasks) == len(briefs)
    assert briefs["CITY"].category_guidance == (WISH, "Keep it under ten paragraphs.")
    assert briefs["Sea"].category_guidance == briefs[""].category_guidance == ()
    make_task(category="")
    assert take_leases(worker.pk, 1)[0].brief.category_guidance == ()


@pytest.mark.django_db(transaction=True)
def test_a_model_is_received_it_in_every_stage_that_writes(settings, model_server):  # noqa: F811
    settings.PIPELINE_MODELS = ["openai:gpt-test"]
    settings.OPENAI_BASE_URL = model_server.base_url
    task = file_sample_brief(None)
    adopt_guideline(task.category, WISH, by=make_user("edda", "Editors"))
    write_one(task.pk)
    received_it = {request.stage for request in model_server.requests if WISH in request.prompt}
    assert {"outline", "draft", "critique", "refine"} <= received_it


@pytest.mark.django_db(transaction=True)
def test_the_offline_writer_says_that_it_cannot_act_on_it():
    task = file_sample_brief(None)
    adopt_guideline(task.category, WISH, by=make_user("edda", "Editors"))
    write_one(task.pk)
    notes = task.draft.quality_reports.get().editor_notes
    assert any(WISH in note and "cannot follow instructions" in note for note in notes)


@pytest.mark.django_db
def test_a_removed_guideline_no_longer_applies_and_stays_on_record(desk, editor):
    row = adopt_guideline("City", WISH, by=editor)
    answer = desk.post(reverse("desk:remove-guideline", args=[row.pk]), follow=True)
    assert "Guideline removed from “City”." in answer.content.decode()
    worker = make_worker()
    make_task(category="City")
    assert take_leases(worker.pk, 1)[0].brief.category_guidance == ()
    history = CategoryGuidance.history.order_by("history_id")
    assert [(past.history_type, past.text, past.history_user) for past in history] == [
        ("+", WISH, editor), ("-", WISH, editor)
    ]  # fmt: skip
    entries = AuditEntry.objects.filter(object_type="categoryguidance").order_by("seq")
    assert [(entry.action, entry.actor_name) for entry in entries] == [
        ("categoryguidance.created", "edda"), ("categoryguidance.deleted", "edda")
    ]  # fmt: skip
    assert desk.post(reverse("desk:remove-guideline", args=[row.pk])).status_code == 404


@pytest.mark.django_db
def test_the_page_counts_the_reason_before_and_since(desk, editor):
    first = make_draft(make_task(category="City"))
    decide_on(first, Verdict.REJECT, by=editor)
    elsewhere = make_draft(make_task(category="Sea"))
    decide_on(elsewhere, Verdict.REJECT, by=editor)
    adopt_guideline("City", WISH, by=editor, adopted=first.task.guidance.get())
    for _ in range(2):
        decide_on(make_draft(make_task(category="city")), Verdict.REJECT, by=editor)
    decide_on(make_draft(make_task(category="City")), Verdict.APPROVE, by=editor)
    page = desk.get(reverse("desk:guidance")).content.decode()
    before, since = "100 per 100 drafts (21 to 100), 1 of 1", "67 per 100 drafts (21 to 94), 2 of 3"
    assert f"Tone or style: before this guideline {before}; since then {since} · " in page


# --- What is refused ----------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"category": "", "text": WISH}, "This field is required."),
        ({"category": "City", "text": "Short."}, "at least 10 characters"),
        ({"category": "City", "text": "long " * 201}, "at most 1000 characters"),
        ({"category": "City\0", "text": WISH}, "Null characters are not allowed."),
    ],
)
def test_bad_input_is_named_and_returned(desk, typed, problem):
    answer = desk.post(reverse("desk:guidance"), typed)
    assert answer.status_code == 400
    assert problem in answer.content.decode()
    assert not guidelines().exists()


@pytest.mark.django_db
def test_a_guideline_is_added_once(desk, editor):
    adopt_guideline("City", WISH, by=editor)
    answer = desk.post(reverse("desk:guidance"), {"category": "CITY", "text": WISH})
    assert answer.status_code == 409
    assert "“CITY” already has this guideline" in answer.content.decode()
    assert WISH in answer.content.decode(), "what was typed is kept"


@pytest.mark.django_db
def test_a_category_has_a_limited_number_of_guidelines(editor):
    for number in range(MAX_GUIDELINES):
        adopt_guideline("City", f"Wish number {number}.", by=editor)
    with pytest.raises(GuidanceRefused, match="remove one of them first"):
        adopt_guideline("City", WISH, by=editor)
    adopt_guideline("Sea", WISH, by=editor)


@pytest.mark.django_db
def test_a_verb_called_without_a_category_says_so(editor):
    with pytest.raises(ValidationError, match="category"):
        adopt_guideline(" ", WISH, by=editor)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_adopt_a_reason_at_once_one_does():
    editor = make_user("edda", "Editors")
    draft = make_draft()
    decide_on(draft, Verdict.REJECT, by=editor)
    given = draft.task.guidance.get()

    def adopt(text):
        try:
            adopt_guideline("City", text, by=editor, adopted=given)
        except GuidanceRefused:
            return "refused"
        finally:
            connection.close()
        return "adopted"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(adopt, [f"Wish of thread {number}." for number in range(4)]))
    assert outcomes == ["adopted", "refused", "refused", "refused"]
    assert guidelines().count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["UPDATE {} SET text = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_its_past_cannot_be_changed(editor, change):
    remove_guideline(adopt_guideline("City", WISH, by=editor), by=editor)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(change.format("tasks_historicalcategoryguidance"))


# --- In a browser -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_page_is_readable_for_everybody(site, page):
    editor = make_user("edda", "Editors", is_staff=True)
    draft = make_draft()
    decide_on(draft, Verdict.REJECT, by=editor)
    adopt_guideline("City", WISH, by=editor, adopted=draft.task.guidance.get())
    adopt_guideline("Sea and coast", "Give depths in metres.", by=editor)
    client = Client()
    client.force_login(editor)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site.url}]
    )
    page.goto(site.url + reverse("desk:guidance"))
    if directory := os.environ.get("PICTURES"):  # for a person who wants to see it
        page.screenshot(path=Path(directory) / "guidance.png", full_page=True)
    assert accessibility_problems(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
