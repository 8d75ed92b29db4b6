"""The page behind a link: for people without an account, so it reads no session and sets no cookie."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from approvals.errors import LinkIsOver, LinkIsUnknown, OpinionIncomplete
from approvals.links.forms import OpinionForm
from approvals.links.models import PreviewLink
from approvals.links.sharing import Opened, give_opinion, open_link
from tasks.pipeline.text.markdown import render as render_markdown


# What allows the request is in its address, not in a cookie that a foreign page could make a browser send.
@csrf_exempt
@never_cache
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, token: str) -> HttpResponse:
    try:
        opened = open_link(token)
        if request.method != "POST":
            return _text(request, opened, OpinionForm())
        if opened.link.kind != PreviewLink.Kind.SIGN_OFF:
            return _private(HttpResponse("This link is for reading only.\n", "text/plain", 405, headers=READ))
        return _answer(request, token, opened)
    except LinkIsUnknown as error:
        return _message(request, 404, "This link does not work", error)
    except LinkIsOver as error:
        return _message(request, 410, "This link has ended", error, link=error.link)


READ = {"Allow": "GET, HEAD"}


def _answer(request: HttpRequest, token: str, opened: Opened) -> HttpResponse:
    form = OpinionForm(request.POST)
    if not form.is_valid():
        return _text(request, opened, form, status=400)
    try:
        given = give_opinion(token, **form.cleaned_data)
    except OpinionIncomplete as error:
        form.add_error(error.field, str(error))
        return _text(request, opened, form, status=400)
    except LinkIsOver as error:
        # Somebody used it in between: what was typed must not be lost.
        return _message(
            request, 410, "Nothing was recorded", error, link=error.link, typed=form.cleaned_data["text"]
        )
    return _text(request, opened, None, given=given)


def _text(
    request: HttpRequest, opened: Opened, form: OpinionForm | None, *, status: int = 200, **more: Any
) -> HttpResponse:
    text, link = opened.text, opened.link
    context = {
        "link": link,
        "text": text,
        "body_html": render_markdown(text.body, text.citations),
        "sources": _sources(text.citations),
        "language": link.draft.task.language,
        "form": form if link.kind == PreviewLink.Kind.SIGN_OFF else None,
    }
    return _private(render(request, "preview/text.html", context | more, status=status))


def _message(request: HttpRequest, status: int, heading: str, error: Exception, **more: Any) -> HttpResponse:
    context = {"heading": heading, "sentence": str(error)} | more
    return _private(render(request, "preview/over.html", context, status=status))


def _private(response: HttpResponse) -> HttpResponse:
    """Whoever has the address has the text: it must reach no search engine and no other site."""
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _sources(citations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With only such addresses as a reader may safely follow, as the post shows them."""
    return [
        {
            "number": citation["number"],
            "title": citation.get("title", ""),
            "url": url if (url := citation.get("url") or "").startswith(("https://", "http://")) else "",
        }
        for citation in citations
    ]
