"""The messenger: has a thread for each subscription to which something is due.

So a receiver that is slow holds up its own deliveries alone. It runs beside the workers and beside the web
server; any number of them may run at once.
"""

from __future__ import annotations

import logging
from threading import Thread

from django.db import connections

from approvals.webhooks.delivery import DeliveryLease, send, take_leases
from contentpipeline.processes.periodic_thread import Rounds

logger = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
AT_ONCE = 8
"""To so many receivers a process sends at a time; each takes a connection of the database meanwhile."""


class Messenger(Rounds):
    """Looks for what is due and never waits for a receiver itself."""

    keeps_connection = True  # to connect costs more than to look

    def __init__(self) -> None:
        super().__init__("messenger", LOOK_SECONDS)
        self._senders: list[Thread] = []

    def one_round(self) -> float:
        self._senders = [sender for sender in self._senders if sender.is_alive()]
        for lease in take_leases(AT_ONCE - len(self._senders)):
            # A daemon: the process may end at any time, and the lease with it a little later.
            sender = Thread(target=_send, args=(lease,), name="webhook", daemon=True)
            sender.start()
            self._senders.append(sender)
        return self.longest_seconds


def _send(lease: DeliveryLease) -> None:
    try:
        send(lease)
    except Exception:
        logger.exception("What is due for webhook %s was not sent", lease.webhook_id)
    finally:
        connections.close_all()  # this thread's own
