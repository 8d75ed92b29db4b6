"""Parts of pages, rendered once for the same facts: most rows of a list are as they were a visit ago."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import tzinfo
from functools import lru_cache

from django.template.loader import get_template
from django.urls import get_script_prefix
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language


def fragment(template: str, name: str, facts: Hashable) -> SafeString:
    """The template with `facts`, by this name, and nothing else.

    The same facts have to give the same bytes, in one time zone and language: the template asks neither the
    database nor the clock.
    """
    return _rendered(
        template, name, facts, timezone.get_current_timezone(), get_language(), get_script_prefix()
    )


@lru_cache(3000)  # of about 1 KB each
def _rendered(
    template: str, name: str, facts: Hashable, zone: tzinfo, language: str | None, prefix: str
) -> SafeString:
    return mark_safe(get_template(template).render({name: facts}))
