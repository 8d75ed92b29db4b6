"""django-q2's cluster, stopping in seconds and leaving no process behind.

The stock command does its stopping inside the signal handler, waits for running jobs however long they
take and, killed, leaves its children running.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import time
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import connection, connections
from django.utils import timezone
from django_q.cluster import Cluster
from django_q.management.commands.qcluster import Command as StockCommand
from django_q.models import OrmQ

from contentpipeline.processes import engine_hosting, job_queue, ties
from contentpipeline.processes.leases import LeaseReaper
from contentpipeline.processes.messenger import Messenger
from contentpipeline.processes.presence import Presence
from contentpipeline.processes.timetable import Timetable
from contentpipeline.processes.watch import Watch
from tasks.orchestrator import produce_article
from tasks.providers.calls import Usage, list_price_usd
from tasks.text.languages import guess_language

GRACE_SECONDS = 3
"""How long running jobs may finish, and workers give their tasks back. All are made to be killed."""
LOOK_SECONDS = 0.1
RENEW_SECONDS = 2


class Command(StockCommand):
    help = "Writes the articles of tasks that wait, and runs the jobs that are queued."
    requires_system_checks: list[str] = []  # type: ignore[assignment]  # half of a start's time
    pipeline = staticmethod(produce_article)

    def handle(self, *args: Any, **options: Any) -> None:
        if options.get("cluster_name"):
            os.environ["Q_CLUSTER_NAME"] = options["cluster_name"]
        ties.tie_forks_to_their_parent()
        presence = Presence()
        _take_over(presence)
        _load_the_pipeline()
        job_queue.install()
        cluster = Cluster()
        self.is_stopping = False
        engine_hosting.install(
            settings.ENGINE_WORKERS, self.pipeline, must_stop=lambda: cluster.stop_event.is_set()
        )
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self._stop_soon)
        cluster.start()
        Watch().start()  # not before: a fork would take its locks along
        Timetable().start()
        Messenger().start()
        LeaseReaper().start()
        if not options.get("run_once"):
            self._guard(cluster, presence)
        was_alive = cluster.sentinel.is_alive()
        _stop(cluster)
        if not was_alive:
            raise SystemExit("The cluster ended by itself: see the log above.")

    def _stop_soon(self, *_: Any) -> None:
        self.is_stopping = True

    def _guard(self, cluster: Cluster, presence: Presence) -> None:
        renew_at = 0.0
        while cluster.sentinel.is_alive() and not self.is_stopping:
            time.sleep(LOOK_SECONDS)
            if time.monotonic() > renew_at:
                renew_at = time.monotonic() + RENEW_SECONDS
                _renew(presence)


def _load_the_pipeline() -> None:
    """Once, and not in every worker: forks share what is loaded and made before them."""
    import_module("tasks.jobs")
    list_price_usd("openai", "none", Usage())
    guess_language("A text that is long enough to be looked at. " * 10)
    _give_back_memory()
    gc.freeze()  # the collector would write to every page that the forks share


def _give_back_memory() -> None:
    """To the system, what loading needed only for a while: a third of what there is by now."""
    gc.collect()
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if malloc_trim is not None:  # glibc has it, musl does not
        malloc_trim(0)


def _take_over(presence: Presence) -> None:
    """Put back in the queue what a cluster that died was doing."""
    if presence.announce():
        OrmQ.objects.filter(lock__gt=timezone.now()).update(lock=timezone.now())
    connections.close_all()  # a connection shared with a fork breaks


def _renew(presence: Presence) -> None:
    try:
        presence.announce()
    except connection.Database.Error:
        pass  # the database is away: the workers say so, and the next renewal is in two seconds


def _stop(cluster: Cluster) -> None:
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, signal.SIG_IGN)
    cluster.stop_event.set()
    cluster.sentinel.join(GRACE_SECONDS)
    if cluster.sentinel.is_alive():
        cluster.sentinel.kill()  # its workers go with it
        cluster.sentinel.join()
