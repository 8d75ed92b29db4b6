"""A newer text of a live post: written, decided about, and put in the old one's place."""

import threading
import time

import psycopg
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, connection

from approvals.audit.reconciliation import reconcile
from approvals.audit.verification import first_failure
from approvals.decisions import decide
from approvals.errors import FourEyes, StaleReview
from approvals.models import AuditEntry, Decision, ReviewRule, Verdict
from publishing.errors import NotApproved, SlugTaken
from publishing.models import Announcement, Correction, Post
from publishing.publish import publish, unpublish, update_live
from publishing.search import search
from tasks.actions import edit_draft, restore_version
from tasks.lifecycle import Status
from tasks.live_updates import Update
from tasks.models import ContentTask, Draft
from tests.factories import approve, decide_on, make_draft, make_user
from tests.live import database_url
from tests.publishing.factories import approved_update, edit_live, make_post

NOTE = "The figure in the second paragraph was wrong."


@pytest.fixture
def publisher(db):
    return make_user("publisher", "Publishers")


@pytest.fixture
def post(db):
    return make_post(title="Street trees", slug="street-trees", body="Lindens cool the street [1].")


def task_of(post):
    return ContentTask.objects.get(draft=post.draft_id)


def live(post):
    return Post.objects.published().get(pk=post.pk)


# --- Writing and deciding -------------------------------------------------------------------------------


def test_an_edit_leaves_the_live_text_and_awaits_a_decision(post):
    draft = edit_live(post, body="Planes cool the street [1].")
    assert (draft.version, draft.task.status, draft.task.update_state) == (
        2,
        Status.PUBLISHED,
        Update.AWAITING,
    )
    assert draft.task.awaits_decision
    assert live(post).body == "Lindens cool the street [1]."
    connection.check_constraints()


def test_only_users_with_permission_edit_live_texts(post):
    draft = post.draft
    for user in (make_user("wanda", "Writers"), make_user("pia", "Publishers")):
        with pytest.raises(PermissionDenied, match="published text"):
            edit_draft(draft, {"summary": "Mine."}, by=user)
    assert Draft.objects.get().version == 1
    assert edit_draft(draft, {"summary": "Mine."}, by=make_user("root", is_superuser=True))


def test_an_unchanged_text_is_no_update(post):
    assert not edit_draft(post.draft, {"summary": post.summary}, by=make_user("edna", "Editors"))
    assert task_of(post).update_state == Update.NONE


def test_an_update_is_approved_under_the_same_rules(post):
    edna = make_user("edna", "Editors")
    draft = edit_live(post, by=edna)
    with pytest.raises(FourEyes):
        approve(draft, by=edna)
    with pytest.raises(StaleReview):
        decide(
            draft,
            Verdict.APPROVE,
            version=1,
            content_sha256=post.content_sha256,
            by=make_user("editor"),
            via="api",
        )
    approve(draft)
    assert (task_of(post).status, task_of(post).update_state) == (Status.PUBLISHED, Update.APPROVED)
    with pytest.raises(StaleReview):
        decide_on(draft, Verdict.REJECT)


@pytest.mark.parametrize("verdict", [Verdict.REJECT, Verdict.REQUEST_CHANGES])
def test_a_rejection_leaves_the_live_text_and_starts_no_run(post, verdict):
    draft = edit_live(post)
    decide_on(draft, verdict, by=make_user("emil", "Editors"))
    task = task_of(post)
    assert (task.status, task.update_state, task.run) == (Status.PUBLISHED, Update.DECLINED, 1)
    assert task.guidance.get().text == "Too stiff for our readers."
    assert live(post).version == 1
    with pytest.raises(StaleReview):
        approve(draft)
    assert edit_live(post, summary="Milder.").task.update_state == Update.AWAITING


def test_two_approvals_are_needed_where_the_rule_requires_them(publisher):
    post = make_post()
    ReviewRule.objects.create(category="City", approvals_needed=2)
    draft = edit_live(post)
    approve(draft, by=make_user("emil", "Editors"))
    assert task_of(post).update_state == Update.AWAITING
    with pytest.raises(NotApproved):
        update_live(draft, by=publisher, kind="correction", note=NOTE)
    approve(draft, by=make_user("ada", "Editors"))
    assert update_live(draft, by=publisher, kind="correction", note=NOTE).version == 2


# --- Going live -----------------------------------------------------------------------------------------


def test_an_approved_update_replaces_the_live_text(post, publisher, settings):
    settings.INDEXNOW_KEY = "key"
    before = live(post)
    draft = approved_update(post, body="Planes cool the street [1].", tags=["planes"], category="Trees")
    update_live(draft, by=publisher, kind="correction", note=f"  {NOTE}\n")
    after = live(post)
    assert (after.pk, after.published_at, after.slug) == (before.pk, before.published_at, before.slug)
    assert (after.version, after.body, after.content_sha256) == (2, draft.body, draft.content_sha256)
    assert "Planes" in after.body_html
    assert [tag.name for tag in after.tags.all()] == ["planes"]
    assert after.category.name == "Trees"
    assert after.updated_at > before.updated_at
    assert (after.changes, after.revised_at) == (1, after.updated_at)
    assert (task_of(post).status, task_of(post).update_state) == (Status.PUBLISHED, Update.NONE)
    said = after.corrections.get()
    assert (said.kind, said.note, said.by_name) == ("correction", NOTE, "publisher")
    assert (said.from_version, said.from_sha256) == (1, before.content_sha256)
    assert (said.to_version, said.to_sha256) == (2, after.content_sha256)
    assert Announcement.objects.filter(path="/posts/street-trees/").exists()
    connection.check_constraints()


def test_an_update_is_on_record(post, publisher):
    update_live(approved_update(post), by=publisher, kind="update", note=NOTE)
    entry = AuditEntry.objects.get(action="correction.created")
    assert entry.data | {"kind": "update", "note": NOTE, "from_version": 1, "to_version": 2} == entry.data
    moves = AuditEntry.objects.filter(object_type="update").order_by("seq")
    assert [move.action for move in moves] == ["update.awaiting", "update.approved", "update.live"]
    assert first_failure() is None
    assert [shown for shown in reconcile() if shown.unapproved] == []


def test_an_update_may_change_the_address_with_a_redirect(post, publisher, client):
    update_live(approved_update(post, slug="city-trees"), by=publisher, kind="minor")
    assert client.get("/posts/street-trees/").headers["Location"] == "/posts/city-trees/"
    assert client.get("/posts/city-trees/").status_code == 200


def test_an_address_of_another_post_is_refused_and_nothing_changes(post, publisher):
    make_post(slug="taken")
    draft = approved_update(post, slug="taken")
    with pytest.raises(SlugTaken):
        update_live(draft, by=publisher, kind="minor")
    assert live(post).slug == "street-trees"
    assert task_of(post).update_state == Update.APPROVED


@pytest.mark.parametrize("kind", ["correction", "update"])
@pytest.mark.parametrize("note", ["", "Too short", " " * 20, "x" * 501])
def test_readers_see_what_changed(post, publisher, kind, note):
    draft = approved_update(post)
    with pytest.raises(ValidationError) as refused:
        update_live(draft, by=publisher, kind=kind, note=note)
    assert set(refused.value.message_dict) == {"note"}
    with pytest.raises(ValidationError):
        update_live(draft, by=publisher, kind="other", note=NOTE)
    assert live(post).version == 1


def test_a_minor_change_needs_no_note_and_is_not_announced(post, publisher):
    update_live(approved_update(post), by=publisher, kind="minor")
    after = live(post)
    assert not after.was_updated
    assert after.updated_at > after.published_at
    assert after.changes == 1


def test_only_publishers_update(post):
    draft = approved_update(post)
    for user in (make_user("edna"), make_user("wanda", "Writers"), make_user("aud", "Auditors")):
        with pytest.raises(PermissionDenied):
            update_live(draft, by=user, kind="minor")


def test_nothing_but_an_approved_newer_text_goes_live(post, publisher):
    for draft in (post.draft, edit_live(post), make_draft()):
        with pytest.raises(NotApproved):
            update_live(draft, by=publisher, kind="minor")
    decide_on(edit_live(post, summary="Other."), Verdict.REJECT)
    with pytest.raises(NotApproved, match="declined"):
        update_live(post.draft, by=publisher, kind="minor")
    assert not Correction.objects.exists()


def test_an_edit_between_approval_and_update_voids_the_approval(post, publisher):
    draft = approved_update(post)
    edit_live(post, summary="Slipped in.")
    with pytest.raises(NotApproved):
        update_live(draft, by=publisher, kind="minor")
    assert live(post).version == 1


def test_the_version_on_the_screen_is_what_goes_live(post, publisher):
    draft = approved_update(post)
    approved_update(post, summary="Another one.")
    with pytest.raises(NotApproved, match="You saw version 2"):
        update_live(draft, by=publisher, kind="minor", version=2)


def test_the_same_update_again_changes_nothing(post, publisher):
    draft = approved_update(post)
    first = update_live(draft, by=publisher, kind="correction", note=NOTE)
    again = update_live(draft, by=publisher, kind="correction", note=NOTE)
    assert (again.pk, again.updated_at) == (first.pk, first.updated_at)
    with pytest.raises(NotApproved):
        update_live(draft, by=publisher, kind="correction", note="Something else was wrong.")
    assert Correction.objects.count() == 1


def test_an_earlier_text_may_come_back_by_an_approval_of_its_own(post, publisher):
    update_live(approved_update(post, body="Planes [1]."), by=publisher, kind="minor")
    restore_version(Draft.objects.get(), 1, by=make_user("edna"))
    approve(Draft.objects.get())
    update_live(Draft.objects.get(), by=publisher, kind="minor")
    assert (live(post).version, live(post).body) == (3, post.body)
    connection.check_constraints()


def test_the_new_words_are_found_and_the_old_ones_are_not(post, publisher):
    for number in range(3):
        word = ("willow", "poplar", "hazel")[number]
        update_live(approved_update(post, body=f"The {word} [1]."), by=publisher, kind="minor")
        found = {
            term for term in ("lindens", "willow", "poplar", "hazel") if search(term, as_typed=True).post_ids
        }
        assert found == {word}


# --- Coming off the site --------------------------------------------------------------------------------


def test_unpublishing_with_an_undecided_newer_text_awaits_its_decision(post, publisher):
    edit_live(post)
    unpublish(post, by=publisher, reason="A complaint.")
    task = task_of(post)
    assert (task.status, task.update_state) == (Status.AWAITING_APPROVAL, Update.NONE)
    moves = AuditEntry.objects.filter(task_id=task.pk, action__startswith="task.").order_by("seq")
    assert [move.data["to"] for move in moves][-2:] == ["approved", "awaiting_approval"]
    connection.check_constraints()
    with pytest.raises(NotApproved):
        publish(post.draft, by=publisher)
    approve(Draft.objects.get())
    assert publish(Draft.objects.get(), by=publisher).version == 2


def test_unpublishing_with_an_approved_newer_text_leaves_that_approved(post, publisher):
    approved_update(post)
    unpublish(post, by=publisher)
    assert task_of(post).status == Status.APPROVED
    connection.check_constraints()
    assert publish(Draft.objects.get(), by=publisher).version == 2


def test_unpublishing_after_a_rejection_awaits_a_new_decision(post, publisher):
    decide_on(edit_live(post), Verdict.REJECT)
    unpublish(post, by=publisher)
    assert task_of(post).status == Status.AWAITING_APPROVAL
    approve(Draft.objects.get())
    assert publish(Draft.objects.get(), by=publisher).version == 2


# --- At the same time -----------------------------------------------------------------------------------


def at_once(*acts):
    """What each returned or raised, when all began at the same moment."""
    barrier, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        barrier.wait(10)
        try:
            outcomes[number] = act()
        except Exception as error:
            outcomes[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return outcomes


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_of_two_updates_at_once_one_wins(attempt):
    post = make_post()
    draft, publisher = approved_update(post), make_user("publisher", "Publishers")
    notes = ["What one publisher says of it.", "What the other publisher says."]
    outcomes = at_once(
        *(lambda note=note: update_live(draft, by=publisher, kind="update", note=note) for note in notes)
    )
    assert {type(outcome) for outcome in outcomes} == {Post, NotApproved}
    [winner] = [note for note, outcome in zip(notes, outcomes, strict=True) if isinstance(outcome, Post)]
    assert Correction.objects.get().note == winner


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_update_against_unpublish_ends_in_one_order_or_the_other(attempt):
    post = make_post()
    draft, publisher = approved_update(post), make_user("publisher", "Publishers")
    updated, taken_off = at_once(
        lambda: update_live(draft, by=publisher, kind="minor"), lambda: unpublish(post, by=publisher)
    )
    assert isinstance(taken_off, Post)
    now = Post.objects.get()
    assert not now.is_live
    assert task_of(post).status == Status.APPROVED
    if isinstance(updated, Post):
        assert (now.version, Correction.objects.count()) == (2, 1)
    else:
        assert isinstance(updated, NotApproved)
        assert (now.version, Correction.objects.count()) == (1, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_update_against_edit_never_shows_an_unapproved_text(attempt):
    post = make_post()
    draft, publisher = approved_update(post), make_user("publisher", "Publishers")
    edna = make_user("edna")
    updated, edited = at_once(
        lambda: update_live(draft, by=publisher, kind="minor"),
        lambda: edit_draft(Draft.objects.get(), {"summary": "Slipped in."}, by=edna),
    )
    assert edited is True
    assert live(post).version == (2 if isinstance(updated, Post) else 1)
    assert task_of(post).update_state == Update.AWAITING
    assert [shown for shown in reconcile() if shown.unapproved] == []


@pytest.mark.django_db(transaction=True)
def test_of_two_opposite_decisions_about_an_update_one_wins():
    draft = edit_live(make_post())
    people = [make_user("emil", "Editors"), make_user("ada", "Editors")]
    outcomes = at_once(
        lambda: decide_on(draft, Verdict.APPROVE, by=people[0]),
        lambda: decide_on(draft, Verdict.REJECT, by=people[1]),
    )
    assert {type(outcome) for outcome in outcomes} == {Decision, StaleReview}
    assert Decision.objects.filter(version=2).count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_update_that_is_killed_in_the_middle_leaves_the_old_text_whole():
    post = make_post(body="Lindens cool the street [1].")
    draft, publisher = (
        approved_update(post, body="Planes [1].", slug="other"),
        make_user("publisher", "Publishers"),
    )
    outcome = []

    def update():
        try:
            outcome.append(update_live(draft, by=publisher, kind="minor"))
        except OperationalError as error:
            outcome.append(error)
        finally:
            connection.close()

    with psycopg.connect(database_url()) as other:
        # It has written the post, and comes to its words.
        other.execute("SELECT 1 FROM publishing_postsearch WHERE post_id = %s FOR UPDATE", [post.pk])
        thread = threading.Thread(target=update)
        thread.start()
        with psycopg.connect(database_url(), autocommit=True) as third:
            assert _kill_who_waits_for(third, other.info.backend_pid)
        thread.join(20)
    assert isinstance(outcome[0], OperationalError)
    now = live(post)
    assert (now.version, now.slug, now.body, now.changes) == (1, post.slug, post.body, 0)
    assert task_of(post).update_state == Update.APPROVED
    assert not Correction.objects.exists()
    assert search("lindens", as_typed=True).post_ids
    assert not search("planes", as_typed=True).post_ids
    assert update_live(draft, by=publisher, kind="minor").slug == "other"


def _kill_who_waits_for(connection, pid):
    for _ in range(200):
        killed = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))",
            [pid],
        ).fetchall()
        if killed:
            return True
        time.sleep(0.05)
    return False
