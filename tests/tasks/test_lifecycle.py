import pytest

from tasks.errors import TransitionRefused
from tasks.lifecycle import TRANSITIONS, Status
from tasks.models import ContentTask
from tasks.signals import status_changed
from tests.factories import make_task, without_triggers

pytestmark = pytest.mark.django_db


def forced(status):
    """A task in any state, without the road there."""
    task = make_task()
    ContentTask.objects.filter(pk=task.pk).update(status=status)
    task.refresh_from_db()
    return task


@pytest.mark.parametrize("old", Status)
@pytest.mark.parametrize("new", Status)
def test_the_table_alone_says_which_moves_are_allowed(old, new):
    with without_triggers():
        task = forced(old)
    if new in TRANSITIONS[old]:
        with without_triggers():
            task.move_to(new)
        assert ContentTask.objects.get(pk=task.pk).status == new
    else:
        with pytest.raises(TransitionRefused, match=f"is {old}.*become {new}"):
            task.move_to(new)
        assert ContentTask.objects.get(pk=task.pk).status == old


def test_every_state_has_a_row_and_none_is_a_dead_end():
    assert set(TRANSITIONS) == set(Status)
    assert all(TRANSITIONS.values())


def test_of_two_holders_of_a_task_one_moves_it():
    task = make_task()
    rival = ContentTask.objects.get(pk=task.pk)
    rival.move_to(Status.CANCELLED)
    with pytest.raises(TransitionRefused, match="is cancelled, no longer pending"):
        task.move_to(Status.IN_PROGRESS)
    assert task.status == Status.PENDING, "a refused move leaves the object as it was read"


def test_a_move_sets_its_fields_in_the_same_update():
    task = make_task()
    task.move_to(Status.IN_PROGRESS, attempts=1)
    assert ContentTask.objects.values_list("status", "attempts").get(pk=task.pk) == ("in_progress", 1)


@pytest.mark.django_db(transaction=True)
def test_no_move_happens_when_a_listener_fails():
    def refuse(**_):
        raise RuntimeError("no audit, no change")

    task = make_task()
    status_changed.connect(refuse)
    try:
        with pytest.raises(RuntimeError):
            task.move_to(Status.CANCELLED)
    finally:
        status_changed.disconnect(refuse)
    assert ContentTask.objects.get(pk=task.pk).status == Status.PENDING
