"""The page on which each account of the admin chooses its notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from approvals.notifications.models import NotificationSettings
from tasks.actor import actor

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[NotificationSettings]
else:
    _ModelForm = forms.ModelForm  # generic in its type stubs alone


class NotificationSettingsForm(_ModelForm):
    class Meta:
        model = NotificationSettings
        fields = ("decision", "awaiting", "plan", "mention", "assigned")
        widgets = dict.fromkeys(fields, forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A form from before these kinds of notification leaves them as they are.
        for name in ("plan", "mention", "assigned"):
            self.fields[name].required = False


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def notification_settings(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    own = NotificationSettings.objects.filter(user=user).first()
    typed = request.POST if request.method == "POST" else None
    form = NotificationSettingsForm(typed, instance=own or NotificationSettings(user=user))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved. Your choices apply from now on.")
        return redirect("admin:notification_settings")
    context = admin.site.each_context(request) | {
        "is_nav_sidebar_enabled": False,
        "title": "Notifications",
        "form": form,
        "sends_mail": settings.SENDS_MAIL,
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "desk/notifications.html", context, status=status)


urlpatterns = [path("notices/", admin.site.admin_view(notification_settings), name="notification_settings")]
