"""The page on which everybody in the admin says how they want to be told."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from approvals.notifications.models import NoticeSettings


class NoticeSettingsForm(forms.ModelForm):
    class Meta:
        model = NoticeSettings
        fields = ("decision", "awaiting", "plan")
        widgets = dict.fromkeys(fields, forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A form from before this kind of notice leaves it as it is.
        self.fields["plan"].required = False


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def notice_settings(request: HttpRequest) -> HttpResponse:
    own = NoticeSettings.objects.filter(user=request.user.pk).first()
    typed = request.POST if request.method == "POST" else None
    form = NoticeSettingsForm(typed, instance=own or NoticeSettings(user=request.user))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved: what happens from now on is told like this.")
        return redirect("admin:notice_settings")
    context = admin.site.each_context(request) | {
        "is_nav_sidebar_enabled": False,
        "title": "How you are told",
        "form": form,
        "sends_mail": settings.SENDS_MAIL,
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "desk/notices.html", context, status=status)


urlpatterns = [path("notices/", admin.site.admin_view(notice_settings), name="notice_settings")]
