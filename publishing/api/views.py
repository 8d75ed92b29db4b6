"""Posts over HTTP: reading is for everyone, publishing for publishers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

from django.core.cache import caches
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django_filters.utils import translate_validation
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from approvals.access.throttles import SearchThrottle
from publishing.addresses import with_query
from publishing.api.filters import PostFilter
from publishing.api.search import PostPages
from publishing.api.serializers import (
    PostSerializer,
    PostTeaserSerializer,
    PublishSerializer,
    ScheduleSerializer,
    UnpublishSerializer,
)
from publishing.api.site_etag import etag_of, matches
from publishing.live_plans import checked_reason, open_withdrawal, plan_update, plan_withdrawal
from publishing.models import Post, Schedule
from publishing.publish import publish, unpublish, update_live
from publishing.redirects import current_slug
from publishing.schedule import open_schedule, reschedule, schedule, unschedule
from tasks.actor import actor
from tasks.api.base import DeskViewSet, ReasonSerializer, checked
from tasks.api.parameters import filter_names
from tasks.live_updates import Update
from tasks.models import Draft
from tasks.naming import SLUG_PATTERN


class DraftPublicationViewSet(DeskViewSet):
    """Publishing a draft: part of `/api/drafts/{id}/`."""

    queryset = Draft.objects.select_related("task")
    serializer_class = PostSerializer
    permissions = {
        "publish": ("tasks.view_draft", "publishing.publish_post"),
        "schedule": ("tasks.view_draft",),
        "unschedule": ("tasks.view_draft", "publishing.publish_post"),
    }

    @extend_schema(
        summary="Publish an approved draft, now or at a future time, or update a live post",
        description="With `publish_at` the response is 202 and the schedule; a further request moves it. For "
        "a live post, the approved newer text replaces the old one, now or at that time, and `correction` is "
        "the note to readers: 200, and a repeated request changes nothing.",
        request=PublishSerializer,
        responses={200: PostSerializer, 201: PostSerializer, 202: ScheduleSerializer},
    )
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        draft = self.get_object()
        asked = checked(PublishSerializer, request)
        if "correction" in asked or draft.task.update_state == Update.APPROVED:
            return self._update(draft, asked, request)
        if "publish_at" in asked:
            return self._schedule(draft, asked["publish_at"], request)
        post = PostSerializer(publish(draft, by=actor(request))).data
        return Response(post, status=201, headers={"Location": post["url"]})

    @extend_schema(summary="Read when a draft will be published", request=None, responses=ScheduleSerializer)
    @action(detail=True, methods=["get"])
    def schedule(self, request: Request, pk: str) -> Response:
        return Response(ScheduleSerializer(self._open_schedule()).data)

    @extend_schema(
        summary="Remove a draft from the schedule", request=ReasonSerializer, responses={204: None}
    )
    @schedule.mapping.delete
    def unschedule(self, request: Request, pk: str) -> Response:
        unschedule(self._open_schedule(), by=actor(request), **checked(ReasonSerializer, request))
        return Response(status=204)

    def _update(self, draft: Draft, asked: dict[str, Any], request: Request) -> Response:
        if "correction" not in asked:
            why = "This post is live: add the note to readers, as {kind, note}."
            raise ValidationError({"correction": [why]})
        if "publish_at" in asked:
            return self._plan_update(draft, asked, request)
        correction = asked["correction"]
        post = update_live(draft, by=actor(request), kind=correction["kind"], note=correction["note"])
        return Response(PostSerializer(post).data)

    def _plan_update(self, draft: Draft, asked: dict[str, Any], request: Request) -> Response:
        at, how = asked["publish_at"], {**asked["correction"], "by": actor(request)}
        found = open_schedule(draft)
        if found:
            result = reschedule(found, at, zone=_offset(at), **how)
        else:
            result = plan_update(draft, at, zone=_offset(at), **how)
        return Response(ScheduleSerializer(result).data, status=202)

    def _schedule(self, draft: Draft, publish_at: datetime, request: Request) -> Response:
        zone = _offset(publish_at)
        found = open_schedule(draft)
        if found:
            result = reschedule(found, publish_at, zone=zone, by=actor(request))
        else:
            result = schedule(draft, publish_at, zone=zone, by=actor(request))
        return Response(ScheduleSerializer(result).data, status=202)

    def _open_schedule(self) -> Schedule:
        found = open_schedule(self.get_object())
        if found is None:
            raise Http404("This draft is not scheduled.")
        return found


def _offset(moment: datetime) -> str:
    return str(timezone(moment.utcoffset() or timedelta()))


@extend_schema_view(
    list=extend_schema(
        summary="List posts, newest first, or search them",
        description="With `search`, the results of the site's own search: best first, each a post that has "
        "all the words, or some of them; `sort`, filters, `count` and `facets` are about the posts with all "
        "the words, or with any where none has all. Send an `ETag` back as `If-None-Match`: 304 until the "
        "site changes. Searches have a rate limit of their own, which is higher.",
        responses={200: PostTeaserSerializer(many=True), 304: OpenApiResponse(description="Not modified.")},
    ),
    retrieve=extend_schema(
        summary="Read a post",
        responses={
            200: PostSerializer,
            304: OpenApiResponse(description="Not modified."),
            301: OpenApiResponse(description="Its slug has changed: see `Location`."),
            410: OpenApiResponse(description="It was withdrawn."),
        },
    ),
)
class PostViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, DeskViewSet):
    """What readers see."""

    queryset = Post.objects.published()
    serializer_class = PostSerializer
    filterset_class = PostFilter
    pagination_class = PostPages
    permissions = {
        "unpublish": ("publishing.view_post", "publishing.publish_post"),
        "withdrawal": ("tasks.view_draft", "publishing.view_post"),
        "cancel_withdrawal": ("publishing.view_post", "publishing.publish_post"),
    }
    of_withdrawn_too = frozenset({"unpublish", "withdrawal", "cancel_withdrawal"})
    # Clients often repeat the filter of the list when they retrieve a post, where it has no effect.
    parameters = {"retrieve": filter_names(PostFilter)}
    lookup_field = "slug"
    lookup_value_regex = SLUG_PATTERN
    cached_parameters = frozenset({"category", "tag", "year", "author", "cursor", "page_size"})
    """With others the response is not cached. Search results are, in publishing.search."""

    def get_permissions(self) -> list[BasePermission]:
        if self.action in {"list", "retrieve", "metadata"}:
            return [AllowAny()]
        return super().get_permissions()  # type: ignore[return-value]  # the stubs know only the methods

    def get_queryset(self) -> QuerySet[Post]:
        # `unpublish` finds withdrawn posts too, and says that they are.
        posts = (
            Post.objects.all()
            if self.action in self.of_withdrawn_too
            else Post.objects.published().articles()
        )
        posts = posts.for_lists() if self.action == "list" else posts.select_related("category", "cover")
        return posts.prefetch_related("tags")

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        # Not for a single post, which would seem withdrawn if it did not match.
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    def get_throttles(self) -> list[BaseThrottle]:
        is_search = self.action == "list" and self.request.query_params.get("search", "").strip()
        return [SearchThrottle()] if is_search else super().get_throttles()

    def list(self, request: Request) -> Response:
        if request.query_params.get("search", "").strip():
            return self._unless_known(self._search)
        return self._unless_known(lambda: self._cached(lambda: super(PostViewSet, self).list(request)))

    def _search(self) -> Response:
        asked = PostFilter(self.request.query_params, queryset=Post.objects.none())
        if not asked.is_valid():
            raise translate_validation(asked.errors)
        posts, about = self.paginator.search_page(self.get_queryset(), self.request, asked.form.cleaned_data)  # type: ignore[union-attr]
        results = self.get_serializer(posts, many=True).data
        return Response({**about, "results": results})

    def _unless_known(self, respond: Callable[[], Response]) -> Response:
        """304 for a client that has what the site has now, before anything is looked up if possible."""
        known = etag_of(self.request)
        if known and matches(self.request, known):
            return Response(status=304, headers={"ETag": known})
        response = respond()
        if response.data.get("is_incomplete"):
            return response
        etag = known or etag_of(self.request, response.data)
        if matches(self.request, etag):
            response = Response(status=304)
        response["ETag"], response["Cache-Control"] = etag, "no-cache"
        return response

    def _cached(self, respond: Callable[[], Response]) -> Response:
        """The same for all clients until the site changes; it takes several times the work of a page."""
        if not self.request.query_params.keys() <= self.cached_parameters:
            return respond()
        # By the full address, with which the links to other pages of a list begin.
        key = sha256(self.request.build_absolute_uri().encode()).hexdigest()
        return Response(caches["content"].get_or_compute(f"api:{key}", lambda: respond().data))  # type: ignore[attr-defined]

    def retrieve(self, request: Request, slug: str) -> Response:
        try:
            return self._unless_known(
                lambda: self._cached(lambda: super(PostViewSet, self).retrieve(request, slug=slug))
            )
        except Http404:
            address = reverse("api-post-detail", args=[current_slug(slug)])
            query = self.request.META.get("QUERY_STRING", "")
            return Response(status=301, headers={"Location": with_query(address, query)})

    def get_serializer_class(self) -> type[PostTeaserSerializer]:
        return PostTeaserSerializer if self.action == "list" else PostSerializer

    @extend_schema(
        summary="Take a post off the site, now or at a future time",
        description="With `at` the response is 202 and the plan; a further request moves it.",
        request=UnpublishSerializer,
        responses={200: PostSerializer, 202: ScheduleSerializer},
    )
    @action(detail=True, methods=["post"])
    def unpublish(self, request: Request, slug: str) -> Response:
        post, asked = self.get_object(), checked(UnpublishSerializer, request)
        if "at" in asked:
            return self._plan_withdrawal(post, asked["at"], asked["reason"], request)
        post = unpublish(post, by=actor(request), reason=asked["reason"])
        return Response(PostSerializer(post).data)

    @extend_schema(summary="Read when a post will be withdrawn", request=None, responses=ScheduleSerializer)
    @action(detail=True, methods=["get"])
    def withdrawal(self, request: Request, slug: str) -> Response:
        return Response(ScheduleSerializer(self._open_withdrawal()).data)

    @extend_schema(
        summary="Remove the plan to withdraw a post", request=ReasonSerializer, responses={204: None}
    )
    @withdrawal.mapping.delete
    def cancel_withdrawal(self, request: Request, slug: str) -> Response:
        unschedule(self._open_withdrawal(), by=actor(request), **checked(ReasonSerializer, request))
        return Response(status=204)

    def _plan_withdrawal(self, post: Post, at: datetime, reason: str, request: Request) -> Response:
        found = open_withdrawal(post.draft)
        if found:
            result = reschedule(found, at, zone=_offset(at), by=actor(request), note=checked_reason(reason))
        else:
            result = plan_withdrawal(post, at, reason=reason, zone=_offset(at), by=actor(request))
        return Response(ScheduleSerializer(result).data, status=202)

    def _open_withdrawal(self) -> Schedule:
        found = open_withdrawal(self.get_object().draft)
        if found is None:
            raise Http404("No withdrawal of this post is planned.")
        return found
