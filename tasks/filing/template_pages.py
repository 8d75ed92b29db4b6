"""The pages of brief templates: made of a task, listed, renamed, shared and deleted."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from tasks.actor import actor
from tasks.filing import templates
from tasks.filing.form import SAVE_TEMPLATE, BriefForm
from tasks.filing.sources import COPIED, may_copy
from tasks.generic_admin import AnyModelAdmin
from tasks.models import BriefTemplate, ContentTask

THIS_TEMPLATE = "this"
"""The value of that button which changes the template that the brief began with."""


class TemplatePages(AnyModelAdmin):
    """Mixin for the admin of tasks."""

    def get_urls(self) -> list[Any]:
        pages = (
            ("templates/", require_safe(self.templates_view), "templates"),
            ("templates/<int:template_id>/", require_POST(self.change_template_view), "template"),
            ("<int:task_id>/template/", require_POST(self.template_of_task_view), "template_of"),
        )
        return [
            *(
                path(route, self.admin_site.admin_view(view), name=f"tasks_contenttask_{name}")
                for route, view, name in pages
            ),
            *super().get_urls(),
        ]

    def templates_view(self, request: HttpRequest) -> HttpResponse:
        """Those that this person may use, with a form for each that they may change."""
        return self._templates_page(request)

    def change_template_view(self, request: HttpRequest, template_id: int) -> HttpResponse:
        """Rename, share or delete one."""
        user = actor(request)
        if not self.has_add_permission(request):
            raise PermissionDenied
        template = get_object_or_404(BriefTemplate.objects.usable_by(user), pk=template_id)
        if "delete" in request.POST:
            templates.delete_template(template, by=user)
            self.message_user(request, f"The template “{template.name}” was deleted.", messages.SUCCESS)
            return redirect("admin:tasks_contenttask_templates")
        name, is_shared = request.POST.get("name", ""), "is_shared" in request.POST
        try:
            templates.change_template(template, name=name, is_shared=is_shared, by=user)
        except ValidationError as error:
            return self._templates_page(request, {template_id: (name, error.messages)})
        self.message_user(request, f"The template “{' '.join(name.split())}” was saved.", messages.SUCCESS)
        return redirect("admin:tasks_contenttask_templates")

    def template_of_task_view(self, request: HttpRequest, task_id: int) -> HttpResponse:
        """Make a template of a filed brief."""
        if not (self.has_add_permission(request) and may_copy(actor(request))):
            raise PermissionDenied
        task = ContentTask.objects.filter(pk=task_id).first()
        if task is None:
            raise Http404(f"There is no task {task_id}.")
        try:
            made = templates.template_of_task(
                task, request.POST.get("name", ""), by=actor(request), is_shared="is_shared" in request.POST
            )
        except ValidationError as error:
            request.form_is_refused = ("name",)  # type: ignore[attr-defined]  # see contentpipeline.forms
            self.message_user(request, " ".join(error.messages), messages.ERROR)
        else:
            self.message_user(request, f"Saved as the template “{made.name}”.", messages.SUCCESS)
        return redirect("admin:tasks_contenttask_change", task_id)

    def save_typed_template(self, request: HttpRequest, form: BriefForm) -> None:
        """Make a template of a brief that is being typed, as far as its fields are right."""
        typed, user = form.cleaned_data, actor(request)
        is_change = request.POST[SAVE_TEMPLATE] == THIS_TEMPLATE
        changed = self.changeable_template(request) if is_change else None
        if is_change and changed is None:
            raise PermissionDenied("Only its owner may change this template.")
        name = request.POST.get("template_name", "").strip() or typed.get("topic") or ""
        references = [item.reference for item in form.items]
        has_files = any(
            item.upload or (item.reference and not item.reference.startswith(COPIED)) for item in form.items
        )
        given = {
            "addresses": typed.get("addresses", ""),
            "sources": [int(one.removeprefix(COPIED)) for one in references if one.startswith(COPIED)],
        }
        try:
            if changed:
                templates.refill_template(changed, typed, by=user, **given)
                text = f"The template “{changed.name}” was changed. No brief is filed."
            else:
                is_shared = "template_is_shared" in request.POST
                made = templates.save_template(name, typed, by=user, is_shared=is_shared, **given)
                text = f"Saved as the template “{made.name}”. The brief itself is not filed yet."
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return
        if has_files:
            text += " Its files are not part of the template."
        self.message_user(request, text, messages.SUCCESS)

    def changeable_template(self, request: HttpRequest) -> BriefTemplate | None:
        """The one that the brief being typed began with, if this person may change it."""
        found = templates.find(request.GET.get("template"), by=actor(request))
        return found if found and templates.may_manage(found, actor(request)) else None

    def _templates_page(
        self, request: HttpRequest, refused: dict[int, tuple[str, list[str]]] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        user = actor(request)
        rows = [
            {
                "template": one,
                "name": (refused or {}).get(one.pk, (one.name, []))[0],
                "errors": (refused or {}).get(one.pk, ("", []))[1],
                "may_change": templates.may_manage(one, user),
                "is_own": one.owner_id == user.pk,
            }
            for one in templates.usable_templates(user)
        ]
        context = {**self.admin_site.each_context(request), "title": "Templates of briefs", "opts": self.opts}
        return TemplateResponse(
            request, "admin/tasks/contenttask/templates.html", context | {"rows": rows},
            status=400 if refused else 200,
        )  # fmt: skip
