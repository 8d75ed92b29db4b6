"""Briefs in TOML files, and sources from files and addresses."""

from __future__ import annotations

import mimetypes
import tomllib
from pathlib import Path
from typing import Any

from tasks.errors import StageFailed, TasksError

FIELDS = frozenset(
    {
        "topic", "brief", "audience", "tone", "style", "target_words", "language", "category", "tags",
        "keywords", "priority", "run_after", "due_at", "timeout_seconds", "stage_timeout_seconds",
        "max_attempts", "budget_usd", "quality_threshold", "max_refinements",
    }
)  # fmt: skip


class BriefUnreadable(TasksError):
    """A brief or source file cannot be used; the text names the file and the remedy."""


def read_brief_file(path: Path) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Read fields and sources of a brief; its files are relative to it. Raises BriefUnreadable."""
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BriefUnreadable(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BriefUnreadable(f"{path} is not a TOML file: {error}.") from error
    sources = [_listed_source(source, path) for source in fields.pop("sources", [])]
    if unknown := set(fields) - FIELDS:
        raise BriefUnreadable(
            f"{path} has fields that no brief has: {', '.join(sorted(unknown))}. "
            f"Known are {', '.join(sorted(FIELDS))} and sources."
        )
    return fields, sources


def read_source(place: str) -> dict[str, str]:
    """A source row from an http(s) address or the path of a text, Markdown, HTML or PDF file."""
    if place.startswith(("http://", "https://")):
        return {"url": place}
    return source_from_file(Path(place))


def source_from_file(path: Path, title: str = "") -> dict[str, str]:
    """Raises BriefUnreadable."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BriefUnreadable(f"{path} cannot be read: {error.strerror}.") from error
    return source_from_bytes(data, str(path), title)


def source_from_bytes(data: bytes, name: str, title: str = "") -> dict[str, str]:
    """A source row from the contents of the file `name`. Raises BriefUnreadable."""
    # Imported here: reading HTML and PDF takes a second to load, and most commands never do.
    from tasks.providers.texts import text_of

    short_name = Path(name).name
    try:
        found_title, text = text_of(
            data, content_type=mimetypes.guess_type(short_name)[0] or "", name=short_name
        )
    except StageFailed as error:
        raise BriefUnreadable(f"{name}: {error}") from error
    return {"title": (title or found_title or Path(short_name).stem)[:300], "text": text}


def _listed_source(source: dict[str, str], brief: Path) -> dict[str, str]:
    if unknown := set(source) - {"title", "url", "text", "file"}:
        raise BriefUnreadable(f"{brief}: a source has unknown fields: {', '.join(sorted(unknown))}.")
    if "file" in source:
        return source_from_file(brief.parent / source["file"], source.get("title", ""))
    return source
