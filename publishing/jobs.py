"""What happens by itself: texts go online when their time has come."""

from __future__ import annotations

import logging

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, connection

from publishing import schedule
from publishing.errors import NotApproved, PublishingError, SlugTaken, SlugUnusable, TextMissing
from tasks.errors import TransitionRefused

logger = logging.getLogger(__name__)

LASTING = (SlugTaken, SlugUnusable, TextMissing, PermissionDenied)
"""What only people can put right. An image may be there again once its storage is."""
OUR_FAULT = "A fault in the program stopped it: see the log."


def publish_due() -> int:
    """Publish every text whose time has come; return how many went online. Not inside a transaction.

    Each is a transaction of its own, and may run in any number of processes at once: what one of them is
    at, the others leave out. Raises OperationalError or InterfaceError when the database is away.
    """
    return sum(_publish(schedule_id) for schedule_id in schedule.due_ids())


def _publish(schedule_id: int) -> bool:
    try:
        return schedule.keep(schedule_id) is not None
    except NotApproved as error:
        logger.warning("Schedule %s is void: %s", schedule_id, error)
        schedule.void(schedule_id, str(error))
    except LASTING as error:
        logger.warning("Schedule %s is given up: %s", schedule_id, error)
        schedule.give_up(schedule_id, str(error))
    except (PublishingError, TransitionRefused) as error:
        _put_off(schedule_id, str(error))
    except (OperationalError, InterfaceError):
        if not connection.is_usable():
            raise  # no fault of this text: all are tried again when the database is back
        logger.exception("Schedule %s could not be kept", schedule_id)
        _put_off(schedule_id, OUR_FAULT)
    except Exception:
        # One text that cannot be published must not hold up the others.
        logger.exception("Schedule %s could not be kept", schedule_id)
        _put_off(schedule_id, OUR_FAULT)
    return False


def _put_off(schedule_id: int, error: str) -> None:
    logger.warning("Schedule %s is tried again later: %s", schedule_id, error)
    schedule.put_off(schedule_id, error)
