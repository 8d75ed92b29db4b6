"""The lists of direct dependencies, line by line."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from tools.lockfile import ROOT, normalized

LINE = re.compile(r"^(?P<name>[\w.-]+)(\[[\w,-]+\])?(==(?P<version>[\w.]+))?\s*(#\s*(?P<reason>\S.*))?$")


class Direct(NamedTuple):
    text: str
    name: str
    version: str | None
    reason: str | None


def directs(name: str) -> list[Direct]:
    """The packages that requirements.txt or requirements-dev.txt names itself, without those it includes."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith(("#", "-r "))]
    found = [(line, LINE.match(line)) for line in wanted]
    assert all(match for _, match in found), [line for line, match in found if not match]
    return [
        Direct(line, normalized(match["name"]), match["version"], match["reason"])
        for line, match in found
        if match
    ]


@cache
def declared(name: str) -> set[str]:
    return {direct.name for direct in directs(name)}
