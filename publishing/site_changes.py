"""How the whole site learns that pages which were kept are out of date.

Told inside a transaction, heard by every web server when that commits, and not at all when it does not.
"""

from __future__ import annotations

from django.db import connection

CHANNEL = "desk_site"


def tell_of_change() -> None:
    """Have every process forget the pages it kept. Cheap to repeat: a transaction says it once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
