"""Sources decide what an article may say: adding, changing or deleting one is recorded, before and after.

Briefs need nothing like it: their history has every version, and each is recorded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from django.db.models.signals import post_delete, post_save, pre_save
from django.dispatch import receiver

from approvals.audit import actors, chain
from tasks.content import canonical_json
from tasks.models import Source
from tasks.signals import sources_filed

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
def after_filing(sender: type[Source], sources: Sequence[Source], **_: Any) -> None:
    """Sources that were filed with their brief, in one statement: one entry each, as for a single one."""
    chain.record_all([_fact("created", source, None, _edited_fields(source)) for source in sources])


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


def _sha256(given: dict[str, Any] | None) -> str | None:
    """Over the canonical JSON of these four fields, which a dossier contains too."""
    return hashlib.sha256(canonical_json(given).encode()).hexdigest() if given else None
