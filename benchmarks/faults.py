"""What becomes of work under way when a process dies or freezes, or when what it stands on fails."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Iterator

from benchmarks import environments
from benchmarks.fault_table import FaultTable, Say
from benchmarks.faults_rig import FaultResult, FaultRig
from benchmarks.figures import MeasuredFigure, show
from benchmarks.installation import an_installation
from benchmarks.process_walk import FoundProcess, TreePosition
from contentpipeline.processes.supervisor import wait_until

SIGNS = {"killed": signal.SIGKILL, "frozen": signal.SIGSTOP}
MOST_DEATHS = 3
"""Of one process near the root within a minute; what starts it gives up after five, as it should."""
NEAR_THE_ROOT = 2
MINUTE = 61.0


def run(say: Say, *, quick: bool) -> None:
    """Print what each fault did. `quick` takes fewer kills: for a rough check, not for a record."""
    processes(say, quick=quick)
    environments.run(say)


def processes(say: Say, *, quick: bool) -> None:
    """Kill and freeze every process that is found, one role at a time; then kill at random."""
    with an_installation() as (installation, model):
        rig = FaultRig(installation, model)
        rig.settle()
        say("Processes, one role at a time, 6 tasks under way and one filed afterwards …")
        table = FaultTable(say)
        table.add(rig.during("(none)", "nothing", bool))
        for fault in SIGNS:
            for row in each_role(rig, fault):
                table.add(row)
        show([*table.figures(), kills(rig, 20 if quick else 100)], say)


def each_role(rig: FaultRig, fault: str) -> Iterator[FaultResult]:
    """Harm one process of each role, the leaves of the tree first, so that each is still the one found."""
    for target in rig.targets():
        if rig.installation.process.poll() is None and (found := rig.present(target)) is not None:
            yield rig.hit(found, SIGNS[fault], target.role)
    if fault == "frozen":  # no process above it could notice; all others go on meanwhile
        root = next(found for found in rig.installation.processes() if found.depth == 0)
        yield rig.hit(root, SIGNS[fault])


def kills(rig: FaultRig, amount: int, pause: tuple[float, float] = (0.2, 1.2)) -> MeasuredFigure:
    """Kill random processes repeatedly while tasks arrive, then wait until all tasks have ended."""
    chance, deaths, roles = random.Random(amount), Deaths(), Counter[str]()
    filed = []
    while roles.total() < amount:
        filed.append(rig.file(patience=60))
        by_place: dict[TreePosition, list[FoundProcess]] = {}
        for found in rig.victims():
            if deaths.may_die(found):
                by_place.setdefault(found.place, []).append(found)
        if by_place:  # a role first: most processes are PostgreSQL's, one for each connection
            victim = chance.choice(by_place[chance.choice(list(by_place))])
            deaths.note(victim)
            roles[victim.role] += victim.signal(signal.SIGKILL)
        time.sleep(chance.uniform(*pause))
    has_ended = wait_until(lambda: rig.have_ended(filed), 180, 0.5)
    lost, repeated = rig.lost(filed), rig.repeated(filed)
    shown = f"{lost}, {repeated} in {amount} kills of {len(roles)} roles, {len(filed)} tasks"
    return MeasuredFigure(
        "random kills: tasks lost, stages run again", shown, "0", has_ended and not (lost or repeated)
    )


class Deaths:
    """Which processes died lately, as a person who kills by hand would know."""

    def __init__(self) -> None:
        self._at: dict[TreePosition, list[float]] = {}

    def may_die(self, found: FoundProcess) -> bool:
        lately = [at for at in self._at.get(found.place, []) if time.monotonic() - at < MINUTE]
        return found.depth > NEAR_THE_ROOT or len(lately) < MOST_DEATHS

    def note(self, found: FoundProcess) -> None:
        self._at.setdefault(found.place, []).append(time.monotonic())
