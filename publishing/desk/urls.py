"""The publishing desk: publish buttons, schedules, calendar, updates, covers and the media library."""

from django.contrib import admin
from django.urls import path

from publishing import converters  # noqa: F401 (registers the converters used below)
from publishing.desk import (
    buttons,
    calendar,
    calendar_moves,
    covers,
    identity,
    media_library,
    own_texts,
    published,
    schedule,
    updates,
    withdrawals,
)
from publishing.images import media

app_name = "publishing_desk"

urlpatterns = [
    path("drafts/<int:draft_id>/cover/", admin.site.admin_view(covers.cover), name="cover"),
    path("images/", admin.site.admin_view(media_library.images), name="images"),
    path("images/upload/", media_library.upload_image, name="image-upload"),
    path("images/<sha256:name>/", admin.site.admin_view(media_library.image), name="image"),
    path(
        "images/<sha256:name>/replace/",
        admin.site.admin_view(media_library.replace_image),
        name="image-replace",
    ),
    path(
        "images/<sha256:name>/use-newer/",
        admin.site.admin_view(media_library.use_newer_image),
        name="image-use-newer",
    ),
    path(
        "images/<sha256:name>/delete/", admin.site.admin_view(media_library.delete_image), name="image-delete"
    ),
    path(
        "images/<sha256:name>/<int:width>.<encoding:encoding>",
        admin.site.admin_view(media.on_desk),
        name="media",
    ),
    path("drafts/<int:draft_id>/publish/", admin.site.admin_view(buttons.publish_draft), name="publish"),
    path("drafts/<int:draft_id>/schedule/", admin.site.admin_view(schedule.schedule_draft), name="schedule"),
    path("drafts/<int:draft_id>/update/", admin.site.admin_view(updates.update), name="update"),
    path("drafts/<int:draft_id>/withdraw/", admin.site.admin_view(withdrawals.withdraw), name="withdraw"),
    path("drafts/<int:draft_id>/keep-live/", admin.site.admin_view(withdrawals.keep_live), name="keep-live"),
    path("published/", admin.site.admin_view(published.published), name="published"),
    path("published/<name:slug>/edit/", admin.site.admin_view(published.edit_post), name="edit-post"),
    path("pages/", admin.site.admin_view(own_texts.pages), name="pages"),
    path("write/", admin.site.admin_view(own_texts.write), {"kind": "article"}, name="write-article"),
    path("pages/write/", admin.site.admin_view(own_texts.write), {"kind": "page"}, name="write-page"),
    path("identity/", admin.site.admin_view(identity.identity), name="identity"),
    path("calendar/", admin.site.admin_view(calendar.calendar), name="calendar"),
    path(
        "calendar/move/<str:what>/<int:pk>/",
        admin.site.admin_view(calendar_moves.move_entry),
        name="calendar-move",
    ),
    path(
        "drafts/<int:draft_id>/unschedule/",
        admin.site.admin_view(schedule.unschedule_draft),
        name="unschedule",
    ),
    path("posts/<int:post_id>/unpublish/", admin.site.admin_view(buttons.unpublish_post), name="unpublish"),
]
