"""Starting and stopping django-q2's cluster in seconds, without leaving a process behind.

By itself it stops inside the signal handler, waits for running jobs however long they take and, killed,
leaves its children running.
"""

from __future__ import annotations

import signal
from collections.abc import Callable

from django_q import cluster
from setproctitle import getproctitle, setproctitle

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
GRACE_SECONDS = 3
"""How long running jobs may finish, and workers give their tasks back. All are made to be killed."""


class GroupSafeSentinel(cluster.Sentinel):  # type: ignore[misc]  # django-q2 has no types
    """A sentinel that leaves a SIGTERM sent to the whole process group to the cluster's main process.

    It would end at once, and take its workers with it before they have given their tasks back.
    """

    def start(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        setproctitle("qcluster: sentinel")
        super().start()


def install() -> None:
    """Make the clusters of this process use this sentinel."""
    cluster.Sentinel = GroupSafeSentinel


def start_cluster(listen_for_stop: Callable[[], object]) -> cluster.Cluster:
    """A sentinel and what it starts. Returns when they have been started, or when they are to stop."""
    title, blocked = getproctitle(), signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        started = cluster.Cluster()  # whose own handlers do the stopping themselves, however long that takes
        listen_for_stop()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    started.start()
    setproctitle(title)
    return started


def stop_cluster(running: cluster.Cluster) -> None:
    for sign in STOP_SIGNALS:
        signal.signal(sign, signal.SIG_IGN)
    running.stop_event.set()
    running.sentinel.join(GRACE_SECONDS)
    if running.sentinel.is_alive():
        running.sentinel.kill()  # its workers go with it
        running.sentinel.join()
