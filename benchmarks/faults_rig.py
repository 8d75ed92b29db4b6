"""One fault at a time in a running installation, and what became of the work under way."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import psycopg

from benchmarks.installation import (
    Installation,
    NotAccepted,
    SiteProbe,
    leaves_first,
)
from benchmarks.process_walk import FoundProcess, TreePosition, lasting
from benchmarks.slow_model import SlowModel
from contentpipeline.processes.supervisor import wait_until

UNDER_WAY = 6
LONGEST_SECONDS = 45.0
WHOLE_SECONDS = 10.0
REPLACED_SECONDS = 15.0
SETTLED_SECONDS = 1.5
numbers = count(1)

ENDED = ("awaiting_approval", "failed", "cancelled")


@dataclass(frozen=True)
class FaultResult:
    """What one fault did. Seconds count from the fault; None is "not within the time that was waited"."""

    role: str
    fault: str
    site_seconds: float | None
    """Until the site answers for good."""
    work_seconds: float | None
    """Until the last task was taken, for the first time or again."""
    ended_seconds: float | None
    """Until all tasks ended: work that was cut off included."""
    lost: int
    repeated: int
    """Finished stages that ran again, in the records or at the model."""
    extra: int
    """Processes that there were not before."""
    missing: int
    """Processes that were not there again in time."""
    replaced_seconds: float | None = None
    """Until a frozen process was ended, or went on, by its supervisor."""

    @property
    def is_harmless(self) -> bool:
        return not (self.lost or self.repeated or self.extra or self.missing)


class FaultRig:
    def __init__(self, installation: Installation, model: SlowModel) -> None:
        self.installation, self.model = installation, model
        self.whole = self._count()

    def settle(self) -> None:
        """Wait until nothing starts or ends any more, and take that for the whole."""
        self.whole, since = self._count(), time.monotonic()
        while time.monotonic() - since < SETTLED_SECONDS:
            time.sleep(0.25)
            if (now := self._count()) != self.whole:
                self.whole, since = now, time.monotonic()

    def targets(self) -> list[FoundProcess]:
        """One process of each role, the leaves of the tree first; never the root."""
        by_place: dict[TreePosition, FoundProcess] = {}
        for found in leaves_first(self.installation.processes()):
            if found.pid != self.installation.process.pid:
                by_place.setdefault(found.place, found)
        return list(by_place.values())

    def victims(self) -> list[FoundProcess]:
        """Every process but the root, backends of the database included."""
        root = self.installation.process.pid
        return [found for found in self.installation.processes() if found.pid != root]

    def present(self, target: FoundProcess) -> FoundProcess | None:
        """The same process, or, where it has been replaced since, one of its role."""
        found = {each.pid: each for each in self.installation.processes()}
        if target.pid in found and found[target.pid].started == target.started:
            return found[target.pid]
        return next((each for each in found.values() if each.place == target.place), None)

    # --- One fault ---

    def hit(self, target: FoundProcess, sign: signal.Signals, role: str = "") -> FaultResult:
        """Kill or freeze one process while tasks are under way; one that was frozen is woken at the end.

        `role` is what to call it, where its place among its like has changed since.
        """

        replaced: list[float] = []

        def harm() -> None:
            began_at = time.monotonic()
            target.signal(sign)
            if sign == signal.SIGSTOP and target.pid != self.installation.process.pid:
                watcher = threading.Thread(target=self._note_replacement, args=(target, began_at, replaced))
                watcher.start()
                watchers.append(watcher)

        def wake() -> None:
            for watcher in watchers:
                watcher.join()
            target.signal(signal.SIGCONT)

        watchers: list[threading.Thread] = []
        name = {signal.SIGKILL: "killed", signal.SIGSTOP: "frozen"}[sign]
        row = self.during(role or target.role, name, harm, after=wake)
        return replace(row, replaced_seconds=replaced[0] if replaced else None)

    def _note_replacement(self, target: FoundProcess, began_at: float, replaced: list[float]) -> None:
        wait_until(target.is_stopped, 1, 0.001)
        if wait_until(lambda: not target.is_stopped(), REPLACED_SECONDS, 0.1):
            replaced.append(time.monotonic() - began_at)

    def during(
        self, role: str, fault: str, harm: Callable[[], object], *, after: Callable[[], object] = bool,
        lasts_seconds: float = 0.0, clock_offset: float | None = None,
    ) -> FaultResult:  # fmt: skip
        """Begin work, do harm, file one more brief, and watch until all has ended.

        `after` ends the fault: once all work has ended, or after `lasts_seconds`, and times count from there.
        `clock_offset` says by how much the harm moves the installation's clock.
        """
        with ThreadPoolExecutor(UNDER_WAY) as pool:
            ids = list(pool.map(lambda _: self.file(), range(UNDER_WAY)))
        wait_until(lambda: all(self.model.is_drafting(topic) for topic, _ in ids), LONGEST_SECONDS)
        probe, at, wall_at = SiteProbe(self.installation.status_of), time.monotonic(), time.time()
        try:
            harm()
            if lasts_seconds:
                time.sleep(lasts_seconds)
                after()
                at, wall_at = time.monotonic(), time.time()
            ids.append(self.file(patience=LONGEST_SECONDS))
            has_ended = wait_until(lambda: self.have_ended(ids), LONGEST_SECONDS, 0.1)
            ended_seconds = time.monotonic() - at if has_ended else None
            if not lasts_seconds:
                after()
            is_whole = wait_until(lambda: not self._missing(), WHOLE_SECONDS, 0.1)
            wait_until(lambda: probe.seconds_until_well(at) is not None, LONGEST_SECONDS)
        except NotAccepted:
            after()
            return FaultResult(role, fault, None, None, None, UNDER_WAY + 1, 0, 0, self._missing())
        finally:
            probe.stop()
        # After a clock was moved, only what was filed since has times that can be told from the fault's.
        timed = ids if clock_offset is None else ids[-1:]
        return FaultResult(
            role, fault,
            site_seconds=probe.seconds_until_well(at),
            work_seconds=self._taken_seconds(timed, wall_at + (clock_offset or 0)),
            ended_seconds=ended_seconds,
            lost=self.lost(ids), repeated=self.repeated(ids, by_time=clock_offset is None),
            extra=self._extra(), missing=0 if is_whole else self._missing(),
        )  # fmt: skip

    def file(self, patience: float = 20.0) -> tuple[str, int]:
        topic = f"tree-{next(numbers)}"
        return topic, self.installation.file(topic, until=time.monotonic() + patience)

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """For figures after the fault: the database is there again, or soon."""
        for _ in range(50):
            try:
                return self.installation.rows(sql, *values)
            except psycopg.Error:
                time.sleep(0.1)
        return self.installation.rows(sql, *values)

    def have_ended(self, ids: Sequence[tuple[str, int]]) -> bool:
        try:
            [(ended,)] = self.installation.rows(
                "SELECT count(*) FROM tasks_contenttask WHERE id = ANY(%s) AND status = ANY(%s)",
                [pk for _, pk in ids], list(ENDED),
            )  # fmt: skip
        except psycopg.Error:
            return False
        return bool(ended == len(ids))

    def _taken_seconds(self, ids: Sequence[tuple[str, int]], wall_at: float) -> float | None:
        """Until the last of the tasks began, or began again."""
        [(last,)] = self._rows(
            "SELECT extract(epoch FROM max(at)) FROM tasks_taskevent WHERE task_id = ANY(%s)"
            " AND kind = 'status' AND data->>'status' = 'in_progress'",
            [pk for _, pk in ids],
        )
        waiting = self._rows(
            "SELECT 1 FROM tasks_contenttask WHERE id = ANY(%s) AND NOT status = ANY(%s)",
            [pk for _, pk in ids], list(ENDED),
        )  # fmt: skip
        return None if waiting or last is None else max(float(last) - wall_at, 0.0)

    def lost(self, ids: Sequence[tuple[str, int]]) -> int:
        """Filed and accepted, and no draft awaits approval."""
        [(done,)] = self._rows(
            "SELECT count(*) FROM tasks_contenttask WHERE id = ANY(%s) AND status = 'awaiting_approval'",
            [pk for _, pk in ids],
        )
        return len(ids) - int(done)

    def repeated(self, ids: Sequence[tuple[str, int]], *, by_time: bool = True) -> int:
        """Stages saved twice, and requests to the model for a stage that was saved before.

        Where times say nothing, since a clock was moved: requests for a stage that was answered to the end.
        """
        saved = self._rows(
            "SELECT task_id, key, count(*), extract(epoch FROM min(finished_at)) FROM tasks_stagerun"
            " WHERE task_id = ANY(%s) AND output IS NOT NULL GROUP BY task_id, run, key",
            [pk for _, pk in ids],
        )
        finished = {(pk, key): float(at) for pk, key, _, at in saved}
        by_topic = dict(ids)
        twice = sum(times - 1 for _, _, times, _ in saved)
        if not by_time:
            whole = [
                (request.topic, request.key)
                for request in self.model.requests()
                if request.topic in by_topic and request.is_complete
            ]
            return int(twice) + len(whole) - len(set(whole))
        again = [
            request
            for request in self.model.requests()
            if request.at > finished.get((by_topic.get(request.topic, 0), request.key), request.at)
        ]
        return int(twice) + len(again)

    def _count(self) -> int:
        return len(lasting(self.installation.processes()))

    def _missing(self) -> int:
        return max(self.whole - self._count(), 0)

    def _extra(self) -> int:
        """What is there beyond the whole, also after a moment."""
        # Counted once more, a computation that has just begun would be one too many.
        if wait_until(lambda: self._count() <= self.whole, WHOLE_SECONDS, 0.1):
            return 0
        return max(self._count() - self.whole, 0)
