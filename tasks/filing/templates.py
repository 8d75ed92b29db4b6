"""Templates of briefs: what people begin with, and who may change which. Each verb is one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from tasks.brief_fields import BRIEF_FIELDS, TIMES
from tasks.filing.sources import COPIED, items_of
from tasks.models import BriefTemplate, ContentTask, Source

MANAGE = "tasks.manage_shared_templates"
MAX_TEMPLATES = 200
"""Of one person."""


def usable_templates(user: User) -> list[BriefTemplate]:
    """For the list from which one is chosen: their own first."""
    rows = BriefTemplate.objects.usable_by(user).select_related("owner").defer("addresses", "fields")
    return sorted(rows, key=lambda one: (one.owner_id != user.pk, one.name.casefold(), one.pk))


def find(given: Any, *, by: User) -> BriefTemplate | None:
    """One that this person may use, by its id as an address has it."""
    text = str(given or "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    return BriefTemplate.objects.usable_by(by).filter(pk=int(text)).first()


def may_manage(template: BriefTemplate, user: User) -> bool:
    return template.owner_id == user.pk or (template.is_shared and user.has_perm(MANAGE))


def fields_of(task: ContentTask) -> dict[str, Any]:
    """What another brief begins with: all but the dates, which were about this one."""
    return {name: getattr(task, name) for name in BRIEF_FIELDS if name not in TIMES}


def initial_of(template: BriefTemplate) -> dict[str, Any]:
    """The initial values of the form."""
    fields = {name: value for name, value in template.fields.items() if name in BRIEF_FIELDS}
    copied = Source.objects.filter(pk__in=template.sources).order_by("number")
    given = "\n".join(item.line for item in items_of(copied))
    return fields | {"addresses": template.addresses, "given": given}


@transaction.atomic
def save_template(
    name: str,
    fields: Mapping[str, Any],
    *,
    by: User,
    addresses: str = "",
    sources: Sequence[int] = (),
    is_shared: bool = False,
) -> BriefTemplate:
    """Make a template of a brief. Raises ValidationError naming the field."""
    template = BriefTemplate(
        name=name, owner=by, is_shared=is_shared, addresses=addresses, sources=list(sources),
        fields=_stored(fields),
    )  # fmt: skip
    if BriefTemplate.objects.filter(owner=by).count() >= MAX_TEMPLATES:
        raise ValidationError({"name": f"You have {MAX_TEMPLATES} templates: delete one first."})
    _check(template)
    template.save()
    return template


@transaction.atomic
def template_of_task(task: ContentTask, name: str, *, by: User, is_shared: bool = False) -> BriefTemplate:
    """Make a template of a filed brief, with its sources. Raises ValidationError."""
    given = [int(item.reference.removeprefix(COPIED)) for item in items_of(task.sources.all())]
    return save_template(name, fields_of(task), by=by, sources=given, is_shared=is_shared)


@transaction.atomic
def change_template(template: BriefTemplate, *, name: str, is_shared: bool, by: User) -> None:
    """Raises ValidationError naming the field, and PermissionDenied."""
    locked = _own(template, by)
    locked.name, locked.is_shared = name, is_shared
    _check(locked)
    locked.save(update_fields=["name", "is_shared", "changed_at"])


@transaction.atomic
def refill_template(
    template: BriefTemplate, fields: Mapping[str, Any], *, by: User, addresses: str, sources: Sequence[int]
) -> None:
    """What a brief begins with from now on. Raises ValidationError naming the field, and PermissionDenied."""
    locked = _own(template, by)
    locked.fields, locked.addresses, locked.sources = _stored(fields), addresses, list(sources)
    _check(locked)
    locked.save(update_fields=["fields", "addresses", "sources", "changed_at"])


@transaction.atomic
def delete_template(template: BriefTemplate, *, by: User) -> None:
    """Raises PermissionDenied."""
    _own(template, by).delete()


def _own(template: BriefTemplate, user: User) -> BriefTemplate:
    locked = BriefTemplate.objects.select_for_update().get(pk=template.pk)
    if not may_manage(locked, user):
        raise PermissionDenied("Only its owner may change this template.")
    return locked


def _check(template: BriefTemplate) -> None:
    template.full_clean(
        exclude={"owner", "fields", "sources"}, validate_unique=False, validate_constraints=False
    )
    same = BriefTemplate.objects.filter(owner=template.owner, name=template.name).exclude(pk=template.pk)
    if same.exists():
        raise ValidationError(
            {"name": f"There is a template “{template.name}” already: choose another name."}
        )


def _stored(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _as_json(value)
        for name, value in fields.items()
        if name in BRIEF_FIELDS and name not in TIMES and value not in (None, "", [])
    }


def _as_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value
