"""The media library over HTTP, and the cover of a draft: a picture needs no browser to be published."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from publishing.addresses import absolute
from publishing.images import library
from publishing.images.covers import remove_cover, set_cover
from publishing.images.pictures import MAX_MEGABYTES, fits_cover
from publishing.models import Image, MediaItem
from tasks.actor import actor
from tasks.api.base import DeskViewSet, ShallowJSONParser, StrictSerializer, checked
from tasks.api.edit_conditions import IF_MATCH, require_current, tagged
from tasks.api.filtering import DeskFilterSet
from tasks.api.serializers.drafts import DraftSerializer
from tasks.models import Draft
from tasks.pipeline.text.body_images import figure_markdown

SHA256 = "[0-9a-f]{64}"


class ImageFileSerializer(serializers.Serializer[Any]):
    format = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()


class ImageSerializer(serializers.ModelSerializer[MediaItem]):
    """A picture of the media library."""

    id = serializers.CharField(source="image_id", read_only=True, help_text="SHA-256 over its files.")
    width = serializers.IntegerField(source="image.width", read_only=True)
    height = serializers.IntegerField(source="image.height", read_only=True)
    focal_x = serializers.IntegerField(source="image.focal_x", read_only=True)
    focal_y = serializers.IntegerField(source="image.focal_y", read_only=True)
    files = ImageFileSerializer(source="image.variants", many=True, read_only=True)
    url = serializers.SerializerMethodField(help_text="The largest JPEG: public once a post shows it.")
    markdown = serializers.SerializerMethodField(help_text="What shows it in a body, on a line of its own.")
    fits_cover = serializers.SerializerMethodField()
    replaced_by = serializers.CharField(
        source="replaced_by.image_id", read_only=True, allow_null=True, default=None
    )
    added_by = serializers.CharField(source="added_by_name", read_only=True)

    class Meta:
        model = MediaItem
        fields = (
            "id", "title", "alt", "credit", "licence", "width", "height", "focal_x", "focal_y", "files",
            "url", "markdown", "fits_cover", "replaced_by", "added_by", "added_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_url(self, item: MediaItem) -> str:
        return absolute(item.image.largest_jpeg)

    def get_markdown(self, item: MediaItem) -> str:
        return figure_markdown(item.image_id, item.alt, credit=item.credit)

    def get_fits_cover(self, item: MediaItem) -> bool:
        return fits_cover(item.image)


class DescribeImageSerializer(StrictSerializer):
    """What is said of a picture. What readers see of it stands in the text that shows it."""

    title = serializers.CharField(required=False, max_length=200)
    alt = serializers.CharField(
        required=False, allow_blank=True, max_length=250, help_text="For readers who cannot see it."
    )
    credit = serializers.CharField(required=False, allow_blank=True, max_length=300)
    licence = serializers.CharField(required=False, allow_blank=True, max_length=500)


class ChangeImageSerializer(DescribeImageSerializer):
    focal_x = serializers.IntegerField(required=False, min_value=0, max_value=100)
    focal_y = serializers.IntegerField(required=False, min_value=0, max_value=100)


class AddImageSerializer(DescribeImageSerializer):
    file = serializers.FileField(help_text=f"JPEG, PNG, WebP, AVIF, GIF or HEIC of up to {MAX_MEGABYTES} MB.")
    alt = serializers.CharField(max_length=250, help_text="For readers who cannot see it.")


class ReplaceImageSerializer(StrictSerializer):
    file = serializers.FileField(help_text="As when an image is added.")


class CoverSerializer(StrictSerializer):
    image = serializers.RegexField(f"^{SHA256}$", help_text="The id of an image.")
    alt = serializers.CharField(max_length=125, required=False, help_text="Default: that of the image.")
    credit = serializers.CharField(
        max_length=300, required=False, allow_blank=True, help_text="Default: that of the image."
    )


class ImageFilter(DeskFilterSet):
    search = filters.CharFilter(
        method="by_words", help_text="Words of title, description, credit or licence note."
    )

    class Meta:
        model = MediaItem
        fields: list[str] = []

    def by_words(self, items: QuerySet[MediaItem], name: str, words: str) -> QuerySet[MediaItem]:
        return MediaItem.objects.search(words) & items


@extend_schema_view(
    list=extend_schema(summary="List images, newest first"), retrieve=extend_schema(summary="Read an image")
)
class ImageViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, DeskViewSet):
    """The media library."""

    queryset = MediaItem.objects.select_related("image", "replaced_by").order_by("-added_at", "-id")
    serializer_class = ImageSerializer
    filterset_class = ImageFilter
    permissions = {
        "list": ("publishing.view_mediaitem",),
        "retrieve": ("publishing.view_mediaitem",),
        "create": ("publishing.view_mediaitem", "publishing.add_mediaitem"),
        "partial_update": ("publishing.view_mediaitem", "publishing.change_mediaitem"),
        "replace": ("publishing.view_mediaitem", "publishing.change_mediaitem"),
        "destroy": ("publishing.view_mediaitem", "publishing.delete_mediaitem"),
    }
    lookup_field = "image_id"
    lookup_url_kwarg = "id"
    lookup_value_regex = SHA256
    uploads = frozenset({"create", "replace"})

    def get_parsers(self) -> list[Any]:
        # Before the action is known: by the method and the address that it maps to.
        action = getattr(self, "action_map", {}).get(str(getattr(self.request, "method", "")).lower())
        return [MultiPartParser()] if action in self.uploads else [ShallowJSONParser()]

    @extend_schema(
        summary="Add an image",
        description="As a form with a file. 200: the library had exactly this picture.",
        request={"multipart/form-data": AddImageSerializer},
        responses={200: ImageSerializer, 201: ImageSerializer},
    )
    def create(self, request: Request) -> Response:
        asked = checked(AddImageSerializer, request)
        added = library.add(asked.pop("file"), by=actor(request), **asked)
        return Response(ImageSerializer(added.item).data, status=201 if added.is_new else 200)

    @extend_schema(
        summary="Change what is said of an image", request=ChangeImageSerializer, responses=ImageSerializer
    )
    def partial_update(self, request: Request, id: str) -> Response:
        library.change(self.get_object(), checked(ChangeImageSerializer, request), by=actor(request))
        return Response(ImageSerializer(self.get_object()).data)

    @extend_schema(
        summary="Add a newer image in place of this one",
        description="Texts that show the older one stay as they are.",
        request={"multipart/form-data": ReplaceImageSerializer},
        responses={201: ImageSerializer},
    )
    @action(detail=True, methods=["post"])
    def replace(self, request: Request, id: str) -> Response:
        item, upload = self.get_object(), checked(ReplaceImageSerializer, request)["file"]
        newer = library.replace(item, upload, by=actor(request))
        return Response(ImageSerializer(newer).data, status=201)

    @extend_schema(
        summary="Delete an image", description="409: a version of a text shows it.", responses={204: None}
    )
    def destroy(self, request: Request, id: str) -> Response:
        library.delete(self.get_object(), by=actor(request))
        return Response(status=204)


class DraftCoverViewSet(DeskViewSet):
    """The cover of a draft: a change of it is a version of the text."""

    queryset = Draft.objects.select_related("task")
    serializer_class = DraftSerializer
    permissions = dict.fromkeys(("cover", "remove_cover"), ("tasks.view_draft", "tasks.change_draft"))

    @extend_schema(
        summary="Set the cover", parameters=[IF_MATCH], request=CoverSerializer, responses=DraftSerializer
    )
    @action(detail=True, methods=["post"])
    def cover(self, request: Request, pk: str) -> Response:
        draft = self.get_object()
        require_current(request, draft)
        asked = checked(CoverSerializer, request)
        image = Image.objects.select_related("media_item").filter(pk=asked["image"]).first()
        if image is None:
            raise serializers.ValidationError({"image": ["There is no such image: upload it first."]})
        if not fits_cover(image):
            raise serializers.ValidationError({"image": ["It is too small or too long for a cover."]})
        item = getattr(image, "media_item", None)
        alt = asked.get("alt", item.alt[:125] if item else "")
        if not alt:
            raise serializers.ValidationError({"alt": ["Describe the image for readers who cannot see it."]})
        credit = asked.get("credit", item.credit if item else "")
        set_cover(draft, image, alt=alt, credit=credit, by=actor(request))
        return self._answer()

    @extend_schema(
        summary="Remove the cover", parameters=[IF_MATCH], request=None, responses={200: DraftSerializer}
    )
    @cover.mapping.delete
    def remove_cover(self, request: Request, pk: str) -> Response:
        draft = self.get_object()
        require_current(request, draft)
        remove_cover(draft, by=actor(request))
        return self._answer()

    def _answer(self) -> Response:
        draft = self.get_object()
        return tagged(Response(DraftSerializer(draft).data), draft)
