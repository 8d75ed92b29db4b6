"""The small state machine of a newer text of what is live."""

import pytest

from tasks.errors import TransitionRefused
from tasks.lifecycle import Status
from tasks.live_updates import NO_UPDATE, STEPS, Update
from tasks.models import ContentTask
from tests.factories import make_task

pytestmark = pytest.mark.django_db


def published(state):
    task = make_task(status=Status.PUBLISHED)
    changed_at = task.status_changed_at if state else None
    ContentTask.objects.filter(pk=task.pk).update(update_state=state, update_changed_at=changed_at)
    return ContentTask.objects.get(pk=task.pk)


@pytest.mark.parametrize("old", Update)
@pytest.mark.parametrize("new", Update)
def test_only_the_steps_of_the_table_are_made(old, new):
    task = published(old)
    if new in STEPS[old]:
        task.move_update(new, by=None)
    else:
        with pytest.raises(TransitionRefused):
            task.move_update(new, by=None)
    found = ContentTask.objects.get(pk=task.pk)
    assert found.update_state == task.update_state == (new if new in STEPS[old] else old)
    assert (found.update_changed_at is None) == (found.update_state == Update.NONE)
    assert found.status == Status.PUBLISHED


def test_a_stale_copy_moves_nothing():
    task = published(Update.AWAITING)
    other = ContentTask.objects.get(pk=task.pk)
    other.move_update(Update.DECLINED, by=None)
    with pytest.raises(TransitionRefused):
        task.move_update(Update.APPROVED, by=None)
    assert ContentTask.objects.get().update_state == Update.DECLINED


@pytest.mark.parametrize("status", [status for status in Status if status != Status.PUBLISHED])
def test_what_is_not_live_has_no_update(status):
    with pytest.raises(TransitionRefused):
        make_task(status=status).move_update(Update.AWAITING, by=None)


def test_it_waits_since_its_last_step():
    task = published(Update.AWAITING)
    before = task.waiting_since
    task.move_update(Update.AWAITING, by=None)
    assert task.waiting_since > before
    assert task.awaits_decision
    task.move_update(Update.DECLINED, by=None)
    assert not task.awaits_decision
    assert set(NO_UPDATE) == {"update_state", "update_changed_at"}
