"""Work that `up` waits for and that can be stopped: each step is a fork that returns a number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import Pipe

from django.core.management.base import CommandError
from django.db import OperationalError, connections

from contentpipeline.embedded import DatabaseUnavailable
from contentpipeline.probes import why_unreachable
from contentpipeline.processes.preparation import StartProblem
from contentpipeline.processes.supervisor import fork


class StartupStep:
    """Begins at once. It reports errors on the terminal itself, in one sentence where that can be."""

    def __init__(self, name: str, work: Callable[[], int | None]) -> None:
        self._receiver, sender = Pipe(duplex=False)

        def run() -> None:
            with _errors_as_sentences():
                sender.send(work() or 0)

        self._process = fork(f"manage.py up: {name}", run, daemon=True)
        sender.close()

    def has_ended(self) -> bool:
        return not self._process.is_alive()

    def result(self) -> int | None:
        """What the work returned; None when it failed."""
        return int(self._receiver.recv()) if self._process.exitcode == 0 else None


@contextmanager
def _errors_as_sentences() -> Iterator[None]:
    try:
        yield
    except (StartProblem, CommandError, DatabaseUnavailable) as error:
        raise SystemExit(str(error)) from error
    except OperationalError as error:
        if not (reason := why_unreachable(error)):
            raise
        raise SystemExit(f"The database cannot be reached ({reason}): see manage.py doctor.") from error
    finally:
        connections.close_all()
