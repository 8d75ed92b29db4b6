"""Tools that write: a brief, a version that a person decides about, an answer to a comment."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from approvals.comments import threads
from approvals.models import DraftComment
from contentpipeline.mcp.reading import one
from contentpipeline.mcp.tool import Arguments, Caller, Id, Tool, ToolError
from tasks import actions
from tasks.api.serializers.drafts import DraftEditSerializer
from tasks.api.serializers.tasks import BriefSerializer
from tasks.lifecycle import Status
from tasks.models import Draft

OPEN_TO_AGENTS = frozenset({Status.PENDING, Status.AWAITING_APPROVAL, Status.REJECTED})
"""Where a text is not approved: in all others a change would undo what a person decided, or stop the work."""


class BriefSource(Arguments):
    title: str = ""
    url: str = Field(default="", description="An http(s) address, which is fetched.")
    text: str = Field(default="", description="Used as it is, in place of a page.")


class FileBrief(Arguments):
    topic: str
    brief: str = Field(default="", description="What the article must say, and what it must not.")
    audience: str = ""
    tone: str = ""
    style: str = ""
    target_words: int | None = None
    language: str | None = Field(default=None, description="Language code, such as en or de.")
    category: str = ""
    tags: list[str] = []
    keywords: list[str] = []
    sources: list[BriefSource] = []


def file_brief(caller: Caller, asked: FileBrief) -> dict[str, Any]:
    given = asked.model_dump(exclude_unset=True, exclude_none=True)
    serializer = BriefSerializer(data=given)
    serializer.is_valid(raise_exception=True)
    fields = dict(serializer.validated_data)
    task = actions.file_brief(fields, fields.pop("sources", []), by=caller.user)
    return {"brief": task.pk, "status": task.status}


class ProposeEdit(Arguments):
    draft: Id
    expected_version: int = Field(ge=1, le=2**31 - 1, description="The version that you have read.")
    reason: str = Field(min_length=1, max_length=500, description="Why, for the person who decides.")
    title: str | None = None
    summary: str | None = None
    body: str | None = Field(default=None, description="The whole text, in Markdown.")
    seo_title: str | None = None
    seo_description: str | None = None
    category: str | None = None
    tags: list[str] | None = None


def propose_edit(caller: Caller, asked: ProposeEdit) -> dict[str, Any]:
    draft = one(Draft.objects.select_related("task"), asked.draft, "draft")
    if draft.version != asked.expected_version:
        raise ToolError(f"Draft {draft.pk} is at version {draft.version} by now: read it, and edit that.")
    if draft.task.status not in OPEN_TO_AGENTS:
        raise ToolError(
            f"The text is {draft.task.status}: only a person may change it now. Ask in a comment."
        )
    names = {"draft", "expected_version", "reason"}
    content = asked.model_dump(exclude=names, exclude_unset=True, exclude_none=True)
    serializer = DraftEditSerializer(data=content)
    serializer.is_valid(raise_exception=True)
    fields = {name: value for name, value in serializer.validated_data.items() if name != "reason"}
    reason = f"{caller.agent}: {asked.reason}"
    is_changed = actions.edit_draft(draft, fields, by=caller.user, reason=reason, written_by=caller.agent)
    if not is_changed:
        raise ToolError("This changes nothing: the draft has this text already.")
    draft = Draft.objects.get(pk=draft.pk)
    return {"draft": draft.pk, "version": draft.version, "content_sha256": draft.content_sha256}


class AnswerComment(Arguments):
    comment: Id
    text: str = Field(min_length=1, max_length=2000)


def answer_comment(caller: Caller, asked: AnswerComment) -> dict[str, Any]:
    comment = one(DraftComment.objects.filter(deleted_at=None), asked.comment, "comment")
    made = threads.reply(comment, text=asked.text, by=caller.user)
    return {"comment": made.pk, "draft": made.draft_id}


TOOLS = (
    Tool(
        "file_brief",
        "File a brief: the desk researches and drafts it, and a person decides about the text.",
        FileBrief,
        ("tasks.view_contenttask", "tasks.add_contenttask"),
        file_brief,
        writes=True,
    ),
    Tool(
        "propose_edit",
        "Make your change the next version of a draft that awaits a decision. A person decides about it.",
        ProposeEdit,
        ("tasks.view_draft", "tasks.change_draft"),
        propose_edit,
        writes=True,
    ),
    Tool(
        "answer_comment",
        "Reply to a comment, in its thread.",
        AnswerComment,
        ("tasks.view_draft", threads.COMMENT),
        answer_comment,
        writes=True,
    ),
)
