"""Names of files as strangers give them: in uploads, in addresses and in headers of servers."""

from __future__ import annotations

from pathlib import PurePosixPath

from tasks.pipeline.text.typography import shown

MAX_CHARACTERS = 255


def file_name(given: str) -> str:
    """One line without what nobody sees; of a name that is too long, the beginning and its suffix.

    A line's end would split a header, and a mark that turns the direction hides a suffix.
    """
    name = shown(PurePosixPath(given.replace("\\", "/")).name)
    if len(name) <= MAX_CHARACTERS:
        return name
    suffix = PurePosixPath(name).suffix[-20:]
    return name[: MAX_CHARACTERS - len(suffix)] + suffix
