from django.contrib import admin
from django.urls import path

from approvals import (
    desk,
    desk_bulk,
    desk_claims,
    desk_comments,
    desk_edit,
    desk_queue,
    dossier_views,
    guidance_pages,
    version_pages,
)
from approvals.links import desk_pages

app_name = "desk"

staff = admin.site.admin_view

urlpatterns = [
    path("", staff(desk_queue.queue), name="queue"),
    path("bulk/", staff(desk_bulk.bulk), name="bulk"),
    path("guidance/", staff(guidance_pages.asked), name="guidance"),
    path("guidance/<int:asked_id>/drop/", staff(guidance_pages.drop), name="drop-guidance"),
    path("<int:draft_id>/", staff(desk.review), name="review"),
    path("<int:draft_id>/claim/", staff(desk_claims.claim), name="claim"),
    path("<int:draft_id>/release/", staff(desk_claims.release), name="release"),
    path("<int:draft_id>/comments/", staff(desk_comments.comment), name="comment"),
    path("<int:draft_id>/comments/<int:comment_id>/resolve/", staff(desk_comments.resolve), name="resolve"),
    path("<int:draft_id>/edit/", staff(desk_edit.edit), name="edit"),
    path("<int:draft_id>/preview/", staff(desk_edit.preview), name="preview"),
    path("<int:draft_id>/versions/<int:version>/", staff(desk.version), name="version"),
    path("<int:draft_id>/dossier/", staff(dossier_views.download), name="dossier"),
    path("<int:draft_id>/blame/", staff(version_pages.blame), name="blame"),
    path("<int:draft_id>/lock/", staff(version_pages.lock), name="lock"),
    path("<int:draft_id>/unlock/", staff(version_pages.unlock), name="unlock"),
    path("<int:draft_id>/compare/", staff(version_pages.compare), name="compare"),
    path("<int:draft_id>/restore/<int:version>/", staff(desk.restore), name="restore"),
    path("<int:draft_id>/links/", staff(desk_pages.links), name="links"),
    path("<int:draft_id>/links/<int:link_id>/revoke/", staff(desk_pages.revoke), name="revoke-link"),
]
