"""The view at `/mcp/`. What the tools need is loaded with the first message: most sites have no agents."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt  # no cookie counts here: see server.py
def mcp(request: HttpRequest) -> HttpResponseBase:
    if not settings.MCP:
        raise Http404("The Model Context Protocol is switched off here: set MCP.")
    from contentpipeline.mcp.server import McpView

    return McpView.as_view()(request)
