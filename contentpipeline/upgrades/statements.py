"""What one SQL statement of a migration does to those who read and write meanwhile, and to older code.

From PostgreSQL's documentation (Explicit Locking, ALTER TABLE). What is not known counts as the worst.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from enum import IntEnum


class Effect(IntEnum):
    """On the site, while the statement runs; a moment is too short to be noticed unless others hold locks."""

    NOTHING = 0
    A_MOMENT = 1
    WRITERS_WAIT = 2
    READERS_WAIT = 3
    UNKNOWN = 4


@dataclass(frozen=True)
class StatementEffect:
    effect: Effect
    why: str = ""
    table: str = ""
    copies_table: bool = False
    """Whether it needs room for the table, or an index of it, a second time."""
    breaks_older: str = ""
    """What code of the version before would fail at, while it runs next to the new schema."""


NAME = r'(?:"?[\w]+"?\.)?"?(?P<table>\w+)"?'
VOLATILE = re.compile(r"DEFAULT\s+\(*(random|gen_random_uuid|clock_timestamp|nextval|uuid)", re.I)

Rule = tuple[re.Pattern[str], Effect, str, bool, str]


def _rule(pattern: str, effect: Effect, why: str, *, copies: bool = False, breaks: str = "") -> Rule:
    return (re.compile(pattern.replace("<NAME>", NAME), re.I | re.S), effect, why, copies, breaks)


N, M, W, R = Effect.NOTHING, Effect.A_MOMENT, Effect.WRITERS_WAIT, Effect.READERS_WAIT
ALTER = r"^ALTER TABLE (?:IF EXISTS )?(?:ONLY )?<NAME> .*"
REWRITES, EXCLUSIVE = "rewrites the table", "looks at all rows under an exclusive lock"
REFUSED = "rows that the new rule refuses"
TABLES = [
    _rule(r"^CREATE (?:UNLOGGED )?TABLE ", N, "a new table"),
    _rule(r"^DROP TABLE (?:IF EXISTS )?<NAME>", M, "drops a table", breaks="the table"),
    _rule(ALTER + r"VALIDATE CONSTRAINT", N, "checks all rows next to work"),
    _rule(ALTER + r"ADD CONSTRAINT .* USING INDEX", M, "takes an index over"),
    _rule(
        ALTER + r"ADD (?:CONSTRAINT \S+ )?(?:CHECK|FOREIGN KEY).*NOT VALID", M, "adds a rule for new rows",
        breaks=REFUSED,
    ),
    _rule(ALTER + r"ADD (?:CONSTRAINT \S+ )?FOREIGN KEY", W, "compares all rows"),
    _rule(ALTER + r"ADD COLUMN .* REFERENCES", W, "compares all rows"),
    _rule(ALTER + r"ADD CONSTRAINT \S+ CHECK", R, EXCLUSIVE, breaks=REFUSED),
    _rule(
        ALTER + r"ADD CONSTRAINT \S+ (?:UNIQUE|PRIMARY KEY|EXCLUDE)", R,
        "builds an index under an exclusive lock", copies=True, breaks=REFUSED,
    ),
    _rule(
        ALTER + r"ADD COLUMN .*(?:GENERATED ALWAYS AS \(.*STORED|serial|AS IDENTITY)", R, REWRITES,
        copies=True,
    ),
    _rule(ALTER + r"ADD COLUMN", M, "adds a column"),
    _rule(ALTER + r"ALTER COLUMN \S+ TYPE", R, f"{REWRITES}, unless the type only gets wider", copies=True),
    _rule(ALTER + r"ALTER COLUMN \S+ SET NOT NULL", R, EXCLUSIVE, breaks="rows without the column"),
    _rule(ALTER + r"ALTER COLUMN \S+ (?:SET|DROP) \w+", M, "changes a column"),
    _rule(ALTER + r"DROP COLUMN", M, "drops a column", breaks="the column"),
    _rule(ALTER + r"RENAME CONSTRAINT", M, "renames a rule"),
    _rule(ALTER + r"RENAME ", M, "renames", breaks="the former name"),
    _rule(ALTER + r"(?:DROP CONSTRAINT|ENABLE|DISABLE|OWNER TO)", M, "changes a rule"),
    _rule(ALTER + r"SET \(", M, "changes a storage parameter"),
    _rule(ALTER + r"SET (?:UN)?LOGGED", R, REWRITES, copies=True),
]  # fmt: skip
INDEX = r"^CREATE (?:UNIQUE )?INDEX "
FUNCTIONS = r"^(?:CREATE (?:OR REPLACE )?|DROP |ALTER )FUNCTION"
TRIGGERS = r"^(?:CREATE (?:OR REPLACE )?(?:CONSTRAINT )?|DROP )TRIGGER .* ON <NAME>"
OTHERS = [
    _rule(INDEX + r"CONCURRENTLY .* ON (?:ONLY )?<NAME>", N, "builds an index next to work", copies=True),
    _rule(INDEX + r".* ON (?:ONLY )?<NAME>", W, "builds an index", copies=True),
    _rule(r"^DROP INDEX CONCURRENTLY", N, "drops an index next to work"),
    _rule(r"^DROP INDEX", M, "drops an index"),
    _rule(TRIGGERS, M, "changes a trigger"),
    _rule(FUNCTIONS, N, "no table"),
    _rule(r"^(?:CREATE|ALTER) (?:EXTENSION|TEXT SEARCH|SEQUENCE)|^ALTER INDEX|^COMMENT ON", N, "no table"),
    _rule(r"^(?:SELECT|SET|RESET|SHOW|ANALYZE|BEGIN|COMMIT)\b", N, "no lock that others wait for"),
    _rule(r"^(?:UPDATE|DELETE FROM|INSERT INTO) (?:ONLY )?<NAME>", W, "changes rows, whose writers wait"),
]


def effect_of(statement: str, new_tables: Set[str] = frozenset()) -> StatementEffect:
    """Of one statement; nobody uses `new_tables` yet."""
    text = " ".join(statement.split())
    for pattern, effect, why, copies, breaks in (*TABLES, *OTHERS):
        found = pattern.search(text)
        if not found:
            continue
        table = found.groupdict().get("table") or ""
        if table in new_tables:
            return StatementEffect(Effect.NOTHING, "a new table", table)
        if effect is Effect.A_MOMENT and VOLATILE.search(text):
            return StatementEffect(Effect.READERS_WAIT, "rewrites the table", table, copies_table=True)
        return StatementEffect(effect, why, table, copies, breaks)
    return StatementEffect(Effect.UNKNOWN, f"not known: {text[:80]}")


def created_by(statement: str) -> str:
    """The table that the statement creates."""
    found = re.match(
        rf"CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?{NAME}", " ".join(statement.split()), re.I
    )
    return found["table"] if found else ""


def added_without_default(statements: list[str]) -> list[str]:
    """Columns that need a value and get none from the database: older code does not write them."""
    dropped = re.compile(rf"ALTER TABLE {NAME} ALTER COLUMN \"?(?P<column>\w+)\"? DROP DEFAULT", re.I)
    added = re.compile(rf"ALTER TABLE {NAME} ADD COLUMN \"?(?P<column>\w+)\"? (?P<rest>.*)", re.I | re.S)
    without, last = set(), ("", False)
    for statement in statements:
        if found := added.search(" ".join(statement.split())):
            rest = found["rest"].upper()
            if "NOT NULL" in rest and "DEFAULT" not in rest and "GENERATED" not in rest:
                without.add(f"{found['table']}.{found['column']}")
            last = (f"{found['table']}.{found['column']}", "NOT NULL" in rest)
        elif found := dropped.search(" ".join(statement.split())):
            name = f"{found['table']}.{found['column']}"
            if last == (name, True):
                without.add(name)
    return sorted(without)
