"""Sends due webhook deliveries, in a thread for each subscription.

So a slow receiver delays its own deliveries alone. It runs in the cluster and in the web server; any number
of them may run at once.
"""

from __future__ import annotations

import logging
from threading import Thread

from django.db import connections

from approvals.webhooks.delivery import DeliveryLease, send, take_leases
from contentpipeline.processes.periodic_thread import PeriodicThread

logger = logging.getLogger(__name__)

POLL_SECONDS = 2.0
MAX_SENDERS = 8
"""Of one process at a time. Each takes a database connection meanwhile."""


class WebhookDispatcher(PeriodicThread):
    """Takes due deliveries and never waits for a receiver itself."""

    keeps_connection = True  # connecting costs more than the query

    def __init__(self) -> None:
        super().__init__("webhook dispatcher", POLL_SECONDS)
        self._senders: list[Thread] = []

    def run_once(self) -> float:
        self._senders = [sender for sender in self._senders if sender.is_alive()]
        for lease in take_leases(MAX_SENDERS - len(self._senders)):
            # A daemon: the process may end at any time, and the lease with it a little later.
            sender = Thread(target=_send, args=(lease,), name="webhook", daemon=True)
            sender.start()
            self._senders.append(sender)
        return self.max_pause_seconds


def _send(lease: DeliveryLease) -> None:
    try:
        send(lease)
    except Exception:
        logger.exception("The due deliveries of webhook %s were not sent", lease.webhook_id)
    finally:
        connections.close_all()  # this thread's own
