"""Reading documents that anybody may have made: what goes wrong in a parser is a problem of that document.

Parsers of HTML and PDF are large, and a document can make one raise anything, never end, or take all memory.
They work in a process of their own, which is ended at its limits; a short plain text needs none.
"""

from __future__ import annotations

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.isolation import ComputationFailed, ComputingLost, Limits, run_isolated
from tasks.pipeline.off_loop import preloads, within
from tasks.pipeline.providers.text_extraction import is_quickly_read, load_readers, text_of

LIMITS = Limits(wall_seconds=60.0, cpu_seconds=15.0, memory_bytes=512 * 1024**2)
"""A page of 2 MB takes 2 seconds of a processor and 150 MB. That may be long by the clock where much runs."""


async def read_document(data: bytes, *, content_type: str = "", name: str = "") -> tuple[str, str]:
    """Return the title and the plain text of a document. Raises UnreadableText."""
    try:
        if is_quickly_read(data, content_type=content_type, name=name):
            return text_of(data, content_type=content_type, name=name)
        return await within(LIMITS, text_of_document, data, content_type, name)
    except (ComputingLost, UnreadableText):
        raise
    except Exception as error:
        raise unreadable(error) from error


def read_document_now(
    data: bytes, *, content_type: str = "", name: str = "", is_ours: bool = False
) -> tuple[str, str]:
    """The same for whoever can wait. What is `ours`, no stranger's, is read here. Raises UnreadableText."""
    try:
        if is_ours or is_quickly_read(data, content_type=content_type, name=name):
            return text_of(data, content_type=content_type, name=name)
        return run_isolated(text_of_document, data, content_type, name, limits=LIMITS)
    except UnreadableText:
        raise
    except ComputingLost as error:
        raise UnreadableText(f"The document cannot be read at the moment: {error} Try again.") from error
    except Exception as error:
        raise unreadable(error) from error


@preloads(load_readers)
def text_of_document(data: bytes, content_type: str, name: str) -> tuple[str, str]:
    return text_of(data, content_type=content_type, name=name)


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
