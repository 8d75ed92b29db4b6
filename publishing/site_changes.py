"""How the whole site learns that what was kept of it is out of date.

Told inside a transaction, heard by every web server when that commits, and not at all when it does not.
PostgreSQL says it to all in the order of the commits: so what was heard last names a state of the site, and
is the same name in every process.
"""

from __future__ import annotations

from django.db import connection

CHANNEL = "desk_site"

# One for a transaction, however often it is told. The time tells it from one of a database that was restored.
TELL = """
SELECT pg_notify(%s, 'change:' || pg_current_xact_id() || ':' || extract(epoch FROM transaction_timestamp()))
"""


class Heard:
    """What this process knows of the site's state: set by whoever listens."""

    state = ""
    """Its name, by the last thing heard. Empty in a process that does not listen, or that cannot hear now."""


heard = Heard()


def tell_of_change() -> None:
    """Have every process forget what it kept. Cheap to repeat: a transaction says it once."""
    with connection.cursor() as cursor:
        cursor.execute(TELL, [CHANNEL])
