"""Exports are recorded too: an entry is written before the first byte is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User

from approvals.audit import actors, chain
from approvals.models import AuditEntry


def record_export(
    what: str,
    *,
    by: User | None,
    via: str,
    format: str,
    rows: int | Mapping[str, int],
    filter: Mapping[str, Any],
    sha256: str = "",
    **about: Any,
) -> AuditEntry:
    """Record that `what` was exported; `about` names the object, with the fields of chain.Fact.

    `via` is desk, api or command; without `by` the entry names the command and the account that runs it.
    `sha256` is of the file, or of the part that is known before this entry is written.
    """
    data: dict[str, Any] = {"via": via, "format": format, "filter": dict(filter), "rows": rows}
    if sha256:
        data["sha256"] = sha256
    if by is None:
        data["account"] = actors.account()
    return chain.record(f"{what}.exported", by=by, by_name=actors.program(), data=data, **about)
