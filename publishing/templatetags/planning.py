"""Times of publication in pages of the desk."""

from __future__ import annotations

from django import template

from publishing.models import Schedule
from publishing.schedule import open_schedule
from tasks.models import Draft

register = template.Library()


@register.simple_tag
def planned(draft: Draft) -> Schedule | None:
    return open_schedule(draft)
