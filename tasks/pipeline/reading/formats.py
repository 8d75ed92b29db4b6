"""The formats that sources may have, in words and as lists: all of them follow from READERS."""

from __future__ import annotations

from tasks.pipeline.reading.office import recognition

READERS = {
    "application/pdf": "pdf",
    "application/rtf": "rtf",
    "message/rfc822": "mail",
    "text/csv": "plain",
    "text/html": "html",
    "text/markdown": "markdown",
    "text/plain": "plain",
    **recognition.READERS,
    "text/tab-separated-values": "plain",
}
"""The module of this package that reads each media type, by its `read(data, declared) -> Reading`.

Imported with the first document of its type: some load large libraries.
"""
OTHER_NAMES = {
    "application/xhtml+xml": "text/html",
    "text/x-markdown": "text/markdown",
    **recognition.OTHER_NAMES,
    "text/rtf": "application/rtf",
    "text/richtext": "application/rtf",
    "application/x-rtf": "application/rtf",
    "application/csv": "text/csv",
    "application/eml": "message/rfc822",
}
SUFFIXES = {
    ".pdf": "application/pdf",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    **recognition.SUFFIXES,
    ".mdx": "text/markdown",
    ".rmd": "text/markdown",
    ".qmd": "text/markdown",
    ".mkd": "text/markdown",
    ".rtf": "application/rtf",
    ".eml": "message/rfc822",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".tab": "text/tab-separated-values",
    ".rst": "text/plain",
    ".adoc": "text/plain",
    ".asciidoc": "text/plain",
    ".org": "text/plain",
    ".log": "text/plain",
}
_NAMES = {
    "text/html": "HTML",
    "text/markdown": "Markdown",
    "text/plain": "plain text",
    "application/pdf": "PDF",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word (.docx)",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint (.pptx)",
    "application/vnd.oasis.opendocument.text": "OpenDocument (.odt)",
    "application/epub+zip": "EPUB",
    "application/rtf": "RTF",
    "message/rfc822": "saved mail (.eml)",
    "text/csv": "CSV",
    "text/tab-separated-values": "TSV",
}
UNDECLARED = frozenset(
    {"", "application/octet-stream", "binary/octet-stream", "application/x-download", "application/zip"}
    | {"application/force-download", "application/x-zip-compressed"}
)
"""What a server says that does not know what it sends: the bytes and the name tell."""
_PREFERRED = ("text/html", "application/xhtml+xml", "application/pdf")


def format_names() -> list[str]:
    """Each format as people call it, or by the end of its files' names: HTML, …, plain text, .docx."""
    names = {}
    for media_type in (*(known for known in _NAMES if known in READERS), *READERS):
        names[media_type] = _NAMES.get(media_type) or _suffix_of(media_type)
    return list(dict.fromkeys(names.values()))


def formats_in_words(conjunction: str = "or") -> str:
    """`HTML, Markdown, plain text or PDF`, with all formats there are."""
    *others, last = format_names()
    return f"{', '.join(others)} {conjunction} {last}" if others else last


def accepted_suffixes() -> tuple[str, ...]:
    """The ends of file names that a form lets people choose, sorted."""
    return tuple(sorted({*SUFFIXES, ".txt"}))


def accepted_types() -> frozenset[str]:
    """The media types of pages that are fetched; UNDECLARED ones are decided by their bytes."""
    return frozenset(READERS) | frozenset(OTHER_NAMES)


def accept_header() -> str:
    """The same for a request: pages and PDF first, then every other format, then what has no type."""
    others = sorted(frozenset(READERS).difference(_PREFERRED))
    return ", ".join([*_PREFERRED, *(f"{media_type};q=0.9" for media_type in others), "*/*;q=0.1"])


def type_by_name(name: str) -> str:
    """The media type that the end of a file's name stands for; empty for an unknown one."""
    return next((SUFFIXES[suffix] for suffix in SUFFIXES if name.lower().endswith(suffix)), "")


def declared_type(content_type: str) -> str:
    """A Content-Type header for `read_document`: only parameters where the type is not known."""
    media_type, separator, parameters = content_type.partition(";")
    return separator + parameters if media_type.strip().lower() in UNDECLARED else content_type


def _suffix_of(media_type: str) -> str:
    return next((suffix for suffix, named in SUFFIXES.items() if named == media_type), media_type)
