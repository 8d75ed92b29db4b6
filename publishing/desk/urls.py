"""The publishing desk: publish buttons, schedules, the calendar, updates and cover images."""

from django.contrib import admin
from django.urls import path

from publishing import converters  # noqa: F401 (registers the converters used below)
from publishing.desk import buttons, calendar, covers, schedule, updates
from publishing.images import media

app_name = "publishing_desk"

urlpatterns = [
    path("drafts/<int:draft_id>/cover/", admin.site.admin_view(covers.cover), name="cover"),
    path(
        "images/<sha256:name>/<int:width>.<encoding:encoding>",
        admin.site.admin_view(media.on_desk),
        name="media",
    ),
    path("drafts/<int:draft_id>/publish/", admin.site.admin_view(buttons.publish_draft), name="publish"),
    path("drafts/<int:draft_id>/schedule/", admin.site.admin_view(schedule.schedule_draft), name="schedule"),
    path("drafts/<int:draft_id>/update/", admin.site.admin_view(updates.update), name="update"),
    path("calendar/", admin.site.admin_view(calendar.calendar), name="calendar"),
    path(
        "drafts/<int:draft_id>/unschedule/",
        admin.site.admin_view(schedule.unschedule_draft),
        name="unschedule",
    ),
    path("posts/<int:post_id>/unpublish/", admin.site.admin_view(buttons.unpublish_post), name="unpublish"),
]
