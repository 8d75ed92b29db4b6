"""Tools that read."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet, Value
from pydantic import Field

from contentpipeline.mcp.tool import ROWS, Arguments, Before, Caller, From, Id, Tool, ToolError, page, part
from publishing.addresses import absolute
from publishing.models import Post
from publishing.search import search
from tasks.api.serializers.drafts import DraftTeaserSerializer
from tasks.api.serializers.sources import FiledSourceSerializer
from tasks.api.serializers.tasks import TaskSerializer
from tasks.claim_records import ledger_of
from tasks.lifecycle import Status
from tasks.models import CategoryGuidance, ContentTask, Draft, Source, SourceReading
from tasks.naming import name_key

Row = TypeVar("Row", bound=Model)
FOUND = 10
STATUSES = [status.value for status in Status]


def one(rows: QuerySet[Row], pk: int, what: str) -> Row:
    """Raises ToolError."""
    found = rows.filter(pk=pk).first()
    if found is None:
        raise ToolError(f"There is no {what} {pk}: list them to see which there are.")
    return found


def newest(rows: QuerySet[Row], before: int | None) -> QuerySet[Row]:
    return (rows.filter(pk__lt=before) if before else rows).order_by("-pk")[: ROWS + 1]


class ListByStatus(Before):
    status: str = Field(default="", description=f"Empty for all, or one of {', '.join(STATUSES)}.")


def _with_status(rows: QuerySet[Row], status: str, column: str) -> QuerySet[Row]:
    if not status:
        return rows
    if status not in STATUSES:
        raise ToolError(f"status must be empty or one of {', '.join(STATUSES)}.")
    return rows.filter(**{column: status})


def list_briefs(caller: Caller, asked: ListByStatus) -> dict[str, Any]:
    rows = _with_status(ContentTask.objects.all(), asked.status, "status").only(
        "id", "topic", "status", "category", "language", "created_at"
    )
    return page(
        [
            {
                "id": task.pk, "topic": task.topic, "status": task.status, "category": task.category,
                "language": task.language, "created_at": task.created_at.isoformat(),
            }
            for task in newest(rows, asked.before)
        ]
    )  # fmt: skip


class ReadBrief(Arguments):
    brief: Id


def read_brief(caller: Caller, asked: ReadBrief) -> dict[str, Any]:
    rows = ContentTask.objects.select_related("draft", "assignee", "reviewer")
    task = one(rows, asked.brief, "brief")
    task._prefetched_objects_cache = {"sources": list(task.sources.with_warnings().defer("text"))}  # type: ignore[attr-defined]
    return dict(TaskSerializer(task, context={"request": caller.request}).data)


def list_drafts(caller: Caller, asked: ListByStatus) -> dict[str, Any]:
    rows = Draft.objects.select_related("task").defer("body", "citations")
    found = newest(_with_status(rows, asked.status, "task__status"), asked.before)
    return page([dict(row) for row in DraftTeaserSerializer(found, many=True).data])


class ReadDraft(From):
    draft: Id
    version: int | None = Field(default=None, ge=1, le=2**31 - 1, description="Left out: the current one.")


def read_draft(caller: Caller, asked: ReadDraft) -> dict[str, Any]:
    draft = one(Draft.objects.select_related("task"), asked.draft, "draft")
    shown: Any = draft
    if asked.version is not None:
        shown = draft.history.filter(version=asked.version).first()
        if shown is None:
            raise ToolError(f"Draft {draft.pk} has no version {asked.version}: list_versions has them.")
    fields = ("version", "content_sha256", "title", "slug", "summary", "category", "tags", "citations")
    return {
        "id": draft.pk,
        "brief": draft.task_id,
        "status": draft.task.status,
        **{name: getattr(shown, name) for name in fields},
        "body": part(shown.body, asked.start),
    }


class OfDraft(Arguments):
    draft: Id


def list_versions(caller: Caller, asked: OfDraft) -> dict[str, Any]:
    draft = one(Draft.objects.all(), asked.draft, "draft")
    rows = draft.versions.order_by("-version").values("version", "written_by", "history_date", "title")[:ROWS]
    return {"rows": [row | {"history_date": row["history_date"].isoformat()} for row in rows]}


class OfBrief(Before):
    brief: Id


def list_sources(caller: Caller, asked: OfBrief) -> dict[str, Any]:
    rows = Source.objects.with_warnings().filter(task_id=asked.brief).defer("text")
    context = {"request": caller.request}
    found = FiledSourceSerializer(newest(rows, asked.before), many=True, context=context).data
    return page([dict(row) for row in found])


class ReadSource(From):
    source: Id


def read_source(caller: Caller, asked: ReadSource) -> dict[str, Any]:
    source = one(Source.objects.all(), asked.source, "source")
    readings = SourceReading.objects.filter(snapshot__source=source)
    reading = readings.order_by("-snapshot_id", "-id").first()
    text = reading.text if reading else source.text
    about = {"id": source.pk, "brief": source.task_id, "title": source.title, "url": source.url}
    return {**about, "problem": source.problem, **part(text, asked.start)}


class ListClaims(OfDraft):
    verdict: str = Field(default="", description="Empty for all, or one such as `unsupported`.")


def list_claims(caller: Caller, asked: ListClaims) -> dict[str, Any]:
    draft = one(Draft.objects.all(), asked.draft, "draft")
    ledger = ledger_of(draft, draft.version)
    if ledger is None:
        raise ToolError(f"The sentences of version {draft.version} were not compared with the sources yet.")
    names = ("text", "section", "citations", "verdict", "why", "source", "passage")
    claims = [
        {"number": number, **{name: getattr(claim, name) for name in names}}
        for number, claim in ledger.entries
        if asked.verdict in {"", claim.verdict}
    ]
    return {"version": draft.version, "rows": claims[: 4 * ROWS]}


def list_comments(caller: Caller, asked: OfDraft) -> dict[str, Any]:
    draft = one(Draft.objects.all(), asked.draft, "draft")
    rows = draft.comments.filter(deleted_at=None).order_by("-id")[: 4 * ROWS]
    names = ("id", "parent_id", "version", "quote", "text", "author_name")
    return {
        "rows": [
            {
                **{name: getattr(row, name) for name in names},
                "is_resolved": row.resolved_at is not None,
                "created_at": row.created_at.isoformat(),
            }
            for row in rows
        ]
    }


class ListGuidelines(Arguments):
    category: str = Field(default="", max_length=100, description="Empty for all.")


def list_guidelines(caller: Caller, asked: ListGuidelines) -> dict[str, Any]:
    rows = CategoryGuidance.objects.order_by("category", "id")
    if asked.category:
        rows = rows.alias(key=name_key("category")).filter(key=name_key(Value(asked.category)))
    return {"rows": list(rows.values("id", "category", "text")[: 4 * ROWS])}


class SearchPosts(Arguments):
    query: str = Field(min_length=1, max_length=1000)


def search_posts(caller: Caller, asked: SearchPosts) -> dict[str, Any]:
    found = search(asked.query)
    wanted = found.post_ids[:FOUND]
    posts = Post.objects.published().articles().filter(pk__in=wanted).defer("body_html").in_bulk()
    rows = [
        {
            "slug": post.slug, "title": post.title, "summary": post.summary,
            "url": absolute(post.get_absolute_url()), "published_at": post.published_at.isoformat(),
        }
        for pk in wanted
        if (post := posts.get(pk))
    ]  # fmt: skip
    return {"rows": rows, "corrected_query": found.corrected_query}


BRIEFS, DRAFTS = ("tasks.view_contenttask",), ("tasks.view_draft",)
SOURCES = ("tasks.view_contenttask", "tasks.view_source")
TOOLS = (
    Tool("list_briefs", "Briefs, newest first.", ListByStatus, BRIEFS, list_briefs),
    Tool("read_brief", "A brief, its state and its sources.", ReadBrief, BRIEFS, read_brief),
    Tool("list_drafts", "Drafts, newest first, without their text.", ListByStatus, DRAFTS, list_drafts),
    Tool("read_draft", "The text of a draft, or of an earlier version of it.", ReadDraft, DRAFTS, read_draft),
    Tool("list_versions", "Versions of a draft, newest first.", OfDraft, DRAFTS, list_versions),
    Tool("list_sources", "Sources of a brief.", OfBrief, SOURCES, list_sources),
    Tool("read_source", "What was read from a source.", ReadSource, SOURCES, read_source),
    Tool(
        "list_claims",
        "What the sources say of each factual sentence of a draft.",
        ListClaims,
        ("tasks.view_draft", "tasks.view_qualityreport", "tasks.view_source"),
        list_claims,
    ),
    Tool("list_comments", "Comments on a draft, newest first.", OfDraft, DRAFTS, list_comments),
    Tool(
        "list_guidelines",
        "What every text of a category is to keep to.",
        ListGuidelines,
        ("tasks.view_categoryguidance",),
        list_guidelines,
    ),
    Tool(
        "search_posts",
        "Published articles, best matches first.",
        SearchPosts,
        ("publishing.view_post",),
        search_posts,
    ),
)
