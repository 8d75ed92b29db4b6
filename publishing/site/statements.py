"""Querysets that are put into SQL once, and that the database plans once.

A page's queryset is the same for every reader but for a few values. To word it takes Django a millisecond
and more, and to plan it takes the database two. So it is worded once in a process, with `Given` for these
values, and prepared once on each connection. It remains a queryset: what readers may see is said there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import InterfaceError, NotSupportedError, OperationalError, connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper
from django.db.models import Expression, Field, QuerySet

Row = tuple[Any, ...]


class Given(Expression):
    """Stands in a queryset for a value that `Statement.rows` is given under this name."""

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        return "%s", [self]


class Statement:
    """What a queryset asks for; made with `values_list`, because rows are all that comes back."""

    def __init__(self, queryset: QuerySet[Any, Any], *, prepare: bool = True) -> None:
        """`prepare=False` where the best plan depends on the values, so that each has its own."""
        compiler = queryset.query.get_compiler(queryset.db)
        self._sql, self._parameters = compiler.as_sql()
        self._converters = compiler.get_converters([expression for expression, *_ in compiler.select])
        self._is_prepared = prepare

    @classmethod
    def of_sql(cls, sql: str, *parameters: Given) -> Statement:
        """For what no queryset says: only values that psycopg itself knows come back."""
        statement = cls.__new__(cls)
        statement._sql, statement._parameters = sql, parameters
        statement._converters, statement._is_prepared = {}, True
        return statement

    def rows(self, **given: Any) -> list[Row]:
        parameters = [given[each.name] if isinstance(each, Given) else each for each in self._parameters]
        found = self._fetch(parameters)
        return [self._converted(row) for row in found] if self._converters else found

    def _converted(self, row: Row) -> Row:
        values = list(row)
        for position, (converters, expression) in self._converters.items():
            for convert in converters:
                values[position] = convert(values[position], expression, connection)
        return tuple(values)

    def _fetch(self, parameters: Sequence[Any]) -> list[Row]:
        """Without Django's question whether the connection is still there, which costs as much again."""
        known = connection.connection
        try:
            return self._execute(parameters)
        except (InterfaceError, NotSupportedError, OperationalError) as error:
            # It was lost, or a migration changed a table after the statement was prepared.
            is_over = known is not None and (known.closed or isinstance(error, NotSupportedError))
            if not is_over or connection.in_atomic_block:
                raise
            connection.close()
            return self._execute(parameters)

    def _execute(self, parameters: Sequence[Any]) -> list[Row]:
        connection.ensure_connection()
        with self._cursor() as cursor:
            cursor.execute(self._sql, parameters)
            return cursor.fetchall()

    def _cursor(self) -> CursorWrapper:
        if not self._is_prepared or connection.queries_logged:
            return connection.cursor()  # the log cannot show what a prepared statement was given
        raw = connection.connection
        if raw.prepare_threshold is None:
            # Django's choice, for pools by transaction: through one nobody would hear of changes either.
            raw.prepare_threshold = 0
        return connection.make_cursor(ServerBindingCursor(raw))
