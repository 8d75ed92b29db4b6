"""How a response becomes a stream: it names one in a header, which the web server takes out.

Only where the server says so in the environ, which no client can reach. Any other server sends what there is.
"""

from __future__ import annotations

HEADER = "X-Desk-Stream"
ENVIRON_KEY = "desk.streams"


def name(task_id: int, after: int | None) -> str:
    """The stream of the task's events after that one; without, of its present state and what follows."""
    return f"{task_id};{'' if after is None else after}"


def parse(stream: str) -> tuple[int, int | None]:
    task_id, _, after = stream.partition(";")
    return int(task_id), int(after) if after else None
