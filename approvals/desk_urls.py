from django.contrib import admin
from django.urls import path

from approvals import desk, version_pages

app_name = "desk"

staff = admin.site.admin_view

urlpatterns = [
    path("", staff(desk.queue), name="queue"),
    path("<int:draft_id>/", staff(desk.review), name="review"),
    path("<int:draft_id>/edit/", staff(desk.edit), name="edit"),
    path("<int:draft_id>/versions/<int:version>/", staff(desk.version), name="version"),
    path("<int:draft_id>/blame/", staff(version_pages.blame), name="blame"),
    path("<int:draft_id>/lock/", staff(version_pages.lock), name="lock"),
    path("<int:draft_id>/unlock/", staff(version_pages.unlock), name="unlock"),
    path("<int:draft_id>/compare/", staff(version_pages.compare), name="compare"),
    path("<int:draft_id>/restore/<int:version>/", staff(desk.restore), name="restore"),
]
