"""The main process of a cluster: registers it, restarts its sentinel when that ends, and stops it."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

import psycopg
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections

from contentpipeline import djangoq
from contentpipeline.djangoq import engine_hosting, job_queue, sentinel
from contentpipeline.logs import why_away
from contentpipeline.processes import lifetime, loading
from contentpipeline.processes.cluster_registry import ClusterRegistration
from contentpipeline.processes.maintenance import MaintenanceProcess
from contentpipeline.processes.process_tree import FrozenProcesses, NoFrozenProcesses
from contentpipeline.processes.restarts import CrashLoop, Restarts
from contentpipeline.processes.stop_flag import StopFlag
from contentpipeline.processes.supervisor import is_supervised
from tasks.pipeline.orchestrator import produce_article

if TYPE_CHECKING:
    from django_q.cluster import Cluster

    from tasks.engine.run_context import Pipeline

logger = logging.getLogger(__name__)

CHECK_SECONDS = 1.0
RENEW_SECONDS = 2
RETRY_SECONDS = 1.0
"""Pause after a failed attempt to reach the database."""


def run_cluster(
    *, pipeline: Pipeline = produce_article, on_start: Callable[[], object] = bool, once: bool = False
) -> None:
    """Run until SIGTERM or SIGINT; with `once`, until the jobs that are queued now are done.

    `on_start` is called each time a cluster has started. Raises SystemExit when its sentinel keeps ending.
    """
    djangoq.check_django_q()
    lifetime.end_forks_with_parent()
    must_stop = StopFlag()
    _listen_for_stop(must_stop)
    registration = ClusterRegistration()
    _take_over(registration, must_stop)
    loading.load_pipeline()
    loading.settle_memory()
    job_queue.install()
    sentinel.install()
    engine_hosting.install(settings.ENGINE_WORKERS, pipeline, must_stop)
    try:
        _run(registration, must_stop, on_start, once=once)
    except CrashLoop as error:
        raise SystemExit(str(error)) from error


def _run(
    registration: ClusterRegistration, must_stop: StopFlag, on_start: Callable[[], object], *, once: bool
) -> None:
    maintenance, restarts = MaintenanceProcess(), Restarts("The cluster's sentinel")
    while not must_stop.is_set():
        cluster = sentinel.start_cluster(lambda: _listen_for_stop(must_stop))
        on_start()
        if once:
            must_stop.set()
        _supervise(cluster, registration, maintenance, must_stop)
        if must_stop.is_set():
            sentinel.stop_cluster(cluster)
        else:
            logger.error("%s", restarts.record_exit(cluster.sentinel.exitcode))
            must_stop.wait(restarts.pause_seconds)


def _listen_for_stop(must_stop: StopFlag) -> None:
    for sign in sentinel.STOP_SIGNALS:
        signal.signal(sign, lambda *_: must_stop.set())


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
        wait([cluster.sentinel.sentinel, must_stop.fileno()], timeout=CHECK_SECONDS)


def _take_over(registration: ClusterRegistration, must_stop: StopFlag) -> None:
    """Requeue the jobs of a cluster that died, as soon as there is a database."""
    while not must_stop.is_set():
        try:
            if registration.register():
                job_queue.requeue_jobs()
            break
        except (DatabaseError, InterfaceError, psycopg.Error) as error:
            logger.warning("The cluster waits for the database: %s", why_away(error) or error)
            must_stop.wait(RETRY_SECONDS)
        finally:
            connections.close_all()  # a connection shared with a fork breaks


def _renew(registration: ClusterRegistration) -> None:
    try:
        registration.register()
    except psycopg.Error:
        pass  # the workers log that the database is unreachable; the next renewal is in two seconds
