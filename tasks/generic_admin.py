"""Django's admin classes and forms with their type parameter, which they have for the type checker only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from simple_history.admin import SimpleHistoryAdmin

if TYPE_CHECKING:
    AnyModelAdmin = admin.ModelAdmin[Any]
    AnyStackedInline = admin.StackedInline[Any, Any]
    AnyTabularInline = admin.TabularInline[Any, Any]
    AnyModelForm = ModelForm[Any]

    class AnyHistoryAdmin(admin.ModelAdmin[Any]):
        """The library has no types."""

        def history_form_view(
            self,
            request: HttpRequest,
            object_id: str,
            version_id: str,
            extra_context: dict[str, Any] | None = None,
        ) -> HttpResponse: ...

else:
    AnyModelAdmin, AnyStackedInline, AnyTabularInline = (
        admin.ModelAdmin, admin.StackedInline, admin.TabularInline
    )  # fmt: skip
    AnyModelForm, AnyHistoryAdmin = ModelForm, SimpleHistoryAdmin
