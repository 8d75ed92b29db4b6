"""The sources of a brief that is being filed: files, addresses, texts, and copies of earlier sources.

A form names what the server has already: `given`, a line for each, which ends in the id of a staged file
or in "source:" and the number of a source that is copied.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.core.validators import URLValidator

from tasks import uploads
from tasks.briefs import MAX_FILE_BYTES, BriefUnreadable, source_from_bytes
from tasks.filing.addresses import Address, PastedText, read_pasted
from tasks.models import Source, SourceFile, SourceReading, StagedUpload

if TYPE_CHECKING:
    from tasks.pipeline.reading.types import Reading

MAX_SOURCES = 50
"""Of one brief, as in the API."""
MAX_PASTED = 500_000
"""Characters, as of one text in the API."""
COPIED = "source:"
EXPIRED = "It is no longer stored: select it again."
NO_SOURCE = "It no longer exists, or you may not read it."
_REFERENCE = re.compile(
    rf"(?:{COPIED}(\d{{1,18}})|([0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}))\s*$"
)
_is_address = URLValidator(schemes=["http", "https"])


@dataclass
class SourceItem:
    """A source in the list of the page: what it is called, how large it is, and what is wrong with it."""

    name: str
    reference: str = ""
    """What a form sends for it: the id of a staged file or "source:" and a number. Empty for an address."""
    url: str = ""
    size: int | None = None
    """In bytes."""
    words: int | None = None
    warnings: tuple[str, ...] = ()
    problem: str = ""
    source: Source | None = None
    """Unsaved; None where there is a problem."""
    upload: UploadedFile[bytes] | None = None
    """A file that came with this very form, and is not staged yet."""

    @property
    def line(self) -> str:
        """Its line in the field `given`."""
        return f"{' '.join(self.name.split())[:200]} {self.reference}" if self.reference else ""

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name, "reference": self.reference, "line": self.line, "url": self.url,
            "size": self.size, "words": self.words, "warnings": self.warnings, "problem": self.problem,
        }  # fmt: skip


def file_item(upload: UploadedFile[bytes], *, by: User) -> SourceItem:
    """Read a file that was just sent."""
    name = upload.name or "file"
    item = SourceItem(name, size=upload.size, upload=upload)
    if not upload.size:
        item.problem = "The file is empty."
        return item
    upload.seek(0)
    return _read(item, upload.read(MAX_FILE_BYTES + 1), by=by)


def pasted_items(pasted: str) -> list[SourceItem]:
    """The addresses and texts of what was pasted."""
    items = []
    for found in read_pasted(pasted):
        if isinstance(found, Address):
            items.append(address_item(found))
        else:
            source = Source(title=found.title, text=found.text)
            size = len(found.text.encode())
            items.append(SourceItem(found.title, size=size, words=_words(found.text), source=source))
    return items


def given_items(given: str, *, by: User) -> list[SourceItem]:
    """What a form names that is stored already, in its order; each once."""
    items = dict[str, SourceItem]()
    for line in given.split("\n"):
        if not line.strip():
            continue
        match = _REFERENCE.search(line)
        name = (line[: match.start()] if match else line).strip()[:200] or "A file"
        if match is None:
            items[line] = SourceItem(name, problem=EXPIRED)
        elif match[1]:
            items[match[0].strip()] = _copied_item(name, int(match[1]), by)
        else:
            items[match[0].strip()] = _staged_item(name, match[2], by)
    return list(items.values())


def stage_text(text: PastedText, *, by: User, spare: Sequence[str] = ()) -> SourceItem:
    """Store a pasted text as a file until its brief is filed."""
    name = " ".join(re.sub(r"[\\/:*?\"<>|\x00-\x1f]+", " ", text.title).split()) or "Pasted text"
    return stage_item(
        file_item(SimpleUploadedFile(f"{name}.txt", text.text.encode()), by=by), by=by, spare=spare
    )


def stage_item(item: SourceItem, *, by: User, spare: Sequence[str] = ()) -> SourceItem:
    """Store the file of a readable item until its brief is filed; those in `spare` are not pushed out."""
    if item.upload is None or item.problem:
        return item
    reading = item.source.file.reading if item.source and item.source.file else None
    row = uploads.stage(item.upload, by=by, reading=reading, spare=spare)
    if row is None:
        megabytes = uploads.MAX_BYTES_OF_USER // 1_000_000
        item.problem, item.source = f"There is no room: {megabytes} MB in all. File this brief first.", None
    else:
        item.reference, item.upload = str(row.pk), None
    return item


def references(items: Iterable[SourceItem]) -> list[str]:
    """The ids of the staged files among them."""
    return [item.reference for item in items if item.reference and not item.reference.startswith(COPIED)]


def copy_of(source: Source) -> Source:
    """An unsaved source that is the same, with its file and what was read from it."""
    copied = Source(title=source.title, url=source.url, text=source.text, file_name=source.file_name)
    if source.file_name and source.text:
        copied.file = _file_of(source)
    return copied


def items_of(sources: Iterable[Source]) -> list[SourceItem]:
    """The given sources of an earlier brief, to be copied; what research found is found again."""
    return [_item_of(source) for source in sources if not source.found_by]


def _item_of(source: Source) -> SourceItem:
    name = source.title or source.file_name or source.url
    item = SourceItem(name, f"{COPIED}{source.pk}", source.url, source=source)
    if source.text:
        item.size, item.words = len(source.text.encode()), _words(source.text)
    return item


def _copied_item(name: str, pk: int, by: User) -> SourceItem:
    source = Source.objects.filter(pk=pk).first() if may_copy(by) else None
    if source is None:
        return SourceItem(name, problem=NO_SOURCE)
    return replace(_item_of(source), source=copy_of(source))


def may_copy(user: User) -> bool:
    return user.has_perms(["tasks.view_contenttask", "tasks.view_source"])


def _staged_item(name: str, token: str, by: User) -> SourceItem:
    row = uploads.staged(token, by=by)
    if row is None:
        return SourceItem(name, problem=EXPIRED)
    item = SourceItem(row.name, str(UUID(token)), size=row.size)
    data = bytes(row.data)
    if row.reading is None:
        return _read(item, data, by=by)
    return _with_reading(item, data, _stored_reading(row), by=by)


def _stored_reading(row: StagedUpload) -> Reading:
    from tasks.pipeline.reading.types import Reading  # loads pydantic, which most pages do without

    return Reading.model_validate(row.reading)


def _read(item: SourceItem, data: bytes, *, by: User) -> SourceItem:
    try:
        read = source_from_bytes(data, item.name)
    except BriefUnreadable as error:
        item.problem = str(error).removeprefix(f"{item.name}: ")
        return item
    return _with_reading(item, data, read["file"].reading, by=by)


def _with_reading(item: SourceItem, data: bytes, reading: Reading, *, by: User) -> SourceItem:
    from tasks.pipeline.reading.formats import type_by_name
    from tasks.pipeline.text.file_names import file_name

    name = file_name(item.name) or "file"
    title = (reading.title or name.rsplit(".", 1)[0] or name)[:300]
    item.source = Source(title=title, text=reading.text, file_name=name)
    item.source.file = SourceFile(name, data, type_by_name(name), reading, by)
    item.words, item.warnings = _words(reading.text), tuple(reading.warnings)
    return item


def address_item(address: Address) -> SourceItem:
    item = SourceItem(address.title or address.url, url=address.url)
    try:
        _is_address(address.url)
        source = Source(number=1, title=address.title, url=address.url)
        source.check_fields()
    except ValidationError:
        item.problem = "This is no address of a web page: it begins with https:// and the name of a host."
    else:
        item.source = source
    return item


def _file_of(source: Source) -> SourceFile | None:
    """Its newest document and reading, if its text is still what was read from that."""
    from tasks.source_records import file_readings

    row: SourceReading | None = file_readings([source]).get(source.pk)
    if row is None:
        return None
    from tasks.pipeline.reading.types import Block, Reading

    snapshot = row.snapshot
    blocks = row.text.split("\n\n")
    if len(blocks) != len(row.kinds):
        return None
    reading = Reading(
        blocks=tuple(Block(kind=kind, text=text) for kind, text in zip(row.kinds, blocks, strict=True)),  # type: ignore[arg-type]  # texts of the enumeration
        media_type=row.media_type, reader=row.reader, title=row.title, author=row.author,
        published=row.published, language=row.language, charset=row.charset, charset_from=row.charset_from,
        share_taken=row.share_taken, warnings=tuple(row.warnings),
    )  # fmt: skip
    return SourceFile(source.file_name, snapshot.content.content, snapshot.media_type, reading)


def _words(text: str) -> int:
    from tasks.pipeline.text.words import word_count  # its patterns take a while to compile

    return word_count(text)
