"""The root of the API: every app's endpoints in one router, every app's errors as one kind of answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from csp.decorators import csp_update
from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.http import Http404
from django.urls import include, path
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.serializers import as_serializer_error
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from approvals.api.assignments import TaskAssignmentViewSet
from approvals.api.blame import DraftBlameViewSet
from approvals.api.comments import DraftCommentViewSet
from approvals.api.dossier import DraftDossierViewSet
from approvals.api.hunks import DraftHunkViewSet
from approvals.api.me import MeViewSet
from approvals.api.preview_links import DraftLinkViewSet
from approvals.api.tokens import TokenViewSet
from approvals.api.versions import DraftVersionsViewSet
from approvals.api.views import AuditViewSet, DecisionViewSet, DraftDecisionViewSet, TaskHistoryViewSet
from approvals.api.webhooks import WebhookViewSet
from approvals.errors import (
    CommentSettled,
    DossierTooLarge,
    FourEyes,
    HunksNotApplicable,
    HunkUnknown,
    ReasonMissing,
    StaleReview,
    TokenRefused,
    WebhookConflict,
)
from contentpipeline.api_schema import api_title
from contentpipeline.webserver.error_responses import PROBLEM_JSON
from publishing.api.images import DraftCoverViewSet, ImageViewSet
from publishing.api.suggestions import SuggestionViewSet
from publishing.api.taxonomy import CategoryViewSet, RedirectViewSet, TagViewSet
from publishing.api.views import DraftPublicationViewSet, PostViewSet
from publishing.errors import (
    ImageInUse,
    ImageMissing,
    ImageRefused,
    ImageTooLarge,
    NotApproved,
    ScheduleConflict,
    SlugTaken,
    SlugUnusable,
    TextMissing,
    Withdrawn,
)
from tasks.api.claims import ClaimViewSet, DraftClaimsViewSet
from tasks.api.guidelines import GuidelineViewSet
from tasks.api.locks import DraftLockViewSet
from tasks.api.proposals import DraftProposalViewSet
from tasks.api.sources import SourceViewSet
from tasks.api.views import DraftViewSet, TaskViewSet
from tasks.errors import DraftChanged, GuidanceRefused, NoModel, ProposalOutdated, TransitionRefused
from tasks.pipeline.errors import ParagraphLocked, UnreadableText

# --- Addresses ----------------------------------------------------------------------------------------


@extend_schema(exclude=True)
class ContentTaskViewSet(TaskViewSet):
    """The same under `/api/content/tasks/`, left out of the schema."""


@extend_schema(exclude=True)
class ContentTaskAssignmentViewSet(TaskAssignmentViewSet):
    """The same under `/api/content/tasks/`, left out of the schema."""


@extend_schema(exclude=True)
class ContentTaskHistoryViewSet(TaskHistoryViewSet):
    """The same under `/api/content/tasks/`, left out of the schema."""


router = DefaultRouter()
# An app further up adds to the addresses of one further down. Their owner comes last, because the router's
# index shows the last name that an address has.
router.register("tasks", TaskHistoryViewSet, basename="task-moves")
router.register("tasks", TaskAssignmentViewSet, basename="task-assignments")
router.register("tasks", TaskViewSet, basename="task")
router.register("content/tasks", ContentTaskHistoryViewSet, basename="content-task-moves")
router.register("content/tasks", ContentTaskAssignmentViewSet, basename="content-task-assignments")
router.register("content/tasks", ContentTaskViewSet, basename="content-task")
router.register("drafts", DraftDecisionViewSet, basename="draft-decisions")
router.register("drafts", DraftBlameViewSet, basename="draft-blame")
router.register("drafts", DraftClaimsViewSet, basename="draft-claims")
router.register("drafts", DraftDossierViewSet, basename="draft-dossier")
router.register("drafts", DraftVersionsViewSet, basename="draft-versions")
router.register("drafts", DraftHunkViewSet, basename="draft-hunks")
router.register("drafts", DraftLockViewSet, basename="draft-locks")
router.register("drafts", DraftProposalViewSet, basename="draft-proposals")
router.register("drafts", DraftCommentViewSet, basename="draft-comments")
router.register("drafts", DraftLinkViewSet, basename="draft-links")
router.register("drafts", DraftCoverViewSet, basename="draft-cover")
router.register("drafts", DraftPublicationViewSet, basename="draft-publication")
router.register("drafts", DraftViewSet, basename="draft")
router.register("claims", ClaimViewSet, basename="claim")
router.register("sources", SourceViewSet, basename="source")
router.register("decisions", DecisionViewSet, basename="decision")
router.register("audit", AuditViewSet, basename="audit")
router.register("posts", PostViewSet, basename="api-post")
router.register("images", ImageViewSet, basename="image")
router.register("categories", CategoryViewSet, basename="category")
router.register("tags", TagViewSet, basename="tag")
router.register("redirects", RedirectViewSet, basename="redirect")
router.register("guidelines", GuidelineViewSet, basename="guideline")
router.register("tokens", TokenViewSet, basename="token")
router.register("webhooks", WebhookViewSet, basename="webhook")

# The page has one inline style, which the site's policy forbids: allowed by its hash, on this page alone.
STYLE_OF_DOCS = "'sha256-MMpT0iDxyjALd9PdfepImGX3DBfJPXZ4IlDWdPAgtn0='"


class ApiPages(SpectacularSwaggerSplitView):
    """Titled with the name that the site has by then."""

    @property
    def title(self) -> str:  # type: ignore[override]  # of the class, there
        return api_title()


docs = csp_update({"style-src": ["'self'", STYLE_OF_DOCS]})(ApiPages.as_view(url_name="schema"))

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", docs, name="api-docs"),
    path("suggestions/", SuggestionViewSet.as_view({"get": "complete"}), name="suggestions"),
    path("me/", MeViewSet.as_view({"get": "retrieve"}), name="me"),
    path("", include(router.urls)),
]

# --- Errors -------------------------------------------------------------------------------------------

PROBLEM_TYPES: dict[type[Exception], tuple[HTTPStatus, str]] = {
    TransitionRefused: (HTTPStatus.CONFLICT, "transition-refused"),
    DraftChanged: (HTTPStatus.CONFLICT, "draft-changed"),
    NoModel: (HTTPStatus.CONFLICT, "no-model"),
    ProposalOutdated: (HTTPStatus.CONFLICT, "proposal-outdated"),
    ParagraphLocked: (HTTPStatus.CONFLICT, "paragraph-locked"),
    UnreadableText: (HTTPStatus.CONFLICT, "document-unreadable"),
    StaleReview: (HTTPStatus.CONFLICT, "stale-review"),
    HunksNotApplicable: (HTTPStatus.CONFLICT, "hunks-not-applicable"),
    CommentSettled: (HTTPStatus.CONFLICT, "comment-settled"),
    DossierTooLarge: (HTTPStatus.CONFLICT, "dossier-too-large"),
    NotApproved: (HTTPStatus.CONFLICT, "not-approved"),
    SlugTaken: (HTTPStatus.CONFLICT, "slug-taken"),
    ScheduleConflict: (HTTPStatus.CONFLICT, "schedule-conflict"),
    ImageMissing: (HTTPStatus.CONFLICT, "image-missing"),
    ImageInUse: (HTTPStatus.CONFLICT, "image-in-use"),
    ImageTooLarge: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "image-too-large"),
    GuidanceRefused: (HTTPStatus.CONFLICT, "guideline-refused"),
    SlugUnusable: (HTTPStatus.CONFLICT, "slug-unusable"),
    TextMissing: (HTTPStatus.CONFLICT, "text-missing"),
    TokenRefused: (HTTPStatus.CONFLICT, "token-refused"),
    WebhookConflict: (HTTPStatus.CONFLICT, "webhook-conflict"),
    Withdrawn: (HTTPStatus.GONE, "withdrawn"),
    FourEyes: (HTTPStatus.FORBIDDEN, "four-eyes"),
    RequestDataTooBig: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body-too-large"),
}
"""What each refusal is over HTTP, and the name by which a program tells one conflict from another."""


def problem_details(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer a refusal as application/problem+json (RFC 9457); None for an internal error, a 500."""
    response = exception_handler(_over_http(error, context), context)
    if response is None:
        return None
    status = HTTPStatus(response.status_code)
    response.data = {
        "type": _type_of(error),
        "title": status.phrase,
        "status": status.value,
        **_encodable(_detail_and_errors(response.data)),
    }
    response.content_type = PROBLEM_JSON
    # Whatever the address renders else: a problem is JSON.
    context["request"].accepted_renderer = JSONRenderer()
    context["request"].accepted_media_type = JSONRenderer.media_type
    return response


def _type_of(error: Exception) -> str:
    named = PROBLEM_TYPES[type(error)][1] if type(error) in PROBLEM_TYPES else getattr(error, "problem", "")
    return f"urn:problem:{named}" if named else "about:blank"


def _over_http(error: Exception, context: dict[str, Any]) -> Exception:
    """The error as one that the framework answers, or the error itself."""
    if isinstance(error, ReasonMissing):
        return exceptions.ValidationError({error.field: [str(error)]})
    if type(error) is ImageRefused:
        return exceptions.ValidationError({"file": [str(error)]})
    if isinstance(error, HunkUnknown):
        return exceptions.ValidationError({"accept": [str(error)]})
    if isinstance(error, ValidationError):
        return exceptions.ValidationError(as_serializer_error(error))
    if isinstance(error, Http404 | PermissionDenied) and error.args:
        # The framework would drop our sentence.
        kind = exceptions.NotFound if isinstance(error, Http404) else exceptions.PermissionDenied
        return kind(str(error))
    if type(error) not in PROBLEM_TYPES:
        return error
    refused = exceptions.APIException(str(error))
    refused.status_code, _ = PROBLEM_TYPES[type(error)]
    if isinstance(error, DraftChanged) and "If-Match" in context["request"].headers:
        refused.status_code = HTTPStatus.PRECONDITION_FAILED
    return refused


def _detail_and_errors(found: Any) -> dict[str, Any]:
    """`detail`, one sentence, and for a body that was refused `errors` by the name of the field."""
    if isinstance(found, dict) and set(found) == {"detail"}:
        return {"detail": str(found["detail"])}
    errors = found if isinstance(found, dict) else {api_settings.NON_FIELD_ERRORS_KEY: found}
    return {"detail": f"Please correct: {', '.join(errors)}.", "errors": errors}


def _encodable(found: Any) -> Any:
    """The same without lone surrogates, which a body may bring and no answer can repeat."""
    if isinstance(found, dict):
        return {_encodable(name): _encodable(value) for name, value in found.items()}
    if isinstance(found, list | tuple):
        return [_encodable(item) for item in found]
    return found.encode(errors="replace").decode() if isinstance(found, str) else found
