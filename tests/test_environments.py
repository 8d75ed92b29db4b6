"""The disk full, the clock moved, PostgreSQL frozen, its connections used up, Redis gone: nothing is lost."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from benchmarks import environments
from benchmarks.environments import MovedClock, NotSupported, Redis, small_disk
from benchmarks.faults_rig import FaultResult, FaultRig
from benchmarks.installation import installed, open_directory
from benchmarks.redis_server import find_redis_server
from benchmarks.slow_model import slow_model
from tests.conftest import missing
from tests.test_process_tree import problems, undisturbed

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(900)]


def test_work_goes_on_within_seconds_once_the_cause_has_ended_and_nothing_is_lost() -> None:
    """All in one installation, since most of the time goes into starting it."""
    with ExitStack() as stack:
        directory, model = stack.enter_context(open_directory()), stack.enter_context(slow_model())
        redis = stack.enter_context(Redis(directory, find_redis_server() or missing("Redis server")))
        clock, disk = None, None
        try:
            clock = stack.enter_context(MovedClock(directory))
            disk = stack.enter_context(small_disk(directory / "disk"))
        except NotSupported as why:
            print(f"Left out: {why}")
        environment = {"REDIS_URL": redis.url} | (clock.environment if clock else {})
        up = stack.enter_context(installed((disk or directory) / "data", model, **environment))
        rig, rows = FaultRig(up, model), list[FaultResult]()
        rig.settle()
        usual = undisturbed(rig)
        rows += environments.redis_faults(rig, redis, seconds=3)
        rows += [environments.exhausted_connections(rig, seconds=5), environments.frozen_database(rig)]
        if clock is not None:
            rows += environments.clock_faults(rig, clock)
        if disk is not None:
            rows += environments.disk_faults(rig, disk, seconds=5)
        assert problems(rows, usual) == [], up.output[-4000:]
