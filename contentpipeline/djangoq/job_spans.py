"""A job of django-q2 as a span: what is logged while it runs says which job it was."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from django_q.signals import post_execute_in_worker, pre_execute
from django_q.utils import get_func_repr

from tasks.tracing import span

_running: list[AbstractContextManager[None]] = []
"""A worker runs one job at a time."""


def connect() -> None:
    pre_execute.connect(_begin, dispatch_uid="job_spans")
    post_execute_in_worker.connect(_end, dispatch_uid="job_spans")


def _begin(func: Callable[..., Any] | None, task: dict[str, Any], **_: Any) -> None:
    _end()  # of a job that was interrupted before it could report
    job = span("job", job=get_func_repr(func or task["func"]), job_id=str(task["id"]))
    job.__enter__()
    _running.append(job)


def _end(**_: Any) -> None:
    while _running:
        _running.pop().__exit__(None, None, None)
