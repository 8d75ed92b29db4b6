"""Pages of the desk for texts that a person writes: a form to begin one, and the list of the site's pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from publishing.models import Post
from publishing.pages import is_reserved
from publishing.site_identity import current
from tasks.actor import actor
from tasks.form_fields import Textarea
from tasks.models import Draft, TaskKind
from tasks.naming import SlugFormField, usable_slug
from tasks.own_texts import file_own_text

MOST_PAGES = 200
MAX_BODY = 400_000
may_write = permission_required(["tasks.add_contenttask", "tasks.change_draft"], raise_exception=True)


class OwnTextForm(forms.Form):
    title = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"class": "wide"}))
    slug = SlugFormField(
        label="Address", max_length=100, required=False, help_text="Made from the title if it is left empty."
    )
    body = forms.CharField(
        label="Text", required=False, max_length=MAX_BODY, widget=Textarea(attrs={"rows": 14}),
        help_text="Markdown. You can leave it empty and go on in the editor.",
    )  # fmt: skip
    language = forms.CharField(max_length=10, help_text="Language code, such as en or de.")

    def __init__(self, *args: Any, kind: TaskKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if self.kind != TaskKind.PAGE or "title" not in values or "slug" not in values:
            return values
        slug = values["slug"] or usable_slug("", values["title"])
        if is_reserved(slug):
            self.add_error("slug", f"/{slug}/ is an address of the site itself: use another, as {slug}-us.")
        elif Post.objects.filter(slug=slug).exists():
            self.add_error("slug", f"Another text has or had the address {slug}: use another.")
        return values


@require_http_methods(["GET", "HEAD", "POST"])
@may_write
def write(request: HttpRequest, kind: str) -> HttpResponse:
    """A title, and as much of the text as there is; it goes on in the editor."""
    chosen = TaskKind.PAGE if kind == "page" else TaskKind.OWN_ARTICLE
    if request.method != "POST":
        return _form_page(request, OwnTextForm(kind=chosen, initial={"language": current().language}))
    form = OwnTextForm(request.POST, kind=chosen)
    if not form.is_valid():
        return _form_page(request, form, status=400)
    values = dict(form.cleaned_data)
    language = values.pop("language")
    try:
        draft = file_own_text(chosen, values, by=actor(request), language=language)
    except ValidationError as error:
        form.add_error(None, error)
        return _form_page(request, form, status=400)
    messages.success(request, "Version 1 is saved. Other editors can review it; you can go on writing.")
    return redirect("desk:edit", draft.pk)


def _form_page(request: HttpRequest, form: OwnTextForm, *, status: int = 200) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "title": "Write a page" if form.kind == TaskKind.PAGE else "Write an article",
        "is_page": form.kind == TaskKind.PAGE,
        "form": form,
    }
    return render(request, "desk/write.html", context, status=status)


@never_cache
@require_safe
@permission_required("tasks.view_draft", raise_exception=True)
def pages(request: HttpRequest) -> HttpResponse:
    """Every page of the site, live or not, with its state."""
    drafts = (
        Draft.objects.filter(task__kind=TaskKind.PAGE)
        .select_related("task", "post")
        .defer("body", "citations", "post__body", "post__body_html", "post__citations", "post__provenance")
    )
    rows = list(drafts.order_by("title", "id")[: MOST_PAGES + 1])
    in_menu = {link.address for link in current().menu}
    in_footer = {link.address for link in current().footer_links}
    for draft in rows:
        post = getattr(draft, "post", None)
        draft.live = post if post and post.is_live else None  # type: ignore[attr-defined]  # for the template
        path = post.get_absolute_url() if post else ""
        named = (("menu", in_menu), ("footer", in_footer))
        draft.places = [name for name, paths in named if path in paths]  # type: ignore[attr-defined]  # likewise
    context = admin.site.each_context(request) | {
        "title": "Pages",
        "rows": rows[:MOST_PAGES],
        "is_truncated": len(rows) > MOST_PAGES,
        "most": MOST_PAGES,
        "may_write": request.user.has_perms(["tasks.add_contenttask", "tasks.change_draft"]),
    }
    return render(request, "desk/pages.html", context)
