"""What a worker provides to its runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tasks.engine.checkpoints import CheckpointWriter
from tasks.pipeline.providers import Providers
from tasks.pipeline.types import Article, Brief, SaveVersion, Step

if TYPE_CHECKING:
    from tasks.pipeline.providers.model_servers.vendor_pool import Vendors

Pipeline = Callable[[Brief, Providers, Step, SaveVersion], Awaitable[Article]]


@dataclass(frozen=True)
class RunContext:
    """What a worker provides to its runs."""

    checkpoints: CheckpointWriter
    in_thread: Callable[..., Awaitable[Any]]
    """Runs a function where the database may be waited for."""
    pipeline: Pipeline
    check_fence: Callable[[], None]
    """Raises LeaseLost when others may treat this worker as dead: nothing new may begin then."""
    vendors: Vendors | None
    """Of language models; None for the offline writer."""
    worker_id: int = 0
