"""What a run gets from outside, as rows: saved while it runs, and loaded for a replay."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings

from tasks.models import ContentTask, RecordedExchange

if TYPE_CHECKING:
    from tasks.pipeline.providers import Providers
    from tasks.pipeline.providers.recording import ProviderExchange
    from tasks.pipeline.providers.replay import Replay
    from tasks.pipeline.types import Brief

FIELDS = ("key", "kind", "stage", "reply", "error_kind", "error")


@dataclass
class RunExchanges:
    """Records one run if the desk wants that, or repeats a recorded one."""

    task: ContentTask
    in_thread: Callable[..., Awaitable[Any]]
    """Runs a function where the database may be waited for."""
    _replay: Replay | None = field(default=None, init=False)

    async def brief(self, given: Brief) -> Brief:
        """The brief of this run: that of the recording, if it repeats one."""
        if self.task.replay_run is not None:
            replay: Replay = await self.in_thread(load_replay, self.task)
            self._replay = replay
            return replay.brief
        if settings.RECORD_RUNS:
            from tasks.pipeline.providers.recording import recorded_brief

            await self._save(recorded_brief(given))
        return given

    def around(self, providers: Providers) -> Providers:
        """These providers, recorded or replaced by a recording."""
        if self._replay is not None:
            return self._replay.in_place_of(providers)
        if settings.RECORD_RUNS:
            from tasks.pipeline.providers.recording import recorded

            return recorded(providers, self._save)
        return providers

    async def _save(self, exchange: ProviderExchange) -> None:
        await self.in_thread(save_exchange, self.task.pk, self.task.run, exchange)


def save_exchange(task_id: int, run: int, exchange: ProviderExchange) -> None:
    """Of two exchanges with one key, the later one counts."""
    fields = exchange.model_dump(mode="json")
    RecordedExchange.objects.update_or_create(
        task_id=task_id, run=run, key=fields.pop("key"), defaults=fields
    )


def load_replay(task: ContentTask) -> Replay:
    """The recording that a task replays."""
    from tasks.pipeline.providers.recording import ProviderExchange
    from tasks.pipeline.providers.replay import Replay

    rows = RecordedExchange.objects.filter(task=task.replay_of_id, run=task.replay_run or 0).values(*FIELDS)
    exchanges = {row["key"]: ProviderExchange.model_validate(row) for row in rows}
    return Replay(exchanges, task.replay_branch)
