"""What a cancelled run leaves behind: nothing. How soon is a figure of `manage.py bench engine`."""

from __future__ import annotations

import asyncio

from benchmarks.cancellation import PHASES, cancel_runs


def test_a_run_that_is_cancelled_in_a_stage_closes_its_connection_and_leaves_nothing_open() -> None:
    stages = ("outline", "draft")
    result = asyncio.run(cancel_runs(len(stages) * len(PHASES), stages))
    assert len(result.seconds) == len(stages) * len(PHASES)
    assert (result.leaked_connections, result.leaked_sockets, result.leaked_tasks) == (0, 0, 0)
