"""The files that the identity of the site consists of: its pictures, and a style sheet with its colours."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from publishing.images.media import FOR_EVER, conditional
from publishing.site_identity.logos import path_of

# Browsers that do not know light-dark() stay light, as in static/site/site.css.
COLOURS = """\
:root{{--accent:#{light}}}
@supports (color:light-dark(#000,#fff)){{:root{{--accent:light-dark(#{light},#{dark})}}}}
"""


@require_safe
@conditional
def picture(request: HttpRequest, name: str) -> HttpResponse:
    try:
        with default_storage.open(path_of(name)) as file:
            data = file.read()
    except OSError:
        raise Http404("There is no such picture.") from None
    return _for_ever(HttpResponse(data, content_type="image/png"))


@require_safe
@conditional
def colours(request: HttpRequest, light: str, dark: str) -> HttpResponse:
    """Its address names the colours, so that a page from before a change has those of its time."""
    return _for_ever(HttpResponse(COLOURS.format(light=light, dark=dark), content_type="text/css"))


def _for_ever(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = FOR_EVER
    return response
