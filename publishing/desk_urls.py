"""The publishing desk: buttons of the review page, times of publication, the page of the cover image."""

from django.contrib import admin
from django.urls import path

from publishing import (
    calendar_desk,
    converters,  # noqa: F401 (their names stand in the addresses)
    cover_desk,
    desk,
    media,
    schedule_desk,
    update_desk,
)

app_name = "publishing_desk"

urlpatterns = [
    path("drafts/<int:draft_id>/cover/", admin.site.admin_view(cover_desk.cover), name="cover"),
    path(
        "images/<sha256:name>/<int:width>.<encoding:encoding>",
        admin.site.admin_view(media.on_desk),
        name="media",
    ),
    path("drafts/<int:draft_id>/publish/", admin.site.admin_view(desk.publish_draft), name="publish"),
    path("drafts/<int:draft_id>/schedule/", admin.site.admin_view(schedule_desk.plan), name="schedule"),
    path("drafts/<int:draft_id>/update/", admin.site.admin_view(update_desk.update), name="update"),
    path("calendar/", admin.site.admin_view(calendar_desk.calendar), name="calendar"),
    path("drafts/<int:draft_id>/unschedule/", admin.site.admin_view(schedule_desk.unplan), name="unschedule"),
    path("posts/<int:post_id>/unpublish/", admin.site.admin_view(desk.unpublish_post), name="unpublish"),
]
