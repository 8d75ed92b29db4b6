"""Sources decide what an article may say: adding, changing or deleting one is recorded, before and after.

So is what a file or a fetched page was: the hash of its bytes, and of the text that was read from it.

Briefs need nothing like it: their history has every version, and each is recorded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db.models.signals import post_delete, post_save, pre_save
from django.dispatch import receiver

from approvals.audit import actors, chain
from tasks.content import canonical_json
from tasks.models import Source, SourceReading, SourceSnapshot
from tasks.signals import source_read_again, source_stored, sources_filed

EDITED_FIELDS = ("number", "title", "url", "text")
"""What an editor enters. Why a source could not be used is written by the engine and is not an edit."""


@receiver(pre_save, sender=Source)
def before_save(sender: type[Source], instance: Source, **_: Any) -> None:
    instance._fields_before = None if instance._state.adding else _stored_fields(instance)  # type: ignore[attr-defined]


@receiver(post_save, sender=Source)
def after_save(sender: type[Source], instance: Source, created: bool, **_: Any) -> None:
    before, after = instance.__dict__.pop("_fields_before"), _stored_fields(instance)
    if before != after:
        _record("created" if created else "changed", instance, before, after)


@receiver(sources_filed, sender=Source)
def after_filing(
    sender: type[Source], sources: Sequence[Source], readings: Sequence[SourceReading], **_: Any
) -> None:
    """Sources that were filed with their brief, in one statement: one entry each, as for a single one."""
    facts = [_fact("created", source, None, _edited_fields(source)) for source in sources]
    files = {reading.snapshot.source_id: reading for reading in readings}
    for fact in facts:
        if reading := files.get(fact.object_id):
            fact.data["file"] = _about(reading.snapshot, reading)
    chain.record_all(facts)


@receiver(source_stored, sender=Source)
def after_storing(
    sender: type[Source], snapshot: SourceSnapshot, reading: SourceReading | None, by: User | None, **_: Any
) -> None:
    """What a source was. Of a text that was typed, the entry of the source itself has the hash."""
    if snapshot.origin != SourceSnapshot.Origin.TYPED:
        chain.record_all([_snapshot_fact("stored", snapshot, reading, by)])


@receiver(source_read_again, sender=Source)
def after_reading_again(sender: type[Source], reading: SourceReading, by: User | None, **_: Any) -> None:
    chain.record_all([_snapshot_fact("read_again", reading.snapshot, reading, by)])


@receiver(post_delete, sender=Source)
def after_delete(sender: type[Source], instance: Source, **_: Any) -> None:
    _record("deleted", instance, _edited_fields(instance), None)


def _stored_fields(source: Source) -> dict[str, Any] | None:
    stored: dict[str, Any] | None = Source.objects.filter(pk=source.pk).values(*EDITED_FIELDS).first()
    return stored


def _edited_fields(source: Source) -> dict[str, Any]:
    return {name: getattr(source, name) for name in EDITED_FIELDS}


def _record(verb: str, source: Source, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
    chain.record_all([_fact(verb, source, before, after)])


def _fact(
    verb: str, source: Source, before: dict[str, Any] | None, after: dict[str, Any] | None
) -> chain.Fact:
    stated = after or before or {}
    data = {"number": stated["number"], "title": stated["title"], "before": _sha256(before)}
    data["after"] = _sha256(after)
    if before and after:
        data["changed"] = [name for name in EDITED_FIELDS if before[name] != after[name]]
    return chain.Fact(
        f"source.{verb}",
        object_type="source",
        object_id=source.pk,
        task_id=source.task_id,
        by=actors.requester(),
        by_name=actors.program(),
        data=data,
    )


def _snapshot_fact(
    verb: str, snapshot: SourceSnapshot, reading: SourceReading | None, by: User | None
) -> chain.Fact:
    source = snapshot.source
    return chain.Fact(
        f"source.{verb}",
        object_type="source",
        object_id=source.pk,
        task_id=source.task_id,
        by=by,
        by_name=actors.program(),
        data={"number": source.number, "file": _about(snapshot, reading)},
    )


def _about(snapshot: SourceSnapshot, reading: SourceReading | None) -> dict[str, Any]:
    """A document and what was read from it, as a dossier has them too."""
    return {
        "snapshot": snapshot.pk,
        "origin": str(snapshot.origin),
        "sha256": snapshot.content.sha256,
        "reader": reading.reader if reading else "",
        "text_sha256": hashlib.sha256(reading.text.encode()).hexdigest() if reading else None,
    }


def _sha256(given: dict[str, Any] | None) -> str | None:
    """Over the canonical JSON of these four fields, which a dossier contains too."""
    return hashlib.sha256(canonical_json(given).encode()).hexdigest() if given else None
