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
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from publishing.addresses import with_query
from publishing.api import serializers as wire
from publishing.api.filters import PostFilter
from publishing.models import Post, Schedule
from publishing.publish import publish, unpublish, update_live
from publishing.redirects import where_now
from publishing.schedule import open_schedule, reschedule, schedule, unschedule
from tasks.api.base import DeskViewSet, ReasonSerializer, checked
from tasks.api.parameters import filter_names
from tasks.live_updates import Update
from tasks.models import Draft


class DraftPublicationViewSet(DeskViewSet):
    """Publishing a draft: part of `/api/drafts/{id}/`."""

    queryset = Draft.objects.select_related("task")
    serializer_class = wire.PostSerializer
    permissions = {
        "publish": ("tasks.view_draft", "publishing.publish_post"),
        "planned": ("tasks.view_draft",),
        "unschedule": ("tasks.view_draft", "publishing.publish_post"),
    }

    @extend_schema(
        summary="Publish an approved draft, now or at a time to come, or update a live post",
        description="With `publish_at` the answer is 202 and the schedule; asked again, the time is moved. "
        "Of a live post, the approved newer text takes the place of the old one, and `correction` says what "
        "readers are told: 200, and once, however often it is sent.",
        request=wire.PublishSerializer,
        responses={200: wire.PostSerializer, 201: wire.PostSerializer, 202: wire.ScheduleSerializer},
    )
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        draft = self.get_object()
        asked = checked(wire.PublishSerializer, request)
        if "correction" in asked or draft.task.update_state == Update.APPROVED:
            return self._update(draft, asked, request)
        if "publish_at" in asked:
            return self._plan(draft, asked["publish_at"], request)
        post = wire.PostSerializer(publish(draft, by=request.user)).data
        return Response(post, status=201, headers={"Location": post["url"]})

    @extend_schema(
        summary="Read when a draft will be published", request=None, responses=wire.ScheduleSerializer
    )
    @action(detail=True, methods=["get"], url_path="schedule")
    def planned(self, request: Request, pk: str) -> Response:
        return Response(wire.ScheduleSerializer(self._planned()).data)

    @extend_schema(
        summary="Take back the time of publication", request=ReasonSerializer, responses={204: None}
    )
    @planned.mapping.delete
    def unschedule(self, request: Request, pk: str) -> Response:
        unschedule(self._planned(), by=request.user, **checked(ReasonSerializer, request))
        return Response(status=204)

    def _update(self, draft: Draft, asked: dict[str, Any], request: Request) -> Response:
        if "correction" not in asked:
            why = "This post is live: say what readers are told, as {kind, note}."
            raise ValidationError({"correction": [why]})
        if "publish_at" in asked:
            raise ValidationError({"publish_at": ["A live post is updated at once: leave the time out."]})
        correction = asked["correction"]
        post = update_live(draft, by=request.user, kind=correction["kind"], note=correction["note"])
        return Response(wire.PostSerializer(post).data)

    def _plan(self, draft: Draft, publish_at: datetime, request: Request) -> Response:
        zone = str(timezone(publish_at.utcoffset() or timedelta()))
        found = open_schedule(draft)
        if found:
            made = reschedule(found, publish_at, zone=zone, by=request.user)
        else:
            made = schedule(draft, publish_at, zone=zone, by=request.user)
        return Response(wire.ScheduleSerializer(made).data, status=202)

    def _planned(self) -> Schedule:
        found = open_schedule(self.get_object())
        if found is None:
            raise Http404("This draft has no time of publication.")
        return found


@extend_schema_view(
    list=extend_schema(summary="List posts, newest first, or search them"),
    retrieve=extend_schema(
        summary="Read a post",
        responses={
            200: wire.PostSerializer,
            301: OpenApiResponse(description="It has another slug by now: see `Location`."),
            410: OpenApiResponse(description="It was withdrawn."),
        },
    ),
)
class PostViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, DeskViewSet):
    """What readers see."""

    queryset = Post.objects.published()
    serializer_class = wire.PostSerializer
    filterset_class = PostFilter
    permissions = {"unpublish": ("publishing.view_post", "publishing.publish_post")}
    # A post that was found by a condition is often asked for with that condition, which says nothing of it.
    parameters = {"retrieve": filter_names(PostFilter)}
    lookup_field = "slug"
    lookup_value_regex = r"[-\w]+"
    kept_for = frozenset({"category", "tag", "cursor", "page_size"})
    """What a kept answer may be asked with. Of a search, publishing.search keeps what it found."""

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.action in {"list", "retrieve", "metadata"} else super().get_permissions()

    def get_queryset(self) -> QuerySet[Post]:
        # A post that is off the site already is found by `unpublish`, which says so.
        posts = Post.objects.all() if self.action == "unpublish" else Post.objects.published()
        posts = posts.for_lists() if self.action == "list" else posts.select_related("category", "cover")
        return posts.prefetch_related("tags")

    def filter_queryset(self, queryset: QuerySet[Post]) -> QuerySet[Post]:
        # Of one post a condition says nothing: it would seem to be withdrawn where it does not meet it.
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    def list(self, request: Request) -> Response:
        return self._kept(lambda: super(PostViewSet, self).list(request))

    def _kept(self, answer: Callable[[], Response]) -> Response:
        """The same for everybody until the site changes; it takes several times the work of a page."""
        asked = self.request.query_params
        if not asked.keys() <= self.kept_for:
            return answer()
        # The links to other pages of a list begin with the address that was asked.
        key = sha256(self.request.build_absolute_uri().encode()).hexdigest()
        return Response(caches["content"].get_or_compute(f"api:{key}", lambda: answer().data))  # type: ignore[attr-defined]

    def retrieve(self, request: Request, slug: str) -> Response:
        try:
            return self._kept(lambda: super(PostViewSet, self).retrieve(request, slug=slug))
        except Http404:
            address = reverse("api-post-detail", args=[where_now(slug)])
            query = self.request.META.get("QUERY_STRING", "")
            return Response(status=301, headers={"Location": with_query(address, query)})

    def get_serializer_class(self) -> type[wire.PostTeaserSerializer]:
        return wire.PostTeaserSerializer if self.action == "list" else wire.PostSerializer

    @extend_schema(
        summary="Take a post off the site", request=ReasonSerializer, responses=wire.PostSerializer
    )
    @action(detail=True, methods=["post"])
    def unpublish(self, request: Request, slug: str) -> Response:
        post = unpublish(self.get_object(), by=request.user, **checked(ReasonSerializer, request))
        return Response(wire.PostSerializer(post).data)
