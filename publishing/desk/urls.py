"""The publishing desk: buttons of the review page, times of publication, the page of the cover image."""

from django.contrib import admin
from django.urls import path

from publishing.desk import buttons, calendar, covers, schedule, updates
from publishing.images import media
from publishing.site import converters  # noqa: F401 (their names stand in the addresses)

app_name = "publishing_desk"

urlpatterns = [
    path("drafts/<int:draft_id>/cover/", admin.site.admin_view(covers.cover), name="cover"),
    path(
        "images/<sha256:name>/<int:width>.<encoding:encoding>",
        admin.site.admin_view(media.on_desk),
        name="media",
    ),
    path("drafts/<int:draft_id>/publish/", admin.site.admin_view(buttons.publish_draft), name="publish"),
    path("drafts/<int:draft_id>/schedule/", admin.site.admin_view(schedule.plan), name="schedule"),
    path("drafts/<int:draft_id>/update/", admin.site.admin_view(updates.update), name="update"),
    path("calendar/", admin.site.admin_view(calendar.calendar), name="calendar"),
    path("drafts/<int:draft_id>/unschedule/", admin.site.admin_view(schedule.unplan), name="unschedule"),
    path("posts/<int:post_id>/unpublish/", admin.site.admin_view(buttons.unpublish_post), name="unpublish"),
]
