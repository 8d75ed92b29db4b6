"""Briefs in TOML files, and sources from files and addresses."""

from __future__ import annotations

import math
import stat
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tasks.brief_fields import BRIEF_FIELDS, LISTS, TEXTS, TIMES
from tasks.models import SourceFile
from tasks.pipeline.errors import TasksError, UnreadableText

SOURCE_FIELDS = frozenset({"title", "url", "text", "file"})
TEXT_IN_WORDS = "a text in quotation marks, without NUL"
TEXT_OR_FILE = "a text or a file, not both: make them two sources."
MAX_FILE_BYTES = 10_000_000
MAX_BRIEF_BYTES = 1_000_000


class BriefUnreadable(TasksError):
    """A brief or source file cannot be used; the text names the file and the remedy."""


def read_brief_file(path: Path, *, is_trusted: bool = False) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Read fields and sources of a brief; its files are relative to it. Raises BriefUnreadable.

    `is_trusted` files, shipped with the product, are parsed without a limited process.
    """
    try:
        fields = tomllib.loads(_contents(path, MAX_BRIEF_BYTES).decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BriefUnreadable(f"{path} is not a TOML file: {error}.") from error
    except RecursionError as error:
        raise BriefUnreadable(f"{path} is nested too deeply to be a brief.") from error
    listed = fields.pop("sources", [])
    if not isinstance(listed, list) or not all(isinstance(source, dict) for source in listed):
        raise BriefUnreadable(f"{path}: sources must be tables, each under [[sources]].")
    sources = [_listed_source(source, path, is_trusted) for source in listed]
    if unknown := set(fields) - set(BRIEF_FIELDS):
        raise BriefUnreadable(
            f"{path} has unknown fields: {', '.join(sorted(unknown))}. "
            f"Known fields are {', '.join(sorted(BRIEF_FIELDS))} and sources."
        )
    for name, value in fields.items():
        if problem := _problem_of(name, value):
            raise BriefUnreadable(f"{path}: {name} must be {problem}.")
    return fields, sources


def read_source(place: str) -> dict[str, Any]:
    """A source from an http(s) address or the path of a file in one of the known formats."""
    if place.startswith(("http://", "https://")):
        return {"url": place}
    return source_from_file(Path(place))


def source_from_file(path: Path, title: str = "", *, is_trusted: bool = False) -> dict[str, Any]:
    """Raises BriefUnreadable."""
    return source_from_bytes(_contents(path, MAX_FILE_BYTES), str(path), title, is_trusted=is_trusted)


def source_from_bytes(data: bytes, name: str, title: str = "", *, is_trusted: bool = False) -> dict[str, Any]:
    """A source from the contents of the file `name`, for `actions.new_source`. Raises BriefUnreadable."""
    # Imported here: what reads HTML takes a while to load, and most commands never do.
    from tasks.pipeline.reading.formats import type_by_name
    from tasks.pipeline.reading.isolated import read_document_blocking
    from tasks.pipeline.text.file_names import file_name

    short_name = file_name(name) or "file"
    media_type = type_by_name(short_name)
    try:
        reading = read_document_blocking(
            data, content_type=media_type, name=short_name, is_trusted=is_trusted
        )
    except UnreadableText as error:
        raise BriefUnreadable(f"{name}: {error}") from error
    return {
        "title": (title or reading.title or Path(short_name).stem)[:300],
        "text": reading.text,
        "file_name": short_name,
        "file": SourceFile(short_name, data, media_type, reading),
    }


def _contents(path: Path, most_bytes: int) -> bytes:
    """The contents of an ordinary file: a device or a pipe may never end."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            what = "a directory" if stat.S_ISDIR(found.st_mode) else "not a regular file"
            raise BriefUnreadable(f"{path} cannot be read: it is {what}.")
        if found.st_size > most_bytes:
            raise BriefUnreadable(
                f"{path} is larger than {most_bytes // 1_000_000} MB; give the part that matters."
            )
        with path.open("rb") as file:
            return file.read(most_bytes + 1)
    except OSError as error:
        raise BriefUnreadable(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:  # a name with a NUL in it
        raise BriefUnreadable(f"{str(path)!r} is not a file name.") from error


def _listed_source(source: dict[str, Any], brief: Path, is_trusted: bool) -> dict[str, Any]:
    if unknown := set(source) - SOURCE_FIELDS:
        raise BriefUnreadable(f"{brief}: a source has unknown fields: {', '.join(sorted(unknown))}.")
    for name, value in source.items():
        if not _is_text(value):
            raise BriefUnreadable(f"{brief}: {name} of a source must be {TEXT_IN_WORDS}.")
    if "file" in source:
        if source.get("text", "").strip():
            raise BriefUnreadable(f"{brief}: a source has {TEXT_OR_FILE}")
        read = source_from_file(brief.parent / source["file"], source.get("title", ""), is_trusted=is_trusted)
        return read | {"url": source.get("url", "")}
    return source


def _problem_of(name: str, value: object) -> str:
    """What the value of a field must be, if it is not. Its bounds, and texts of numbers, are the model's."""
    if name in TEXTS:
        return "" if _is_text(value) else TEXT_IN_WORDS
    if name in LISTS:
        is_fine = isinstance(value, list) and all(map(_is_text, value))
        return "" if is_fine else f"a list, and each of its items {TEXT_IN_WORDS}"
    if _is_text(value):
        return ""
    if name in TIMES:
        is_fine = isinstance(value, datetime) and _is_possible(value)
        return "" if is_fine else "a time with its zone, such as 2030-01-31T17:00:00Z"
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return "" if is_number else "a number"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and "\0" not in value


def _is_possible(time: datetime) -> bool:
    """Whether it is a time in UTC as well; one without a zone is refused with its field."""
    try:
        time.astimezone(UTC)
    except (OverflowError, ValueError):
        return False
    return True
