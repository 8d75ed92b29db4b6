"""That something was handed out is evidence as well: every export leaves an entry before its first byte."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from approvals.audit import actors, chain
from approvals.models import AuditEntry


def record_export(
    what: str,
    *,
    by: AbstractBaseUser | None,
    via: str,
    format: str,
    rows: int | Mapping[str, int],
    filter: Mapping[str, Any],
    sha256: str = "",
    **about: Any,
) -> AuditEntry:
    """Seal that `what` left the desk; `about` names the object, as chain.Fact does.

    `via` is desk, api or command; without `by` the command and the account it runs under are named.
    `sha256` is that of the file, or of the part of it that can be known before this entry is.
    """
    data: dict[str, Any] = {"via": via, "format": format, "filter": dict(filter), "rows": rows}
    if sha256:
        data["sha256"] = sha256
    if by is None:
        data["account"] = actors.account()
    return chain.record(f"{what}.exported", by=by, by_name=actors.program(), data=data, **about)
