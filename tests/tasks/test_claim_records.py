"""The claim ledger as rows, and over HTTP."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from tasks.actions import edit_draft, file_brief, restore_version
from tasks.claim_records import context_of, ledger_of, reading_of, save_claims
from tasks.engine.worker import write_one
from tasks.jobs import inspect_draft
from tasks.lifecycle import Status
from tasks.models import ClaimLedger, ClaimRecord, Draft, QualityReport
from tests.callers import caller, problem
from tests.claims import CONTRADICTED, SUPPORTED, UNCITED, claims, save_ledger
from tests.factories import make_draft, make_user

TEXT = (
    "Street trees are the oldest way to cool a town in summer. Trees cool a street by shade and by water in "
    "every season of the year. Shade keeps brick walls cool in the afternoon and lets people walk outside. "
    "Young trees need water for five years after they were planted in a street."
)


def rows(draft: Draft, version: int) -> list[tuple[int, str, str]]:
    ledger = ledger_of(draft, version)
    assert ledger is not None
    return [(number, one.text, one.verdict) for number, one in ledger.entries]


@pytest.mark.django_db(transaction=True)
def test_a_run_saves_the_ledger_of_its_text_and_people_that_of_theirs() -> None:
    task = file_brief({"topic": "Trees"}, [{"title": "A", "text": TEXT}], by=None)
    write_one(task.pk)
    task.refresh_from_db()
    assert task.status == Status.AWAITING_APPROVAL, task.error
    draft = task.draft
    ledger = ledger_of(draft, 1)
    assert ledger is not None
    assert ledger.counts == {"supported": len(ledger.claims)}
    _, claim = ledger.entries[0]
    reading = reading_of(claim, task.pk)
    assert reading is not None
    assert reading.text[claim.start : claim.end] == claim.passage

    wanda, own = make_user("wanda", "Writers"), "Trees were invented in the town of Ulm."
    edit_draft(draft, {"body": f"{draft.body}\n\n{own}"}, by=wanda)
    assert ledger_of(draft, 2) is None, "not checked yet, which is not the same as without doubts"
    inspect_draft(draft.pk)
    restore_version(draft, 1, by=wanda)
    inspect_draft(draft.pk)
    assert rows(draft, 2) == [*rows(draft, 1), (len(ledger.claims) + 1, own, "uncited")]
    assert rows(draft, 3) == rows(draft, 1)
    assert ClaimRecord.objects.count() == len(ledger.claims) + 1, "unchanged sentences are carried over"
    assert ClaimRecord.objects.get(text=own).first_version == 2


@pytest.mark.django_db
def test_a_report_without_claims_leaves_no_ledger_and_one_saved_twice_leaves_one() -> None:
    draft = make_draft()
    save_claims(draft, None)
    assert not ClaimLedger.objects.exists()
    for _ in range(2):
        save_ledger(draft, SUPPORTED, UNCITED, SUPPORTED)
    assert ClaimLedger.objects.count() == 1
    assert [number for number, _, _ in rows(draft, 1)] == [1, 2, 3]
    assert ClaimRecord.objects.count() == 2
    save_ledger(draft, CONTRADICTED)  # of the same text, from sources that were read again
    assert [verdict for _, _, verdict in rows(draft, 1)] == ["contradicted"]
    assert ClaimLedger.objects.count() == 2, "what was recorded stays"
    save_claims(draft, ())
    assert rows(draft, 1) == []


@pytest.mark.django_db
def test_claims_are_never_changed() -> None:
    save_ledger(make_draft())
    for table in ("tasks_claimrecord", "tasks_claimledger"):
        for statement in (f"UPDATE {table} SET draft_id = draft_id", f"DELETE FROM {table}"):
            refused = pytest.raises(DatabaseError, match="append-only")
            with refused, transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


@pytest.mark.django_db
def test_what_the_database_cannot_hold_is_left_out() -> None:
    save_claims(make_draft(), claims(SUPPORTED | {"why": "Nul \x00 and \udc80.", "reader": "r" * 200}))
    claim = ClaimRecord.objects.get()
    assert (claim.why, len(claim.reader)) == ("Nul  and .", 100)


def test_a_passage_is_shown_with_two_sentences_before_and_after_it() -> None:
    text = "One stands here. Two stands here.\n\nThree stands here. It is this. Five. Six is here. Seven."
    start = text.index("It is this.")
    claim = ClaimRecord(passage="It is this.", start=start, end=start + 11)
    context = context_of(claim, text, "en")
    assert context.before == "Two stands here. Three stands here."
    assert (context.passage, context.after) == ("It is this.", "Five. Six is here.")
    elsewhere = context_of(claim, "Another text by now.", "en")
    assert (elsewhere.before, elsewhere.passage, elsewhere.after) == ("", "It is this.", "")


# --- Over HTTP ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_ledger_of_any_version_can_be_read() -> None:
    draft, reader = make_draft(), caller("Auditors")
    at = f"/api/drafts/{draft.pk}/claims/"
    assert "has not been checked yet" in problem(reader.get(at), 404)["detail"]
    QualityReport.objects.create(draft=draft, version=1)
    assert "were not compared one by one" in problem(reader.get(at), 404)["detail"]
    save_ledger(draft, SUPPORTED, UNCITED)
    edit_draft(draft, {"summary": "Other."}, by=make_user("wanda", "Writers"))
    save_ledger(draft, CONTRADICTED)

    now = reader.get(at).json()
    assert (now["version"], now["count"], now["counts"]["contradicted"]) == (2, 1, 1)
    before = reader.get(at, {"version": 1}).json()
    assert (before["version"], before["counts"]["supported"], before["counts"]["contradicted"]) == (1, 1, 0)
    cited, uncited = before["results"]
    assert (cited["number"], cited["text"], cited["citations"]) == (1, SUPPORTED["text"], [1])
    assert (cited["source"], cited["passage"], cited["score"]) == (1, SUPPORTED["passage"], 0.9)
    assert (uncited["number"], uncited["section"], uncited["source"]) == (2, "Shade", None)
    chosen = reader.get(f"{at}?version=1&verdict=uncited&verdict=contradicted").json()
    assert [one["number"] for one in chosen["results"]] == [2]
    assert chosen["count"] == 2

    assert "has no version 9" in problem(reader.get(at, {"version": 9}), 404)["detail"]
    for query in ("version=0", "version=x", "version=٣", "version=99999999999999", "verdict=fine", "page=2"):
        problem(reader.get(f"{at}?{query}"), 400)


@pytest.mark.django_db
def test_claims_of_current_texts_are_listed_by_verdict_task_and_source() -> None:
    reader = caller("Integrations")
    draft, other = make_draft(), make_draft()
    source = draft.task.sources.create(url="https://trees.example/")
    save_ledger(draft, CONTRADICTED)
    edit_draft(draft, {"summary": "Other."}, by=make_user("wanda", "Writers"))
    assert reader.get("/api/claims/").json()["results"] == [], "the current text has none yet"
    save_ledger(draft, SUPPORTED, UNCITED)
    save_ledger(other, UNCITED)

    def listed(query: str = "") -> list[tuple[int, str]]:
        found = reader.get(f"/api/claims/?{query}").json()["results"]
        return [(one["task"], one["verdict"]) for one in found]

    mine, theirs = draft.task_id, other.task_id
    assert listed() == [(theirs, "uncited"), (mine, "uncited"), (mine, "supported")]
    assert listed("verdict=contradicted") == []
    assert listed("verdict=supported&verdict=contradicted") == [(mine, "supported")]
    assert listed(f"task={theirs}") == listed(f"draft={other.pk}") == [(theirs, "uncited")]
    assert listed(f"source={source.pk}") == [(mine, "supported")]
    page = reader.get("/api/claims/?page_size=2").json()
    assert (len(page["results"]), len(reader.get(page["next"]).json()["results"])) == (2, 1)
    assert reader.get(page["results"][0]["links"]["ledger"]).status_code == 200
    for query in ("verdict=fine", "verdict=", "task=x", "source=-1", "colour=red"):
        problem(reader.get(f"/api/claims/?{query}"), 400)
