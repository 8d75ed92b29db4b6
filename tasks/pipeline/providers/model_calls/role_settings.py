"""What each role asks of a model beyond its prompt; a model that refuses a temperature has its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tasks.pipeline.types import Role


@dataclass(frozen=True)
class RoleSettings:
    temperature: float | None
    most_output_tokens: int | None
    """Of one reply, thinking included. None leaves it to the model: a text goes on in another reply."""
    stop: tuple[str, ...] = ()
    """Words at which the model stops; not one of them is in the reply."""


ROLE_SETTINGS: Mapping[Role, RoleSettings] = {
    Role.RESEARCH: RoleSettings(temperature=0.2, most_output_tokens=16_000),
    Role.CREATIVE: RoleSettings(temperature=0.7, most_output_tokens=None),
    Role.QA: RoleSettings(temperature=0.0, most_output_tokens=16_000),
    Role.IMAGE: RoleSettings(temperature=0.7, most_output_tokens=4_000),
    Role.PUBLISHING: RoleSettings(temperature=0.3, most_output_tokens=8_000),
}
