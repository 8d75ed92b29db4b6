"""The parts of a document that is a ZIP archive, within bounds on their number and on what they unpack to."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from urllib.parse import unquote

from lxml import etree

from tasks.pipeline.errors import UnreadableText

MAX_PARTS = 10_000
MAX_PART_BYTES = 24_000_000
MAX_BYTES_IN_ALL = 80_000_000
MAX_RATIO = 400
"""Of unpacked to packed bytes in a large part. Text in repetitive markup reaches about 100."""
_RATIO_COUNTS_FROM = 2_000_000

_DAMAGED = "The file is damaged and cannot be read; save it again, or paste its text."
_TOO_LARGE = "The file unpacks to more than can be read here; give a shorter one, or paste its text."
_PROTECTED = "The file is protected by a password; save it without one, or paste its text."

_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w{1,40})/(\w{1,40})")
"""Namespaces of "Strict Open XML", which differ from those that all else writes."""
_INTERNAL_SUBSET = re.compile(rb"<!DOCTYPE[^\[>]{0,1000}\[|<!ENTITY")


class OfficeArchive:
    """Reads parts by their names, without regard to case as the formats have it. Raises UnreadableText."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            entries = self._zip.infolist()
        except Exception as error:  # zipfile leaks errors of many kinds on damaged files
            raise UnreadableText(_DAMAGED) from error
        if len(entries) > MAX_PARTS:
            raise UnreadableText(_TOO_LARGE)
        self._parts: dict[str, list[zipfile.ZipInfo]] = {}
        for entry in entries:
            if not entry.is_dir():
                self._parts.setdefault(_key(entry.filename), []).append(entry)
        self._unpacked_bytes = 0

    @property
    def names(self) -> list[str]:
        """In lower case."""
        return list(self._parts)

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._parts

    def read(self, name: str) -> bytes:
        entries = self._parts.get(_key(name), [])
        if len(entries) != 1:
            # None, or two of one name, of which every program chooses another.
            raise UnreadableText(_DAMAGED)
        entry = entries[0]
        if entry.flag_bits & 1:
            raise UnreadableText(_PROTECTED)
        max_bytes = min(MAX_PART_BYTES, MAX_BYTES_IN_ALL - self._unpacked_bytes)
        packed = max(entry.compress_size, 1)
        is_bomb = entry.file_size > _RATIO_COUNTS_FROM and entry.file_size // packed > MAX_RATIO
        if entry.file_size > max_bytes or is_bomb:
            raise UnreadableText(_TOO_LARGE)
        try:
            with self._zip.open(entry) as part:
                # What the entry says of its size is not relied on.
                data = part.read(max_bytes + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
            raise UnreadableText(_DAMAGED) from error
        if len(data) > max_bytes:
            raise UnreadableText(_TOO_LARGE)
        self._unpacked_bytes += len(data)
        return data

    def xml(self, name: str) -> etree._Element:
        """The root of a part, which must be there."""
        return parse_xml(self.read(name))

    def optional_xml(self, name: str) -> etree._Element | None:
        """None when there is no such part, or it is damaged: for parts that the text can do without."""
        if not name or name not in self:
            return None
        try:
            return self.xml(name)
        except UnreadableText:
            return None

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """Of a part of an Open XML document: by id the type, its last word alone, and the part's name.

        What points outside of the document is left out.
        """
        folder, base = posixpath.split(name)
        root = self.optional_xml(posixpath.join(folder, "_rels", f"{base}.rels"))
        found: dict[str, tuple[str, str]] = {}
        for relation in root if root is not None else ():
            if relation.get("TargetMode", "").lower() == "external":
                continue
            kind = relation.get("Type", "").rpartition("/")[2]
            found[relation.get("Id", "")] = (kind, resolve(folder, relation.get("Target", "")))
        return found


def resolve(folder: str, target: str) -> str:
    """The name of the part that a reference in this folder means; one from the root begins with /."""
    path = unquote(target.partition("#")[0]).replace("\\", "/")
    return posixpath.normpath(path if path.startswith("/") else posixpath.join("/", folder, path)).lstrip("/")


def parse_xml(data: bytes) -> etree._Element:
    """Without entities, document types and network. Raises UnreadableText."""
    if _INTERNAL_SUBSET.search(data[:20_000]):
        raise UnreadableText("The file declares entities of its own and is not read; save it again as PDF.")
    data = _STRICT.sub(_transitional, data)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if "depth" in str(error).lower():
            raise UnreadableText(
                "The document is nested too deeply to be read; save it in another format, or paste its text."
            ) from error
        raise UnreadableText(_DAMAGED) from error


def _transitional(match: re.Match[bytes]) -> bytes:
    names = {b"extendedProperties": b"extended-properties", b"customProperties": b"custom-properties"}
    return b"http://schemas.openxmlformats.org/" + match[1] + b"/2006/" + names.get(match[2], match[2])


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
