"""Querysets that are compiled to SQL once, and planned by the database once.

A page's queryset is the same for every reader but for a few values. Compiling it takes Django over a
millisecond, and planning it takes the database two. So it is compiled once in each process, with `Parameter`
for these values, and prepared once on each connection. It remains a queryset, with its rule of visibility.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import InterfaceError, NotSupportedError, OperationalError, connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper
from django.db.models import Expression, Field, QuerySet

Row = tuple[Any, ...]


class Parameter(Expression):
    """A placeholder in a queryset for a keyword argument of `PreparedQuery.rows`."""

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class PreparedQuery:
    """A compiled queryset, made with `values_list`, as it returns rows."""

    def __init__(self, queryset: QuerySet[Any, Any], *, prepare: bool = True) -> None:
        """`prepare=False` where the best plan depends on the values, so that each execution is planned."""
        compiler = queryset.query.get_compiler(queryset.db)
        self._sql, self._parameters = compiler.as_sql()
        self._converters = compiler.get_converters([expression for expression, *_ in compiler.select])
        self._is_prepared = prepare

    @classmethod
    def of_sql(cls, sql: str, *parameters: Parameter) -> PreparedQuery:
        """From SQL that no queryset expresses: its values are converted by psycopg alone."""
        query = cls.__new__(cls)
        query._sql, query._parameters = sql, parameters
        query._converters, query._is_prepared = {}, True
        return query

    def rows(self, **values: Any) -> list[Row]:
        parameters = [values[each.name] if isinstance(each, Parameter) else each for each in self._parameters]
        found = self._fetch(parameters)
        return [self._converted(row) for row in found] if self._converters else found

    def _converted(self, row: Row) -> Row:
        values = list(row)
        for position, (converters, expression) in self._converters.items():
            for convert in converters:
                values[position] = convert(values[position], expression, connection)
        return tuple(values)

    def _fetch(self, parameters: Sequence[Any]) -> list[Row]:
        """Without Django's check that the connection still works, which would double the cost."""
        known = connection.connection
        try:
            return self._execute(parameters)
        except (InterfaceError, NotSupportedError, OperationalError) as error:
            # The connection was lost, or a migration changed a table after the query was prepared.
            is_over = known is not None and (known.closed or isinstance(error, NotSupportedError))
            if not is_over or connection.in_atomic_block:
                raise
            connection.close()
            return self._execute(parameters)

    def _execute(self, parameters: Sequence[Any]) -> list[Row]:
        connection.ensure_connection()
        with self._cursor() as cursor:
            cursor.execute(self._sql, parameters)
            rows: list[Row] = cursor.fetchall()
            return rows

    def _cursor(self) -> CursorWrapper:
        if not self._is_prepared or connection.queries_logged:
            return connection.cursor()  # Django's query log cannot show the parameters of prepared statements
        raw = connection.connection
        if raw.prepare_threshold is None:
            # Django's default, for transaction pools; the site does not support one, see cache_invalidation.
            raw.prepare_threshold = 0
        # The stubs know neither the cursor's parameter nor that it is wrapped here.
        return connection.make_cursor(ServerBindingCursor(raw))  # type: ignore[arg-type,call-arg]
