"""Schedules in pages of the desk."""

from __future__ import annotations

from django import template

from publishing.live_plans import failed_withdrawal, open_withdrawal
from publishing.models import Schedule
from publishing.schedule import failed_schedule, open_schedule
from tasks.models import Draft

register = template.Library()


@register.simple_tag
def schedule_of(draft: Draft) -> Schedule | None:
    return open_schedule(draft)


@register.simple_tag
def failed_schedule_of(draft: Draft) -> Schedule | None:
    return failed_schedule(draft)


@register.simple_tag
def withdrawal_of(draft: Draft) -> Schedule | None:
    return open_withdrawal(draft)


@register.simple_tag
def failed_withdrawal_of(draft: Draft) -> Schedule | None:
    return failed_withdrawal(draft)
