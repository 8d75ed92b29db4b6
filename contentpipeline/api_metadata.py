"""What OPTIONS answers."""

from __future__ import annotations

from typing import Any

from rest_framework.metadata import BaseMetadata
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.reverse import reverse


class SchemaMetadata(BaseMetadata):
    """What an address is for, and where it is described.

    DRF's own would describe one serializer a view, where here each operation has its own, or none.
    """

    def determine_metadata(self, request: Request, view: Any) -> dict[str, Any]:
        # Whatever the address renders else, be it pages or a stream.
        request.accepted_renderer = JSONRenderer()
        request.accepted_media_type = JSONRenderer.media_type
        return {
            "name": view.get_view_name(),
            "description": view.get_view_description(),
            "allow": view.allowed_methods,
            "renders": [renderer.media_type for renderer in view.renderer_classes],
            "parses": [parser.media_type for parser in view.parser_classes],
            "schema": reverse("schema", request=request),
        }
