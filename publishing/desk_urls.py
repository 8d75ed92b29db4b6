"""The publishing desk: two buttons of the review page."""

from django.contrib import admin
from django.urls import path

from publishing import desk

app_name = "publishing_desk"

urlpatterns = [
    path("drafts/<int:draft_id>/publish/", admin.site.admin_view(desk.publish_draft), name="publish"),
    path("posts/<int:post_id>/unpublish/", admin.site.admin_view(desk.unpublish_post), name="unpublish"),
]
