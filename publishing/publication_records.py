"""All that is on record about a draft and goes into its post, loaded in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db import DEFAULT_DB_ALIAS
from django.db.models import (
    BigAutoField,
    BooleanField,
    Exists,
    F,
    Func,
    JSONField,
    OuterRef,
    QuerySet,
    Subquery,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject

from approvals.models import Decision, Verdict
from publishing.category_names import COLUMNS, FOUND_AS_JSON
from publishing.models import Author, Category, Image, Schedule, Tag
from tasks.lifecycle import Status
from tasks.models import ClaimLedger, Draft, QualityReport
from tasks.prepared_queries import Parameter, PreparedQuery

# In the order of the models' fields, as `from_db` takes them.
DECISION = (
    "id", "decision", "version", "content_sha256", "actor_id", "actor_name", "via", "way", "objections",
    "opened_at", "decided_at",
)  # fmt: skip
VERSION = ("version", "content_sha256", "written_by", "author_id")
IMAGE = ("name", "width", "height", "variants")
AUTHOR = ("id", "user_id")


class Version(NamedTuple):
    version: int
    content_sha256: str
    written_by: str
    author_id: int | None


class PublicationRecords(NamedTuple):
    """The draft's row and its task's are locked, so none of this changes before the transaction ends."""

    draft: Draft
    is_approved: bool
    """Whether the current text has the approvals that it needs."""
    decisions: Sequence[Decision]
    """Newest first, with the columns of DECISION alone."""
    versions: Sequence[Version]
    """From the first to the current one."""
    check_results: Sequence[Mapping[str, Any]]
    """Of the current version."""
    claims: Mapping[str, Any] | None
    """The claim ledger of the current version: its id, and how many claims have each verdict."""
    image: Image | None
    authors: Mapping[int, int]
    """The author pages of those who decided, by the account."""
    categories: dict[str, Category]
    tags: dict[str, Tag]
    """Rows that the draft's names stand for, by the name."""
    post_id: int | None
    post_slug: str
    """Of the post that the draft already has, live or withdrawn."""
    has_schedule: bool

    @property
    def approvals(self) -> list[Decision]:
        """Of exactly the current text, newest first; a rejection voids those before it."""
        draft = self.draft
        about = [one for one in self.decisions if one.version == draft.version]
        last_no = max((one.pk for one in about if one.decision != Verdict.APPROVE), default=0)
        return [one for one in about if one.pk > last_no and one.content_sha256 == draft.content_sha256]

    @property
    def current_approval(self) -> Decision | None:
        """See `approvals.decisions.current_approval`."""
        if self.draft.task.status not in {Status.APPROVED, Status.PUBLISHED} or not self.is_approved:
            return None
        return next(iter(self.approvals), None)

    def is_their_own(self, user_id: int) -> bool:
        """See `approvals.rules.is_their_own`."""
        wrote = {
            one.author_id
            for one in self.versions
            if one.version == 1 or one.content_sha256 == self.draft.content_sha256
        }
        return user_id == self.draft.author_id or user_id in wrote


def locked_draft(draft: Draft) -> Draft:
    """The task first, then the draft: the order in which every writer locks them, and that of `of`."""
    rows = Draft.objects.select_related("task").select_for_update(of=("task", "self"))
    return rows.get(pk=draft.pk)


def load_records(draft: Draft) -> PublicationRecords:
    """For a draft whose rows are locked."""
    [row] = _query().rows(pk=draft.pk)
    approved, decisions, written, results, claims, image, authors, *rest = row
    categories, tags, post_id, slug, scheduled = rest
    return PublicationRecords(
        draft=draft,
        is_approved=approved,
        decisions=[_decision(values) for values in decisions],
        versions=[Version(**values) for values in written],
        check_results=results or [],
        claims=claims,
        image=Image.from_db(DEFAULT_DB_ALIAS, IMAGE, [image[name] for name in IMAGE]) if image else None,
        authors={author["user_id"]: author["id"] for author in authors},
        categories=_rows(Category, categories),
        tags=_rows(Tag, tags),
        post_id=post_id,
        post_slug=slug or "",
        has_schedule=scheduled,
    )


@cache
def _query() -> PreparedQuery:
    of_draft = {"draft": OuterRef("pk")}
    deciders = Decision.objects.filter(draft=OuterRef(OuterRef("pk"))).order_by().values("actor_id")
    versions = Draft.history.filter(id=OuterRef("pk"), version__lte=OuterRef("version"))
    columns: list[Any] = [
        Func("id", "version", "content_sha256", function="is_approved", output_field=BooleanField()),
        ArraySubquery(_as_json(Decision.objects.filter(**of_draft).order_by("-pk"), DECISION)),
        ArraySubquery(_as_json(versions.order_by("version"), VERSION)),
        Subquery(QualityReport.objects.filter(**of_draft, version=OuterRef("version")).values("results")),
        Subquery(_claims(**of_draft, version=OuterRef("version"))[:1]),
        Subquery(_as_json(Image.objects.filter(name=OuterRef("cover_image")), IMAGE)),
        ArraySubquery(_as_json(Author.objects.filter(user_id__in=deciders), AUTHOR)),
        _found(Category, "ARRAY[tasks_draft.category]"),
        _found(Tag, "tasks_draft.tags"),
        F("post__id"),
        F("post__slug"),
        Exists(Schedule.objects.open().of_texts().filter(**of_draft)),
    ]
    drafts = Draft.objects.filter(pk=Parameter("pk", BigAutoField())).values_list(*columns)
    return PreparedQuery(drafts, prepare=False)


def _as_json(rows: QuerySet[Any], columns: Sequence[str]) -> QuerySet[Any]:
    return rows.values(as_json=JSONObject(**{name: name for name in columns}))


def _claims(**about: Any) -> QuerySet[Any]:
    ledgers = ClaimLedger.objects.filter(**about).order_by("-id")
    return ledgers.values(as_json=JSONObject(ledger="id", counts="counts"))


def _found(model: type[Category] | type[Tag], names: str) -> RawSQL:
    """`names` is SQL for an array of them."""
    sql = FOUND_AS_JSON.format(table=model._meta.db_table, names=names)
    return RawSQL(sql, [], output_field=JSONField())


def _rows(model: Any, found: Mapping[str, list[Any]] | None) -> dict[str, Any]:
    return {name: model.from_db(DEFAULT_DB_ALIAS, COLUMNS, values) for name, values in (found or {}).items()}


def _decision(values: dict[str, Any]) -> Decision:
    for name in ("opened_at", "decided_at"):  # JSON has times as text
        values[name] = values[name] and datetime.fromisoformat(values[name])
    return Decision.from_db(DEFAULT_DB_ALIAS, DECISION, [values[name] for name in DECISION])
