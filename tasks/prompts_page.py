"""The page Prompts: what language models are asked for, and how each version of it has done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tasks.pipeline.prompts import Prompt, all_prompts

VIEW = "tasks.view_modelcall"


class PromptUse(NamedTuple):
    calls: int
    tasks: int
    mean_score: float | None
    """Of the present texts of these tasks; None when none has a score."""


@dataclass(frozen=True)
class VersionRow:
    version: int
    change: str
    use: PromptUse


@dataclass(frozen=True)
class PromptRow:
    prompt: Prompt
    versions: list[VersionRow]
    """The newest first."""
    included_in: list[str]

    @property
    def paragraphs(self) -> list[str]:
        return self.prompt.text.split("\n\n")


def prompt_uses() -> dict[str, PromptUse]:
    """By label, such as "draft 2", what has been done with each version."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT used.prompt_version, sum(used.calls), count(*), avg(draft.score)
            FROM (
                SELECT prompt_version, task_id, count(*) AS calls FROM tasks_modelcall
                WHERE prompt_version <> '' GROUP BY prompt_version, task_id
            ) AS used
            LEFT JOIN tasks_draft AS draft ON draft.task_id = used.task_id
            GROUP BY used.prompt_version
            """
        )
        return {
            label: PromptUse(int(calls), tasks, None if score is None else float(score))
            for label, calls, tasks, score in cursor.fetchall()
        }


@require_safe
def prompts_page(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    uses, prompts = prompt_uses(), all_prompts()
    rows = [
        PromptRow(
            prompt,
            [
                VersionRow(number, change, uses.get(f"{prompt.name} {number}", PromptUse(0, 0, None)))
                for number, change in reversed(list(enumerate(prompt.changes, 1)))
            ],
            [other.name for other in prompts if prompt.name in other.includes],
        )
        for prompt in prompts
    ]
    context = {**admin.site.each_context(request), "title": "Prompts", "rows": rows}
    return TemplateResponse(request, "admin/tasks/prompts.html", context)


urlpatterns = [
    path("tasks/prompts/", admin.site.admin_view(never_cache(prompts_page)), name="tasks_prompts"),
]
