"""Reads untrusted documents: whatever goes wrong in a parser is a problem of that document alone.

Parsers of HTML and PDF are large, and a document can make one raise anything, never end, or use all memory.
They run in a process of their own, which is killed at its limits; a short plain text needs none.
"""

from __future__ import annotations

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.isolation import ComputationFailed, ComputePoolLost, Limits, run_isolated
from tasks.pipeline.off_loop import preloads, run_within_limits
from tasks.pipeline.reading.document import is_fast_to_read, load_readers, read_bytes
from tasks.pipeline.reading.types import Reading

LIMITS = Limits(wall_seconds=60.0, cpu_seconds=15.0, memory_bytes=512 * 1024**2)
"""A page of 2 MB takes 2 seconds of processor time and 150 MB; on a busy machine much longer by the clock."""


async def read_document(data: bytes, *, content_type: str = "", name: str = "") -> Reading:
    """Read a document. Raises UnreadableText."""
    try:
        if is_fast_to_read(data, content_type=content_type, name=name):
            return read_bytes(data, content_type=content_type, name=name)
        return await run_within_limits(LIMITS, read_in_process, data, content_type, name)
    except (ComputePoolLost, UnreadableText):
        raise
    except Exception as error:
        raise unreadable(error) from error


def read_document_blocking(
    data: bytes, *, content_type: str = "", name: str = "", is_trusted: bool = False
) -> Reading:
    """The same, blocking. An `is_trusted` document is read in this process. Raises UnreadableText."""
    try:
        if is_trusted or is_fast_to_read(data, content_type=content_type, name=name):
            return read_bytes(data, content_type=content_type, name=name)
        return run_isolated(read_in_process, data, content_type, name, limits=LIMITS)
    except UnreadableText:
        raise
    except ComputePoolLost as error:
        raise UnreadableText(f"The document cannot be read at the moment: {error} Try again.") from error
    except Exception as error:
        raise unreadable(error) from error


@preloads(load_readers)
def read_in_process(data: bytes, content_type: str, name: str) -> Reading:
    return read_bytes(data, content_type=content_type, name=name)


def unreadable(error: Exception) -> UnreadableText:
    """The problem with a document whose reading ended in this error, whatever it is."""
    remedy = "export it again in another format, or paste its text."
    if isinstance(error, MemoryError):
        megabytes = LIMITS.memory_bytes // 1024**2
        return UnreadableText(f"Reading the document takes more than {megabytes} MB of memory: {remedy}")
    if isinstance(error, RecursionError):
        return UnreadableText(f"The document is nested too deeply to be read: {remedy}")
    if isinstance(error, ComputationFailed):
        return UnreadableText(f"Reading the document was stopped: it crashed or took too long; {remedy}")
    return UnreadableText(f"The document is damaged and cannot be read ({type(error).__name__}): {remedy}")
