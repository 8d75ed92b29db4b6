"""Posts are shown here, and changed only by publishing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet, Value
from django.http import HttpRequest
from django.utils.html import format_html

from approvals.audit import chain
from publishing.authors import add_bylines
from publishing.category_names import free_slug
from publishing.models import Announcement, Author, Category, Post, Redirect, Tag
from tasks.actor import actor
from tasks.generic_admin import AnyModelAdmin
from tasks.naming import name_key
from tasks.readonly_admin import ReadOnlyAdmin, ReadOnlyHistoryAdmin


@admin.register(Post)
class PostAdmin(ReadOnlyHistoryAdmin):
    list_display = ("title", "is_live", "category", "version", "published_at", "address")
    list_filter = ("is_live", "category", "language", "published_at")
    list_select_related = ("category",)
    search_fields = ("title", "slug")
    date_hierarchy = "published_at"
    show_full_result_count = False

    @admin.display(description="on the site")
    def address(self, post: Post) -> str:
        if not post.is_live:
            return "–"
        return format_html('<a href="{}">{}</a>', post.get_absolute_url(), post.get_absolute_url())


@admin.register(Redirect)
class RedirectAdmin(ReadOnlyAdmin):
    """Never deleted: links from elsewhere would break, and another text could take the address."""

    list_display = ("old_address", "new_address", "created_at")
    list_select_related = ("post",)
    list_filter = ("post__is_live", "created_at")
    search_fields = ("slug", "post__slug", "post__title")
    ordering = ("-created_at", "-id")
    show_full_result_count = False

    @admin.display(description="old address", ordering="slug")
    def old_address(self, redirect: Redirect) -> str:
        return redirect.get_absolute_url()

    @admin.display(description="redirects to")
    def new_address(self, redirect: Redirect) -> str:
        address = redirect.post.get_absolute_url()
        if not redirect.post.is_live:
            return f"{address} (withdrawn)"
        return format_html('<a href="{}">{}</a>', address, address)


@admin.register(Announcement)
class AnnouncementAdmin(ReadOnlyAdmin):
    list_display = ("path", "changed_at", "due_at", "attempts", "last_error")
    show_full_result_count = False


class NamedForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A name and its slug, which is made by the rule for all names if it is left empty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:  # else the form only shows
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "Part of the address. If it is empty, it is made from the name."

    def clean(self) -> None:
        super().clean()
        name = self.cleaned_data.get("name")
        if name and "name" in self.changed_data:
            self._require_name_of_its_own(name)
        if name and "slug" in self.cleaned_data and not self.cleaned_data["slug"]:
            self.cleaned_data["slug"] = free_slug(self._meta.model, name)

    def _require_name_of_its_own(self, name: str) -> None:
        """Texts of a category find it by a name that is the same, so a second one would never get any."""
        model = self._meta.model
        if not issubclass(model, Category | Tag):
            return
        other = model._default_manager.alias(key=name_key("name")).filter(key=name_key(Value(name)))
        for found in other.exclude(pk=self.instance.pk)[:1]:
            self.add_error("name", f"This is the same name as “{found}”.")


class _NamedAdmin(AnyModelAdmin):
    list_display = ("name", "slug")
    search_fields = ("name",)
    form = NamedForm

    def save_model(self, request: HttpRequest, obj: Category | Tag, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        _record(request, obj, change)


def _record(request: HttpRequest, obj: Category | Tag | Author, change: bool) -> None:
    """Readers see the name on every post that has it, so a change is recorded like that of a text."""
    name = obj._meta.model_name
    shown = {"is_public": obj.is_public, "bio": obj.bio} if isinstance(obj, Author) else {}
    chain.record(
        f"{name}.{'changed' if change else 'created'}",
        object_type=name,
        object_id=obj.pk,
        by=request.user,
        data={"name": obj.name, "slug": obj.slug, **shown},
    )


@admin.register(Author)
class AuthorAdmin(AnyModelAdmin):
    """All who may approve texts decide for themselves whether, and how, they are named."""

    list_display = ("name", "user", "is_public", "address")
    list_select_related = ("user",)
    form = NamedForm
    fields = ("name", "slug", "bio", "is_public")
    actions = ("hide",)

    @admin.display(description="on the site")
    def address(self, author: Author) -> str:
        if not author.is_public:
            return "–"
        return format_html('<a href="{}">{}</a>', author.get_absolute_url(), author.get_absolute_url())

    @admin.action(description="Hide selected authors from readers", permissions=["hide"])
    def hide(self, request: HttpRequest, authors: QuerySet[Author]) -> None:
        for author in authors.filter(is_public=True):
            author.is_public = False
            author.save(update_fields=["is_public"])
            _record(request, author, change=True)

    def save_model(self, request: HttpRequest, obj: Author, form: Any, change: bool) -> None:
        if not change:
            obj.user = actor(request)
        super().save_model(request, obj, form, change)
        add_bylines(obj)
        _record(request, obj, change)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Author]:
        authors = super().get_queryset(request)
        return authors if request.user.is_superuser else authors.filter(user=actor(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser or _may_approve(request)

    def has_view_permission(self, request: HttpRequest, obj: Author | None = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Author | None = None) -> bool:
        return _may_approve(request) and not Author.objects.filter(user=actor(request)).exists()

    def has_change_permission(self, request: HttpRequest, obj: Author | None = None) -> bool:
        return _may_approve(request) and (obj is None or obj.user_id == request.user.pk)

    def has_delete_permission(self, request: HttpRequest, obj: Author | None = None) -> bool:
        return False  # hide it instead: the address stays theirs

    def has_hide_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser


def _may_approve(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.has_perm("approvals.add_decision")


admin.site.register(Category, _NamedAdmin)
admin.site.register(Tag, _NamedAdmin)
