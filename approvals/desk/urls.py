from django.contrib import admin
from django.urls import path

from approvals.desk import (
    assigning,
    bulk,
    claims,
    comments,
    dossier,
    editing,
    guidance,
    hunks,
    proposals,
    queue,
    review,
    review_locks,
    source_pages,
    versions,
)
from approvals.links import desk_pages

app_name = "desk"

staff = admin.site.admin_view

urlpatterns = [
    path("", staff(queue.queue), name="queue"),
    path("bulk/", staff(bulk.bulk), name="bulk"),
    path("people/", staff(comments.mentionable), name="people"),
    path("assign/", staff(assigning.assign_selected), name="assign-selected"),
    path("tasks/<int:task_id>/assign/", staff(assigning.assign_task), name="assign"),
    path("guidance/", staff(guidance.guidelines), name="guidance"),
    path("guidance/<int:guideline_id>/drop/", staff(guidance.remove), name="remove-guideline"),
    path("sources/<int:source_id>/", staff(source_pages.source), name="source"),
    path("sources/documents/<int:snapshot_id>/", staff(source_pages.document), name="source-document"),
    path("sources/documents/<int:snapshot_id>/reread/", staff(source_pages.reread), name="reread-source"),
    path("<int:draft_id>/", staff(review.review), name="review"),
    path("<int:draft_id>/claim/", staff(review_locks.take), name="take-review-lock"),
    path("<int:draft_id>/release/", staff(review_locks.release), name="release-review-lock"),
    path("<int:draft_id>/claims/<int:claim_number>/", staff(claims.claim), name="claim"),
    path("<int:draft_id>/comments/", staff(comments.comment), name="comment"),
    path("<int:draft_id>/threads/", staff(comments.of_draft), name="threads"),
    path("<int:draft_id>/comments/<int:comment_id>/edit/", staff(comments.edit), name="edit-comment"),
    path("<int:draft_id>/comments/<int:comment_id>/delete/", staff(comments.delete), name="delete-comment"),
    path("<int:draft_id>/comments/<int:comment_id>/resolve/", staff(comments.resolve), name="resolve"),
    path("<int:draft_id>/comments/<int:comment_id>/reopen/", staff(comments.reopen), name="reopen"),
    path("<int:draft_id>/edit/", staff(editing.edit), name="edit"),
    path("<int:draft_id>/preview/", staff(editing.preview), name="preview"),
    path("<int:draft_id>/check/", staff(editing.check), name="check"),
    path("<int:draft_id>/versions/<int:version>/", staff(review.version), name="version"),
    path("<int:draft_id>/dossier/", staff(dossier.download), name="dossier"),
    path("<int:draft_id>/blame/", staff(versions.blame), name="blame"),
    path("<int:draft_id>/lock/", staff(versions.lock), name="lock"),
    path("<int:draft_id>/unlock/", staff(versions.unlock), name="unlock"),
    path("<int:draft_id>/compare/", staff(versions.compare), name="compare"),
    path("<int:draft_id>/proposals/", staff(proposals.proposals), name="proposals"),
    path("<int:draft_id>/proposals/<int:proposal_id>/", staff(proposals.answer), name="answer-proposal"),
    path("<int:draft_id>/hunks/", staff(hunks.hunks), name="hunks"),
    path("<int:draft_id>/restore/<int:version>/", staff(review.restore), name="restore"),
    path("<int:draft_id>/links/", staff(desk_pages.links), name="links"),
    path("<int:draft_id>/links/<int:link_id>/revoke/", staff(desk_pages.revoke), name="revoke-link"),
]
