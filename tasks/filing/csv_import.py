"""Briefs from a CSV file: read however a spreadsheet wrote it, checked cell by cell, and filed together."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.utils import from_current_timezone
from django.utils import timezone

from tasks import actions
from tasks.brief_fields import BRIEF_FIELDS, COLUMNS, LISTS, NUMBERS, TIMES
from tasks.content import with_unix_lines
from tasks.filing.addresses import Address, read_pasted
from tasks.filing.sources import MAX_SOURCES, address_item
from tasks.known_names import NameKind, nearly_same
from tasks.models import ContentTask, Source, StagedUpload
from tasks.pipeline.errors import TasksError, UnreadableText
from tasks.zoned_times import END_OF_DAY

MAX_BYTES = 2_000_000
MAX_ROWS = 500
MAX_LIST_ITEMS = 50
SOURCES = "sources"
IMPORTED = (*BRIEF_FIELDS, SOURCES)
DELIMITERS = (",", ";", "\t", "|")
ONE_COLUMN = "\x1f"
"""A separator that is in no cell: topics alone may have commas in them."""
OTHER_NAMES = {
    "title": "topic", "subject": "topic", "headline": "topic", "instructions": "brief", "notes": "brief",
    "due": "due_at", "deadline": "due_at", "due date": "due_at", "not before": "run_after",
    "start": "run_after", "words": "target_words", "length": "target_words", "word count": "target_words",
    "lang": "language", "tag": "tags", "keyword": "keywords", "source": SOURCES, "urls": SOURCES,
    "url": SOURCES, "links": SOURCES, "addresses": SOURCES, "budget": "budget_usd", "web pages": "web_pages",
    "categories": "category",
}  # fmt: skip
EXAMPLE = {
    "topic": "Street trees and heat", "brief": "Say what shade does, and what it does not.",
    "due_at": "2030-01-31 17:00", "category": "City", "tags": "trees; heat", "target_words": "800",
    "language": "en", "audience": "City planners", "tone": "calm", "keywords": "shade; water",
    "priority": "0", "sources": "https://example.org/trees https://example.org/heat",
}  # fmt: skip
_SEPARATORS = re.compile(r"[;|\n]")


class CsvUnreadable(TasksError):
    """Nothing can be taken from the file; the text says why and what to do."""


@dataclass
class CsvTable:
    """The cells of a file, by the names of fields; `ignored` is what the file calls its other columns."""

    columns: list[str]
    rows: list[list[str]]
    ignored: list[str] = field(default_factory=list)

    def as_bytes(self) -> bytes:
        out = io.StringIO()
        csv.writer(out).writerows([self.columns, *self.rows])
        return out.getvalue().encode()

    def with_cells(self, cells: Mapping[tuple[int, str], str]) -> CsvTable:
        """With these corrected, by number of row, as in a spreadsheet, and column."""
        rows = [
            [cells.get((number, name), value) for name, value in zip(self.columns, row, strict=True)]
            for number, row in enumerate(self.rows, start=2)
        ]
        return CsvTable(self.columns, rows, self.ignored)


@dataclass
class CheckedRow:
    """One brief: its cells as they are, and what is wrong with them by column."""

    number: int
    cells: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    task: ContentTask | None = None
    sources: list[Source] = field(default_factory=list)


def example() -> bytes:
    """A file to begin with, which a spreadsheet opens as UTF-8."""
    return b"\xef\xbb\xbf" + CsvTable(list(EXAMPLE), [list(EXAMPLE.values())]).as_bytes()


def read_table(data: bytes) -> CsvTable:
    """Raises CsvUnreadable."""
    text = _decoded(data)
    header_line = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=lambda one: _likeness(header_line, one))
    if _likeness(header_line, delimiter)[1] == 1:
        delimiter = ONE_COLUMN
    try:
        csv.field_size_limit(MAX_BYTES)
        records = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if _any(row)]
    except csv.Error as error:
        raise CsvUnreadable(f"This is no CSV file: {error}.") from error
    if not records:
        raise CsvUnreadable("The file is empty.")
    names, body = [_field(name) for name in records[0]], records[1:]
    _check_header(records[0], names)
    if not body:
        raise CsvUnreadable("The file has names of columns, but no row below them.")
    if len(body) > MAX_ROWS:
        raise CsvUnreadable(f"The file has {len(body):,} rows: {MAX_ROWS} are the most. Split it.")
    places = [(at, name) for at, name in enumerate(names) if name]
    rows = [[row[at].strip() if at < len(row) else "" for at, _ in places] for row in body]
    _check_width(body, len(names))
    ignored = [title for title, name in zip(records[0], names, strict=True) if not name and title.strip()]
    return CsvTable([name for _, name in places], [[_clean(cell) for cell in row] for row in rows], ignored)


def check(table: CsvTable) -> list[CheckedRow]:
    """Every row with what is wrong with it. Nothing is stored."""
    rows = [
        _checked(number, dict(zip(table.columns, row, strict=True)))
        for number, row in enumerate(table.rows, start=2)
    ]
    _warn_of_names(rows)
    _warn_of_topics(rows)
    return rows


@transaction.atomic
def file_rows(upload: StagedUpload, table: CsvTable, *, only_right: bool, by: User) -> list[ContentTask]:
    """File the briefs of an upload, all in one transaction, and delete it. Raises CsvUnreadable.

    With `only_right`, rows with mistakes are left out; else one mistake is enough to file nothing.
    """
    if not StagedUpload.objects.select_for_update().filter(pk=upload.pk).exists():
        raise CsvUnreadable("These briefs are filed already, or the file is no longer stored.")
    rows = check(table)
    wrong = [row for row in rows if row.errors]
    right = [row for row in rows if not row.errors]
    if wrong and not only_right:
        numbers = ", ".join(str(row.number) for row in wrong[:10]) + (" …" if len(wrong) > 10 else "")
        raise CsvUnreadable(f"Nothing was filed, because there are mistakes in row {numbers}.")
    if not right:
        raise CsvUnreadable("Nothing was filed: no row is without mistakes.")
    filed = []
    for row in right:
        assert row.task is not None
        actions.file_task(row.task, row.sources, by=by)
        filed.append(row.task)
    StagedUpload.objects.filter(pk=upload.pk).delete()
    return filed


# --- Reading --------------------------------------------------------------------------------------------


def _decoded(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise CsvUnreadable(f"The file is larger than {MAX_BYTES // 1_000_000} MB: split it.")
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise CsvUnreadable("This is a workbook, not a CSV file: save it as “CSV UTF-8” in your spreadsheet.")
    from tasks.pipeline.reading.charsets import decode  # loads the tables of a library

    try:
        return decode(data).text.removeprefix("\ufeff")
    except UnreadableText as error:
        raise CsvUnreadable(f"This is no CSV file: {error}") from error


def _likeness(line: str, delimiter: str) -> tuple[int, int]:
    """How many known columns the delimiter makes of the line with the names, and how many at all."""
    names = next(csv.reader([line], delimiter=delimiter), [])
    return sum(bool(_field(name)) for name in names), len(names)


def _field(title: str) -> str:
    """The field that a column is for, whatever the spelling of its title; empty for none."""
    plain = " ".join(re.sub(r"[_\-*:]+", " ", title.strip("\ufeff ").casefold()).split())
    name = plain.replace(" ", "_")
    return name if name in IMPORTED else OTHER_NAMES.get(plain, "")


def _check_header(titles: Sequence[str], names: Sequence[str]) -> None:
    if "topic" not in names:
        found = ", ".join(title.strip()[:40] for title in titles if title.strip())[:300]
        raise CsvUnreadable(
            "The first row has to name the columns, and one of them is “topic”. "
            f"It has: {found or 'nothing'}."
        )
    twice = [name for name, count in Counter(filter(None, names)).items() if count > 1]
    if twice:
        raise CsvUnreadable(f"Two columns are for {twice[0]}: delete or rename one.")


def _check_width(body: Sequence[Sequence[str]], width: int) -> None:
    for number, row in enumerate(body, start=2):
        if _any(row[width:]):
            raise CsvUnreadable(
                f"Row {number} has {len(row)} cells, but there are {width} columns: put cells that contain "
                "the separator in quotation marks."
            )


def _any(row: Sequence[str]) -> bool:
    return any(cell.strip() for cell in row)


def _clean(cell: str) -> str:
    unix: str = with_unix_lines(cell)
    return unix


# --- Checking -------------------------------------------------------------------------------------------


def _checked(number: int, cells: dict[str, str]) -> CheckedRow:
    row = CheckedRow(number, cells)
    fields: dict[str, Any] = {}
    for name, cell in cells.items():
        if not cell:
            continue
        try:
            if name == SOURCES:
                row.sources = _sources(cell)
            else:
                fields[name] = _value(name, cell)
        except ValidationError as error:
            row.errors[name] = " ".join(error.messages)
    task = ContentTask(**fields)
    try:
        task.clean_fields(exclude={"created_by", *row.errors})
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            row.errors[name if name in cells else "topic"] = " ".join(messages)
    row.task = task if not row.errors else None
    return row


def _value(name: str, cell: str) -> Any:
    if "\0" in cell:
        raise ValidationError("It contains a character that cannot be stored.")
    if name in LISTS:
        parts = _SEPARATORS.split(cell) if _SEPARATORS.search(cell) else cell.split(",")
        items = list(dict.fromkeys(part.strip() for part in parts if part.strip()))
        if len(items) > MAX_LIST_ITEMS:
            raise ValidationError(f"These are {len(items)}: {MAX_LIST_ITEMS} are the most.")
        return items
    if name in TIMES:
        return _time(cell)
    if name in NUMBERS:
        given = cell.replace(",", ".") if re.fullmatch(r"\d+,\d{1,4}", cell) else cell
        given = re.sub(r"[\s'’_](?=\d{3}\b)", "", given)
        if re.fullmatch(r"-?\d+\.0+", given) and name != "budget_usd":
            given = given.partition(".")[0]  # as spreadsheets write whole numbers
        return COLUMNS[name].to_python(given)
    limit = COLUMNS[name].max_length  # of a long text, which only forms compare with it
    if limit and len(cell) > limit:
        raise ValidationError(f"These are {len(cell):,} characters: {limit:,} are the most.")
    return cell


def _time(cell: str) -> datetime:
    """A time in ISO 8601; without a zone in the current one, a date alone by the end of the working day."""
    try:
        given = datetime.fromisoformat(cell.strip())
        if re.fullmatch(r"\d{4}-?\d{2}-?\d{2}", cell.strip()):
            given = datetime.combine(given.date(), END_OF_DAY)
        if timezone.is_naive(given):
            found: datetime = from_current_timezone(given)
            return found
        return given.astimezone(timezone.get_current_timezone())
    except (ValueError, OverflowError):
        zone = timezone.get_current_timezone_name()
        raise ValidationError(
            f"Write the date as year-month-day: 2030-01-31 or 2030-01-31 17:00 ({zone})."
        ) from None


def _sources(cell: str) -> list[Source]:
    found = read_pasted(re.sub(r"[\s;|]+", "\n", cell))
    items = [address_item(each) for each in found if isinstance(each, Address)]
    if len(items) < len(found) or any(item.problem for item in items):
        wrong = next((item.url for item in items if item.problem), cell)
        raise ValidationError(f"“{wrong[:80]}” is no address: separate addresses with spaces.")
    if len(items) > MAX_SOURCES:
        raise ValidationError(f"These are {len(items)} addresses: {MAX_SOURCES} are the most.")
    return [item.source for item in items if item.source]


def _warn_of_names(rows: Sequence[CheckedRow]) -> None:
    for kind in NameKind:
        names = {
            row.number: [row.task.category] if kind == NameKind.CATEGORY else row.task.tags
            for row in rows
            if row.task
        }
        near = nearly_same(kind, {name for each in names.values() for name in each})
        for row in rows:
            for name in names.get(row.number, ()):
                if found := near.get(name):
                    row.warnings.append(
                        f"“{found.name}” is in use already: is “{name}” meant as another one?"
                    )


def _warn_of_topics(rows: Sequence[CheckedRow]) -> None:
    topics = Counter(row.cells.get("topic", "").casefold() for row in rows)
    given = [row.cells["topic"] for row in rows if row.cells.get("topic")]
    filed = set(ContentTask.objects.filter(topic__in=given).values_list("topic", flat=True))
    for row in rows:
        topic = row.cells.get("topic", "")
        if topics[topic.casefold()] > 1 and topic:
            row.warnings.append("Another row has the same topic.")
        elif topic in filed:
            row.warnings.append("A brief with this topic is filed already.")
