"""The publication scheduler's job: scheduled texts go online when they are due."""

from __future__ import annotations

import logging

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, connection

from publishing import schedule
from publishing.errors import NotApproved, PublishingError, SlugTaken, SlugUnusable, TextMissing
from tasks.errors import TransitionRefused

logger = logging.getLogger(__name__)

PERMANENT = (SlugTaken, SlugUnusable, TextMissing, PermissionDenied)
"""Errors that only people can resolve. A missing image may be back once its storage is."""
INTERNAL_ERROR = "An internal error stopped it: see the log."


def publish_due() -> int:
    """Publish every text that is due; return how many went online. Not inside a transaction.

    Each is a transaction of its own. Any number of processes may do this at once: each skips the texts that
    another is publishing. Raises OperationalError or InterfaceError when the database is unavailable.
    """
    return sum(_publish(schedule_id) for schedule_id in schedule.due_ids())


def _publish(schedule_id: int) -> bool:
    try:
        return schedule.publish_scheduled(schedule_id) is not None
    except NotApproved as error:
        logger.warning("Schedule %s was voided: %s", schedule_id, error)
        schedule.void(schedule_id, str(error))
    except PERMANENT as error:
        logger.warning("Schedule %s failed: %s", schedule_id, error)
        schedule.mark_failed(schedule_id, str(error))
    except (PublishingError, TransitionRefused) as error:
        _postpone(schedule_id, str(error))
    except (OperationalError, InterfaceError):
        if not connection.is_usable():
            raise  # not about this text: all are retried when the database is back
        logger.exception("Schedule %s could not be published", schedule_id)
        _postpone(schedule_id, INTERNAL_ERROR)
    except Exception:
        # One text that cannot be published must not hold up the others.
        logger.exception("Schedule %s could not be published", schedule_id)
        _postpone(schedule_id, INTERNAL_ERROR)
    return False


def _postpone(schedule_id: int, error: str) -> None:
    logger.warning("Schedule %s will be retried: %s", schedule_id, error)
    schedule.postpone(schedule_id, error)
