"""django-q2's cluster, stopping in seconds and leaving no process behind.

The stock command does its stopping inside the signal handler, waits for running jobs however long they
take and, killed, leaves its children running.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, connections
from django.utils import timezone
from django_q.cluster import Cluster
from django_q.management.commands.qcluster import Command as StockCommand
from django_q.models import OrmQ
from setproctitle import getproctitle, setproctitle

from contentpipeline.djangoq import engine_hosting, job_queue
from contentpipeline.logs import why_away
from contentpipeline.processes import lifetime, loading
from contentpipeline.processes.cluster_registry import ClusterRegistration
from contentpipeline.processes.maintenance import STOP_SIGNALS, MaintenanceProcess
from contentpipeline.processes.process_tree import FrozenProcesses, NoFrozenProcesses
from contentpipeline.processes.restarts import CrashLoop, Restarts
from contentpipeline.processes.stop_flag import StopFlag
from contentpipeline.processes.supervisor import is_supervised
from tasks.pipeline.orchestrator import produce_article

logger = logging.getLogger(__name__)

GRACE_SECONDS = 3
"""How long running jobs may finish, and workers give their tasks back. All are made to be killed."""
CHECK_SECONDS = 1.0
RENEW_SECONDS = 2
RETRY_SECONDS = 1.0
"""Pause after a failed attempt to reach the database."""


class Command(StockCommand):
    help = "Writes the articles of tasks that wait, and runs the jobs that are queued."
    requires_system_checks: list[str] = []  # type: ignore[assignment]  # half of a start's time
    pipeline = staticmethod(produce_article)
    on_start: Callable[[], object] = staticmethod(bool)

    def handle(self, *args: Any, **options: Any) -> None:
        if options.get("cluster_name"):
            os.environ["Q_CLUSTER_NAME"] = options["cluster_name"]
        lifetime.end_forks_with_parent()
        must_stop = StopFlag()
        _listen_for_stop(must_stop)
        registration = ClusterRegistration()
        _take_over(registration, must_stop)
        loading.load_pipeline()
        loading.settle_memory()
        job_queue.install()
        engine_hosting.install(settings.ENGINE_WORKERS, self.pipeline, must_stop)
        try:
            self._run(registration, must_stop, once=bool(options.get("run_once")))
        except CrashLoop as error:
            raise SystemExit(str(error)) from error

    def _run(self, registration: ClusterRegistration, must_stop: StopFlag, *, once: bool) -> None:
        maintenance, restarts = MaintenanceProcess(), Restarts("The cluster's sentinel")
        while not must_stop.is_set():
            cluster = _start_cluster(must_stop)
            self.on_start()
            if once:
                must_stop.set()
            _supervise(cluster, registration, maintenance, must_stop)
            if must_stop.is_set():
                _stop(cluster)
            else:
                logger.error("%s", restarts.record_exit(cluster.sentinel.exitcode))
                must_stop.wait(restarts.pause_seconds)


def _listen_for_stop(must_stop: StopFlag) -> None:
    for sign in STOP_SIGNALS:
        signal.signal(sign, lambda *_: must_stop.set())


def _start_cluster(must_stop: StopFlag) -> Cluster:
    """A sentinel and what it starts. Returns when they have been started, or when they are to stop."""
    title, blocked = getproctitle(), signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        cluster = Cluster()  # whose own handlers do the stopping themselves, however long that takes
        _listen_for_stop(must_stop)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    cluster.start()
    setproctitle(title)
    return cluster


def _supervise(
    cluster: Cluster, registration: ClusterRegistration, maintenance: MaintenanceProcess, must_stop: StopFlag
) -> None:
    """Return when the sentinel has ended, or has to; meanwhile nothing else stays dead or frozen."""
    frozen, renew_at = NoFrozenProcesses() if is_supervised() else FrozenProcesses(), 0.0
    while cluster.sentinel.is_alive() and not must_stop.is_set():
        maintenance.check()
        for process in frozen.end():
            logger.error("Process %d (%s) was frozen: ending it.", process.pid, process.title())
        if time.monotonic() > renew_at:
            renew_at = time.monotonic() + RENEW_SECONDS
            _renew(registration)
        wait([cluster.sentinel.sentinel, must_stop], timeout=CHECK_SECONDS)


def _take_over(registration: ClusterRegistration, must_stop: StopFlag) -> None:
    """Requeue the jobs of a cluster that died, as soon as there is a database."""
    while not must_stop.is_set():
        try:
            if registration.register():
                OrmQ.objects.filter(lock__gt=timezone.now()).update(lock=timezone.now())
            break
        except (DatabaseError, InterfaceError, connection.Database.Error) as error:
            logger.warning("The cluster waits for the database: %s", why_away(error) or error)
            must_stop.wait(RETRY_SECONDS)
        finally:
            connections.close_all()  # a connection shared with a fork breaks


def _renew(registration: ClusterRegistration) -> None:
    try:
        registration.register()
    except connection.Database.Error:
        pass  # the workers log that the database is unreachable; the next renewal is in two seconds


def _stop(cluster: Cluster) -> None:
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, signal.SIG_IGN)
    cluster.stop_event.set()
    cluster.sentinel.join(GRACE_SECONDS)
    if cluster.sentinel.is_alive():
        cluster.sentinel.kill()  # its workers go with it
        cluster.sentinel.join()
